"""Widths and heights by content, and what else is set of whole rows and columns."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from crm_sheets.google_emulator.json_values import Object, optional_whole, part, text, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

_LETTER: Final = 7
_WIDE_LETTER: Final = 13
_MARGIN: Final = 10
_LINE: Final = 21
_NARROWEST: Final = 21


@dataclass(frozen=True, slots=True)
class Span:
    """Rows or columns of a sheet, all ends known."""

    sheet: Sheet
    dimension: str
    start: int
    end: int


def span_of(book: Book, given: Object) -> Span:
    """A DimensionRange on its sheet; refused when it lies outside of the grid."""
    sheet, dimension = book.sheet(whole(given, "sheetId")), text(given, "dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise Refused("No dimension specified.")
    size = len(sheet.rows) if dimension == "ROWS" else len(sheet.columns)
    start, end = whole(given, "startIndex"), optional_whole(given, "endIndex")
    if start >= size or (end is not None and end > size):
        raise Refused(f"Range ({dimension} {start}:{end}) exceeds grid limits. Max: {size}")
    return Span(sheet, dimension, start, size if end is None else end)


def set_dimensions(span: Span, change: Callable[[Object], Object]) -> None:
    """Other DimensionProperties for each row or column."""
    for index in range(span.start, span.end):
        if span.dimension == "ROWS":
            row = span.sheet.rows[index]
            span.sheet.rows[index] = replace(row, properties=change(row.properties or {}))
        else:
            column = span.sheet.columns[index]
            span.sheet.columns[index] = replace(column, properties=change(column.properties or {}))


def auto_resize(batch: Batch, request: Object) -> None:
    """AutoResizeDimensionsRequest; the widths are a guess, since no letters are drawn here."""
    span = span_of(batch.book, part(request, "dimensions"))
    for index in range(span.start, span.end):
        pixels = _LINE if span.dimension == "ROWS" else _width(span.sheet, index)
        set_dimensions(Span(span.sheet, span.dimension, index, index + 1), _sized(pixels))


def _sized(pixels: int) -> Callable[[Object], Object]:
    return lambda old: {**old, "pixelSize": pixels}


def _width(sheet: Sheet, column: int) -> int:
    shown = (row.cell(column) for row in sheet.rows)
    return max((_pixels(str(cell.value)) for cell in shown if cell and cell.value is not None), default=_NARROWEST)


def _pixels(shown: str) -> int:
    return _MARGIN + sum(_WIDE_LETTER if ord(letter) > 0x2E80 else _LETTER for letter in shown)


HANDLERS: dict[str, Handler] = {
    "autoResizeDimensions": auto_resize,
}
