"""Values within formulas: turning one kind into another, comparing, and failing."""

from typing import TypeAlias

from crm_sheets.google_emulator.json_values import plain_number
from crm_sheets.google_emulator.model.cell import CellError, Scalar

Grid: TypeAlias = list[list[Scalar]]
Operand: TypeAlias = Scalar | Grid

_SHOWN = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}
_KINDS = {shown: kind for kind, shown in _SHOWN.items()}


class Failed(Exception):
    """A formula that gives an error value."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.shown)
        self.error = error


def failure(kind: str, message: str = "") -> CellError:
    """An error value by its type in ErrorValue or by how it is shown."""
    kind = _KINDS.get(kind, kind)
    return CellError(kind, _SHOWN[kind], message)


CIRCULAR = failure("REF", "Circular dependency detected.")
DIVIDED_BY_ZERO = failure("DIVIDE_BY_ZERO")
UNKNOWN_NAME = failure("NAME")
NOT_A_FORMULA = failure("ERROR", "Formula parse error.")


def single(operand: Operand) -> Scalar:
    """One value of an operand: the first of a range."""
    value = operand if not isinstance(operand, list) else operand[0][0] if operand and operand[0] else None
    if isinstance(value, CellError):
        raise Failed(value)
    return value


def as_number(value: Scalar) -> float:
    """A value as a number: nothing is 0, TRUE is 1, text of digits is that number; other text fails with #VALUE!."""
    match value:
        case None:
            return 0.0
        case CellError():
            raise Failed(value)
        case str():
            try:
                return float(value.replace(",", ""))
            except ValueError:
                raise Failed(failure("VALUE")) from None
        case _:
            return float(value)


def as_text(value: Scalar) -> str:
    """A value as text."""
    match value:
        case None:
            return ""
        case CellError():
            raise Failed(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case _:
            return str(plain_number(value))


def as_truth(value: Scalar) -> bool:
    """A value as a condition."""
    if isinstance(value, str):
        if value.upper() in ("TRUE", "FALSE"):
            return value.upper() == "TRUE"
        raise Failed(failure("VALUE"))
    return as_number(value) != 0


def rank(value: Scalar) -> tuple[int, float, str]:
    """The place of a value in a sorted column: numbers, then text without case, then booleans, errors, nothing."""
    match value:
        case None:
            return 4, 0.0, ""
        case CellError():
            return 3, 0.0, ""
        case bool():
            return 2, float(value), ""
        case str():
            return 1, 0.0, value.casefold()
        case _:
            return 0, value, ""


def compared(left: Scalar, right: Scalar, operator: str) -> bool:
    """A comparison as spreadsheets do it: text without case, numbers before text."""
    first, second = rank(_filled(left, right)), rank(_filled(right, left))
    match operator:
        case "=":
            return first == second
        case "<>":
            return first != second
        case "<":
            return first < second
        case ">":
            return first > second
        case "<=":
            return first <= second
    return first >= second


def _filled(value: Scalar, beside: Scalar) -> Scalar:
    """Nothing compares as 0, as "" beside text, as FALSE beside a boolean."""
    if value is not None:
        return value
    return "" if isinstance(beside, str) else False if isinstance(beside, bool) else 0.0
