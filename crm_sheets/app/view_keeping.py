"""What a view needs before its cycle: that its file is there, is its own, and has the columns that may be seen and no
other. Whatever is taken out of the way is kept; what its person had added beside our columns is carried over."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from crm_sheets.app.view_files import Age, Born, ViewFile, difference, extend, make, move, place_of
from crm_sheets.errors import WorkbookError, WriteRefused
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.state import Reading
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.replace import SEALED_SUFFIX, Backups
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.round import Handled
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ColumnKey, ReplicaKey, TabKey
from crm_sheets.views import Reader

FILE_NOTE: Final = "view-file"
STRUCTURE_NOTE: Final = "view-columns"
CARRY_NOTE: Final = "view-carry"
BORN_NOTE: Final = "view-born"
TROUBLE_NOTE: Final = "view-trouble"
NOTES: Final = (FILE_NOTE, STRUCTURE_NOTE, CARRY_NOTE, BORN_NOTE, TROUBLE_NOTE)
"""Where the view of a person lies; which columns it was made with; the old file from which the columns of its person's
own are still to be taken over; which generations are older than the file; what stands in its way."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the notes say of all views: one question for all of them."""

    files: Mapping[ReplicaKey, str]
    structures: Mapping[ReplicaKey, str]
    carries: Mapping[ReplicaKey, str]
    born: Mapping[ReplicaKey, str]
    troubles: Mapping[ReplicaKey, str]

    @classmethod
    def of(cls, state: SqlState) -> "Shelf":
        """As of now."""
        notes = state.notes("view-")

        def under(name: str) -> dict[ReplicaKey, str]:
            start = f"{name}@"
            return {ReplicaKey(key.removeprefix(start)): told for key, told in notes.items() if key.startswith(start)}

        return cls(under(FILE_NOTE), under(STRUCTURE_NOTE), under(CARRY_NOTE), under(BORN_NOTE), under(TROUBLE_NOTE))

    def settles(self, reader: Reader) -> bool:
        """Whether the view of a reader has the columns that it must have, and nothing is to be carried over into it."""
        key = reader.replica
        return self.structures.get(key) == reader.structure and not self.carries.get(key)

    def with_places(self, readers: Iterable[Reader]) -> "Shelf":
        """The same, with a place for whoever has none yet."""
        files = dict(self.files)
        for reader in readers:
            if reader.replica not in files:
                files[reader.replica] = place_of(reader, files.values())
        return replace(self, files=files)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the file of one view.

    Attributes:
        cycle: over it, by which what was typed is taken in before the file goes.
        dictionaries: what its drop-downs offer, asked for when they are needed.
        vault: encrypts what is kept; None keeps it as it is.
    """

    state: SqlState
    file: ViewFile
    reader: Reader
    cycle: Cycle
    backend: XlsxBackend
    dictionaries: Callable[[], Dictionaries]
    vault: Vault | None

    def see_to_it(self, shelf: Shelf, known: Reading | None, tabs: Iterable[Tab], now: datetime) -> Handled | None:
        """What had to be done, None for nothing.

        Args:
            known: how the file was when nothing was left to do in it.
            tabs: of the team's book, with all columns.

        Raises:
            WorkbookBusy, WorkbookChanged: not now.
            WorkbookError: it cannot be made, moved or written.
        """
        file = self.file
        if file.was_there and not file.folder.is_dir():
            raise WorkbookError(f"{file.folder}: the folder of the views is gone; bring it back, or make it anew empty")
        if file.is_gone():
            self._make(now)
            return Handled.RESTORED if file.was_there else Handled.MADE
        settled = known is not None and file.is_unchanged(known.fingerprint)
        age = Age.CURRENT if settled else file.age()
        differs = difference(shelf.structures.get(file.replica), self.reader)
        if age is Age.CURRENT and not differs:
            if shelf.structures.get(file.replica) != self.reader.structure:  # a summary more, which the cycle adds
                self._note(STRUCTURE_NOTE, self.reader.structure)
            return self._carry(shelf.carries.get(file.replica), tabs, now) if settled else None
        if holder(file.path) is not None:
            return None  # when it is closed
        if age is Age.STRANGE:
            move(file.path, file.conflicts, now, self.backend.settings.conceal)
            self._make(now)
            return Handled.REPLACED if file.was_there else Handled.MADE
        if age is Age.CURRENT and not differs.loses and self._extended(differs.columns, differs.tabs):
            return Handled.EXTENDED
        with suppress(WorkbookError):
            self.cycle.run(Wish(now))  # what was typed so far; what cannot be taken in stays in the file that is kept
        move(file.path, file.kept, now, self.backend.settings.conceal)
        self._make(now)
        return Handled.RENEWED

    def _extended(self, columns: Mapping[TabKey, tuple[ColumnKey, ...]], tabs: tuple[TabKey, ...]) -> bool:
        """Adds what may now be seen; False when somebody rebuilt the file so that nothing can be added."""
        try:
            extend(self.backend, columns, tabs, self.dictionaries())
        except WriteRefused:
            return False
        self._note(STRUCTURE_NOTE, self.reader.structure)
        return True

    def _make(self, now: datetime) -> None:
        """A new file. The notes are in this order so that whatever is missing of it after a crash is done again."""
        file, latest = self.file, self.state.latest_generation(self.file.replica)
        kept = file.last_kept()
        self._note(FILE_NOTE, file.path.relative_to(file.folder).as_posix())
        self._note(CARRY_NOTE, kept.name if kept else "")
        self._note(BORN_NOTE, str(Born(latest, file.born.forgotten if file.was_there else latest)))
        make(file, self.backend, self.dictionaries())
        self._note(STRUCTURE_NOTE, self.reader.structure)

    def _carry(self, kept: str | None, tabs: Iterable[Tab], now: datetime) -> Handled | None:
        """Takes the columns of its person's own over from the old file, once the rows stand in the new one."""
        if not kept:
            return None
        from crm_sheets.app import carrying

        columns, settings = {}, self.backend.settings
        with suppress(WorkbookError, OSError), self._disclosed(self.file.kept / kept) as old:
            columns = carrying.own_columns(old, tabs)  # an old file that cannot be read has nothing to give
        backups = Backups(settings.backups, now, settings.keep_count, settings.keep_days, settings.conceal)
        cells = 0
        if columns:
            cells = carrying.carry(columns, self.file.path, settings.tabs, backups, settings.padlock)
        self._note(CARRY_NOTE, "")
        return Handled.CARRIED if cells else None

    @contextmanager
    def _disclosed(self, kept: Path) -> Iterator[Path]:
        """An old file as it was before it was encrypted, if it was."""
        content, padlock = kept.read_bytes(), self.file.padlock
        if kept.suffix == SEALED_SUFFIX and self.vault is not None:
            content = self.vault.disclose(content, str(kept))
        with TemporaryDirectory() as folder:
            plain = Path(folder) / "old.xlsx"
            plain.write_bytes(content if padlock is None else padlock.open(content, str(kept)))
            yield plain

    def _note(self, name: str, text: str) -> None:
        self.state.set_note(f"{name}@{self.file.replica}", text)
