"""The team's working time, held against counting minute by minute."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.public_holidays import is_known, is_published, public_days, unknown_days
from crm_sheets.rules.calendar_days import calendar_days, own_days
from crm_sheets.rules.workdays import WorkCalendar
from tests.rules.tables import SHIPPED, ZONE, book, clock, context, lines

CHINA = WorkCalendar(ZONE, public=partial(public_days, "CN"))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def works(day: str, of: WorkCalendar = CHINA) -> bool:
    return of.is_workday(date.fromisoformat(day))


def test_chinese_holidays_and_the_days_worked_in_exchange() -> None:
    """As the State Council's office published them for 2025 and 2026."""
    free = ("2025-01-01", "2025-01-28", "2025-02-04", "2025-05-05", "2026-01-02", "2026-02-23", "2026-10-07")
    worked = ("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2026-01-04", "2026-02-14", "2026-10-10")
    assert [day for day in free if works(day)] == []
    assert [day for day in worked if not works(day)] == []
    assert works("2026-11-20")
    assert not works("2026-11-21")


def test_what_the_team_entered_goes_before_everything() -> None:
    own = {date(2026, 10, 1): True, date(2026, 11, 20): False}
    of = WorkCalendar(ZONE, public=partial(public_days, "CN"), own=own)
    assert works("2026-10-01", of)
    assert not works("2026-11-20", of)
    assert of.workdays(date(2026, 11, 16), date(2026, 11, 22)) == 4


def test_days_are_counted_as_one_would_by_hand() -> None:
    random = Random(1)
    for _ in range(200):
        first = date(2024, 12, 1) + timedelta(days=random.randrange(600))
        days = [first + timedelta(days=n) for n in range(random.randrange(-2, 500))]
        last = days[-1] if days else first - timedelta(days=1)
        assert CHINA.workdays(first, last) == sum(map(CHINA.is_workday, days))
    for count in (1, 2, 7, 250):
        day = CHINA.workday_after(date(2025, 12, 20), count)
        assert CHINA.is_workday(day)
        assert CHINA.workdays(date(2025, 12, 21), day) == count
    assert CHINA.next_workday(date(2026, 9, 30)) == date(2026, 10, 8)
    assert CHINA.workday_from(date(2026, 10, 10)) == date(2026, 10, 10)


def by_hand(start: datetime, end: datetime, of: WorkCalendar) -> int:
    """Minutes that are worked, one by one."""
    minutes, now = 0, start
    while now < end:
        there = now.astimezone(of.zone)
        passed = timedelta(hours=there.hour, minutes=there.minute)
        minutes += of.is_workday(there.date()) and any(a <= passed < b for a, b in of.hours)
        now += MINUTE
    return minutes


@pytest.mark.parametrize("of", [CHINA, WorkCalendar(ZoneInfo("Europe/Berlin"), frozenset(range(7)))], ids=["CN", "DST"])
def test_hours_are_counted_as_one_would_minute_by_minute(of: WorkCalendar) -> None:
    random = Random(2)
    for _ in range(40):
        start = datetime(2026, 3, 20, tzinfo=UTC) + random.randrange(20_000) * MINUTE
        end = start + random.randrange(9_000) * MINUTE
        assert of.between(start, end) == by_hand(start, end, of) * MINUTE
        working = random.randrange(1, 3_000) * MINUTE
        due = of.after(start, working)
        assert of.between(start, due) == working
        assert of.between(start, due - timedelta(seconds=1)) == working - timedelta(seconds=1)


def test_a_deadline_runs_through_lunch_night_and_holiday() -> None:
    assert CHINA.after(clock("2026-11-20 11:00"), 2 * HOUR) == clock("2026-11-20 14:30")
    assert CHINA.after(clock("2026-11-20 16:00"), 2 * HOUR) == clock("2026-11-20 18:00")
    assert CHINA.after(clock("2026-11-20 16:00"), 2 * HOUR + MINUTE) == clock("2026-11-23 09:01")
    assert CHINA.after(clock("2026-09-30 17:00"), 2 * HOUR) == clock("2026-10-08 10:00")
    assert CHINA.after(clock("2026-11-21 03:00"), HOUR) == clock("2026-11-23 10:00")
    assert CHINA.after(clock("2026-11-20 20:00"), 75 * HOUR) == clock("2026-12-04 18:00")
    assert CHINA.after(clock("2026-11-21 03:00"), timedelta(0)) == clock("2026-11-21 03:00")
    assert CHINA.between(clock("2026-11-20 11:00"), clock("2026-11-20 10:00")) == timedelta(0)


def test_round_the_clock() -> None:
    always = WorkCalendar(UTC, frozenset(range(7)), ((timedelta(0), timedelta(days=1)),))
    start = datetime(2026, 11, 20, 13, 7, tzinfo=UTC)
    assert always.after(start, 50 * HOUR) == start + 50 * HOUR
    assert always.between(start, start + 50 * HOUR) == 50 * HOUR


def test_the_ends_of_the_calendar_end_it() -> None:
    ages = WorkCalendar(ZONE)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert ages.between(first, last) == ages.workdays(date.min, date.max) * ages.day_length
    assert ages.after(first, HOUR).astimezone(ZONE).date() == date(1950, 1, 2)
    assert ages.after(last, HOUR) == last
    assert ages.workday_after(date.max, 3) == date(2151, 1, 1)
    assert ages.opens(date.min).year == 1950


def test_which_years_are_known() -> None:
    assert is_published("CN", 2026)
    assert not is_published("CN", 2060)
    assert is_published("GB", 2060)
    assert not is_published("GB", 2500)
    assert is_published("", 2500)
    assert "元旦" in unknown_days("CN", date(2060, 1, 1), date(2060, 1, 1), (), "zh-CN")[date(2060, 1, 1)]
    assert [country for country in ("CN", "DE-BY", "ZZ", "DE-XX", "") if not is_known(country)] == ["ZZ", "DE-XX"]


def test_days_off_that_nobody_knows_yet() -> None:
    def unknown(first: str, last: str, *own: str) -> list[date]:
        entered = [date.fromisoformat(day) for day in own]
        return list(unknown_days("CN", date.fromisoformat(first), date.fromisoformat(last), entered, "zh-CN"))

    assert unknown("2026-09-01", "2026-12-31") == []
    assert unknown("2059-11-22", "2060-01-21") == [date(2060, 1, 1)]
    assert unknown("2059-11-22", "2060-01-21", "2060-01-01") == []
    assert unknown("2060-01-02", "2060-01-30") == []


def test_days_of_the_book() -> None:
    of = book("""
    calendar
    key | date | kind | name
    W-1 | 2027-01-01 | 休息日 | 元旦
    W-2 | 2027-01-03 | 工作日 | 元旦调休
    W-3 | 2027-01-01 | 工作日 |
    W-4 | | 工作日 |
    W-5 | 2027-01-05 | 半天 |
    """)
    own = own_days(of.rows, SHIPPED)
    assert own == {date(2027, 1, 1): False, date(2027, 1, 3): True}
    within = context(of, calendar=WorkCalendar(ZONE, own=own))
    said = [line for row in of.rows for line in lines(row.key, calendar_days(row, within))]
    assert said == ["W-3 date error calendar-day-doubled"]
