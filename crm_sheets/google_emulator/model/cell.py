"""Cells. All of it is frozen: a batch that fails is undone by putting the old rows back."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from crm_sheets.google_emulator.json_values import Json, Object, part, plain_number, text

MAX_CHARACTERS = 50_000
"""Of one cell. https://support.google.com/drive/answer/37603"""


@dataclass(frozen=True, slots=True)
class CellError:
    """What a formula gives that cannot be computed; `kind` is a type of ErrorValue ("N_A"), `shown` what people see."""

    kind: str
    shown: str
    message: str = ""


Scalar: TypeAlias = float | str | bool | CellError | None
"""What a cell shows. Numbers are always float here, so that 1 and True stay apart."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a literal or a formula, and what belongs to it. Objects in it are never changed in place."""

    value: float | str | bool | None = None
    formula: str | None = None
    """With its equals sign."""
    format: Object | None = None
    """userEnteredFormat."""
    note: str | None = None
    rest: Object | None = None
    """Other fields of CellData that may be written, by their names: dataValidation, textFormatRuns, chipRuns …"""

    @property
    def has_content(self) -> bool:
        """Whether it counts as filled: a literal or a formula, not only a format."""
        return self.value is not None or self.formula is not None

    def data(self) -> Object:
        """The fields of CellData that may be written."""
        found: Object = dict(self.rest or {})
        entered = entered_value(self)
        if entered is not None:
            found["userEnteredValue"] = entered
        if self.format:
            found["userEnteredFormat"] = self.format
        if self.note:
            found["note"] = self.note
        return found


BLANK = Cell()
_READ_ONLY = ("effectiveValue", "effectiveFormat", "formattedValue", "hyperlink", "dataSourceFormula")


def entered_value(cell: Cell) -> Object | None:
    """userEnteredValue (ExtendedValue), None for an empty cell."""
    if cell.formula is not None:
        return {"formulaValue": cell.formula}
    return extended(cell.value)


def extended(value: Scalar) -> Object | None:
    """A scalar as ExtendedValue, None for nothing."""
    match value:
        case None:
            return None
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case CellError():
            error: Object = {"type": value.kind}
            return {"errorValue": error | ({"message": value.message} if value.message else {})}
        case _:
            return {"numberValue": plain_number(value)}


def cell_from_data(data: Object) -> Cell | None:
    """A cell from CellData, None when nothing is left in it."""
    entered = part(data, "userEnteredValue")
    rest: Object = {
        key: value
        for key, value in data.items()
        if key not in ("userEnteredValue", "userEnteredFormat", "note", *_READ_ONLY) and value not in (None, [], {})
    }
    cell = with_entered(BLANK, entered)
    cell = replace(cell, format=part(data, "userEnteredFormat") or None, note=text(data, "note") or None)
    cell = replace(cell, rest=rest or None)
    return None if cell == BLANK else cell


def with_entered(cell: Cell, entered: Object) -> Cell:
    """The cell with another userEnteredValue; an empty string is nothing, as in Google's answers."""
    formula = text(entered, "formulaValue")
    if formula:
        return replace(cell, value=None, formula=formula if formula.startswith("=") else "=" + formula)
    value: Json = next((entered[key] for key in ("numberValue", "boolValue", "stringValue") if key in entered), None)
    if isinstance(value, bool):
        return replace(cell, value=value, formula=None)
    if isinstance(value, int | float):
        return replace(cell, value=float(value), formula=None)
    return replace(cell, value=value if isinstance(value, str) and value else None, formula=None)


def without_runs(cell: Cell) -> Cell:
    """The cell without runs of text formats and chips: a new value erases them (see CellData.textFormatRuns)."""
    if not cell.rest:
        return cell
    rest: Object = {key: value for key, value in cell.rest.items() if key not in ("textFormatRuns", "chipRuns")}
    return replace(cell, rest=rest or None)
