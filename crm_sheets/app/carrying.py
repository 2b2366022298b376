"""A view that was made anew gets what its person had added to the old one: whole columns beside ours, row by row.

Values only. A formula may hold a result that comes of what its reader may no longer see; so may charts, notes and
further sheets: these stay in the old file, which the administrators keep.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_sheets.cells import CellError, CellValue, Formula, text_key
from crm_sheets.projection import CellWrite
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.headers import header_key
from crm_sheets.schema.labels import header_names
from crm_sheets.schema.layout import Layout, find_tabs
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.formats import cell_formats, is_date_format
from crm_sheets.sync.backends.xlsx.number_formats import give_formats
from crm_sheets.sync.backends.xlsx.padlock import Padlock
from crm_sheets.sync.backends.xlsx.reader import open_with_status, read_workbook
from crm_sheets.sync.backends.xlsx.replace import Backups, write_workbook
from crm_sheets.tables import Sheet, SheetRow, TabKey


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column that somebody added beside ours.

    Attributes:
        cells: by the hidden key of the row that they stand in.
        dates: whether numbers in it are shown as dates.
    """

    header: str
    cells: Mapping[str, CellValue]
    dates: bool


def own_columns(path: Path, tabs: Iterable[Tab]) -> dict[TabKey, tuple[OwnColumn, ...]]:
    """The columns of staff in a view, those with anything in them.

    Args:
        tabs: with all columns of the team's book, be they shown there or not: what is ours is nobody's own.

    Raises:
        WorkbookError: it cannot be read.
    """
    snapshot = read_workbook(path)
    found: dict[TabKey, tuple[OwnColumn, ...]] = {}
    known = list(tabs)
    for key, layout in find_tabs(snapshot.sheets, known, adopting=True).layouts.items():
        tab = next(each for each in known if each.key == key)
        formats = cell_formats(path, layout.sheet)
        columns = tuple(_columns(snapshot.sheets[layout.sheet], layout, tab, formats))
        if columns:
            found[key] = columns
    return found


def _columns(sheet: Sheet, layout: Layout, tab: Tab, formats: Mapping[tuple[int, int], str]) -> Iterable[OwnColumn]:
    header = next((row for row in sheet.rows if row.number == layout.header_row), None)
    witness = _witness_place(tab, layout)
    ours, taken = header_names(tab), set(layout.columns.values())
    for place, text in enumerate(header.cells if header else (), 1):
        if place in taken or not isinstance(text, str) or not text.strip() or header_key(text) in ours:
            continue
        below = [row for row in sheet.rows if row.number > layout.header_row]
        cells = {_text(row, witness): value for row in below if _is_plain(value := _cell(row, place))}
        cells.pop("", None)
        shown = [is_date_format(formats.get((row.number, place), "General")) for row in below if _cell(row, place)]
        if cells:
            yield OwnColumn(text, cells, any(shown))


def carry(
    columns: Mapping[TabKey, tuple[OwnColumn, ...]],
    path: Path,
    tabs: Iterable[Tab],
    backups: Backups,
    padlock: Padlock | None = None,
) -> int:
    """Puts columns behind ours into a view whose rows are written already; how many cells that were.

    A column whose header stands there is there already: it is left alone.

    Args:
        tabs: that the view has.
        padlock: opens and closes a view that has a password.

    Raises:
        WorkbookError: it cannot be written now.
    """
    package, _ = open_with_status(path, padlock=padlock)
    snapshot = read_workbook(path, padlock=padlock)
    edit, written = PackageEdit(package), 0
    known = {tab.key: tab for tab in tabs if tab.key in columns}
    for key, layout in find_tabs(snapshot.sheets, known.values(), adopting=True).layouts.items():
        tab = known[key]
        writes = _writes(snapshot.sheets[layout.sheet], layout, tab, columns[tab.key])
        values = {(write.row, write.column): write.value for write in writes}
        edit.set_cells(layout.sheet, values)
        give_formats(edit, layout.sheet, writes)
        written += len(values)
    if written:
        write_workbook(path, snapshot.fingerprint, edit, backups=backups, padlock=padlock)
    return written


def _writes(sheet: Sheet, layout: Layout, tab: Tab, columns: Iterable[OwnColumn]) -> list[CellWrite]:
    """The cells of all columns, headers first."""
    witness, place = _witness_place(tab, layout), layout.last_column
    header = next(row for row in sheet.rows if row.number == layout.header_row)
    there = {text_key(text) for text in header.cells if isinstance(text, str)}
    rows = {_text(row, witness): row.number for row in sheet.rows if row.number > layout.header_row}
    writes: list[CellWrite] = []
    for column in columns:
        if text_key(column.header) in there:
            continue
        place += 1
        kind = Kind.DATE if column.dates else Kind.TEXT
        writes.append(CellWrite(layout.header_row, place, column.header, Kind.TEXT))
        writes += [CellWrite(rows[key], place, value, kind) for key, value in column.cells.items() if key in rows]
    return writes


def _witness_place(tab: Tab, layout: Layout) -> int:
    return next((place for key, place in layout.columns.items() if tab.columns[key].kind is Kind.WITNESS), 0)


def _cell(row: SheetRow, place: int) -> CellValue:
    return row.cells[place - 1] if 0 < place <= len(row.cells) else None


def _text(row: SheetRow, place: int) -> str:
    value = _cell(row, place)
    return value if isinstance(value, str) else ""


def _is_plain(value: CellValue) -> bool:
    return value is not None and value != "" and not isinstance(value, (Formula, CellError))
