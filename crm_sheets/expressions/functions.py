"""The functions of the language: what they take, what they give, how they count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from crm_sheets.cells import text_key
from crm_sheets.expressions.keywords import spoken
from crm_sheets.expressions.values import ARITHMETIC, At, Known, contains, day, less, number, subtract
from crm_sheets.expressions.vocabulary import Type

Body: TypeAlias = Callable[[Sequence[Known], At], Known]
DATES = frozenset({Type.DATE, Type.MOMENT})
NUMBERS = frozenset({Type.NUMBER})
TEXTS = frozenset({Type.TEXT})
ANYTHING = frozenset(Type)
MOST_DECIMALS = 10


@dataclass(frozen=True, slots=True)
class Function:
    """A function.

    Attributes:
        takes: the types that each argument may have; the last one stands for all that follow, if `more`.
        least: how many arguments there must be; the others may be left out.
        gives: the type of the result; None for that of the arguments from `same_from` on.
    """

    name: str
    takes: tuple[frozenset[Type], ...]
    gives: Type | None
    body: Body
    least: int
    more: bool = False
    same_from: int = 0

    def wanted(self, place: int) -> frozenset[Type]:
        """The types that the argument at a place may have."""
        return self.takes[min(place, len(self.takes) - 1)]

    def fits(self, count: int) -> bool:
        """Whether it takes so many arguments."""
        return self.least <= count and (self.more or count <= len(self.takes))


def _round(values: Sequence[Known], at: At) -> Known:
    whole, digits = values[0], values[1] if len(values) > 1 else Decimal(0)
    if not isinstance(whole, Decimal) or not isinstance(digits, Decimal):
        return None
    places = max(-MOST_DECIMALS, min(MOST_DECIMALS, int(digits)))
    try:
        return number(whole.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, ARITHMETIC) + 0)
    except InvalidOperation:
        return None


def _abs(values: Sequence[Known], at: At) -> Known:
    return abs(values[0]) if isinstance(values[0], Decimal) else None


def _least(values: Sequence[Known], at: At) -> Known:
    found: Known = None
    for value in values:
        if value is not None and (found is None or less(value, found, at)):
            found = value
    return found


def _greatest(values: Sequence[Known], at: At) -> Known:
    found: Known = None
    for value in values:
        if value is not None and (found is None or less(found, value, at)):
            found = value
    return found


def _if(values: Sequence[Known], at: At) -> Known:
    if values[0] is True:
        return values[1]
    return values[2] if len(values) > 2 else None


def _first(values: Sequence[Known], at: At) -> Known:
    return next((value for value in values if value is not None), None)


def _today(values: Sequence[Known], at: At) -> Known:
    return at.today


def _days_between(values: Sequence[Known], at: At) -> Known:
    return subtract(day(values[1], at), day(values[0], at), at)


def _part_of_day(part: Callable[[date], int]) -> Body:
    def body(values: Sequence[Known], at: At) -> Known:
        found = day(values[0], at)
        return None if found is None else Decimal(part(found))

    return body


def _length(values: Sequence[Known], at: At) -> Known:
    value = values[0]
    return Decimal(len(value)) if isinstance(value, str | tuple) else Decimal(0)


def _concat(values: Sequence[Known], at: At) -> Known:
    return "".join(_said(value) for value in values) or None


def _said(value: Known) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _starts(values: Sequence[Known], at: At) -> Known:
    whole, part = values
    return isinstance(whole, str) and isinstance(part, str) and text_key(whole).startswith(text_key(part))


def _contains(values: Sequence[Known], at: At) -> Known:
    return contains(values[0], values[1])


FUNCTIONS: tuple[Function, ...] = (
    Function("round", (NUMBERS, NUMBERS), Type.NUMBER, _round, least=1),
    Function("abs", (NUMBERS,), Type.NUMBER, _abs, least=1),
    Function("min", (NUMBERS | DATES,), None, _least, least=1, more=True),
    Function("max", (NUMBERS | DATES,), None, _greatest, least=1, more=True),
    Function("if", (frozenset({Type.BOOLEAN}), ANYTHING, ANYTHING), None, _if, least=2, same_from=1),
    Function("first", (ANYTHING,), None, _first, least=1, more=True),
    Function("today", (), Type.DATE, _today, least=0),
    Function("days_between", (DATES, DATES), Type.NUMBER, _days_between, least=2),
    Function("year", (DATES,), Type.NUMBER, _part_of_day(lambda on: on.year), least=1),
    Function("quarter", (DATES,), Type.NUMBER, _part_of_day(lambda on: (on.month + 2) // 3), least=1),
    Function("month", (DATES,), Type.NUMBER, _part_of_day(lambda on: on.month), least=1),
    Function("day", (DATES,), Type.NUMBER, _part_of_day(lambda on: on.day), least=1),
    Function("length", (TEXTS | {Type.LIST},), Type.NUMBER, _length, least=1),
    Function("concat", (ANYTHING,), Type.TEXT, _concat, least=1, more=True),
    Function("starts_with", (TEXTS, TEXTS), Type.BOOLEAN, _starts, least=2),
    Function("has", (TEXTS | {Type.LIST}, TEXTS), Type.BOOLEAN, _contains, least=2),
)


@cache
def _by_name() -> Mapping[str, Function]:
    names = {function.name: function for function in FUNCTIONS}
    for function in FUNCTIONS:
        for word in spoken(f"expression.function.{function.name}"):
            names.setdefault(word, function)
    return MappingProxyType(names)


def function_named(word: str) -> Function | None:
    """The function of this name in any language."""
    return _by_name().get(text_key(word))


def function_names() -> list[str]:
    """All names, for a message that offers the nearest."""
    return list(_by_name())
