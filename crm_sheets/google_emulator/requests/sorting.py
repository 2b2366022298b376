"""sortRange."""

from dataclasses import replace

from crm_sheets.google_emulator.a1 import box_of, written
from crm_sheets.google_emulator.areas import Area, Box, area_of
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.formulas.moving import shifted
from crm_sheets.google_emulator.formulas.operands import rank
from crm_sheets.google_emulator.json_values import Object, flag, part, parts, text, whole
from crm_sheets.google_emulator.model.cell import Cell, Scalar
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.protection import intersects
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler


def sort_range(batch: Batch, request: Object) -> Object | None:
    """Sorts the rows of a range by its columns; empty cells come last in either order, equal rows stay in order.

    Columns are named by their index on the sheet. Rows that are hidden stay where they are. Whether developer metadata
    of rows follows is a switch.
    """
    box, specs = _box(batch, part(request, "range")), parts(request, "sortSpecs")
    if not specs:
        raise Refused("Must specify at least one sort spec.")
    batch.editing_box(box)
    _check_merges(box)
    shown = [row for row in range(box.top, box.bottom) if not _hidden(box.sheet, row)]
    order = sorted_rows(Calculator(batch.book), box, shown, specs)
    arrange(box, shown, order, with_metadata=batch.switches.metadata_follows_sort)
    return None


def randomize_range(batch: Batch, request: Object) -> None:
    """randomizeRange: the rows of a range in any order."""
    box = box_of(batch.book, part(request, "range"))
    batch.editing_box(box)
    order = list(range(box.top, box.bottom))
    batch.ids.shuffle(order)
    arrange(box, list(range(box.top, box.bottom)), order, with_metadata=batch.switches.metadata_follows_sort)


def _box(batch: Batch, grid: Object) -> Box:
    sheet, start = batch.book.sheet(whole(grid, "sheetId")), whole(grid, "startRowIndex")
    if start >= len(sheet.rows):
        raise Refused(f"range.startRowIndex is larger than current grid size ({len(sheet.rows)})")
    return box_of(batch.book, grid)


def _hidden(sheet: Sheet, row: int) -> bool:
    properties = sheet.rows[row].properties or {}
    return flag(properties, "hiddenByUser") or flag(properties, "hiddenByFilter")


def _check_merges(box: Box) -> None:
    for merge in box.sheet.features.get("merges", []):
        if whole(merge, "endRowIndex") - whole(merge, "startRowIndex") > 1 and intersects(
            area_of(merge), Area(box.top, box.bottom, box.left, box.right)
        ):
            place = written(box.sheet.title, area_of(merge)).rpartition("!")[2]
            raise Refused(f"You can't sort a range containing vertical merges. There is a vertical merge at {place}")


def sorted_rows(calculator: Calculator, box: Box, rows: list[int], specs: list[Object]) -> list[int]:
    """Rows of a box in sorted order."""
    order = list(rows)
    for spec in reversed(specs):
        column, down = whole(spec, "dimensionIndex"), text(spec, "sortOrder") == "DESCENDING"
        if not box.left <= column < box.right:
            raise Refused(f"dimensionIndex[{column}] is outside of the range to be sorted.")
        values = {row: _value(calculator, box, row, column) for row in order}
        filled = [row for row in order if values[row] is not None]
        filled.sort(key=lambda row, values=values: rank(values[row]), reverse=down)  # type: ignore[misc]
        order = filled + [row for row in order if values[row] is None]
    return order


def _value(calculator: Calculator, box: Box, row: int, column: int) -> Scalar:
    return calculator.value(box.sheet.cell(row, column), (box.sheet.sheet_id, row, column))


def arrange(box: Box, places: list[int], order: list[int], *, with_metadata: bool) -> None:
    """Puts rows of a box into the places of the same rows in another order; only the cells of the box move."""
    sheet, old = box.sheet, {index: box.sheet.rows[index] for index in order}
    for place, source in zip(places, order, strict=True):
        columns = range(box.left, min(box.right, max(len(old[source].cells), len(old[place].cells))))
        sheet.put(place, {column: _at(old[source].cell(column), place - source) for column in columns})
        if with_metadata:
            sheet.rows[place] = replace(sheet.rows[place], metadata=old[source].metadata)


def _at(cell: Cell | None, down: int) -> Cell | None:
    if cell is None or cell.formula is None:
        return cell
    return replace(cell, formula=shifted(cell.formula, down, 0))


HANDLERS: dict[str, Handler] = {"sortRange": sort_range, "randomizeRange": randomize_range}
