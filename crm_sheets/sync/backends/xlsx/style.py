"""How our workbooks look: colours, fonts, number formats, widths. One place, so that every tab looks alike."""

from enum import StrEnum

from crm_sheets.cells import display_width
from crm_sheets.rules.summaries.base import Unit
from crm_sheets.schema.base import Column, Kind

FONT = "Microsoft YaHei"
"""On every Windows and in WPS; LibreOffice and macOS replace it by their own Chinese sans serif."""

INK, GREY, RED, BLUE, WHITE = "1F2937", "6B7280", "C00000", "1F4E79", "FFFFFF"
STAFF_HEADER, SYSTEM_HEADER, SYSTEM_CELL = "D9E8F6", "E5E7EB", "F7F8FA"
RULE = "D6DEE8"

TAB_COLOURS = {
    "customers": "2F75B5",
    "follow_ups": "3A9D6B",
    "opportunities": "E08A2B",
    "feedback": "8E5EA2",
    "services": "C8553D",
    "orders": "B5A642",
    "order_lines": "B5A642",
    "payments": "1B998B",
    "contracts": "2F75B5",
    "targets": "C00000",
    "reviews": "C00000",
    "performance": "A6ACB3",
    "stage_history": "A6ACB3",
    "lookups": "8E5EA2",
    "people": "7F8C99",
    "dictionaries": "7F8C99",
    "calendar": "7F8C99",
}
SUMMARY_COLOUR = "1B998B"
CHART_COLOURS = ("2F75B5", "E08A2B", "3A9D6B", "8E5EA2", "C8553D", "1B998B", "B5A642", "7F8C99")


class Look(StrEnum):
    """Why a cell is coloured."""

    FAULT = "fault"
    DUPLICATE = "duplicate"
    LATE = "late"
    WAITING = "waiting"
    DONE = "done"
    OVER = "over"


LOOKS = {
    Look.FAULT: ("9C0006", "FFC7CE"),
    Look.DUPLICATE: ("7F6000", "FFF2CC"),
    Look.LATE: ("9C3A00", "FCE0C5"),
    Look.WAITING: ("1F4E79", "DDEBF7"),
    Look.DONE: ("22633A", "DDF2E3"),
    Look.OVER: ("6B7280", "ECEEF1"),
}
"""Colour of text and of fill, RRGGBB."""

_FORMATS = {
    Kind.INTEGER: "#,##0",
    Kind.NUMBER: "General",
    Kind.MONEY: "#,##0.00",
    Kind.PERCENT: "0.0%",
    Kind.RATIO: "0.0%",
    Kind.DATE: "yyyy\\-mm\\-dd",
    Kind.DATETIME: "yyyy\\-mm\\-dd\\ hh:mm",
    Kind.BOOLEAN: "General",
    Kind.TEXT: "General",
    Kind.LONG_TEXT: "General",
}

UNIT_FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.MONEY: "#,##0",
    Unit.RATIO: "0.0%",
    Unit.DAYS: "0.0",
    Unit.POINTS: "0.00",
    Unit.SCORE: "0",
    Unit.INTERVAL: "General",
    Unit.TEXT: "General",
    Unit.DATE: "yyyy\\-mm\\-dd",
}


_SENTENCE = 64


def number_format(column: Column) -> str:
    """The format code of a column's cells; phones, ids and everything else that is picked or named is text (`@`)."""
    return _FORMATS.get(column.kind, "@")


def is_right_aligned(column: Column) -> bool:
    """Numbers stand at the right, so that their digits line up."""
    return column.kind in (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.RATIO)


def column_width(column: Column, label: str) -> float:
    """The width of a column in a new workbook: what its schema wants, and enough for its header on two lines.

    The filter's arrow takes two characters of the header. A finding in 检查 is a sentence, which is read at a glance
    only where it stands on one line.
    """
    sentence = _SENTENCE if column.key == "check" else 0
    return max(column.width, sentence, -(-display_width(label) // 2) + 4)


TILE = "F1F7FC"
ENTRY = "FFF8E1"
FONTS = {
    "conclusion": (12, True, INK),
    "title": (14, True, BLUE),
    "subtitle": (9, False, GREY),
    "tile-label": (9, False, GREY),
    "tile": (16, True, BLUE),
    "tile-period": (8, False, GREY),
    "block": (12, True, SUMMARY_COLOUR),
    "header": (10, True, INK),
    "header-left": (10, True, INK),
}
"""Size, bold, colour of the parts of a summary, by the first word of a style."""

LEFT = ("conclusion", "title", "subtitle", "block", "header-left", "definition")
"""Styles of a summary that stand on the left."""
