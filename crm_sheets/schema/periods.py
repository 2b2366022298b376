"""Months, quarters and years: 2026-11, 2026Q4, 2026, and the ways in which people write them."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Other years are slips of the pen."""

_YEAR = r"(?P<year>20\d\d)"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_QUARTER = r"(?P<quarter>[1-4一二三四])"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}年?度?",
        rf"{_YEAR}(?:[-/.]|年){_MONTH}月?份?",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])",
        rf"{_MONTH}[-/]{_YEAR}",
        rf"{_YEAR}[-/.年]?q{_QUARTER}",
        rf"{_YEAR}年?第?{_QUARTER}季度?",
        rf"q{_QUARTER}[-/.]?{_YEAR}",
    )
)
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True)
class Period:
    """A month, a quarter or a year; `text` is the canonical form.

    Attributes:
        quarter: 1 to 4, None for a year or a month.
        month: 1 to 12, None for a year or a quarter.
    """

    year: int
    quarter: int | None = None
    month: int | None = None

    @property
    def text(self) -> str:
        """2026-11, 2026Q4, 2026."""
        if self.month is not None:
            return f"{self.year}-{self.month:02d}"
        return f"{self.year}Q{self.quarter}" if self.quarter is not None else str(self.year)

    @property
    def month_numbers(self) -> range:
        """The months of the year that it consists of."""
        if self.month is not None:
            return range(self.month, self.month + 1)
        return range(self.quarter * 3 - 2, self.quarter * 3 + 1) if self.quarter is not None else range(1, 13)

    @property
    def months(self) -> tuple[str, ...]:
        """The months that it consists of, each in its canonical form."""
        return tuple(Period(self.year, month=month).text for month in self.month_numbers)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month_numbers[0], 1)

    @property
    def last(self) -> date:
        """Its last day."""
        month = self.month_numbers[-1]
        return date(self.year, month, monthrange(self.year, month)[1])

    @property
    def around(self) -> "tuple[Period, ...]":
        """The longer periods that it is part of: of a month its quarter and its year."""
        if self.month is not None:
            return Period(self.year, quarter=(self.month + 2) // 3), Period(self.year)
        return (Period(self.year),) if self.quarter is not None else ()


def period_of(text: str) -> Period | None:
    """The period that a text means, 2026年11月 and 2026年第四季度 among them; None when it means none."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    found = next((match for form in _FORMS if (match := form.fullmatch(plain))), None)
    if found is None:
        return None
    parts = found.groupdict()
    quarter, month = parts.get("quarter"), parts.get("month")
    return Period(
        int(parts["year"]),
        (_NUMERALS.get(quarter) or int(quarter)) if quarter else None,
        int(month) if month else None,
    )


def month_of(day: date) -> str | None:
    """The month of a day in its canonical form; None outside of the years that periods have."""
    return Period(day.year, month=day.month).text if FIRST_YEAR <= day.year <= LAST_YEAR else None
