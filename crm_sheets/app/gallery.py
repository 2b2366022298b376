"""The workbooks of all people: who has one now, where it lies, and the cycle over it.

A view is made when its person first may see something, made anew when it must have other columns, and put away when the
person leaves or may see nothing any more. What is put away goes to the backups, never to the file share.
"""

import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from crm_sheets import clock
from crm_sheets.config import Settings
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.plan import Plan
from crm_sheets.readership import STEERING, Readership
from crm_sheets.schema.team import TeamSchema
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend, XlsxSettings
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.replace import SEALED_SUFFIX
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.forms import NoForms
from crm_sheets.sync.round import OpenView
from crm_sheets.sync.setup import ReplicaSetup, Setup, Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey, RowKey
from crm_sheets.views import VIEW, Reader

FILE_NOTE, STRUCTURE_NOTE = "view-file", "view-columns"
"""Notes: where the view of a person lies, and which columns it was made with."""

UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
"""What may not stand in the name of a file on Windows, which is the narrowest."""

LONGEST_NAME = 80
"""Characters of the name of a view, without its folder."""


@dataclass
class Gallery:
    """Opens the views of a team. Implements sync.round.Views.

    Attributes:
        setup: of the shared workbook's cycles, which those of the views follow.
        remember: what was read, because one round follows another.
        conceal: encrypts backups; None keeps them as they are.
    """

    settings: Settings
    team: TeamSchema
    state: SqlState
    setup: Setup
    remember: bool = False
    conceal: Callable[[bytes], bytes] | None = None
    _open: dict[ReplicaKey, OpenView] = field(default_factory=dict, repr=False)
    _looked: date | None = field(default=None, repr=False)

    @cached_property
    def readership(self) -> Readership:
        """Who has a view."""
        setup = self.setup
        default = self.team.default_dictionaries()
        return Readership(self.settings.policy, setup.tabs, default, setup.language, setup.zone, setup.rules_version)

    # -- sync.round.Views ----------------------------------------------------------------------------------------------

    def look(self, now: datetime) -> None:
        """Finds out who has a view."""
        today = now.astimezone(self.setup.zone).date()
        if self._looked != today:
            self._looked = today
            self.readership.look(Draft(self.state, self.setup.tabs), today)

    def open(self, now: datetime, done: Iterable[Plan]) -> Sequence[OpenView]:
        """The views of all people, after some plans were carried out."""
        if any(STEERING & plan.changed.keys() for plan in done):
            self._looked = None
        self.look(now)
        self._put_away()
        for key, reader in self.readership.readers.items():
            self._open[key] = self._opened(key, reader)
            self._see_to_file(self._open[key], reader, now)
        return tuple(self._open.values())

    def others(self, beside: ReplicaKey) -> Callable[[Draft], Mapping[ReplicaKey, Eyes]]:
        """What all other workbooks show, by the records of a draft."""
        views = self.readership.others(beside)
        shared = self.setup.replica

        def eyes(draft: Draft) -> Mapping[ReplicaKey, Eyes]:
            return views(draft) if beside == shared.key else {shared.key: shared.eyes(draft), **views(draft)}

        return eyes

    # -- files ---------------------------------------------------------------------------------------------------------

    def path_of(self, reader: Reader) -> Path:
        """Where a view lies: in a folder of its own, so that the rights of the file share keep others out. It stays
        where it was made when its person gets another name."""
        kept = self.state.note(f"{FILE_NOTE}@{reader.replica}")
        if kept:
            return self.settings.views.folder / kept
        name = safe_name(f"{reader.person.id}-{reader.person.name}")
        return self.settings.views.folder / name / f"{name}.xlsx"

    def _opened(self, key: ReplicaKey, reader: Reader) -> OpenView:
        known = self._open.get(key)
        part = ReplicaSetup(
            key=key,
            tabs=reader.tabs,
            eyes=self.readership.own(reader),
            author=reader.person.name,
            known=True,
            rights=self.readership.rights(key),
            others=self.others(key),
        )
        setup = replace(self.setup, replica=part, summaries=(), forms=NoForms())
        if known is not None and known.cycle.setup.replica.tabs == reader.tabs:
            known.cycle.setup = setup
            return known
        backend = self._backend(self.path_of(reader), reader)
        return OpenView(key, backend.name, reader.person.id, Cycle(self.state, backend, setup))

    def _backend(self, path: Path, reader: Reader) -> XlsxBackend:
        settings = self.settings
        return XlsxBackend(
            path,
            XlsxSettings(
                tabs=tuple(reader.tabs.values()),
                words=self.setup.language,
                backups=self._kept_in(reader.key),
                keep_count=settings.backups.keep_count,
                keep_days=settings.backups.keep_days,
                quiet=settings.workbook.quiet,
                protect=settings.workbook.protect,
                remember=self.remember,
                conceal=self.conceal,
            ),
        )

    def _kept_in(self, key: RowKey) -> Path:
        return self.settings.backups.folder / "views" / key

    def _see_to_file(self, view: OpenView, reader: Reader, now: datetime) -> None:
        """Makes the file where there is none, and anew where it must have other columns: what may no longer be seen
        must not be in any part of it."""
        path, note = Path(view.name), f"{STRUCTURE_NOTE}@{reader.replica}"
        if path.exists():
            if self.state.note(note) == reader.structure:
                return
            if holder(path) is not None:
                return  # when it is closed
            view.cycle.run(Wish(now))  # what was typed so far
            self._move_away(path, reader.key, now)
        self._make(path, reader)
        self.state.set_note(f"{FILE_NOTE}@{reader.replica}", path.relative_to(self.settings.views.folder).as_posix())
        self.state.set_note(note, reader.structure)

    def _make(self, path: Path, reader: Reader) -> None:
        """An empty workbook; its rows follow in the first cycle of the view."""
        from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook

        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.stem}.new.xlsx")
        draft = Draft(self.state, self.setup.tabs)
        options = WorkbookOptions(self.readership.dictionaries(draft), protect=self.settings.workbook.protect)
        create_workbook(made, tuple(reader.tabs.values()), self.setup.language, {}, options)
        made.replace(path)

    def _move_away(self, path: Path, key: RowKey, now: datetime) -> None:
        """Into the backups, where only administrators look."""
        folder = self._kept_in(key)
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"{path.stem}.{now:%Y%m%d-%H%M%S}.xlsx"
        if self.conceal is None:
            shutil.copy2(path, kept)
        else:
            kept.with_name(kept.name + SEALED_SUFFIX).write_bytes(self.conceal(path.read_bytes()))
        path.unlink()

    def _put_away(self) -> None:
        """Views of people who have left, or may see nothing any more."""
        prefix = f"{FILE_NOTE}@"
        for name, kept in self.state.notes(prefix).items():
            key = ReplicaKey(name.removeprefix(prefix))
            if key in self.readership.readers:
                continue
            path = self.settings.views.folder / kept
            if path.exists():
                if holder(path) is not None:
                    continue
                self._move_away(path, RowKey(key.removeprefix(VIEW)), clock.now())
            self._open.pop(key, None)
            self.state.forget(key, f"{FILE_NOTE}@{key}", f"{STRUCTURE_NOTE}@{key}")


def safe_name(text: str) -> str:
    """A name that every file system takes: no signs with a meaning, no dot or space at the end."""
    plain = UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    return plain[:LONGEST_NAME] or "_"
