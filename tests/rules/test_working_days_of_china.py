"""Working days of China as another library has them, which reads the same notices of the State Council."""

from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.public_holidays import public_days
from crm_sheets.rules.workdays import WorkCalendar


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_is_what_chinesecalendar_says(year: int) -> None:
    other = pytest.importorskip("chinese_calendar")
    calendar = WorkCalendar(ZoneInfo("Asia/Shanghai"), public=partial(public_days, "CN"))
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range(date(year, 12, 31).timetuple().tm_yday)]
    assert [day for day in days if calendar.is_workday(day) != other.is_workday(day)] == []
    assert any(day.weekday() >= 5 and calendar.is_workday(day) for day in days)  # make-up workdays
