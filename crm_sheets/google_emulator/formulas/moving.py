"""Formulas that are copied elsewhere: their relative references go along."""

import re

from crm_sheets.google_emulator.a1 import column_index, column_letters
from crm_sheets.google_emulator.formulas.lexing import tokens

_PART = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9]\d*)?")


def shifted(formula: str, down: int, right: int) -> str:
    """A formula with its relative references moved by rows and columns; those that leave the grid become #REF!."""
    try:
        found = tokens(formula[1:])
    except ValueError:
        return formula
    return "=" + "".join(
        _reference(token.text, down, right) if token.kind == "reference" else token.text for token in found
    )


def _reference(written: str, down: int, right: int) -> str:
    sheet, mark, cells = written.rpartition("!")
    corners = [_corner(corner, down, right) for corner in cells.split(":")]
    return sheet + mark + ("#REF!" if None in corners else ":".join(corner or "" for corner in corners))


def _corner(corner: str, down: int, right: int) -> str | None:
    match = _PART.fullmatch(corner)
    if match is None:
        return corner
    before_column, letters, before_row, digits = match.groups()
    if letters is None:
        before_row = before_column or before_row
    column = column_index(letters) + (0 if before_column else right) if letters else 0
    row = int(digits) + (0 if before_row else down) if digits else 1
    if column < 0 or row < 1:
        return None
    named = before_column + column_letters(column) if letters else ""
    return named + (before_row + str(row) if digits else "")
