"""How our columns look in a Google spreadsheet: the same colours, widths and formats as in xlsx."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.sync.backends.google.native.shapes import Request, area, style_of
from crm_sheets.sync.backends.xlsx.guidance import validations
from crm_sheets.sync.backends.xlsx.style import (
    BLUE,
    GREY,
    INK,
    RED,
    RULE,
    STAFF_HEADER,
    SYSTEM_CELL,
    SYSTEM_HEADER,
    column_width,
    is_right_aligned,
    number_format,
)
from crm_sheets.tables import ColumnKey

HEADER_PIXELS = 48
_TYPES = {"@": "TEXT", "0.0%": "PERCENT", "yyyy\\-mm\\-dd": "DATE", "General": ""}


def pixels(characters: float) -> int:
    """The width of a column that holds so many half-width characters of 10 points."""
    return round(characters * 7) + 5


def format_of(code: str) -> Request | None:
    """A NumberFormat from a format code of xlsx; None for the automatic one."""
    if code == "General":
        return None
    kind = _TYPES.get(code) or ("DATE_TIME" if "hh" in code else "NUMBER")
    return {"type": kind} if kind == "TEXT" else {"type": kind, "pattern": code.replace("\\", "")}


def cell_format(column: Column) -> Request:
    """The CellFormat of the cells of a column."""
    line: Request = {"style": "SOLID", "colorStyle": style_of(RULE)}
    wrap = column.key == "check"
    found: Request = {
        "textFormat": {"fontSize": 10, "foregroundColorStyle": style_of(GREY if column.system else INK)},
        "horizontalAlignment": "RIGHT" if is_right_aligned(column) else "LEFT",
        "verticalAlignment": "TOP" if wrap else "MIDDLE",
        "wrapStrategy": "WRAP" if wrap else "OVERFLOW_CELL",
        "borders": {"top": line, "bottom": line, "left": line, "right": line},
    }
    if column.system:
        found["backgroundColorStyle"] = style_of(SYSTEM_CELL)
    shown = format_of(number_format(column))
    if shown is not None:
        found["numberFormat"] = shown
    return found


def header_cell(column: Column, label: str, hint: str) -> Request:
    """The CellData of a header: a red asterisk for what must be filled in, and what is to be filled in as a note."""
    text = f"{label}*" if column.required else label
    line: Request = {"style": "SOLID", "colorStyle": style_of(RULE)}
    found: Request = {
        "userEnteredValue": {"stringValue": text},
        "userEnteredFormat": {
            "backgroundColorStyle": style_of(SYSTEM_HEADER if column.system else STAFF_HEADER),
            "horizontalAlignment": "CENTER",
            "verticalAlignment": "MIDDLE",
            "wrapStrategy": "WRAP",
            "textFormat": {
                "bold": True,
                "fontSize": 10,
                "foregroundColorStyle": style_of(GREY if column.system else INK),
            },
            "borders": {"left": line, "right": line, "bottom": {"style": "SOLID_MEDIUM", "colorStyle": style_of(BLUE)}},
        },
    }
    if column.required:
        red: Request = {"startIndex": len(label), "format": {"foregroundColorStyle": style_of(RED), "bold": True}}
        found["textFormatRuns"] = [red]
    if hint:
        found["note"] = hint
    return found


HEADER_FIELDS = "userEnteredValue,userEnteredFormat,textFormatRuns,note"


def hints(tab: Tab, words: Language) -> dict[ColumnKey, str]:
    """What the input hints of xlsx say, by column."""
    places = {key: place for place, key in enumerate(tab.columns, 1)}
    keys = list(tab.columns)
    return {keys[each.column - 1]: each.prompt for each in validations(tab, places, words, {}) if each.prompt}


def dressed_columns(
    sheet: int, tab: Tab, places: Mapping[ColumnKey, int], header_row: int, words: Language
) -> Iterator[Request]:
    """The looks of columns that are new, their headers with them: neighbours that look alike in one request."""
    told = hints(tab, words)
    ordered = sorted(places.items(), key=lambda item: item[1])
    for run in _neighbours(ordered):
        cells = [header_cell(tab.columns[key], column_label(tab.key, key, words), told.get(key, "")) for key, _ in run]
        start: Request = {"sheetId": sheet, "rowIndex": header_row - 1, "columnIndex": run[0][1] - 1}
        yield {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": HEADER_FIELDS}}
    for first, last, look in _runs((place, cell_format(tab.columns[key])) for key, place in ordered):
        yield {
            "repeatCell": {
                "range": area(sheet, header_row + 1, first, None, last),
                "cell": {"userEnteredFormat": look},
                "fields": "userEnteredFormat",
            }
        }
    widths = ((place, _dimension(tab.columns[key], column_label(tab.key, key, words))) for key, place in ordered)
    for first, last, properties in _runs(widths):
        yield dimension(sheet, "COLUMNS", first, last, properties)


def dimension(sheet: int, kind: str, first: int, last: int, properties: Request) -> Request:
    """Sets properties of rows or columns, 1-based, both ends included."""
    return {
        "updateDimensionProperties": {
            "range": {"sheetId": sheet, "dimension": kind, "startIndex": first - 1, "endIndex": last},
            "properties": properties,
            "fields": ",".join(sorted(properties)),
        }
    }


def _dimension(column: Column, label: str) -> Request:
    return {"pixelSize": pixels(column_width(column, label)), "hiddenByUser": column.hidden}


def _runs(told: Iterable[tuple[int, Request]]) -> Iterator[tuple[int, int, Request]]:
    """Neighbouring places of which the same is told: first, last, what."""
    first = last = 0
    look: Request | None = None
    for place, wanted in told:
        if look is not None and (wanted != look or place != last + 1):
            yield first, last, look
            look = None
        if look is None:
            first, look = place, wanted
        last = place
    if look is not None:
        yield first, last, look


def _neighbours(ordered: list[tuple[ColumnKey, int]]) -> list[list[tuple[ColumnKey, int]]]:
    """Columns beside each other, in runs."""
    counted = enumerate(ordered)
    return [[item for _, item in run] for _, run in groupby(counted, key=lambda each: each[1][1] - each[0])]
