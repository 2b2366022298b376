"""How values are compared and counted with: by meaning, in two truth values, and without ever raising.

A blank (None, "", no tags) equals a blank and nothing else; it is neither less nor greater than anything. So
`status != '流失客户'` holds for a customer without a status, as a person would expect, and unlike SQL. Beside a number,
`+` and `-` take a blank for 0; `*`, `/` and dates with a blank give a blank, and so does a division by zero.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypeAlias

from crm_sheets.cells import text_key

Scalar: TypeAlias = str | Decimal | bool | date | datetime
Known: TypeAlias = Scalar | tuple[str, ...] | None
"""What evaluation works with: whole numbers are Decimal, instants are aware, a blank is None."""

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_UP, Emax=999_999, Emin=-999_999, traps=[])
"""Never raises: what has no value is NaN or infinite, and becomes a blank."""

_DAY_SECONDS = 86_400
_LARGEST = Decimal(10) ** 20
"""Numbers beyond it are no amounts; they become blanks before they grow without end."""


@dataclass(frozen=True, slots=True)
class At:
    """When and where an expression is evaluated.

    Attributes:
        today: the day in the team's zone.
        zone: the team's; a moment that is compared with a day is taken to it.
    """

    today: date
    zone: tzinfo = UTC


def known(value: object) -> Known:
    """A value of a record as evaluation takes it; a blank, or of no type that we know, is None."""
    if value is None or isinstance(value, bool | str):
        return value or (None if value != False else False)  # noqa: E712 - "" is blank, False is not
    if isinstance(value, int | float):
        return number(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date):
        return value
    if isinstance(value, tuple | list | frozenset | set):
        return tuple(str(each) for each in value) or None
    return None


def number(value: Decimal) -> Decimal | None:
    """A number that can be counted with; None for one that has no value or is beyond all amounts."""
    return value if value.is_finite() and abs(value) < _LARGEST else None


def instant(value: datetime, at: At) -> datetime | None:
    """An aware instant; a naive one is wall time in the team's zone. None at the edges of the calendar."""
    try:
        return (value if value.tzinfo else value.replace(tzinfo=at.zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def day(value: Known, at: At) -> date | None:
    """The day of a date or moment in the team's zone; None for anything else."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.date()
        try:
            return value.astimezone(at.zone).date()
        except (OverflowError, ValueError):
            return None
    return value if isinstance(value, date) else None


def _aligned(one: Known, other: Known, at: At) -> tuple[Known, Known]:
    """Two dates as days when one of them is a day, as instants when both are moments."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return instant(one, at), instant(other, at)
    if isinstance(one, date) and isinstance(other, date):
        return day(one, at), day(other, at)
    return one, other


def equal(one: Known, other: Known, at: At) -> bool:
    """Whether two values mean the same; a list equals a text that is in it."""
    if one is None or other is None:
        return one is other
    if isinstance(one, tuple) or isinstance(other, tuple):
        return _lists_meet(one, other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return text_key(one) == text_key(other)
    if isinstance(one, date) and isinstance(other, date):
        one, other = _aligned(one, other, at)
        return one is not None and one == other
    return isinstance(one, Decimal) and isinstance(other, Decimal) and one == other


def _lists_meet(one: Known, other: Known) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return {text_key(each) for each in one} == {text_key(each) for each in other}
    items, text = (one, other) if isinstance(one, tuple) else (other, one)
    return isinstance(items, tuple) and isinstance(text, str) and text_key(text) in map(text_key, items)


def less(one: Known, other: Known, at: At) -> bool:
    """Whether one number or date lies before another; False for all that has no order."""
    one, other = _aligned(one, other, at)
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one < other
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return (
        isinstance(one, date)
        and isinstance(other, date)
        and not isinstance(one, datetime)
        and not isinstance(other, datetime)
        and one < other
    )


def contains(whole: Known, part: Known) -> bool:
    """Whether a list has a text among its own, or a text has another within it."""
    if not isinstance(part, str) or whole is None:
        return False
    if isinstance(whole, tuple):
        return text_key(part) in map(text_key, whole)
    return isinstance(whole, str) and text_key(part) in text_key(whole)


def add(one: Known, other: Known, at: At) -> Known:
    """A sum of numbers; a date and days."""
    if isinstance(one, date) or isinstance(other, date):
        start, days = (one, other) if isinstance(one, date) else (other, one)
        return _moved(start, days)
    return _summed(one, other, 1)


def subtract(one: Known, other: Known, at: At) -> Known:
    """A difference of numbers; of dates in days, whole ones unless both are moments; a date less some days."""
    if isinstance(one, date) and isinstance(other, date):
        return _days_between(one, other, at)
    if isinstance(one, date):
        return _moved(one, -other if isinstance(other, Decimal) else None)
    return None if isinstance(other, date) else _summed(one, other, -1)


def _summed(one: Known, other: Known, sign: int) -> Known:
    if (one is None and other is None) or not _counts(one) or not _counts(other):
        return None
    left = one if isinstance(one, Decimal) else Decimal(0)
    right = other if isinstance(other, Decimal) else Decimal(0)
    return number(ARITHMETIC.add(left, right * sign))


def _counts(value: Known) -> bool:
    return value is None or isinstance(value, Decimal)


def _days_between(later: date, earlier: date, at: At) -> Decimal | None:
    one, other = _aligned(later, earlier, at)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return ARITHMETIC.divide(Decimal((one - other).total_seconds()), Decimal(_DAY_SECONDS))
    if isinstance(one, date) and isinstance(other, date):
        return Decimal((one - other).days)
    return None


def _moved(start: Known, days: Known) -> Known:
    if not isinstance(start, date) or not isinstance(days, Decimal):
        return None
    try:
        return start + timedelta(days=int(days))
    except (OverflowError, ValueError):
        return None


def multiply(one: Known, other: Known, at: At) -> Known:
    """A product of numbers."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return number(ARITHMETIC.multiply(one, other))
    return None


def divide(one: Known, other: Known, at: At) -> Known:
    """A quotient of numbers."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return number(ARITHMETIC.divide(one, other))
    return None
