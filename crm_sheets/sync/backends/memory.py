"""A replica in memory: for tests of everything above the file, and for trying a plan out without a file."""

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

from crm_sheets.cells import CellValue
from crm_sheets.errors import WorkbookBusy, WorkbookChanged
from crm_sheets.language import Language, language
from crm_sheets.outline import Outline
from crm_sheets.projection import CellWrite
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.headers import SEARCHED_ROWS
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.sync.backends.base import Extension, ReplicaWrite, Written
from crm_sheets.sync.backends.copies import FoundCopy
from crm_sheets.sync.conflict_names import ConflictName
from crm_sheets.tables import Fingerprint, RowBlock, Sheet, SheetRow, Snapshot, Stamp, TabKey

Grid = list[list[CellValue]]
"""Rows of a sheet from row 1 on, cells from column 1 on; rows may be of different lengths."""


@dataclass
class MemoryFile:
    """What a file would hold, and whom it says to have saved it."""

    sheets: dict[str, Grid] = field(default_factory=dict)
    stamp: Stamp | None = None
    saved_by: str = ""

    def copied(self) -> "MemoryFile":
        """As a program that opened the file has it."""
        return copy.deepcopy(self)


class MemoryBackend:
    """Implements Backend over a MemoryFile that tests may change between and during cycles."""

    def __init__(
        self,
        file: MemoryFile | None = None,
        tabs: Mapping[TabKey, Tab] | None = None,
        words: Language | None = None,
    ) -> None:
        self.file = file or MemoryFile()
        self.tabs = tabs or {}
        self.words = words or language("zh-CN")
        self.held_by: str | None = None
        self.writes = 0
        self._rows: dict[str, dict[SheetRow, SheetRow]] = {}
        """Of the last reading of each sheet: a row that is as it was is given as the same object."""

    @property
    def name(self) -> str:
        """See Backend."""
        return "memory"

    def fingerprint(self) -> Fingerprint:
        """See Backend."""
        text = repr((self.file.stamp, self.file.sheets))
        return Fingerprint(len(text), 0, 0, blake2b(text.encode("utf-8", "surrogatepass")).hexdigest())

    def holder(self) -> str | None:
        """See Backend."""
        return self.held_by

    def read(self, known: Mapping[str, str]) -> Snapshot:
        """See Backend."""
        digests = self._digests()
        unchanged = frozenset(name for name, digest in digests.items() if known.get(name) == digest)
        sheets = {name: self._sheet(name, grid) for name, grid in self.file.sheets.items() if name not in unchanged}
        return Snapshot(
            name=self.name,
            fingerprint=self.fingerprint(),
            stamp=self.file.stamp,
            sheets=sheets,
            sheet_names=tuple(self.file.sheets),
            unchanged=unchanged,
            part_digests=digests,
            holder=self.held_by,
            saved_by=self.file.saved_by,
        )

    def skim(self, known: Mapping[str, str], outlines: Mapping[str, Outline]) -> Snapshot:
        """See Skimmer. Blocks are of two rows, so that small books have some."""
        snapshot = self.read(known)
        sheets = {name: _skimmed(sheet, outlines.get(name)) for name, sheet in snapshot.sheets.items()}
        return replace(snapshot, sheets=sheets)

    def rows_with(self, sheet: str, texts: Collection[str], expected: Fingerprint) -> Sheet | None:
        """See RowFinder."""
        if self.fingerprint().digest != expected.digest:
            return None
        rows = self.read({}).sheets[sheet].rows
        last = rows[-1:]
        found = [row for row in rows if row.number <= SEARCHED_ROWS or row in last or {*texts} & {*map(str, row.cells)}]
        return Sheet(sheet, tuple(found))

    def write(self, write: ReplicaWrite) -> Written:
        """See Backend. Summaries and lists have no place in memory."""
        if self.held_by is not None:
            raise WorkbookBusy(f"{self.name} is open", self.held_by)
        if self.fingerprint() != write.expected:
            raise WorkbookChanged(f"{self.name} was changed since it was read")
        file = self.file.copied()
        for edits in write.edits:
            for cell in (*edits.cells, *edits.appended):
                _put(file.sheets[edits.sheet], cell)
        removed = {edits.sheet: _take_out(file.sheets[edits.sheet], edits.emptied) for edits in write.edits}
        file.stamp = write.stamp
        self.file = file
        self.writes += 1
        return Written(self.fingerprint(), self._digests(), None, removed)

    def extend(self, extension: Extension) -> None:
        """See Backend."""
        if self.held_by is not None:
            raise WorkbookBusy(f"{self.name} is open", self.held_by)
        if self.fingerprint() != extension.snapshot.fingerprint:
            raise WorkbookChanged(f"{self.name} was changed since it was read")
        file = self.file.copied()
        for tab, columns in extension.columns.items():
            layout = extension.layouts[tab]
            grid = file.sheets[layout.sheet]
            last = max(len(row) for row in grid)
            for place, column in enumerate(columns, last + 1):
                label = column_label(tab, column, self.words)
                _put(grid, CellWrite(layout.header_row, place, label, Kind.TEXT))
        for tab in extension.tabs:
            described = self.tabs[tab]
            file.sheets[tab_label(tab, self.words)] = [
                [column_label(tab, column, self.words) for column in described.columns]
            ]
        self.file = file

    def _sheet(self, name: str, grid: Grid) -> Sheet:
        known, rows = self._rows.get(name, {}), []
        for number, cells in enumerate(grid, 1):
            last = max((place for place, cell in enumerate(cells, 1) if cell is not None), default=0)
            if last:
                rows.append(SheetRow(number, tuple(cells[:last])))
        rows = [known[row] if repr(known.get(row)) == repr(row) else row for row in rows]  # TRUE is not 1
        self._rows[name] = {row: row for row in rows}
        return Sheet(name, tuple(rows))

    def _digests(self) -> dict[str, str]:
        return {
            name: blake2b(repr(grid).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
            for name, grid in self.file.sheets.items()
        }


@dataclass
class MemoryShelf:
    """Implements CopyShelf: what a drive has left beside a file, what of it is open, and what was put away."""

    copies: dict[str, MemoryFile] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    away: dict[str, MemoryFile] = field(default_factory=dict)

    def look(self) -> tuple[FoundCopy, ...]:
        """See CopyShelf."""
        return tuple(
            FoundCopy(name, self._digest(name), ConflictName("any"), name in self.busy) for name in sorted(self.copies)
        )

    def read(self, copy: FoundCopy) -> Snapshot:
        """See CopyShelf."""
        return MemoryBackend(self.copies[copy.name]).read({})

    def put_away(self, copy: FoundCopy, digest: str, at: datetime) -> Path | None:
        """See CopyShelf."""
        if copy.name in self.busy or self._digest(copy.name) != digest:
            return None
        name = f"{len(self.away)} {copy.name}"
        self.away[name] = self.copies.pop(copy.name)
        return Path(name)

    def _digest(self, name: str) -> str:
        return MemoryBackend(self.copies[name]).fingerprint().digest


def _skimmed(sheet: Sheet, outline: Outline | None) -> Sheet:
    groups = groupby(sheet.rows, lambda row: row.number // 2)
    parts = [tuple(rows) for _, rows in groups]
    marks = [blake2b(repr(rows).encode("utf-8", "surrogatepass"), digest_size=16).digest() for rows in parts]
    known = set() if outline is None else outline.blocks.keys()
    blocks = [
        RowBlock(mark, partial(tuple, rows), place == len(parts) - 1 or mark not in known)
        for place, (mark, rows) in enumerate(zip(marks, parts, strict=True))
    ]
    read = [row for block in blocks if block.read for row in block.rows()]
    return replace(sheet, rows=tuple(read), blocks=blocks)


def _take_out(grid: Grid, rows: Collection[int]) -> tuple[int, ...]:
    gone = [row for row in sorted(rows) if all(cell is None for cell in grid[row - 1])]
    for row in reversed(gone):
        del grid[row - 1]
    return tuple(gone)


def _put(grid: Grid, cell: CellWrite) -> None:
    while len(grid) < cell.row:
        grid.append([])
    row = grid[cell.row - 1]
    row.extend([None] * (cell.column - len(row)))
    row[cell.column - 1] = cell.value
