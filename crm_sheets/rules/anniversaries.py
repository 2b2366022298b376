"""Days that come back every year: birthdays, festivals, each in the solar or the lunar calendar."""

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from crm_sheets.rules.lunar import LunarDay, lunar_of, solar_of

_MONTH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Anniversary:
    """A day of the solar year, or of the lunar one.

    Attributes:
        day: 29 February is 28 February in other years.
    """

    month: int
    day: int
    lunar: LunarDay | None = None

    def in_year(self, year: int) -> date | None:
        """When it is in a year (the lunar year that begins in it); None where no calendar goes."""
        if self.lunar is not None:
            return solar_of(self.lunar, year)
        if not date.min.year <= year <= date.max.year:
            return None
        short = (self.month, self.day) == (2, 29) and not isleap(year)
        return date(year, self.month, 28 if short else self.day)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An anniversary in one year."""

    year: int
    day: date


def of_birth(day: date, *, lunar: bool) -> Anniversary | None:
    """The anniversary of a day of birth, in the lunar calendar if that is how it is kept."""
    if not lunar:
        return Anniversary(day.month, day.day)
    found = lunar_of(day)
    return Anniversary(found.month, found.day, found) if found else None


def parse_anniversary(text: str, *, lunar: bool) -> Anniversary | None:
    """Reads `8-15`; None for anything that is no day of a year."""
    told = _MONTH_DAY.fullmatch(text.strip())
    if told is None:
        return None
    month, day = int(told[1]), int(told[2])
    if lunar:
        possible = 1 <= month <= 12 and 1 <= day <= 30
        return Anniversary(month, day, LunarDay(month, day)) if possible else None
    try:
        date(2000, month, day)  # a leap year
    except ValueError:
        return None
    return Anniversary(month, day)


@lru_cache(maxsize=4096)
def next_occurrence(anniversary: Anniversary, today: date) -> Occurrence | None:
    """The first one that is today or later; a lunar year ends in the solar year after it."""
    for year in range(today.year - 1, today.year + 3):
        day = anniversary.in_year(year)
        if day is not None and day >= today:
            return Occurrence(year, day)
    return None
