"""The workbooks of all people: who has one now, where it lies, and the cycle over it.

A view is made when its person first may see something, extended when more may be seen, made anew when anything may no
longer be seen, and put away when the person leaves or may see nothing any more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path

from crm_sheets.app.beside import others_of
from crm_sheets.app.view_files import Born, ViewFile, move
from crm_sheets.app.view_keeping import NOTES, STRUCTURE_NOTE, Keeper, Shelf
from crm_sheets.app.view_passwords import ViewLocks
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.confirmations import IN_FORCE, in_force
from crm_sheets.draft import Draft
from crm_sheets.errors import WorkbookBusy, WorkbookChanged, WorkbookError
from crm_sheets.eyes import Eyes
from crm_sheets.plan import Plan
from crm_sheets.readership import STEERING, Readership
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.team import TeamSchema
from crm_sheets.state import OutboxItem, Standing
from crm_sheets.sync.backends.copies import NoCopies
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend, XlsxSettings
from crm_sheets.sync.backends.xlsx.copy_shelf import FolderShelf
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.reader import read_workbook
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.forms import NoForms
from crm_sheets.sync.notes import STANDING_NOTES
from crm_sheets.sync.round import OpenView
from crm_sheets.sync.setup import ReplicaSetup, Setup, Wish
from crm_sheets.sync.store.mailing import changed_since
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ReplicaKey, RowKey, TabKey
from crm_sheets.views import VIEW, Reader

PEOPLE, WELCOME = TabKey("people"), "notice-welcome"


@dataclass
class Gallery:
    """Opens the views of a team. Implements sync.round.Views.

    Attributes:
        setup: of the shared workbook's cycles, which those of the views follow.
        remember: what was read, because one round follows another.
        vault: encrypts backups, reveals texts of sealed cells; None for a team without a key.
    """

    settings: Settings
    team: TeamSchema
    state: SqlState
    setup: Setup
    remember: bool = False
    vault: Vault | None = None
    _cycles: dict[ReplicaKey, tuple[Cycle, XlsxBackend]] = field(default_factory=dict, repr=False)
    _looked: date | None = field(default=None, repr=False)
    _entry: int = field(default=0, repr=False)
    """The newest entry of the journal when it was last found out who has a view."""
    _in_force: str | None = field(default="", repr=False)

    @cached_property
    def readership(self) -> Readership:
        """Who has a view."""
        setup = self.setup
        default = self.team.default_dictionaries()
        reveal = None if self.vault is None else self.vault.reveal
        return Readership(
            self.settings.policy,
            setup.tabs,
            default,
            setup.language,
            setup.zone,
            setup.rules_version,
            reveal,
            setup.summaries,
            frozenset(self.settings.views.summaries),
            frozenset(map(text_key, self.settings.views.people)),
        )

    @cached_property
    def locks(self) -> ViewLocks:
        """The passwords of the views."""
        return ViewLocks(self.settings.views, self.state, self.vault, self.setup.language)

    # -- sync.round.Views ----------------------------------------------------------------------------------------------

    def look(self, now: datetime) -> None:
        """Finds out who has a view."""
        self._follow_policy()
        today = now.astimezone(self.setup.zone).date()
        if self._looked != today or self._steered():
            newest = self.state.last_entry()
            self.readership.look(Draft(self.state, self.setup.tabs), today)
            self._looked, self._entry = today, newest  # not before: what is known of nobody would put all views away

    def _steered(self) -> bool:
        """Whether 组织 or the dictionaries changed since in a cycle of another process: a command beside the daemon."""
        moved = [changed_since(self.state, tab, self._entry) for tab in STEERING]
        self._entry = min(last for last, _ in moved)
        return any(rows for _, rows in moved)

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views."""
        if any(STEERING & plan.changed.keys() for plan in done):
            self._looked = None
        self.look(wish.now)
        self.locks.look()
        shelf = Shelf.of(self.state)
        if not wish.dry_run:
            if self._in_force is not None and self._in_force != self.state.note(IN_FORCE):
                self.state.set_note(IN_FORCE, self._in_force)
            self._put_away(shelf, wish.now)
        readers = self.with_files()
        shelf = shelf.with_places(readers.values())
        standings = self.state.standings(readers.keys(), STANDING_NOTES)
        found = (self._opened(reader, shelf, standings[key], wish) for key, reader in readers.items())
        return tuple(view for view in found if view is not None)

    def renew(self, view: ReplicaKey) -> None:
        """See Views: a view of which no columns are known counts as one that holds what may not be seen."""
        self.state.set_note(f"{STRUCTURE_NOTE}@{view}", "")

    def _follow_policy(self) -> None:
        """What the config shows for the first time waits until it is confirmed, by another process perhaps."""
        kept = self.state.note(IN_FORCE)
        if kept != self._in_force or kept is None:
            self.readership.policy, self._in_force = in_force(self.settings.policy, self.setup.tabs.values(), kept)
            self._looked = None

    def with_files(self) -> dict[ReplicaKey, Reader]:
        """The readers whose workbook is a file; that of the others is a spreadsheet of Google."""
        return {key: reader for key, reader in self.readership.readers.items() if self.spreadsheet(reader) is None}

    def spreadsheet(self, reader: Reader) -> str | None:
        """The id of a reader's spreadsheet; None where the workbook is a file."""
        return self._spreadsheets.get(text_key(reader.person.id))

    @cached_property
    def _spreadsheets(self) -> dict[str, str]:
        return {text_key(number): found for number, found in self.settings.views.spreadsheets.items()}

    def backends(self) -> tuple[XlsxBackend, ...]:
        """The files that were opened so far."""
        return tuple(backend for _, backend in self._cycles.values())

    def others(self, beside: ReplicaKey) -> Callable[[Draft], Mapping[ReplicaKey, Eyes]]:
        """What all other workbooks show, by the records of a draft."""
        return others_of(self.settings, self.setup, self, beside)

    # -- one view ------------------------------------------------------------------------------------------------------

    def _opened(self, reader: Reader, shelf: Shelf, standing: Standing, wish: Wish) -> OpenView | None:
        """A view, its file made ready; None when nothing is to do in it, or there is none and none is to be made."""
        if not wish.dry_run:
            self.locks.require(reader, str(self.settings.views.folder / shelf.files[reader.replica]), wish.now)
        file = self._file(reader, shelf)
        cycle, backend = self._cycle(reader, file)
        if shelf.settles(reader) and self.locks.settles(reader) and self._rests(file, cycle, standing, wish.now):
            return None
        view = OpenView(reader.replica, str(file.path), reader.person.id, cycle)
        if wish.dry_run:
            return view if file.path.exists() else None
        keeper = Keeper(self.state, file, reader, cycle, backend, self._dictionaries, self.vault)
        try:
            handled = keeper.see_to_it(shelf, standing.reading, self.setup.tabs.values(), wish.now)
            if not file.was_there and file.path.exists():
                self._welcome(reader, file.path, wish.now)
            self.locks.see_to(reader, backend)
            return replace(view, handled=handled)
        except (WorkbookBusy, WorkbookChanged):
            return view  # later: until then the cycle says what it waits for
        except WorkbookError as error:
            return replace(view, trouble=error)

    def _welcome(self, reader: Reader, path: Path, now: datetime) -> None:
        """Tells a person, once for ever, where their workbook lies."""
        told = {"subject": reader.person.name, "workbook": str(path)}
        key = f"{WELCOME}|{reader.replica}"
        letter = OutboxItem(key, WELCOME, reader.person.name, now, PEOPLE, reader.key, told)
        with self.state.transaction() as connection:
            put_outbox(connection, (letter,), now)

    @staticmethod
    def _rests(file: ViewFile, cycle: Cycle, standing: Standing, now: datetime) -> bool:
        """Whether nothing is to do in a view, found out without opening it."""
        known = standing.reading
        unchanged = known is not None and file.is_unchanged(known.fingerprint)
        return unchanged and cycle.rests(now, standing) and not cycle.setup.copies.look()

    def _file(self, reader: Reader, shelf: Shelf) -> ViewFile:
        key, folder = reader.replica, self.settings.views.folder
        return ViewFile(
            folder=folder,
            path=folder / shelf.files[key],
            kept=self._kept_in(reader.key),
            conflicts=self.settings.backups.conflicts / "views" / reader.key,
            replica=key,
            workbook=self._workbook,
            was_there=key in shelf.structures,
            born=Born.of(shelf.born.get(key)),
            padlock=self.locks.padlock(reader),
        )

    @cached_property
    def _workbook(self) -> str:
        return self.state.secret("workbook").hex()[:16]

    def _dictionaries(self) -> Dictionaries:
        return self.readership.dictionaries(Draft(self.state, self.setup.tabs))

    def _cycle(self, reader: Reader, file: ViewFile) -> tuple[Cycle, XlsxBackend]:
        """The cycle over a view, with what it remembers of it as long as the view has the same columns."""
        key = reader.replica
        setup = replace(self.setup_of(reader), copies=self._shelf(file))
        known = self._cycles.get(key)
        if known is not None and known[0].setup.replica.tabs == reader.tabs and known[1].path == file.path:
            known[0].setup, known[1].settings = setup, replace(known[1].settings, padlock=file.padlock)
            return known
        backend = self._backend(file, reader)
        self._cycles[key] = Cycle(self.state, backend, setup), backend
        return self._cycles[key]

    def setup_of(self, reader: Reader) -> Setup:
        """What the cycles of a reader's workbook are given, but for where its conflict copies lie."""
        key = reader.replica
        part = ReplicaSetup(
            key=key,
            tabs=reader.tabs,
            eyes=self.readership.own(reader),
            author=reader.person.name,
            known=True,
            log=self.settings.history.terms(reader.person.role),
            rights=self.readership.rights(key),
            others=self.others(key),
        )
        figures = tuple(rule for rule in self.setup.summaries if rule.key in reader.summaries)
        return replace(self.setup, replica=part, summaries=figures, forms=NoForms(), copies=NoCopies())

    def _shelf(self, file: ViewFile) -> FolderShelf:
        """Where conflict copies of a view lie, and where they go."""
        quiet = self.settings.workbook.quiet.total_seconds()
        reads = partial(read_workbook, padlock=file.padlock)
        return FolderShelf(file.path, file.conflicts, quiet, reads, conceal=self._conceal)

    def _backend(self, file: ViewFile, reader: Reader) -> XlsxBackend:
        settings = self.settings
        return XlsxBackend(
            file.path,
            XlsxSettings(
                tabs=tuple(reader.tabs.values()),
                words=self.setup.language,
                backups=self._kept_in(reader.key),
                keep_count=settings.backups.keep_count,
                keep_days=settings.backups.keep_days,
                quiet=settings.workbook.quiet,
                protect=settings.workbook.protect,
                remember=self.remember,
                conceal=self._conceal,
                padlock=file.padlock,
            ),
        )

    @property
    def _conceal(self) -> Callable[[bytes], bytes] | None:
        return None if self.vault is None else self.vault.conceal

    def _kept_in(self, key: RowKey) -> Path:
        return self.settings.backups.folder / "views" / key

    def _put_away(self, shelf: Shelf, now: datetime) -> None:
        """Views of people who have left, or may see nothing any more."""
        readers = self.with_files()
        for key, place in shelf.files.items():
            if key in readers:
                continue
            path = self.settings.views.folder / place
            if path.exists():
                if holder(path) is not None:
                    continue
                try:
                    move(path, self._kept_in(RowKey(key.removeprefix(VIEW))), now, self._conceal)
                except WorkbookError:
                    continue  # `crm-sheets views` tells of it, the next round tries again
            with suppress(OSError):
                path.parent.rmdir()  # if nothing of the person's own lies there
            self._cycles.pop(key, None)
            self.state.forget(key, *(f"{note}@{key}" for note in NOTES))
