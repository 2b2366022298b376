"""spreadsheets.get: a spreadsheet with what the mask takes, and its cells where they are wanted.

https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets/get
"""

import re
from dataclasses import dataclass

from crm_sheets.google_emulator.a1 import Reference
from crm_sheets.google_emulator.areas import Area, Box, area_of
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import Json, Object, part, without_empty
from crm_sheets.google_emulator.masks import Tree, below, wants
from crm_sheets.google_emulator.metadata import Location, described
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import Cell, extended
from crm_sheets.google_emulator.model.sheet import Column, Metadata, Row, Sheet
from crm_sheets.google_emulator.protection import intersects, protected_as_seen
from crm_sheets.google_emulator.rendering import formatted

DEFAULT_FORMAT: Object = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
}
ROW_PIXELS, COLUMN_PIXELS = 21, 100
_LINK = re.compile(r'=HYPERLINK\(\s*"([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class View:
    """What is wanted of a spreadsheet: ranges (all sheets without any), cells or not, and a mask."""

    ranges: tuple[Reference, ...]
    with_cells: bool
    mask: Tree
    user: str
    owner: str


def spreadsheet(book: Book, view: View) -> Object:
    """The message Spreadsheet."""
    calculator = Calculator(book)
    sheets: list[Json] = []
    if wants(view.mask, "sheets"):
        sheets = [_sheet(calculator, sheet, view) for sheet in book.sheets if _in_view(sheet, view)]
    found: Object = {
        "spreadsheetId": book.spreadsheet_id,
        "properties": book_properties(book),
        "sheets": sheets,
        "namedRanges": list[Json](book.named_ranges),
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.spreadsheet_id}/edit",
        "developerMetadata": _metadata(book.metadata, Location(), view.user),
    }
    return without_empty(found)


def book_properties(book: Book) -> Object:
    """SpreadsheetProperties."""
    found: Object = {
        "title": book.title,
        "locale": book.locale,
        "autoRecalc": "ON_CHANGE",
        "timeZone": book.time_zone,
        "defaultFormat": DEFAULT_FORMAT,
    }
    return found | book.properties


def _in_view(sheet: Sheet, view: View) -> bool:
    return not view.ranges or any(reference.sheet.sheet_id == sheet.sheet_id for reference in view.ranges)


def _sheet(calculator: Calculator, sheet: Sheet, view: View) -> Object:
    found: Object = {"properties": sheet.described(calculator.book.index(sheet))}
    for name, entries in sheet.features.items():
        found[name] = entries[0] if name == "basicFilter" and entries else list[Json](entries)
    protected = sheet.features.get("protectedRanges", [])
    found["protectedRanges"] = [protected_as_seen(one, user=view.user, owner=view.owner) for one in protected]
    if view.ranges:
        found["merges"] = [merge for merge in sheet.features.get("merges", []) if _seen(sheet, merge, view)]
    found["developerMetadata"] = _metadata(sheet.metadata, Location(sheet), view.user)
    if view.with_cells and wants(view.mask, "sheets.data"):
        areas = [reference for reference in view.ranges if reference.sheet.sheet_id == sheet.sheet_id]
        boxes = [reference.box() for reference in areas or [Reference(sheet, Area())]]
        found["data"] = [_grid_data(calculator, box, view) for box in boxes]
    return without_empty(found)


def _seen(sheet: Sheet, merge: Object, view: View) -> bool:
    """Whether a merge touches a range that was asked for."""
    wanted = [reference.area for reference in view.ranges if reference.sheet.sheet_id == sheet.sheet_id]
    return any(intersects(area_of(merge), area) for area in wanted)


def _metadata(held: tuple[Metadata, ...], location: Location, user: str) -> list[Json]:
    return [described(entry, location) for entry in held if entry.visibility == "DOCUMENT" or entry.owner == user]


def _grid_data(calculator: Calculator, box: Box, view: View) -> Object:
    found: Object = {}
    if box.top:
        found["startRow"] = box.top
    if box.left:
        found["startColumn"] = box.left
    if wants(view.mask, "sheets.data.rowData"):
        found["rowData"] = _row_data(calculator, box, below(view.mask, "sheets.data.rowData.values"))
    if wants(view.mask, "sheets.data.rowMetadata"):
        found["rowMetadata"] = [
            _line(box.sheet.rows[index], Location(box.sheet, "ROWS", index), ROW_PIXELS, view.user)
            for index in range(box.top, box.bottom)
        ]
    if wants(view.mask, "sheets.data.columnMetadata"):
        found["columnMetadata"] = [
            _line(box.sheet.columns[index], Location(box.sheet, "COLUMNS", index), COLUMN_PIXELS, view.user)
            for index in range(box.left, box.right)
        ]
    return found


def _line(line: Row | Column, location: Location, pixels: int, user: str) -> Object:
    found: Object = {"pixelSize": pixels} | (line.properties or {})
    metadata = _metadata(line.metadata, location, user)
    return found | ({"developerMetadata": metadata} if metadata else {})


def _row_data(calculator: Calculator, box: Box, mask: Tree) -> list[Json]:
    """Rows up to the last with anything in it, each with its cells up to the last that holds anything."""
    rows: list[Json] = []
    for index in range(box.top, box.bottom):
        cells = box.sheet.rows[index].cells[box.left : box.right]
        place = (box.sheet.sheet_id, index)
        values: list[Json] = [
            cell_data(calculator, cell, (*place, box.left + offset), mask) for offset, cell in enumerate(cells)
        ]
        while values and not values[-1]:
            values.pop()
        rows.append({"values": values} if values else {})
    while rows and not rows[-1]:
        rows.pop()
    return rows


def cell_data(calculator: Calculator, cell: Cell | None, place: tuple[int, int, int], mask: Tree) -> Object:
    """A cell as CellData."""
    if cell is None:
        return {}
    found = cell.data()
    if cell.has_content and any(wants(mask, name) for name in ("effectiveValue", "formattedValue")):
        value = calculator.value(cell, place)
        found["effectiveValue"] = extended(value)
        number_format = part(cell.format or {}, "numberFormat")
        found["formattedValue"] = formatted(value, number_format, calculator.book.locale)
    if wants(mask, "effectiveFormat") and (cell.has_content or cell.format):
        found["effectiveFormat"] = merged(DEFAULT_FORMAT, cell.format or {})
    link = _LINK.match(cell.formula or "")
    if link:
        found["hyperlink"] = link.group(1)
    return {key: value for key, value in found.items() if value is not None}


def merged(below: Object, above: Object) -> Object:
    """An object laid over another, field by field."""
    found = dict(below)
    for key, value in above.items():
        lower = found.get(key)
        found[key] = merged(lower, value) if isinstance(lower, dict) and isinstance(value, dict) else value
    return found
