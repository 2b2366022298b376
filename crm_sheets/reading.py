"""A sheet cut into the columns of its tab, with the digests by which unchanged rows are recognised."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from itertools import compress, count
from operator import is_not, itemgetter
from typing import TypeAlias

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.outline import Outline, UnreadRows
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.layout import Layout
from crm_sheets.schema.sealed import Sealed, is_mask, mask_in
from crm_sheets.schema.validation import sealed_cells
from crm_sheets.tables import ColumnKey, Sheet, SheetRow, TabKey, TabRow

CHECK = ColumnKey("check")


@dataclass(frozen=True)
class TabReading:
    """A tab as it stands in one replica.

    Attributes:
        columns: the columns that the sheet has, in the order of the tab, without the hidden `_key`.
        rows: those that have anything in a column of ours, in the order of the sheet.
        last_row: the last row of the sheet that has anything at all; rows are appended after it.
        unread: rows that are known to stand for their base rows and were not read; they are not among `rows`.
        sheet: what was cut, for whoever remembers it; None where it cannot be known again.
    """

    tab: Tab
    layout: Layout
    columns: tuple[ColumnKey, ...]
    rows: Sequence[TabRow]
    last_row: int
    unread: UnreadRows | None = None
    sheet: Sheet | None = None

    def row_at(self, number: int) -> TabRow | None:
        """The row of that number, if it was read."""
        found = next((row for row in self.rows if row.number == number), None)
        return self.unread.row_at(number) if found is None and self.unread is not None else found

    @property
    def key(self) -> TabKey:
        """Of the tab."""
        return self.tab.key

    @cached_property
    def place(self) -> dict[ColumnKey, int]:
        """Where in `cells` a column is."""
        return {column: index for index, column in enumerate(self.tab.columns)}

    @cached_property
    def staff_columns(self) -> tuple[ColumnKey, ...]:
        """The columns that people fill in; on a tab of ours, those that they could take for theirs."""
        theirs = {column.key for column in self.tab.staff_columns()}
        if self.tab.ours:
            theirs = {key for key, column in self.tab.columns.items() if column.kind is not Kind.ID and key != CHECK}
        return tuple(column for column in self.columns if column in theirs)

    @cached_property
    def _staff_places(self) -> tuple[int, ...]:
        return tuple(self.place[column] for column in self.staff_columns)

    def content(self, row: TabRow) -> str:
        """Digest of what staff typed in a row; "" when they typed nothing, or only spaces."""
        return self.content_of(row.cells)

    def content_of(self, cells: Sequence[CellValue]) -> str:
        """As content(), of cells that are not in a sheet yet."""
        typed = [cells[place] for place in self._staff_places]
        if self.tab.sealed_columns:  # a row is the same row before and after its texts were sealed
            typed = [mask_in(cell) if isinstance(cell, Sealed) else cell for cell in typed]
        blank = all(value is None or (isinstance(value, str) and not value.strip()) for value in typed)
        return "" if blank else digest_of(typed)


def digest_of(cells: Iterable[object]) -> str:
    """Equal for equal cells, in every process: 64 bits of BLAKE2b over their representation.

    Numbers count by 15 digits, as many as a spreadsheet keeps: another program's save writes 46085.416666666664 as
    46085.41666666666, and has not edited the row.
    """
    cells = tuple(cells)
    if float in map(type, cells):
        cells = tuple([float(f"{cell:.15g}") if type(cell) is float else cell for cell in cells])
    return blake2b(repr(cells).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


Cut: TypeAlias = Callable[[Sequence[SheetRow]], Sequence[TabRow | None]]
"""Cuts rows of a sheet; None for one above the table, or without anything of ours."""


class CutMemory:
    """The last reading of each tab, for a process that reads again and again: a row that is the very same object in the
    same place, as a reader with a memory gives it, is not cut and digested anew."""

    def __init__(self) -> None:
        self._tabs: dict[TabKey, tuple[Layout, Sequence[SheetRow], list[TabRow | None]]] = {}

    def cut(self, layout: Layout, rows: Sequence[SheetRow], cut: Cut) -> list[TabRow]:
        """The rows of a tab, those that are new in their place cut by `cut`."""
        before, known, cuts = self._tabs.pop(layout.tab, (None, (), []))
        if before != layout:
            known, cuts = (), []
        del cuts[len(rows) :]
        places = list(compress(count(), map(is_not, rows, known)))
        made = cut([*(rows[place] for place in places), *rows[len(cuts) :]])
        for place, row in zip(places, made, strict=False):
            cuts[place] = row
        cuts += made[len(places) :]
        self._tabs[layout.tab] = (layout, rows, cuts)
        return [row for row in cuts if row is not None]


def cut_tab(
    tab: Tab,
    layout: Layout,
    rows: Sequence[SheetRow],
    memory: CutMemory | None = None,
    codec: CodecContext | None = None,
) -> TabReading:
    """Cuts the rows below the header into the columns of a tab. A row without anything of ours is left out.

    With a `codec` that seals, no text of a sealed column goes any further: neither a digest nor a message, journal or
    record can hold what is not there.
    """
    columns = tuple(
        key for key, column in tab.columns.items() if key in layout.columns and column.kind is not Kind.WITNESS
    )
    kept = (memory or CutMemory()).cut(layout, rows, lambda new: _cut_rows(tab, layout, columns, new, codec))
    last = rows[-1].number if rows else layout.header_row
    return TabReading(tab, layout, columns, kept, max(last, layout.header_row))


def cut_sheet(
    tab: Tab, layout: Layout, sheet: Sheet, outline: Outline | None, memory: CutMemory, codec: CodecContext
) -> TabReading:
    """As cut_tab(), of a sheet of which perhaps not all rows were read: `outline` says what the others are. All are
    taken apart where it was made of a sheet that was cut in another way, or there is none."""
    unread = [block for block in sheet.blocks if not block.read]
    if not unread:
        reading = cut_tab(tab, layout, sheet.rows, None if sheet.blocks else memory, codec)
        return replace(reading, sheet=sheet if sheet.blocks else None)
    if outline is None or outline.layout != looks_of(tab, layout):
        rows = [row for block in sheet.blocks for row in block.rows()]
        return replace(cut_tab(tab, layout, rows, None, codec), sheet=sheet)
    reading = cut_tab(tab, layout, sheet.rows, None, codec)
    rest = UnreadRows(unread, outline, lambda block: cut_tab(tab, layout, block.rows(), None, codec).rows)
    return replace(reading, sheet=sheet, unread=rest)


def looks_of(tab: Tab, layout: Layout) -> str:
    """Digest of all that cutting a sheet depends on but for its rows."""
    columns = [(key, column.kind.value, column.sealed) for key, column in tab.columns.items()]
    return digest_of((layout.sheet, layout.header_row, sorted(layout.columns.items()), columns))


def _cut_rows(
    tab: Tab, layout: Layout, columns: Collection[ColumnKey], rows: Sequence[SheetRow], codec: CodecContext | None
) -> list[TabRow | None]:
    """See Cut."""
    witness = next(
        (layout.columns.get(key, 0) for key, column in tab.columns.items() if column.kind is Kind.WITNESS), 0
    )
    shown = layout.columns.get(tab.id_column, 0) if tab.id_column else 0
    width = max(layout.columns.values())
    # Columns that the sheet has not, and the hidden key, are cut from a blank cell beyond the last one.
    ours_of = itemgetter(*(layout.columns[key] - 1 if key in columns else width for key in tab.columns))
    padding = (None,) * (width + 1)
    seals = _seals(tab, layout, rows, codec)
    cuts: list[TabRow | None] = []
    for row in rows:
        made = None
        if row.number > layout.header_row:
            cells = row.cells[:width] + padding[min(len(row.cells), width) :]
            ours: tuple[CellValue, ...] = ours_of(cells)
            if seals:
                ours = _sealed(ours, seals)
            key = _text(cells[witness - 1]) if witness else ""
            if key or any(value is not None and value != "" for value in ours):
                made = TabRow(row.number, _text(cells[shown - 1]) if shown else "", key, ours, digest_of(ours))
        cuts.append(made)
    return cuts


_Seals: TypeAlias = dict[int, dict[object, CellValue]]
"""For each place of a sealed column among the columns of a tab: what takes the place of a cell, by its _cell_key."""


def _seals(tab: Tab, layout: Layout, rows: Sequence[SheetRow], codec: CodecContext | None) -> _Seals:
    """What takes the place of the texts in sealed columns."""
    seals: _Seals = {}
    if codec is None or codec.sealer is None:
        return seals
    for place, column in enumerate(tab.columns.values()):
        at = layout.columns.get(column.key, 0) - 1
        if not column.sealed or at < 0:
            continue
        found = (row.cells[at] for row in rows if len(row.cells) > at and row.number > layout.header_row)
        distinct = {_cell_key(cell): cell for cell in found if not _is_blank_or_mask(cell)}
        if distinct:
            sealed = sealed_cells(tab.record, column, list(distinct.values()), codec)
            seals[place] = dict(zip(distinct, sealed, strict=True))
    return seals


def _is_blank_or_mask(cell: CellValue) -> bool:
    return cell is None or (isinstance(cell, str) and is_mask(cell))


def _cell_key(cell: CellValue) -> object:
    return (type(cell), repr(cell))


def _sealed(cells: tuple[CellValue, ...], seals: _Seals) -> tuple[CellValue, ...]:
    changed = list(cells)
    for place, sealed in seals.items():
        if changed[place] is not None:
            changed[place] = sealed.get(_cell_key(changed[place]), changed[place])
    return tuple(changed)


def _text(value: CellValue) -> str:
    if isinstance(value, Formula):
        value = value.cached if not isinstance(value.cached, CellError) else None
    return "" if value is None or isinstance(value, CellError) else str(value).strip()
