"""Days of the Chinese lunisolar calendar, from 1900 to 2100 (the tables of `borax`)."""

from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar year, 八月十五 for month 8 and day 15; `leap` for the doubled month of that number."""

    month: int
    day: int
    leap: bool = False


def lunar_of(day: date) -> LunarDay | None:
    """The lunar day of a solar one; None outside the tables."""
    from borax.calendars.lunardate import InvalidLunarDateError, LunarDate

    try:
        found = LunarDate.from_solar_date(day.year, day.month, day.day)
    except (InvalidLunarDateError, ValueError):
        return None
    return LunarDay(found.month, found.day, bool(found.leap))


def solar_of(lunar: LunarDay, year: int) -> date | None:
    """When a lunar day is in the lunar year that begins in `year`; None outside the tables.

    A day of a doubled month is in that month when the year has it, otherwise in the ordinary one. The 30th of a month
    of 29 days is its 29th.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= lunar.month <= 12 or not 1 <= lunar.day <= 30:
        return None
    from borax.calendars.lunardate import LCalendars, LunarDate

    leap = int(lunar.leap and LCalendars.leap_month(year) == lunar.month)
    day = min(lunar.day, LCalendars.ndays(year, lunar.month, leap))
    found: date = LunarDate(year, lunar.month, day, leap).to_solar_date()
    return found
