"""Chance, from one seed: everything that the demo makes up comes out of here, so that two runs are equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Dice:
    """Draws from a seeded source; `now` is naive, on the wall of the team's office."""

    random: Random
    now: datetime

    def pick(self, items: Sequence[_T]) -> _T:
        """One of the items."""
        return self.random.choice(items)

    def weighted(self, weights: Mapping[str, float]) -> str:
        """One of the keys, in proportion to its weight."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.random.random() < probability

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(least, most)

    def digits(self, count: int) -> str:
        """That many random digits, zeros in front included."""
        return "".join(self.random.choices("0123456789", k=count))

    def day(self, least: int, most: int) -> date:
        """A working day, so many days from today (negative: past)."""
        day = self.now.date() + timedelta(days=self.whole(least, most))
        shift = {5: -1, 6: -2}.get(day.weekday(), 0)
        return day + timedelta(days=shift)

    def office_hour(self, day: date) -> datetime:
        """A time on that day at which people work, on a quarter of an hour."""
        return datetime.combine(day, time(self.whole(9, 16), self.pick((0, 15, 30, 45))))

    def amount(self, middle: float, spread: float = 0.8) -> int:
        """An amount of money as deals have them: many small, few large, rounded to hundreds."""
        return max(1, round(middle * self.random.lognormvariate(0, spread) / 100)) * 100
