"""Where values.append writes: below the table that its range touches.

https://developers.google.com/sheets/api/guides/values#append_values
"""

from dataclasses import dataclass

from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.structure import append_lines, insert_lines


@dataclass(frozen=True, slots=True)
class Place:
    """The first cell to write into, and the table above it, if any."""

    sheet: Sheet
    row: int
    column: int
    table: Area | None


def append_place(box: Box) -> Place:
    """Below the last table with cells in a box; the first cell of the box when there is none."""
    seed = _last_filled(box)
    if seed is None:
        return Place(box.sheet, box.top, box.left, None)
    table = _region(box.sheet, *seed)
    return Place(box.sheet, table.bottom, table.left, Area(table.top, table.bottom, table.left, table.right))


def _filled(sheet: Sheet, row: int, left: int, right: int) -> bool:
    cells = sheet.rows[row].cells[max(left, 0) : right]
    return any(cell is not None and cell.has_content for cell in cells)


def _last_filled(box: Box) -> tuple[int, int] | None:
    for row in range(box.bottom - 1, box.top - 1, -1):
        if _filled(box.sheet, row, box.left, box.right):
            columns = range(box.left, box.right)
            return row, next(column for column in columns if _filled(box.sheet, row, column, column + 1))
    return None


def _region(sheet: Sheet, row: int, column: int) -> Box:
    """The block of cells round a cell that no empty row and no empty column divides."""
    box = Box(sheet, row, row + 1, column, column + 1)
    while True:
        grown = _grown(box)
        if grown == box:
            return box
        box = grown


def _grown(box: Box) -> Box:
    """A box with the rows and columns beside it that hold something, corners included."""
    sheet, top, bottom, left, right = box.sheet, box.top, box.bottom, box.left, box.right
    while top > 0 and _filled(sheet, top - 1, left - 1, right + 1):
        top -= 1
    while bottom < len(sheet.rows) and _filled(sheet, bottom, left - 1, right + 1):
        bottom += 1
    rows = range(max(top - 1, 0), min(bottom + 1, len(sheet.rows)))
    while left > 0 and any(_filled(sheet, row, left - 1, left) for row in rows):
        left -= 1
    while any(_filled(sheet, row, right, right + 1) for row in rows):
        right += 1
    return Box(sheet, top, bottom, left, right)


def make_room(book: Book, place: Place, count: int, *, insert: bool) -> None:
    """Inserts rows below the table, or adds those that the grid lacks."""
    sheet = place.sheet
    if insert and place.table is not None and place.row < len(sheet.rows):
        insert_lines(book, sheet, "ROWS", place.row, count, from_before=True)
    append_lines(book, sheet, "ROWS", max(0, place.row + count - len(sheet.rows)))
