"""Requests of spreadsheets.batchUpdate, as far as a write needs them. Places are 1-based here and 0-based there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from crm_sheets.cells import CellValue
from crm_sheets.projection import CellWrite
from crm_sheets.schema.base import Kind
from crm_sheets.sync.backends.google.values import to_cell

Request: TypeAlias = dict[str, Any]

VALUE = "userEnteredValue"
FORMATTED = "userEnteredValue,userEnteredFormat.numberFormat"
FORMATS: Mapping[Kind, Request] = {
    Kind.DATE: {"type": "DATE", "pattern": "yyyy-mm-dd"},
    Kind.DATETIME: {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"},
    Kind.PERCENT: {"type": "PERCENT", "pattern": "0%"},
    Kind.RATIO: {"type": "PERCENT", "pattern": "0%"},
}
"""Of numbers that would not be read as what they are without one."""


def area(sheet: int, row: int, column: int, last_row: int, last_column: int) -> Request:
    """A GridRange; both ends count."""
    return {
        "sheetId": sheet,
        "startRowIndex": row - 1,
        "endRowIndex": last_row,
        "startColumnIndex": column - 1,
        "endColumnIndex": last_column,
    }


def add_service_sheet(operation: int, title: str, rows: int, columns: int) -> Request:
    """A hidden sheet for the stamp and the journal."""
    grid = {"rowCount": rows, "columnCount": columns}
    properties = {"sheetId": operation, "title": title, "hidden": True, "gridProperties": grid}
    return {"addSheet": {"properties": properties}}


def protect(sheet: int, account: str) -> Request:
    """Lets nobody write into a sheet but an account, and the owner, whom nobody can keep out."""
    editors = {"users": [account], "domainUsersCanEdit": False}
    protected = {"range": {"sheetId": sheet}, "description": "crm_sheets", "editors": editors}
    return {"addProtectedRange": {"protectedRange": protected}}


def delete_sheet(sheet: int) -> Request:
    """Takes a sheet away; the batch fails when it is not there."""
    return {"deleteSheet": {"sheetId": sheet}}


def rename_sheet(sheet: int, title: str) -> Request:
    """Gives a sheet another title."""
    return {"updateSheetProperties": {"properties": {"sheetId": sheet, "title": title}, "fields": "title"}}


def clear(sheet: int) -> Request:
    """Leaves nothing in a sheet."""
    return {"updateCells": {"range": {"sheetId": sheet}, "fields": "*"}}


def grow(sheet: int, dimension: str, length: int) -> Request:
    """Adds rows or columns at the end."""
    return {"appendDimension": {"sheetId": sheet, "dimension": dimension, "length": length}}


def copy(source: Request, target: Request) -> Request:
    """Copies an area with everything that its cells have."""
    return {"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}}


def copy_looks(source: Request, target: Request) -> Request:
    """Gives an area the formats and drop-downs of another."""
    return {"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_FORMAT"}}


def grow_alike(sheet: int, rows: int, columns: int, length: int) -> list[Request]:
    """Adds rows at the end of a grid of so many rows, which look like the last one."""
    look = area(sheet, rows, 1, rows, columns)
    return [grow(sheet, "ROWS", length), copy_looks(look, area(sheet, rows + 1, 1, rows + length, columns))]


def put(sheet: int, row: int, column: int, rows: Sequence[Sequence[Request]], fields: str = VALUE) -> Request:
    """Writes a rectangle of CellData."""
    place = area(sheet, row, column, row + len(rows) - 1, column + len(rows[0]) - 1)
    return {"updateCells": {"range": place, "rows": [{"values": list(cells)} for cells in rows], "fields": fields}}


def put_values(sheet: int, row: int, column: int, rows: Sequence[Sequence[CellValue]]) -> Request:
    """Writes a rectangle of values."""
    return put(sheet, row, column, [[to_cell(value) for value in cells] for cells in rows])


def move_rows(sheet: int, first: int, last: int, behind: int) -> Request:
    """Moves rows to just behind another one; formulas that name them go on naming them."""
    source = {"sheetId": sheet, "dimension": "ROWS", "startIndex": first - 1, "endIndex": last}
    return {"moveDimension": {"source": source, "destinationIndex": behind}}


def give_format(sheet: int, row: int, column: int, shown: Request) -> Request:
    """Gives a cell a number format."""
    cell = {"userEnteredFormat": {"numberFormat": shown}}
    return put(sheet, row, column, [[cell]], "userEnteredFormat.numberFormat")


def append(sheet: int, rows: Sequence[Mapping[int, CellValue]]) -> Request:
    """Adds rows behind the last one that has anything, making room where there is none."""
    last = max(max(cells) for cells in rows)
    made = [{"values": [to_cell(cells.get(column)) for column in range(1, last + 1)]} for cells in rows]
    return {"appendCells": {"sheetId": sheet, "rows": made, "fields": VALUE}}


def runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Rows that follow each other, as first and last; `rows` ascend."""
    first = last = 0
    for row in rows:
        if first and row == last + 1:
            last = row
            continue
        if first:
            yield first, last
        first = last = row
    if first:
        yield first, last


def put_cells(sheet: int, writes: Iterable[CellWrite]) -> Iterator[Request]:
    """Writes cells, and nothing between them: neighbours in one request, rows with the same neighbours in one, too."""
    block: list[list[Request]] = []
    place: tuple[int, int, int, str] | None = None  # first row, column, width, fields
    for row, column, cells, fields in _strips(sorted(writes, key=lambda write: (write.row, write.column))):
        if place is not None and place[1:] == (column, len(cells), fields) and row == place[0] + len(block):
            block.append(cells)
            continue
        if place is not None:
            yield put(sheet, place[0], place[1], block, place[3])
        place, block = (row, column, len(cells), fields), [cells]
    if place is not None:
        yield put(sheet, place[0], place[1], block, place[3])


def _strips(writes: Sequence[CellWrite]) -> Iterator[tuple[int, int, list[Request], str]]:
    """Neighbours of one row: row, first column, cells, fields."""
    strip: list[Request] = []
    at: tuple[int, int, str] | None = None
    for write in writes:
        cell, fields = _cell(write)
        if at is not None and at == (write.row, write.column - len(strip), fields):
            strip.append(cell)
            continue
        if at is not None:
            yield at[0], at[1], strip, at[2]
        at, strip = (write.row, write.column, fields), [cell]
    if at is not None:
        yield at[0], at[1], strip, at[2]


def _cell(write: CellWrite) -> tuple[Request, str]:
    """A cell, with a number format where a date takes the place of what was none."""
    cell, shown = to_cell(write.value), FORMATS.get(write.kind)
    number = isinstance(write.value, (int, float)) and not isinstance(write.value, bool)
    if shown is None or not number or (isinstance(write.old, (int, float)) and not isinstance(write.old, bool)):
        return cell, VALUE
    return {**cell, "userEnteredFormat": {"numberFormat": shown}}, FORMATTED


def sheets_of(made: Iterable[Request]) -> Iterator[int]:
    """Ids of the sheets that requests make, enlarge, or draw charts in."""
    for request in made:
        for kind, told in request.items():
            if kind == "addSheet":
                yield told["properties"]["sheetId"]
            elif kind == "appendDimension":
                yield told["sheetId"]
            elif kind == "addChart":
                yield told["chart"]["position"]["overlayPosition"]["anchorCell"]["sheetId"]
