"""duplicateSheet, and copies of a sheet in general."""

from collections.abc import Callable
from dataclasses import replace

from crm_sheets.google_emulator.following import rewrite_features
from crm_sheets.google_emulator.json_values import Json, Object, optional_whole, text, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.requests.sheets import check_title, insert_sheet

_NUMBERS = ("protectedRangeId", "chartId", "filterViewId", "bandedRangeId", "slicerId")


def duplicate(batch: Batch, request: Object) -> Object | None:
    """A copy of a sheet within the book, at an index (the first place without one)."""
    book, source = batch.book, batch.book.sheet(whole(request, "sourceSheetId"), "sheet")
    title = text(request, "newSheetName") or copy_title(book, source.title)
    check_title(book, title)
    number = batch.new_id(_taken(book), optional_whole(request, "newSheetId"), "sheet")
    sheet = copied(batch, source, number, title)
    insert_sheet(book, sheet, whole(request, "insertSheetIndex"))
    return {"properties": sheet.described(book.index(sheet))}


def _taken(book: Book) -> Callable[[int], bool]:
    return lambda number: any(sheet.sheet_id == number for sheet in book.sheets)


def copied(batch: Batch, source: Sheet, sheet_id: int, title: str) -> Sheet:
    """A copy under another id and title, its objects with new ids; metadata stays with the original."""
    sheet = replace(source.copy(), sheet_id=sheet_id, title=title, metadata=())
    sheet.rows = [replace(row, metadata=()) if row.metadata else row for row in sheet.rows]
    sheet.columns = [replace(column, metadata=()) if column.metadata else column for column in sheet.columns]

    def on_the_copy(schema: str, value: Object) -> Object:
        own = schema != "ConditionValue" and whole(value, "sheetId") == source.sheet_id
        return value | {"sheetId": sheet_id} if own else value

    rewrite_features(sheet, on_the_copy)
    for name, entries in sheet.features.items():
        sheet.features[name] = [_with_new_ids(batch, entry) for entry in entries]
    return sheet


def _with_new_ids(batch: Batch, entry: Object) -> Object:
    new: dict[str, Json] = {key: batch.ids.randrange(1, 1 << 31) for key in _NUMBERS if key in entry}
    if "tableId" in entry:
        new["tableId"] = str(batch.ids.randrange(1, 1 << 31))
    return entry | new


def copy_title(book: Book, title: str) -> str:
    """ "Copy of X", with a number when that is taken."""
    wanted, number = f"Copy of {title}", 1
    while book.titled(wanted if number == 1 else f"{wanted} {number}") is not None:
        number += 1
    return wanted if number == 1 else f"{wanted} {number}"


HANDLERS: dict[str, Handler] = {"duplicateSheet": duplicate}
