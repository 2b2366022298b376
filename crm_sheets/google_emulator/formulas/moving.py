"""Formulas whose references go along: when they are copied, and when what they name moves."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from crm_sheets.google_emulator.a1 import column_index, column_letters, quoted_title
from crm_sheets.google_emulator.areas import Area
from crm_sheets.google_emulator.formulas.lexing import Token, tokens
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.shifts import Change, Relocated

_PART = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d*)?|(\$?)([1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Corner:
    """One end of a reference: zero-based indexes, None for a whole row or column, and what is fixed by $."""

    column: int | None
    row: int | None
    column_fixed: bool
    row_fixed: bool

    @property
    def written(self) -> str:
        """In A1 notation."""
        column = "" if self.column is None else ("$" if self.column_fixed else "") + column_letters(self.column)
        return column + ("" if self.row is None else ("$" if self.row_fixed else "") + str(self.row + 1))


def shifted(formula: str, down: int, right: int) -> str:
    """A formula as it is when copied by rows and columns; references that leave the grid become #REF!."""
    return _rewritten(formula, lambda token: _copied(token, down, right)) if down or right else formula


def canonical(formula: str, book: Book) -> str:
    """A formula as Google keeps it: letters of cells in capitals, corners in order, sheets as they are called."""

    def tidy(token: Token) -> str:
        title, cells = _divided(token.text)
        sheet = book.titled(title) if title is not None else None
        prefix = token.text[: len(token.text) - len(cells)] if sheet is None else quoted_title(sheet.title) + "!"
        return prefix + _tidy_corners(_corners(cells))

    return _rewritten(formula, tidy)


def _tidy_corners(corners: list[Corner]) -> str:
    first, last = corners[0], corners[-1]
    if None not in (first.row, first.column, last.row, last.column):
        columns, rows = (
            sorted(((first.column or 0, first.column_fixed), (last.column or 0, last.column_fixed))),
            sorted(((first.row or 0, first.row_fixed), (last.row or 0, last.row_fixed))),
        )
        first, last = (Corner(c[0], r[0], c[1], r[1]) for c, r in zip(columns, rows, strict=True))
    if first == last and None not in (first.row, first.column):
        return first.written
    return f"{first.written}:{last.written}"


def retitled(formula: str, old: str, new: str) -> str:
    """A formula after a sheet was given another title."""

    def rename(token: Token) -> str:
        sheet, cells = _divided(token.text)
        return (
            f"{quoted_title(new)}!{cells}" if sheet is not None and sheet.casefold() == old.casefold() else token.text
        )

    return _rewritten(formula, rename)


def lost(formula: str, title: str) -> str:
    """A formula after a sheet that it may name was deleted."""

    def forget(token: Token) -> str:
        sheet, _ = _divided(token.text)
        return "#REF!" if sheet is not None and sheet.casefold() == title.casefold() else token.text

    return _rewritten(formula, forget)


def followed(formula: str, book: Book, own_sheet: int, change: Change | Relocated) -> str:
    """A formula after rows, columns or cells moved; `own_sheet` is the sheet that it stands on."""
    return _rewritten(formula, lambda token: _followed(token, book, own_sheet, change))


def _rewritten(formula: str, change: Callable[[Token], str]) -> str:
    try:
        found = tokens(formula[1:])
    except ValueError:
        return formula
    return "=" + "".join(change(token) if token.kind == "reference" else token.text for token in found)


def _divided(reference: str) -> tuple[str | None, str]:
    """The title of the sheet that a reference names, if any, and its cells."""
    sheet, mark, cells = reference.rpartition("!")
    if not mark:
        return None, cells
    return (sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet), cells


def _corners(cells: str) -> list[Corner]:
    found = []
    for part in cells.split(":"):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(cells)
        fixed, letters, row_fixed, digits, only_fixed, only = match.groups()
        column = column_index(letters) if letters else None
        row = digits or only
        found.append(Corner(column, int(row) - 1 if row else None, fixed == "$", (row_fixed or only_fixed) == "$"))
    return found


def _copied(token: Token, down: int, right: int) -> str:
    sheet, mark, cells = token.text.rpartition("!")
    moved = []
    for corner in _corners(cells):
        row = corner.row if corner.row is None or corner.row_fixed else corner.row + down
        column = corner.column if corner.column is None or corner.column_fixed else corner.column + right
        if (row or 0) < 0 or (column or 0) < 0:
            return sheet + mark + "#REF!"
        moved.append(Corner(column, row, corner.column_fixed, corner.row_fixed).written)
    return sheet + mark + ":".join(moved)


def _followed(token: Token, book: Book, own_sheet: int, change: Change | Relocated) -> str:
    title, cells = _divided(token.text)
    sheet = book.titled(title) if title is not None else None
    named = own_sheet if title is None else sheet.sheet_id if sheet is not None else None
    if named != change.sheet_id:
        return token.text
    corners = _corners(cells)
    old = _area(corners)
    new = change.area(old)
    if new == old:
        return token.text
    if new is None:
        return "#REF!"
    prefix = token.text[: len(token.text) - len(cells)]
    if isinstance(change, Relocated) and change.to_sheet != named:
        target = book.sheet(change.to_sheet)
        prefix = quoted_title(target.title) + "!" if change.to_sheet != own_sheet else ""
    return prefix + _placed(corners, new)


def _area(corners: list[Corner]) -> Area:
    first, last = corners[0], corners[-1]
    return Area(
        first.row,
        None if last.row is None else last.row + 1,
        first.column,
        None if last.column is None else last.column + 1,
    )


def _placed(corners: list[Corner], area: Area) -> str:
    ends = [(area.left, area.top)]
    if len(corners) > 1:
        ends.append((None if area.right is None else area.right - 1, None if area.bottom is None else area.bottom - 1))
    return ":".join(
        Corner(column, row, corner.column_fixed, corner.row_fixed).written
        for corner, (column, row) in zip(corners, ends, strict=True)
    )
