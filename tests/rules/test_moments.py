"""Days and deadlines."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.rules.moments import day_after, day_of, expected_at, is_whole_day, late_from, shifted, shown, start_of
from tests.rules.tables import ZONE, clock, plain

ZONES = [ZONE, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Africa/Cairo"), UTC]


def test_a_plan_with_an_hour_is_due_then() -> None:
    planned = clock("2026-11-22 15:00")
    assert expected_at(planned, ZONE) == late_from(planned, ZONE) == planned
    assert shown(planned, ZONE) == "2026-11-22 15:00"


def test_a_plan_for_a_day_is_due_in_its_morning_and_late_when_it_is_over() -> None:
    planned = clock("2026-11-22 00:00")
    assert is_whole_day(planned, ZONE)
    assert plain(expected_at(planned, ZONE)) == "2026-11-22 09:00"
    assert plain(late_from(planned, ZONE)) == "2026-11-23 00:00"
    assert shown(planned, ZONE) == "2026-11-22"


def test_a_day_on_which_clocks_are_put_forward_begins_when_it_begins() -> None:
    new_york = ZoneInfo("America/New_York")
    assert late_from(datetime(2026, 3, 8, tzinfo=new_york), new_york) == datetime(2026, 3, 9, 4, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(ZONES), st.timedeltas())
def test_no_instant_is_too_early_or_too_late(instant: datetime, zone: ZoneInfo, by: timedelta) -> None:
    assert late_from(instant, zone).tzinfo is not None
    assert expected_at(instant, zone).tzinfo is not None
    assert shifted(instant, by).tzinfo is not None
    assert start_of(day_after(day_of(instant, zone)), zone) >= start_of(day_of(instant, zone), zone)


@given(st.dates(date(1, 1, 5), date(9999, 12, 25)), st.sampled_from(ZONES))
def test_a_day_begins_on_itself(day: date, zone: ZoneInfo) -> None:
    assert day_of(start_of(day, zone), zone) == day
    assert day_of(start_of(day, zone) - timedelta(seconds=1), zone) == day_after(day, -1)
