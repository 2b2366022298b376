"""Tables: a range with a header, named columns, and types of columns."""

from dataclasses import replace
from typing import Final

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Box, grid_range
from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import entries, find, needed, overlap
from crm_sheets.google_emulator.json_values import Json, Object, part, parts, text, whole
from crm_sheets.google_emulator.masks import Tree, update_mask, updated
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import BLANK
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

FEATURE: Final = "tables"


def add_table(batch: Batch, request: Object) -> Object:
    """AddTableRequest: columns that it does not name are called as their headers are, empty ones `Column 1`."""
    given = part(request, "table")
    box = box_of(batch.book, part(given, "range"))
    batch.editing_box(box)
    table_id = text(given, "tableId") or str(batch.ids.randrange(1, 1 << 31))
    if find(batch.book, FEATURE, "tableId", table_id):
        raise Refused(f"A table with id {table_id} already exists.")
    table: Object = {**given, "tableId": table_id, "range": grid_range(box)}
    table.setdefault("name", _free_name(batch.book))
    _check(batch.book, table)
    entries(box.sheet, FEATURE).append(_with_columns(table, box, named=False))
    return {"table": entries(box.sheet, FEATURE)[-1]}


def update_table(batch: Batch, request: Object) -> None:
    """UpdateTableRequest; a list of columns replaces the old one whole."""
    given = part(request, "table")
    tree: Tree = update_mask(sheets(), "Table", text(request, "fields"))
    place = needed(batch.book, FEATURE, "tableId", text(given, "tableId"), "table")
    table: Object = {**updated(place.entry, given, tree), "tableId": text(given, "tableId")}
    box = box_of(batch.book, part(table, "range"))
    if box.sheet is not place.sheet:
        raise Refused("A table cannot be moved to another sheet.")
    table["range"] = grid_range(box)
    _check(batch.book, table)
    place.replace(_with_columns(table, box, named="columnProperties" in tree or "*" in tree))


def delete_table(batch: Batch, request: Object) -> None:
    """DeleteTableRequest: the table and what stands in it."""
    place = needed(batch.book, FEATURE, "tableId", text(request, "tableId"), "table")
    box = box_of(batch.book, part(place.entry, "range"))
    batch.editing_box(box)
    place.remove()
    for row in range(box.top, box.bottom):
        filled = (column for column in range(box.left, box.right) if box.sheet.cell(row, column) is not None)
        box.sheet.put(row, dict.fromkeys(filled))


def _free_name(book: Book) -> str:
    return next(
        f"Table{number}" for number in range(1, 10_000) if find(book, FEATURE, "name", f"Table{number}") is None
    )


def _check(book: Book, table: Object) -> None:
    area, table_id = part(table, "range"), text(table, "tableId")
    for sheet in book.sheets:
        for other in sheet.features.get(FEATURE, ()):
            if text(other, "tableId") == table_id:
                continue
            if text(other, "name") == text(table, "name"):
                raise Refused(f"A table with the name {text(table, 'name')} already exists.")
            if overlap(part(other, "range"), area):
                raise Refused("A table cannot overlap with another table.")
    for column in parts(table, "columnProperties"):
        _check_column(column, whole(area, "endColumnIndex") - whole(area, "startColumnIndex"))


def _check_column(column: Object, width: int) -> None:
    if not 0 <= whole(column, "columnIndex") < width:
        raise Refused(f"Column index {whole(column, 'columnIndex')} is outside of the table.")
    condition = part(part(column, "dataValidationRule"), "condition")
    dropdown = text(column, "columnType") == "DROPDOWN"
    if dropdown and not condition:
        raise Refused("Condition must be set for dropdown column type.")
    if condition and not dropdown:
        raise Refused("Cannot set condition for non-dropdown column type.")


def _with_columns(table: Object, box: Box, *, named: bool) -> Object:
    """An entry for every column; a name that is given is written into the header, one that is not is read from it."""
    given = {whole(column, "columnIndex"): column for column in parts(table, "columnProperties")}
    columns: list[Json] = []
    for place in range(box.right - box.left):
        column = given.get(place, {})
        if named and column and not text(column, "columnName"):
            raise Refused("Table header row cell must have a value.")
        name = text(column, "columnName") or _header(box, place) or f"Column {place + 1}"
        cell = box.sheet.cell(box.top, box.left + place) or BLANK
        box.sheet.put(box.top, {box.left + place: replace(cell, value=name, formula=None)})
        columns.append({**column, **({"columnIndex": place} if place else {}), "columnName": name})
    return {**table, "columnProperties": columns}


def _header(box: Box, place: int) -> str:
    cell = box.sheet.cell(box.top, box.left + place)
    return "" if cell is None or cell.value is None else str(cell.value)


HANDLERS: dict[str, Handler] = {
    "addTable": add_table,
    "updateTable": update_table,
    "deleteTable": delete_table,
}
