"""Rows and columns that come, go and move, and everything that follows them."""

from dataclasses import replace
from typing import TypeVar

from crm_sheets.google_emulator.following import follow
from crm_sheets.google_emulator.json_values import part, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import EMPTY_COLUMN, EMPTY_ROW, Cells, Row, Sheet
from crm_sheets.google_emulator.model.shifts import Change, Deleted, Inserted, Moved
from crm_sheets.google_emulator.refusals import Refused

Line = TypeVar("Line")


def insert_lines(book: Book, sheet: Sheet, dimension: str, at: int, count: int, *, from_before: bool = False) -> None:
    """Inserts empty rows or columns, with the formats of those before or after them."""
    if dimension == "ROWS":
        sheet.rows[at:at] = [_like_row(sheet, at - 1 if from_before else at)] * count
    else:
        model = sheet.columns[at - 1 if from_before else min(at, len(sheet.columns) - 1)]
        sheet.columns[at:at] = [replace(model, metadata=())] * count
        sheet.rows = [_with_columns(row, at, count, from_before=from_before) for row in sheet.rows]
    book.check_size()
    follow(book, Change(sheet.sheet_id, dimension, Inserted(at, count)))


def _like_row(sheet: Sheet, index: int) -> Row:
    """An empty row with the formats of another one."""
    if not 0 <= index < len(sheet.rows):
        return EMPTY_ROW
    model = sheet.rows[index]
    formats = tuple(
        replace(cell, value=None, formula=None, note=None, rest=None) if cell is not None and cell.format else None
        for cell in model.cells
    )
    return Row(properties=model.properties).with_cells(formats)


def _with_columns(row: Row, at: int, count: int, *, from_before: bool) -> Row:
    if len(row.cells) <= at - (1 if from_before else 0):
        return row
    model = row.cell(at - 1 if from_before else at)
    blank = replace(model, value=None, formula=None, note=None, rest=None) if model and model.format else None
    before: Cells = row.cells[:at] + (None,) * (at - len(row.cells))
    return row.with_cells(before + (blank,) * count + row.cells[at:])


def delete_lines(book: Book, sheet: Sheet, dimension: str, start: int, end: int) -> None:
    """Deletes rows or columns; their metadata goes with them.

    Raises:
        Refused: some are not there, or nothing (or nothing that is not frozen) would be left.
    """
    rows = dimension == "ROWS"
    total, noun = (len(sheet.rows), "row") if rows else (len(sheet.columns), "column")
    if end > total:
        tried = f"Tried to delete {noun} index {max(start, total)} but there are only {total} {noun}s."
        raise Refused(f"Cannot delete a {noun} that doesn't exist. {tried}")
    if end - start >= total:
        raise Refused(f"You can't delete all the {noun}s on the sheet.")
    _check_frozen(sheet, noun, start, end, total)
    if rows:
        del sheet.rows[start:end]
    else:
        del sheet.columns[start:end]
        sheet.rows = [
            row.with_cells(row.cells[:start] + row.cells[end:]) if len(row.cells) > start else row for row in sheet.rows
        ]
    follow(book, Change(sheet.sheet_id, dimension, Deleted(start, end)))


def _check_frozen(sheet: Sheet, noun: str, start: int, end: int, total: int) -> None:
    """Some row that is not frozen must stay; frozen ones that go are frozen no more."""
    key = "frozenRowCount" if noun == "row" else "frozenColumnCount"
    grid = part(sheet.properties, "gridProperties")
    frozen = whole(grid, key)
    if not frozen:
        return
    if start <= frozen and end == total:
        raise Refused(f"Sorry, it is not possible to delete all non-frozen {noun}s.")
    left = frozen - max(0, min(end, frozen) - start)
    sheet.properties = sheet.properties | {"gridProperties": grid | {key: left}}


def move_lines(book: Book, sheet: Sheet, dimension: str, span: tuple[int, int], to: int) -> None:
    """Moves rows or columns before index `to`, which is counted before the move; their metadata goes along."""
    start, end = span
    if start <= to <= end:
        return
    if dimension == "ROWS":
        sheet.rows = moved(sheet.rows, start, end, to)
    else:
        sheet.columns = moved(sheet.columns, start, end, to)
        sheet.rows = [_moved_columns(row, start, end, to) for row in sheet.rows]
    follow(book, Change(sheet.sheet_id, dimension, Moved(start, end, to)))


def moved(lines: list[Line], start: int, end: int, to: int) -> list[Line]:
    """A list with a slice of it before another place, counted before the move."""
    taken, left = lines[start:end], lines[:start] + lines[end:]
    at = to - (end - start) if to > start else to
    return left[:at] + taken + left[at:]


def _moved_columns(row: Row, start: int, end: int, to: int) -> Row:
    width = max(end, to)
    if not row.cells:
        return row
    cells = list(row.cells) + [None] * (width - len(row.cells))
    return row.with_cells(tuple(moved(cells, start, end, to)))


def append_lines(book: Book, sheet: Sheet, dimension: str, count: int) -> None:
    """Adds empty rows or columns at the end."""
    if dimension == "ROWS":
        sheet.rows += [EMPTY_ROW] * count
    else:
        sheet.columns += [EMPTY_COLUMN] * count
    book.check_size()
