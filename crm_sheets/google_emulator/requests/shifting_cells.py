"""insertRange, deleteRange: cells that shift within a band of columns or rows."""

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.following import follow
from crm_sheets.google_emulator.json_values import Object, part, text
from crm_sheets.google_emulator.model.cell import Cell
from crm_sheets.google_emulator.model.sheet import Row, Sheet
from crm_sheets.google_emulator.model.shifts import Change, Deleted, Inserted
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.requests.dimensions import dimension_of
from crm_sheets.google_emulator.structure import append_lines


def insert(batch: Batch, request: Object) -> Object | None:
    """Makes room for cells; those below or to the right give way, and the grid grows for what it would lose."""
    box, dimension = box_of(batch.book, part(request, "range")), dimension_of(text(request, "shiftDimension"))
    batch.editing(box.sheet, _affected(box, dimension))
    if dimension == "ROWS":
        _shift_down(batch, box)
    else:
        _shift_right(batch, box)
    follow(batch.book, _change(box, dimension, inserted=True))
    return None


def delete(batch: Batch, request: Object) -> Object | None:
    """Takes cells out; those below or to the right move up."""
    box, dimension = box_of(batch.book, part(request, "range")), dimension_of(text(request, "shiftDimension"))
    batch.editing(box.sheet, _affected(box, dimension))
    if dimension == "ROWS":
        _shift_up(box.sheet, box)
    else:
        for index in range(box.top, box.bottom):
            row = box.sheet.rows[index]
            box.sheet.rows[index] = row.with_cells(row.cells[: box.left] + row.cells[box.right :])
    follow(batch.book, _change(box, dimension, inserted=False))
    return None


def _affected(box: Box, dimension: str) -> Area:
    if dimension == "ROWS":
        return Area(box.top, None, box.left, box.right)
    return Area(box.top, box.bottom, box.left, None)


def _change(box: Box, dimension: str, *, inserted: bool) -> Change:
    start, end = (box.top, box.bottom) if dimension == "ROWS" else (box.left, box.right)
    band = (box.left, box.right) if dimension == "ROWS" else (box.top, box.bottom)
    return Change(
        box.sheet.sheet_id, dimension, Inserted(start, end - start) if inserted else Deleted(start, end), band
    )


def _band(row: Row, box: Box) -> dict[int, Cell | None]:
    return {column: row.cell(column) for column in range(box.left, box.right)}


def _shift_down(batch: Batch, box: Box) -> None:
    sheet, height = box.sheet, box.bottom - box.top
    bands = [_band(row, box) for row in sheet.rows[box.top :]]
    filled = max((index + 1 for index, band in enumerate(bands) if any(band.values())), default=0)
    missing = box.top + filled + height - len(sheet.rows)
    if missing > 0:
        append_lines(batch.book, sheet, "ROWS", missing)
    empty: dict[int, Cell | None] = dict.fromkeys(range(box.left, box.right))
    for index, band in enumerate([empty] * height + bands):
        if box.top + index < len(sheet.rows):
            sheet.put(box.top + index, band)


def _shift_up(sheet: Sheet, box: Box) -> None:
    height = box.bottom - box.top
    bands = [_band(row, box) for row in sheet.rows[box.bottom :]]
    empty: dict[int, Cell | None] = dict.fromkeys(range(box.left, box.right))
    for index, band in enumerate(bands + [empty] * height):
        sheet.put(box.top + index, band)


def _shift_right(batch: Batch, box: Box) -> None:
    sheet, width = box.sheet, box.right - box.left
    rows = sheet.rows[box.top : box.bottom]
    longest = max((len(row.cells) + width for row in rows if len(row.cells) > box.left), default=0)
    if longest > len(sheet.columns):
        append_lines(batch.book, sheet, "COLUMNS", longest - len(sheet.columns))
    for index in range(box.top, box.bottom):
        cells = sheet.rows[index].cells
        if len(cells) > box.left:
            sheet.rows[index] = sheet.rows[index].with_cells(cells[: box.left] + (None,) * width + cells[box.left :])


HANDLERS: dict[str, Handler] = {"insertRange": insert, "deleteRange": delete}
