"""Tidying up: blanks round text, rows that are there twice, text that belongs into several columns."""

import re
from dataclasses import replace
from typing import Final

from crm_sheets.google_emulator.a1 import Reference, box_of
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import Object, part, parts, text, whole
from crm_sheets.google_emulator.model.cell import BLANK, Cell, Scalar
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.writing_values import Writer

_DELIMITERS: Final = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


def trim_whitespace(batch: Batch, request: Object) -> Object:
    """TrimWhitespaceRequest, of text only; what is left of `= 1` stays text."""
    box, changed = box_of(batch.book, part(request, "range")), 0
    batch.editing_box(box)
    for row in range(box.top, box.bottom):
        cells = {column: box.sheet.cell(row, column) for column in range(box.left, box.right)}
        trimmed = {column: _trimmed(cell) for column, cell in cells.items() if cell and _trimmed(cell) != cell}
        box.sheet.put(row, trimmed)
        changed += len(trimmed)
    return {"cellsChangedCount": changed}


def delete_duplicates(batch: Batch, request: Object) -> Object:
    """DeleteDuplicatesRequest: within the range the rows below move up; around it nothing moves."""
    box = box_of(batch.book, part(request, "range"))
    batch.editing_box(box)
    columns = _compared(box, parts(request, "comparisonColumns"))
    kept: list[int] = []
    calculator = Calculator(batch.book)
    seen: set[tuple[Scalar, ...]] = set()
    for row in range(box.top, box.bottom):
        key = tuple(_plain(calculator, box.sheet, row, column) for column in columns)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    _move_up(box, kept)
    return {"duplicatesRemovedCount": box.bottom - box.top - len(kept)}


def text_to_columns(batch: Batch, request: Object) -> None:
    """TextToColumnsRequest; the pieces are read as if somebody had typed them."""
    box = box_of(batch.book, part(request, "source"))
    if box.right - box.left != 1:
        raise Refused("The source of textToColumns must span exactly one column.")
    delimiter = _delimiter(box, request)
    writer = Writer(batch.book, batch.user, batch.owner, "USER_ENTERED", batch.today)
    for row in range(box.top, box.bottom):
        cell = box.sheet.cell(row, box.left)
        pieces = cell.value.split(delimiter) if cell and isinstance(cell.value, str) else []
        if pieces:
            start = Reference(box.sheet, Area(row, row + 1, box.left, box.left + 1), single=True)
            writer.write(start, [[*pieces]])


def _trimmed(cell: Cell) -> Cell:
    if cell.formula is not None or not isinstance(cell.value, str):
        return cell
    return replace(cell, value=" ".join(cell.value.split()) or None)


def _compared(box: Box, given: list[Object]) -> list[int]:
    if not given:
        return list(range(box.left, box.right))
    columns = [one for span in given for one in range(whole(span, "startIndex"), whole(span, "endIndex"))]
    if any(not box.left <= column < box.right for column in columns):
        raise Refused("comparisonColumns must be within the range.")
    return columns


def _plain(calculator: Calculator, sheet: Sheet, row: int, column: int) -> Scalar:
    value = calculator.value(sheet.cell(row, column), (sheet.sheet_id, row, column))
    return value.casefold() if isinstance(value, str) else value


def _move_up(box: Box, kept: list[int]) -> None:
    cells = [[box.sheet.cell(row, column) for column in range(box.left, box.right)] for row in kept]
    for offset, row in enumerate(range(box.top, box.bottom)):
        new: list[Cell | None] = cells[offset] if offset < len(cells) else [None] * (box.right - box.left)
        box.sheet.put(row, {box.left + place: cell for place, cell in enumerate(new)})


def _delimiter(box: Box, request: Object) -> str:
    kind = text(request, "delimiterType", "AUTODETECT")
    if kind == "CUSTOM":
        if not text(request, "delimiter"):
            raise Refused("A custom delimiter must be specified.")
        return text(request, "delimiter")
    if kind in _DELIMITERS:
        return _DELIMITERS[kind]
    shown = " ".join(str((box.sheet.cell(row, box.left) or BLANK).value) for row in range(box.top, box.bottom))
    return next((one for one in (",", ";", ".", " ") if re.search(re.escape(one), shown)), ",")


HANDLERS: dict[str, Handler] = {
    "trimWhitespace": trim_whitespace,
    "deleteDuplicates": delete_duplicates,
    "textToColumns": text_to_columns,
}
