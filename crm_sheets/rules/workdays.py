"""The team's working time: which days are worked, and how working hours pass on them.

A day that the team put into its 工作日历 is what stands there; otherwise public holidays and make-up workdays
decide, and then the weekday. Before 1950 and after 2150 no day is worked: nobody means those years, and a typing error
must not make us count through millennia.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import accumulate

from crm_sheets.rules.moments import local

FIRST_YEAR, LAST_YEAR = 1950, 2150
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PublicDays:
    """What a country's holidays make of the days of one year.

    Attributes:
        off: public holidays, and days off that were moved to them.
        worked: days of a weekend that are worked in exchange.
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


def no_holidays(year: int) -> PublicDays:
    """The public days of a team that keeps none."""
    return PublicDays()


Span = tuple[timedelta, timedelta]
"""From when to when people work, since midnight."""

OFFICE_HOURS: tuple[Span, ...] = (
    (timedelta(hours=9), timedelta(hours=12)),
    (timedelta(hours=13, minutes=30), timedelta(hours=18)),
)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When the team works.

    Attributes:
        weekdays: days of an ordinary week, Monday is 0.
        hours: of a working day, in order, at least one.
        public: the public days of a year.
        own: days that the team entered itself, and whether they are worked.
    """

    zone: tzinfo = UTC
    weekdays: frozenset[int] = frozenset(range(5))
    hours: tuple[Span, ...] = OFFICE_HOURS
    public: Callable[[int], PublicDays] = no_holidays
    own: Mapping[date, bool] = field(default_factory=dict)
    _public: dict[int, PublicDays] = field(default_factory=dict, init=False, repr=False, compare=False)
    _counts: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def day_length(self) -> timedelta:
        """The working time of one day."""
        return sum((end - start for start, end in self.hours), timedelta(0))

    # -- days ------------------------------------------------------------------------------------------------------

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return False
        own = self.own.get(day)
        if own is not None:
            return own
        public = self._public.get(day.year)
        if public is None:
            public = self._public[day.year] = self.public(day.year)
        return day in public.worked or (day.weekday() in self.weekdays and day not in public.off)

    def workdays(self, first: date, last: date) -> int:
        """How many days are worked from `first` to `last`, both included."""
        first, last = max(first, date(FIRST_YEAR, 1, 1)), min(last, date(LAST_YEAR, 12, 31))
        if last < first:
            return 0
        years = sum(self._counted(year)[-1] for year in range(first.year, last.year))
        return years + self._counted(last.year)[_place(last) + 1] - self._counted(first.year)[_place(first)]

    def workday_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself for none. The day after LAST_YEAR when there is none."""
        if count <= 0:
            return day
        day = max(day, date(FIRST_YEAR, 1, 1) - _DAY)
        wanted = count
        for year in range(day.year, LAST_YEAR + 1):
            counts = self._counted(year) if year >= FIRST_YEAR else (0,)
            passed = counts[_place(day) + 1] if year == day.year and year >= FIRST_YEAR else 0
            if counts[-1] - passed >= wanted:
                return date(year, 1, 1) + timedelta(days=bisect_left(counts, passed + wanted) - 1)
            wanted -= counts[-1] - passed
        return date(LAST_YEAR + 1, 1, 1)

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.workday_after(day, 1)

    def workday_from(self, day: date) -> date:
        """`day` if it is worked, else the first working day after it."""
        return day if self.is_workday(day) else self.next_workday(day)

    # -- hours -----------------------------------------------------------------------------------------------------

    def opens(self, day: date) -> datetime:
        """The instant at which work begins on a day, worked or not."""
        return self._clock(day, self.hours[0][0])

    def after(self, instant: datetime, working: timedelta) -> datetime:
        """The instant, in UTC, at which so much working time has passed since `instant`.

        A deadline that ends with the working day is the end of that day and not the morning of the next one.
        """
        day, done = self._parts(instant)
        left = done + working
        if working <= timedelta(0):
            return instant
        length = self.day_length
        if self.is_workday(day):
            if left <= length:
                return max(instant, self._at(day, left))
            left -= length
        whole = -(-left // length) - 1  # so many days are used up whole before the one on which it ends
        return max(instant, self._at(self.workday_after(day, whole + 1), left - whole * length))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; none when `end` is not later."""
        if end <= start:
            return timedelta(0)
        (first, before), (last, done) = self._parts(start), self._parts(end)
        return self.workdays(first, last - _DAY) * self.day_length + done - before

    # -- within ----------------------------------------------------------------------------------------------------

    def _parts(self, instant: datetime) -> tuple[date, timedelta]:
        """The team's day of an instant, and how much of it was worked by then."""
        there = local(instant, self.zone)
        if not self.is_workday(there.date()):
            return there.date(), timedelta(0)
        at = timedelta(hours=there.hour, minutes=there.minute, seconds=there.second)
        passed = (min(max(at, start), end) - start for start, end in self.hours)
        return there.date(), sum(passed, timedelta(0))

    def _at(self, day: date, done: timedelta) -> datetime:
        """The first instant of a working day at which `done` of it was worked."""
        for start, end in self.hours:
            if done <= end - start:
                return self._clock(day, start + done)
            done -= end - start
        return self._clock(day, self.hours[-1][1])

    def _clock(self, day: date, since_midnight: timedelta) -> datetime:
        """The instant at which the team's clocks show so much; the clocks may have been put forward that morning."""
        inside = min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR + 1, 1, 1))
        wall = datetime.combine(inside, time(0)) + since_midnight
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def _counted(self, year: int) -> tuple[int, ...]:
        """How many of the first n days of a year are worked, for n from 0 to all of them."""
        known = self._counts.get(year)
        if known is None:
            days = (date(year, 1, 1) + timedelta(days=n) for n in range(date(year, 12, 31).timetuple().tm_yday))
            known = self._counts[year] = tuple(accumulate((self.is_workday(day) for day in days), initial=0))
        return known


def _place(day: date) -> int:
    """Days of its year that have passed before a day."""
    return day.timetuple().tm_yday - 1
