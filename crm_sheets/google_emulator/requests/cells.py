"""updateCells, appendCells, repeatCell."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.discovery import sheets as document
from crm_sheets.google_emulator.formulas.moving import canonical, shifted
from crm_sheets.google_emulator.json_values import Object, part, parts, text, whole
from crm_sheets.google_emulator.masks import Tree, update_mask, updated
from crm_sheets.google_emulator.model.cell import BLANK, MAX_CHARACTERS, Cell, cell_from_data, without_runs
from crm_sheets.google_emulator.model.sheet import EMPTY_COLUMN, EMPTY_ROW, Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

TOO_LONG = f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell."


def update_cells(batch: Batch, request: Object) -> Object | None:
    """Writes the fields that the mask names; within a range, cells that no data is given for are cleared of them."""
    mask = _mask(request)
    rows = [parts(row, "values") for row in parts(request, "rows")]
    if "start" in request:
        box = _from_start(batch, part(request, "start"), rows)
    elif "range" in request:
        box = box_of(batch.book, part(request, "range"))
        _check_fits(box, rows)
    else:
        raise Refused("Must specify a start or a range.")
    batch.editing_box(box)
    for offset in range(box.bottom - box.top):
        given = rows[offset] if offset < len(rows) else []
        width = box.right - box.left if "range" in request else len(given)
        _write(batch, box.sheet, (box.top + offset, box.left), _filled(given, width), mask)
    return None


def _mask(request: Object) -> Tree:
    return update_mask(document(), "CellData", text(request, "fields"))


def _from_start(batch: Batch, start: Object, rows: list[list[Object]]) -> Box:
    sheet = batch.book.sheet(whole(start, "sheetId"))
    top, left = whole(start, "rowIndex"), whole(start, "columnIndex")
    if top >= len(sheet.rows):
        raise Refused(f"GridCoordinate.rowIndex[{top}] is after last row in grid[{len(sheet.rows) - 1}]")
    if left >= len(sheet.columns):
        raise Refused(f"GridCoordinate.columnIndex[{left}] is after last column in grid[{len(sheet.columns) - 1}]")
    box = Box(sheet, top, len(sheet.rows), left, len(sheet.columns))
    _check_fits(box, rows)
    return Box(sheet, top, top + len(rows), left, left + max(map(len, rows), default=0))


def _check_fits(box: Box, rows: list[list[Object]]) -> None:
    if box.top + len(rows) > box.bottom:
        raise Refused(f"Attempting to write row: {box.bottom}, beyond the last requested row of: {box.bottom - 1}")
    if any(box.left + len(row) > box.right for row in rows):
        raise Refused(f"Attempting to write column: {box.right}, beyond the last requested column of: {box.right - 1}")


def _filled(given: list[Object], width: int) -> Iterator[Object]:
    for index in range(width):
        yield given[index] if index < len(given) else {}


def _write(batch: Batch, sheet: Sheet, place: tuple[int, int], cells: Iterator[Object], mask: Tree) -> None:
    row, left = place
    old = sheet.rows[row]
    new = {left + index: masked_cell(old.cell(left + index), data, mask) for index, data in enumerate(cells)}
    sheet.put(row, {column: _tidy(batch, cell) for column, cell in new.items()})


def _tidy(batch: Batch, cell: Cell | None) -> Cell | None:
    if cell is None or cell.formula is None:
        return cell
    return replace(cell, formula=canonical(cell.formula, batch.book))


def masked_cell(old: Cell | None, data: Object, mask: Tree) -> Cell | None:
    """A cell with the fields of the mask taken from CellData.

    Raises:
        Refused: more text than a cell holds.
    """
    base = old or BLANK
    if "userEnteredValue" in mask and "userEnteredValue" in data:
        base = without_runs(base)
    cell = cell_from_data(updated(base.data(), data, mask))
    content = "" if cell is None else cell.formula or cell.value
    if isinstance(content, str) and len(content) > MAX_CHARACTERS:
        raise Refused(TOO_LONG)
    return cell


def append_cells(batch: Batch, request: Object) -> Object | None:
    """Writes below the last row that holds anything; the grid grows where it ends."""
    mask = _mask(request)
    sheet = batch.book.sheet(whole(request, "sheetId"))
    rows = [parts(row, "values") for row in parts(request, "rows")]
    top, width = sheet.content_end(), max(map(len, rows), default=0)
    grow(batch, sheet, top + len(rows), width)
    batch.editing(sheet, Area(top, top + len(rows), 0, width))
    for offset, row in enumerate(rows):
        _write(batch, sheet, (top + offset, 0), iter(row), mask)
    return None


def grow(batch: Batch, sheet: Sheet, rows: int, columns: int) -> None:
    """Adds rows and columns at the end until the grid has so many."""
    sheet.rows += [EMPTY_ROW] * (rows - len(sheet.rows))
    sheet.columns += [EMPTY_COLUMN] * (columns - len(sheet.columns))
    batch.book.check_size()


def repeat_cell(batch: Batch, request: Object) -> Object | None:
    """Writes one cell's fields into each cell of a range; formulas shift as when they are copied."""
    mask, box, data = _mask(request), box_of(batch.book, part(request, "range")), part(request, "cell")
    batch.editing_box(box)
    formula = text(part(data, "userEnteredValue"), "formulaValue")
    formula = canonical(formula, batch.book) if formula else ""
    for row in range(box.top, box.bottom):
        old = box.sheet.rows[row]
        new: Mapping[int, Cell | None] = {
            column: masked_cell(old.cell(column), _shifted(data, formula, row - box.top, column - box.left), mask)
            for column in range(box.left, box.right)
        }
        box.sheet.put(row, new)
    return None


def _shifted(data: Object, formula: str, down: int, right: int) -> Object:
    if not formula:
        return data
    return data | {"userEnteredValue": {"formulaValue": shifted(formula, down, right)}}


HANDLERS: dict[str, Handler] = {
    "updateCells": update_cells,
    "appendCells": append_cells,
    "repeatCell": repeat_cell,
}
