"""Data validation. Programs may write past it; people are stopped by what is strict."""

from dataclasses import replace
from typing import Final

from crm_sheets.google_emulator.a1 import box_of, parse
from crm_sheets.google_emulator.areas import Box, grid_range
from crm_sheets.google_emulator.conditions import check_condition
from crm_sheets.google_emulator.features import overlap
from crm_sheets.google_emulator.json_values import Object, flag, part, parts, text
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import BLANK, Cell
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

FIELD: Final = "dataValidation"


def set_validation(batch: Batch, request: Object) -> None:
    """SetDataValidationRequest; without a rule it clears. Rows that a filter hides are left out unless asked for."""
    box, rule = box_of(batch.book, part(request, "range")), part(request, "rule")
    batch.editing_box(box)
    _refuse_typed_columns(box)
    if rule:
        check_rule(batch.book, rule)
    for row in range(box.top, box.bottom):
        hidden = (box.sheet.rows[row].properties or {}).get("hiddenByFilter") is True
        if not hidden or flag(request, "filteredRowsIncluded"):
            cells = ((column, box.sheet.cell(row, column)) for column in range(box.left, box.right))
            box.sheet.put(row, {column: _with_rule(cell, rule) for column, cell in cells})


def check_rule(book: Book, rule: Object) -> None:
    """Refuses a rule whose condition may not stand here, or names a range that is none."""
    condition = part(rule, "condition")
    check_condition(condition, "V")
    if text(condition, "type") == "ONE_OF_RANGE":
        parse(book, text(parts(condition, "values")[0], "userEnteredValue").removeprefix("="))


def _with_rule(cell: Cell | None, rule: Object) -> Cell | None:
    rest = {key: value for key, value in ((cell.rest if cell else None) or {}).items() if key != FIELD}
    if rule:
        rest[FIELD] = rule
    changed = replace(cell or BLANK, rest=rest or None)
    return None if changed == BLANK else changed


def _refuse_typed_columns(box: Box) -> None:
    for table in box.sheet.features.get("tables", ()):
        left = part(table, "range").get("startColumnIndex")
        for column in parts(table, "columnProperties"):
            start = (left if isinstance(left, int) else 0) + int(str(column.get("columnIndex", 0)))
            area: Object = {**part(table, "range"), "startColumnIndex": start, "endColumnIndex": start + 1}
            if "columnType" in column and overlap(area, grid_range(box)):
                raise Refused("This operation is not allowed on cells in typed columns")


HANDLERS: dict[str, Handler] = {
    "setDataValidation": set_validation,
}
