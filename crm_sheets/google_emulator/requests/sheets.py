"""addSheet, deleteSheet, updateSheetProperties."""

from crm_sheets.google_emulator.areas import Area
from crm_sheets.google_emulator.discovery import sheets as document
from crm_sheets.google_emulator.following import forget, retitle
from crm_sheets.google_emulator.json_values import Object, flag, optional_whole, part, text, whole
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import EMPTY_COLUMN, EMPTY_ROW, Sheet, blank_sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

_OWN = ("sheetId", "title", "index", "sheetType", "gridProperties")
_DERIVED = ("rowCount", "columnCount")


def add_sheet(batch: Batch, request: Object) -> Object | None:
    """A new sheet, 1000 rows by 26 columns unless it says otherwise, at the end or at its index."""
    given, book = part(request, "properties"), batch.book
    if text(given, "sheetType", "GRID") != "GRID":
        raise Refused(f"Sheets of type {text(given, 'sheetType')} cannot be added.")
    title = text(given, "title") or free_title(book)
    check_title(book, title)
    sheet_id = batch.new_id(lambda number: _taken(book, number), optional_whole(given, "sheetId"), "sheet")
    grid = part(given, "gridProperties")
    sheet = blank_sheet(sheet_id, title, whole(grid, "rowCount", 1000), whole(grid, "columnCount", 26))
    sheet.properties = {key: value for key, value in given.items() if key not in _OWN}
    kept: Object = {key: value for key, value in grid.items() if key not in _DERIVED}
    if kept:
        sheet.properties["gridProperties"] = kept
    insert_sheet(book, sheet, optional_whole(given, "index"))
    return {"properties": sheet.described(book.index(sheet))}


def insert_sheet(book: Book, sheet: Sheet, index: int | None) -> None:
    """Puts a sheet at an index, at the end when there is none, and checks the size of the book."""
    if index is not None and not 0 <= index <= len(book.sheets):
        raise Refused(f"Sheet index {index} is out of range.")
    book.sheets.insert(len(book.sheets) if index is None else index, sheet)
    book.check_size()


def check_title(book: Book, title: str, sheet: Sheet | None = None) -> None:
    """Raises Refused for a title that another sheet has."""
    other = book.titled(title)
    if other is not None and (sheet is None or other.sheet_id != sheet.sheet_id):
        raise Refused(f'A sheet with the name "{title}" already exists. Please enter another name.')
    if len(title) > 100:
        raise Refused("The sheet name cannot be greater than 100 characters.")


def free_title(book: Book) -> str:
    """ "Sheet2" and so on: the first that is free."""
    number = len(book.sheets) + 1
    while book.titled(f"Sheet{number}") is not None:
        number += 1
    return f"Sheet{number}"


def _taken(book: Book, sheet_id: int) -> bool:
    return any(sheet.sheet_id == sheet_id for sheet in book.sheets)


def delete_sheet(batch: Batch, request: Object) -> Object | None:
    """Deletes a sheet; the last one that is seen stays."""
    sheet, book = batch.book.sheet(whole(request, "sheetId"), "sheet"), batch.book
    batch.editing(sheet, Area())
    book.sheets.pop(book.index(sheet))
    if not any(not flag(other.properties, "hidden") for other in book.sheets):
        raise Refused("You can't remove all the visible sheets in a document." if book.sheets else _LAST)
    book.named_ranges = [
        named for named in book.named_ranges if whole(part(named, "range"), "sheetId") != sheet.sheet_id
    ]
    forget(book, sheet)
    return None


_LAST = "You can't remove all the sheets in a document."


def update_sheet_properties(batch: Batch, request: Object) -> Object | None:
    """Changes the properties that the mask names: title, index, size of the grid, frozen rows, hidden …"""
    given, book = part(request, "properties"), batch.book
    sheet = book.sheet(whole(given, "sheetId"), "sheet")
    mask = update_mask(document(), "SheetProperties", text(request, "fields"))
    new = updated(sheet.described(book.index(sheet)), given, mask)
    _retitle(book, sheet, text(new, "title"))
    _resize(batch, sheet, part(new, "gridProperties"))
    _check_frozen(sheet, part(new, "gridProperties"))
    grid: Object = {key: value for key, value in part(new, "gridProperties").items() if key not in _DERIVED and value}
    sheet.properties = {key: value for key, value in new.items() if key not in _OWN and value is not False}
    if grid:
        sheet.properties["gridProperties"] = grid
    if all(flag(other.properties, "hidden") for other in book.sheets):
        raise Refused("You can't hide all the sheets in a document.")
    _move(book, sheet, optional_whole(given, "index") if "index" in mask or "*" in mask else None)
    return None


def _retitle(book: Book, sheet: Sheet, title: str) -> None:
    if not title:
        raise Refused("The sheet name cannot be empty.")
    check_title(book, title, sheet)
    if title != sheet.title:
        retitle(book, sheet, title)


def _move(book: Book, sheet: Sheet, index: int | None) -> None:
    """To a place counted as the sheets stand before the move, as Google counts: to 2 from 0 is one step."""
    if index is None:
        return
    if not 0 <= index <= len(book.sheets):
        raise Refused(f"Sheet index {index} is out of range.")
    old = book.index(sheet)
    book.sheets.pop(old)
    book.sheets.insert(index - 1 if index > old else index, sheet)


def _resize(batch: Batch, sheet: Sheet, grid: Object) -> None:
    rows, columns = whole(grid, "rowCount"), whole(grid, "columnCount")
    if rows < 1 or columns < 1:
        raise Refused("A sheet must have at least one row and one column.")
    if rows < len(sheet.rows) or columns < len(sheet.columns):
        batch.editing(sheet, Area())
    if columns < len(sheet.columns):
        sheet.rows = [row.with_cells(row.cells[:columns]) for row in sheet.rows]
    sheet.rows = sheet.rows[:rows] + [EMPTY_ROW] * (rows - len(sheet.rows))
    sheet.columns = sheet.columns[:columns] + [EMPTY_COLUMN] * (columns - len(sheet.columns))
    batch.book.check_size()


def _check_frozen(sheet: Sheet, grid: Object) -> None:
    for key, count, noun in (
        ("frozenRowCount", len(sheet.rows), "rows"),
        ("frozenColumnCount", len(sheet.columns), "columns"),
    ):
        if whole(grid, key) >= count:
            raise Refused(f"You can't freeze all visible {noun} on the sheet.")


HANDLERS: dict[str, Handler] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "updateSheetProperties": update_sheet_properties,
}
