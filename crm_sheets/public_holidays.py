"""Public holidays and make-up workdays of a country, from the package `holidays`, which takes long to import."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.workdays import PublicDays

if TYPE_CHECKING:
    from holidays import HolidayBase


@cache
def public_days(country: str, year: int) -> PublicDays:
    """What the holidays of a country make of a year.

    Args:
        country: as `holidays` names it, with a region where holidays differ: `CN`, `DE-BY`; "" for none.
    """
    if not country:
        return PublicDays()
    days = _days_of(country, year)
    return PublicDays(frozenset(days.keys()), frozenset(day for day in days.weekend_workdays if day.year == year))


def unknown_days(country: str, first: date, last: date, entered: Collection[date], locale: str) -> Mapping[date, str]:
    """Public holidays, by their day, round which nobody knows yet which days are off and which are worked.

    They are those of the law alone, in years for which nothing was published.

    Args:
        first: of the days to look at; `last` is the last of them.
        entered: days for which the team said itself whether they are worked.
        locale: of the names of the holidays, where there are such.
    """
    unknown: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        if not is_published(country, year):
            unknown |= _days_of(country, year, locale.replace("-", "_"))
    return {day: unknown[day] for day in sorted(unknown) if first <= day <= last and day not in entered}


def is_published(country: str, year: int) -> bool:
    """Whether it is known which days are off and which are worked in exchange.

    Where a government moves days off every year (China publishes the next year's in November), the law tells only
    half; `holidays` knows the years for which it lists what was published.
    """
    if not country:
        return True
    days = _days_of(country, year)
    if year > days.end_year:
        return False
    return not days.has_substituted_holidays or year in days.special_public_holidays


def is_known(country: str) -> bool:
    """Whether there is such a country (and region of it)."""
    try:
        return not country or _days_of(country, 2026) is not None
    except NotImplementedError:  # what `holidays` raises for either
        return False


def _days_of(country: str, year: int, language: str | None = None) -> "HolidayBase":
    from holidays import country_holidays

    name, _, region = country.partition("-")
    return country_holidays(name, subdiv=region or None, years=year, expand=False, language=language)
