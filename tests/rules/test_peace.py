"""When people may be written to."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.changes import Route
from crm_sheets.public_holidays import public_days
from crm_sheets.rules.peace import Peace, PeaceTerms, muted, route_of, spans_of, without, zone_of
from crm_sheets.rules.personal_times import personal_times
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.people import PersonRecord
from tests.rules.tables import SHIPPED, said

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
CALENDAR = WorkCalendar(SHANGHAI, public=partial(public_days, "CN"))
TERMS = PeaceTerms(enabled=True)


def person(**values: str) -> PersonRecord:
    return PersonRecord.model_validate({"id": "001", "name": "张伟", **values})


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def moved(instant: datetime, peace: Peace, zone: ZoneInfo = SHANGHAI) -> tuple[str, str]:
    found = (peace.earlier(instant), peace.later(instant))
    earlier, later = (f"{each.astimezone(zone):%Y-%m-%d %H:%M}" for each in found)
    return earlier, later


@pytest.mark.parametrize(
    ("instant", "earlier", "later"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-23 08:00", "2026-11-23 08:00", "2026-11-23 08:00"),
        ("2026-11-23 07:59", "2026-11-20 19:30", "2026-11-23 08:00"),  # Monday: the evening of Friday
        ("2026-11-23 20:00", "2026-11-23 19:30", "2026-11-24 08:00"),
        ("2026-11-21 10:00", "2026-11-20 19:30", "2026-11-23 08:00"),  # Saturday
        ("2026-10-03 10:00", "2026-09-30 19:30", "2026-10-08 08:00"),  # the national holidays
        ("2026-10-10 10:00", "2026-10-10 10:00", "2026-10-10 10:00"),  # a Saturday that is worked
    ],
)
def test_an_instant_moves_to_one_that_does_not_disturb(instant: str, earlier: str, later: str) -> None:
    assert moved(at(instant), TERMS.of(None, CALENDAR)) == (earlier, later)


def test_what_a_person_says_in_the_book_counts() -> None:
    own = TERMS.of(person(work_hours="09:00-12:00, 13:30-18:00", quiet_hours="17:00～09:30"), CALENDAR)
    assert moved(at("2026-11-23 12:30"), own) == ("2026-11-23 11:30", "2026-11-23 13:30")
    assert moved(at("2026-11-23 17:30"), own) == ("2026-11-23 16:30", "2026-11-24 09:30")
    odd = TERMS.of(person(work_hours="上午"), CALENDAR)
    assert moved(at("2026-11-23 20:30"), odd) == ("2026-11-23 19:30", "2026-11-24 08:00")


def test_somebody_elsewhere_is_written_to_by_their_own_clock() -> None:
    own = TERMS.of(person(time_zone="America/New_York"), CALENDAR)
    found = moved(at("2026-11-23 10:00"), own, NEW_YORK)  # 21:00 on Sunday there
    assert found == ("2026-11-20 19:30", "2026-11-23 08:00")


@pytest.mark.parametrize(
    ("day", "opens"),
    [("2026-03-08", "2026-03-08 07:30"), ("2026-11-01", "2026-11-01 07:30")],  # in UTC: the clock goes forward, back
)
def test_hours_round_the_change_of_the_clock(day: str, opens: str) -> None:
    terms = PeaceTerms(True, ((timedelta(hours=2, minutes=30), timedelta(hours=20)),), days_off=True)
    found = terms.of(person(time_zone="America/New_York"), CALENDAR).later(at(f"{day} 00:10", NEW_YORK))
    assert f"{found.astimezone(UTC):%Y-%m-%d %H:%M}" == opens


@given(st.integers(0, 1_500_000), st.sampled_from(["Asia/Shanghai", "America/New_York"]))
def test_it_never_moves_the_wrong_way_and_always_to_an_open_hour(minutes: int, zone: str) -> None:
    own = TERMS.of(person(time_zone=zone, quiet_hours="12:00-13:00"), CALENDAR)
    instant = datetime(2024, 1, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    earlier, later = own.earlier(instant), own.later(instant)
    assert earlier <= instant <= later
    for found in (earlier, later):
        local = found.astimezone(ZoneInfo(zone))
        assert CALENDAR.is_workday(local.date())
        assert local.hour in {*range(8, 12), *range(13, 20)}
        assert own.later(found) == own.earlier(found) == found


def test_hours_without_an_opening_leave_the_instant() -> None:
    never = Peace(SHANGHAI, CALENDAR, ())
    assert never.later(at("2026-11-23 10:00")) == never.earlier(at("2026-11-23 10:00")) == at("2026-11-23 10:00")


@pytest.mark.parametrize("text", ["", "上午", "9-12", "09:00-25:00", "09:00-12:00, 11:00-14:00", "09:00-09:00"])
def test_hours_that_cannot_be_read(text: str) -> None:
    assert spans_of(text) is None


def test_quiet_times_are_taken_out_of_the_hours() -> None:
    hours = spans_of("08:00-20:00") or ()
    quiet = spans_of("12:00-13:30; 19:00至08:30") or ()
    minutes = [(start // timedelta(minutes=1), end // timedelta(minutes=1)) for start, end in without(hours, quiet)]
    assert minutes == [(510, 720), (810, 1140)]


@pytest.mark.parametrize(
    ("values", "kind", "route"),
    [
        ({}, "due", Route.MAIL),
        ({"remind_by": "仅汇总"}, "due", Route.DIGEST),
        ({"remind_by": "不提醒"}, "due", Route.NONE),
        ({"remind_by": "看心情"}, "due", Route.MAIL),
        ({"remind_off": "逾期、回款"}, "overdue", Route.NONE),
        ({"remind_off": "逾期、回款"}, "due", Route.MAIL),
        ({"remind_off": "日报"}, "digest", Route.NONE),
        ({"remind_off": "日报"}, "approval-asked", Route.MAIL),
    ],
)
def test_how_somebody_is_told(values: dict[str, str], kind: str, route: Route) -> None:
    assert route_of(person(**values), kind, SHIPPED) is route


def test_names_of_reminders_that_there_are_not() -> None:
    assert muted("逾期，天气") == (frozenset({"overdue"}), ("天气",))


def test_no_zone_is_read_outside_of_the_zones() -> None:
    assert zone_of("America/New_York") is not None
    assert [zone_of(name) for name in ("../etc/passwd", "/etc/passwd", "北京", "")] == [None] * 4


def test_wishes_that_cannot_be_read_are_told() -> None:
    table = """
    people
    key | id | name | work_hours | quiet_hours | time_zone | remind_off
    P-1 | 001 | 张伟 | 上午 | 12点 | 北京 | 天气
    P-2 | 002 | 李娜 | 09:00-18:00 | 12:00-13:30 | Asia/Shanghai | 到期、周报
    """
    assert said(personal_times, table) == [
        "P-1 work_hours warning hours-not-understood",
        "P-1 quiet_hours warning hours-not-understood",
        "P-1 time_zone warning time-zone-unknown",
        "P-1 remind_off warning reminders-unknown",
    ]
