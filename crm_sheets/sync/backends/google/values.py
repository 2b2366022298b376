"""Cells as Google tells them and takes them, and ours: numbers, texts, flags, errors, formulas."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from crm_sheets.cells import CellError, CellValue, Formula, Scalar
from crm_sheets.schema.codecs.moments import serial_of
from crm_sheets.tables import SheetRow

ERRORS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
"""https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/other#ErrorType, as cells show
them; `values` gives the text that a cell shows and nothing else, so a text that says the same counts as an error."""

_ERROR_TEXTS = frozenset(ERRORS.values())


def from_values(value: Any) -> Scalar | CellError:
    """A cell of `values` (UNFORMATTED_VALUE)."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e22:
        return int(value)
    if isinstance(value, str) and value in _ERROR_TEXTS:
        return CellError(value)
    return value  # type: ignore[no-any-return]  # str, int, float or bool: JSON has no other


def from_cell(cell: Mapping[str, Any]) -> CellValue:
    """A CellData with userEnteredValue and effectiveValue."""
    shown = cell.get("effectiveValue") or cell.get("userEnteredValue") or {}
    value: Scalar | CellError = None
    for kind, told in shown.items():
        if kind == "errorValue":
            value = CellError(ERRORS.get(told.get("type", ""), "#ERROR!"))
        elif kind != "formulaValue":
            value = from_values(told)
    formula = cell.get("userEnteredValue", {}).get("formulaValue")
    return value if formula is None else Formula(formula.removeprefix("="), value)


def plain(value: CellValue) -> CellValue:
    """A value as it will be read back."""
    if isinstance(value, date):
        return serial_of(value, date1904=False)
    return from_values(float(value) if isinstance(value, Decimal) else value)


def to_cell(value: CellValue) -> dict[str, Any]:
    """A CellData that holds a value and nothing else; a text stays a text, whatever it begins with."""
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, (date, Decimal)):
        value = plain(value)
    if isinstance(value, (int, float)):
        return {"userEnteredValue": {"numberValue": value}}
    return {"userEnteredValue": {"stringValue": str(value)}}


def same_cell(one: CellValue, other: CellValue) -> bool:
    """Whether two cells hold the same: 1 is not TRUE, and a formula is as good as any other: copied beside other cells
    it has another result and another text."""
    if isinstance(one, Formula) or isinstance(other, Formula):
        return isinstance(one, Formula) and isinstance(other, Formula)
    if one is None or one == "":
        return other is None or other == ""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def rows_of(values: Sequence[Sequence[Any]], before: Sequence[SheetRow] = ()) -> list[SheetRow]:
    """Rows of one range of values:batchGet that begins at A1, without those of blanks.

    Args:
        values: as Google gives them: the last blanks of a row and the last blank rows are missing.
        before: of the last look; a row that is as it was is given as the same object.
    """
    known = {row.number: row for row in before}
    found = []
    for number, cells in enumerate(values, 1):
        row = trimmed([from_values(cell) for cell in cells])
        if row:
            found.append(same_row(known.get(number), SheetRow(number, row)))
    return found


def same_row(old: SheetRow | None, new: SheetRow) -> SheetRow:
    """The old row where the new one is no other."""
    if old is not None and old == new and list(map(type, old.cells)) == list(map(type, new.cells)):
        return old
    return new


def trimmed(cells: Sequence[CellValue]) -> tuple[CellValue, ...]:
    """Without blanks at the end."""
    last = len(cells)
    while last and cells[last - 1] is None:
        last -= 1
    return tuple(cells[:last])


def formulas_in(texts: Sequence[Sequence[Any]], values: Sequence[SheetRow]) -> dict[int, dict[int, str]] | None:
    """Which cells hold formulas: text without `=`, by row and column, both 1-based.

    Args:
        texts: of the same range, with FORMULA.
        values: what was read before.

    Returns:
        None when both were not read of the same state.
    """
    rows = {row.number: row.cells for row in values}
    found: dict[int, dict[int, str]] = {}
    for number, cells in enumerate(texts, 1):
        for column, (text, value) in enumerate(zip_longest(cells, rows.pop(number, ())), 1):
            if isinstance(text, str) and text.startswith("=") and text != value:
                found.setdefault(number, {})[column] = text[1:]
            elif not (same_cell(from_values(text), value) or text == f"'{value}"):
                return None
    return None if any(rows.values()) else found


def with_formulas(rows: Sequence[SheetRow], formulas: Mapping[int, Mapping[int, str]]) -> list[SheetRow]:
    """Rows in which cells that hold a formula say so."""
    if not formulas:
        return list(rows)
    missing = {number: SheetRow(number, ()) for number in formulas} | {row.number: row for row in rows}
    return [_with_formulas(missing[number], formulas.get(number, {})) for number in sorted(missing)]


def _with_formulas(row: SheetRow, formulas: Mapping[int, str]) -> SheetRow:
    if not formulas:
        return row
    cells = [*row.cells, *[None] * (max(formulas) - len(row.cells))]
    for column, text in formulas.items():
        value = cells[column - 1]
        cells[column - 1] = Formula(text, "" if value is None else value)  # type: ignore[arg-type]  # no formula yet
    return SheetRow(row.number, tuple(cells))
