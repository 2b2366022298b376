"""Fifths of a set of numbers, by nearest rank: equal numbers fall into the same fifth."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

FIFTHS = 5


@dataclass(frozen=True, slots=True)
class Borders:
    """The largest value of each of the four lower fifths, ascending, of three measures of the customers.

    Attributes:
        recency: of the day of the last purchase, as its number in the calendar.
        frequency: of the number of purchases.
        monetary: of their amount.
    """

    recency: tuple[Decimal, ...]
    frequency: tuple[Decimal, ...]
    monetary: tuple[Decimal, ...]


def borders_between(values: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The largest value of each of the four lower fifths of at least one value: that of rank ceil(n x k / 5)."""
    ordered = sorted(values)
    return tuple(ordered[-(-len(ordered) * part // FIFTHS) - 1] for part in range(1, FIFTHS))


def fifth_of(value: Decimal, borders: Sequence[Decimal]) -> int:
    """1 for the lowest fifth to 5 for the highest."""
    return 1 + sum(value > border for border in borders)
