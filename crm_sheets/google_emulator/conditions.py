"""BooleanCondition: which kinds there are, how many values each takes, and whether a cell's value meets one.

The table follows the descriptions in Google's discovery document; a test compares the two. CUSTOM_FORMULA and
conditions whose values are formulas are taken and never judged: they count as met.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm_sheets.google_emulator.json_values import Object, parts, text
from crm_sheets.google_emulator.model.cell import CellError, Scalar
from crm_sheets.google_emulator.refusals import Refused

EPOCH: Final = date(1899, 12, 30)
_ANY: Final = 1 << 20

_RELATIVE: Final = {"PAST_YEAR": -365, "PAST_MONTH": -30, "PAST_WEEK": -7, "YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of condition: how many values it takes, and where it may stand."""

    fewest: int
    most: int
    uses: str
    """V for data validation, C for conditional formats, F for filters."""


KINDS: Final = {
    **{f"NUMBER_{name}": Kind(1, 1, "VCF") for name in ("GREATER", "GREATER_THAN_EQ", "LESS", "LESS_THAN_EQ")},
    **{f"NUMBER_{name}": Kind(1, 1, "VCF") for name in ("EQ", "NOT_EQ")},
    **{f"NUMBER_{name}": Kind(2, 2, "VCF") for name in ("BETWEEN", "NOT_BETWEEN")},
    **{f"TEXT_{name}": Kind(1, 1, "VCF") for name in ("CONTAINS", "NOT_CONTAINS", "EQ")},
    **{f"TEXT_{name}": Kind(1, 1, "CF") for name in ("STARTS_WITH", "ENDS_WITH")},
    **{f"TEXT_{name}": Kind(0, 0, "V") for name in ("IS_EMAIL", "IS_URL")},
    **{f"DATE_{name}": Kind(1, 1, "VCF") for name in ("EQ", "BEFORE", "AFTER")},
    **{f"DATE_{name}": Kind(1, 1, "V") for name in ("ON_OR_BEFORE", "ON_OR_AFTER")},
    **{f"DATE_{name}": Kind(2, 2, "V") for name in ("BETWEEN", "NOT_BETWEEN")},
    "DATE_IS_VALID": Kind(0, 0, "V"),
    "ONE_OF_RANGE": Kind(1, 1, "V"),
    "ONE_OF_LIST": Kind(0, _ANY, "V"),
    "BLANK": Kind(0, 0, "CF"),
    "NOT_BLANK": Kind(0, 0, "CF"),
    "CUSTOM_FORMULA": Kind(1, 1, "VCF"),
    "BOOLEAN": Kind(0, 2, "V"),
}
_USES: Final = {"V": "data validation", "C": "conditional formatting", "F": "filters"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition is judged with.

    Attributes:
        entered: what a text becomes that somebody types, in the spreadsheet's locale.
        shown: a value as people see it.
        listed: the values of a range in A1 notation, for ONE_OF_RANGE.
    """

    today: date
    entered: Callable[[str], Scalar]
    shown: Callable[[Scalar], str]
    listed: Callable[[str], list[Scalar]]


def check_condition(condition: Object, use: str) -> None:
    """Refuses what Google refuses of a condition by itself.

    Args:
        condition: a BooleanCondition.
        use: V, C or F, as in Kind.uses.

    Raises:
        Refused: there is none, it may not stand here, or has too few or too many values.
    """
    name = text(condition, "type")
    kind = KINDS.get(name)
    if kind is None:
        raise Refused("Condition type is required" if not name else f"Condition type '{name}' is not supported.")
    if use not in kind.uses:
        raise Refused(f"ConditionType '{name}' is not supported for {_USES[use]}.")
    given = len(parts(condition, "values"))
    if not kind.fewest <= given <= kind.most:
        number = "exactly" if kind.fewest == kind.most else "at most"
        raise Refused(f"BooleanCondition of type '{name}' must have {number} {kind.most} ConditionValues.")


def holds(condition: Object, value: Scalar, around: Surroundings) -> bool:
    """Whether a value meets a condition that was checked before."""
    name, values = text(condition, "type"), parts(condition, "values")
    given = [text(entry, "userEnteredValue") for entry in values]
    if name == "CUSTOM_FORMULA" or (name.startswith(("NUMBER", "DATE")) and any(one.startswith("=") for one in given)):
        return True
    family = name.split("_", 1)[0]
    if family == "NUMBER":
        return _compares(name.removeprefix("NUMBER_"), _number(value), [_number(around.entered(one)) for one in given])
    if family == "DATE":
        days = [_day(entry, around) for entry in values]
        return _compares(name.removeprefix("DATE_"), _whole_day(value), days)
    if family == "TEXT":
        return _text_holds(name, around.shown(value), given)
    return _other_holds(name, value, given, around)


def _other_holds(name: str, value: Scalar, given: list[str], around: Surroundings) -> bool:
    match name:
        case "BLANK" | "NOT_BLANK":
            return (value in (None, "")) == (name == "BLANK")
        case "ONE_OF_LIST":
            return around.shown(value) in given
        case "ONE_OF_RANGE":
            shown = around.shown(value)
            return any(around.shown(one) == shown for one in around.listed(given[0]) if one not in (None, ""))
        case _:
            return around.shown(value) in given if given else isinstance(value, bool)


_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GREATER": operator.gt,
    "GREATER_THAN_EQ": operator.ge,
    "LESS": operator.lt,
    "LESS_THAN_EQ": operator.le,
    "EQ": operator.eq,
    "BEFORE": operator.lt,
    "AFTER": operator.gt,
    "ON_OR_BEFORE": operator.le,
    "ON_OR_AFTER": operator.ge,
}


def _compares(name: str, value: float | None, given: list[float | None]) -> bool:
    """Of numbers and of days alike. What is no number meets only what something must not be."""
    bounds = [one for one in given if one is not None]
    if name == "IS_VALID":
        return value is not None
    if name.startswith("NOT_"):
        return not _compares(name.removeprefix("NOT_"), value, given)
    if value is None or len(bounds) != len(given):
        return False
    if name == "BETWEEN":
        return min(bounds) <= value <= max(bounds)
    return _COMPARISONS[name](value, bounds[0])


def _number(value: Scalar) -> float | None:
    return None if isinstance(value, bool | str | CellError) or value is None else float(value)


def _whole_day(value: Scalar) -> float | None:
    number = _number(value)
    return None if number is None else float(int(number))


def _day(entry: Object, around: Surroundings) -> float | None:
    """A date as its serial number: typed, or relative to today."""
    relative = text(entry, "relativeDate")
    if relative in _RELATIVE:
        return float((around.today + timedelta(days=_RELATIVE[relative]) - EPOCH).days)
    return _whole_day(around.entered(text(entry, "userEnteredValue")))


def _text_holds(name: str, shown: str, given: list[str]) -> bool:
    """Without regard to case, as the filters and rules of Google Sheets compare."""
    if name in _PATTERNS:
        return _PATTERNS[name].fullmatch(shown) is not None
    return _TEXTS[name](shown.casefold(), given[0].casefold())


_PATTERNS: Final = {
    "TEXT_IS_EMAIL": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"),
    "TEXT_IS_URL": re.compile(r"(https?://)?[^\s/.]+(\.[^\s/.]+)+(/\S*)?"),
}
_TEXTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "TEXT_CONTAINS": lambda value, wanted: wanted in value,
    "TEXT_NOT_CONTAINS": lambda value, wanted: wanted not in value,
    "TEXT_STARTS_WITH": lambda value, wanted: value.startswith(wanted),
    "TEXT_ENDS_WITH": lambda value, wanted: value.endswith(wanted),
    "TEXT_EQ": lambda value, wanted: value == wanted,
}
