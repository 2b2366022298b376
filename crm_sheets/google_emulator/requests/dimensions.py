"""insertDimension, deleteDimension, moveDimension, appendDimension, updateDimensionProperties."""

from dataclasses import replace

from crm_sheets.google_emulator.areas import Area
from crm_sheets.google_emulator.discovery import sheets as document
from crm_sheets.google_emulator.json_values import Object, flag, optional_whole, part, text, whole
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.model.sheet import Column, Row, Sheet
from crm_sheets.google_emulator.protection import check_insertable
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.structure import append_lines, delete_lines, insert_lines, move_lines


def span_of(batch: Batch, given: Object) -> tuple[Sheet, str, int, int]:
    """A DimensionRange: its sheet, dimension, start and end; an open end is that of the grid.

    Raises:
        Refused: no sheet or dimension, or indexes that make no span.
    """
    sheet, dimension = batch.book.sheet(whole(given, "sheetId")), dimension_of(text(given, "dimension"))
    total = len(sheet.rows) if dimension == "ROWS" else len(sheet.columns)
    start, end = whole(given, "startIndex"), whole(given, "endIndex", total)
    if start < 0:
        raise Refused(f"range.startIndex[{start}] must not be negative.")
    if end < start:
        raise Refused(f"range.endIndex[{end}] cannot be less than range.startIndex[{start}]")
    return sheet, dimension, start, end


def dimension_of(given: str) -> str:
    """ROWS or COLUMNS; Refused for anything else."""
    if given not in ("ROWS", "COLUMNS"):
        raise Refused("No dimension specified.")
    return given


def lines_area(dimension: str, start: int, end: int) -> Area:
    """Whole rows or columns as an area."""
    return Area(top=start, bottom=end) if dimension == "ROWS" else Area(left=start, right=end)


def insert(batch: Batch, request: Object) -> Object | None:
    """Inserts empty rows or columns before the start of the range."""
    sheet, dimension, start, end = span_of(batch, part(request, "range"))
    total, from_before = len(sheet.rows if dimension == "ROWS" else sheet.columns), flag(request, "inheritFromBefore")
    if start > total:
        raise Refused(f"range.startIndex is larger than current grid size ({total})")
    if start == total and not from_before:
        raise Refused(f"range.startIndex must be less than the grid size ({total}) if inheritFromBefore is false.")
    if from_before and start == 0:
        raise Refused("range.startIndex must be greater than 0 if inheritFromBefore is true.")
    if batch.switches.protection_stops_insertion:
        check_insertable(sheet, dimension, start, user=batch.user, owner=batch.owner)
    insert_lines(batch.book, sheet, dimension, start, end - start, from_before=from_before)
    return None


def delete(batch: Batch, request: Object) -> Object | None:
    """Deletes rows or columns."""
    sheet, dimension, start, end = span_of(batch, part(request, "range"))
    batch.editing(sheet, lines_area(dimension, start, end))
    delete_lines(batch.book, sheet, dimension, start, end)
    return None


def move(batch: Batch, request: Object) -> Object | None:
    """Moves rows or columns to before an index that is counted before the move."""
    sheet, dimension, start, end = span_of(batch, part(request, "source"))
    total = len(sheet.rows) if dimension == "ROWS" else len(sheet.columns)
    to = whole(request, "destinationIndex")
    if end > total or not 0 <= to <= total:
        raise Refused(f"destinationIndex[{to}] or source[{start}-{end}] is outside of the grid.")
    batch.editing(sheet, lines_area(dimension, start, end))
    check_no_merge_is_torn(sheet, dimension, start, end)
    check_no_merge_is_torn(sheet, dimension, to, to)
    move_lines(batch.book, sheet, dimension, (start, end), to)
    return None


def check_no_merge_is_torn(sheet: Sheet, dimension: str, start: int, end: int) -> None:
    """Raises Refused when an edge of a span of rows or columns runs through a merged cell."""
    noun, keys = ("row", ("startRowIndex", "endRowIndex"))
    if dimension == "COLUMNS":
        noun, keys = "column", ("startColumnIndex", "endColumnIndex")
    for merge in sheet.features.get("merges", []):
        first, last = whole(merge, keys[0]), whole(merge, keys[1])
        if any(first < edge < last for edge in (start, end)):
            where = f"move a {noun} to a position that crosses a merged cell"
            raise Refused(f"Sorry, it is not possible to {where}. Please unmerge and try again.")


def append(batch: Batch, request: Object) -> Object | None:
    """Adds rows or columns at the end."""
    sheet, count = batch.book.sheet(whole(request, "sheetId")), whole(request, "length")
    if count < 1:
        raise Refused(f"length[{count}] must be greater than 0.")
    append_lines(batch.book, sheet, dimension_of(text(request, "dimension")), count)
    return None


def update(batch: Batch, request: Object) -> Object | None:
    """Changes size and visibility of rows or columns."""
    sheet, dimension, start, end = span_of(batch, part(request, "range"))
    mask = update_mask(document(), "DimensionProperties", text(request, "fields"))
    given = part(request, "properties")
    size = optional_whole(given, "pixelSize")
    if size is not None and size < 0:
        raise Refused("pixelSize must not be negative.")
    lines: list[Row] | list[Column] = sheet.rows if dimension == "ROWS" else sheet.columns
    if end > len(lines):
        raise Refused(f"range.endIndex[{end}] is outside of the grid.")
    for index in range(start, end):
        properties = updated(lines[index].properties or {}, given, mask)
        kept: Object = {key: value for key, value in properties.items() if value not in (False, None)}
        if dimension == "ROWS":
            sheet.rows[index] = replace(sheet.rows[index], properties=kept or None)
        else:
            sheet.columns[index] = replace(sheet.columns[index], properties=kept or None)
    return None


HANDLERS: dict[str, Handler] = {
    "insertDimension": insert,
    "deleteDimension": delete,
    "moveDimension": move,
    "appendDimension": append,
    "updateDimensionProperties": update,
}
