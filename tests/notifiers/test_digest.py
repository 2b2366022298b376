"""Whose digest goes out, when, and what is in it."""

from datetime import UTC, date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.public_holidays import public_days
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.sync.digest import DigestItem, Section, digest_at, digest_for, item_of, section_of
from crm_sheets.tables import RowKey, TabKey

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
AT = time(8, 30)
MONDAY = date(2026, 11, 23)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def item(section: Section, row: str, when: datetime | None = None) -> DigestItem:
    return DigestItem(section, TabKey("follow_ups"), RowKey(row), f"做 {row}", when=when)


def test_nothing_waits_so_no_digest() -> None:
    assert digest_for("王芳", [], MONDAY) is None


def test_sections_in_their_order_and_the_oldest_first() -> None:
    digest = digest_for(
        "王芳",
        [
            item(Section.FAULTS, "1"),
            item(Section.OVERDUE, "2", local("2026-11-20T10:00")),
            item(Section.OVERDUE, "3", local("2026-11-19T10:00")),
            item(Section.OVERDUE, "4"),
            item(Section.TODAY, "5", local("2026-11-23T10:00")),
        ],
        MONDAY,
    )
    assert digest is not None
    assert [found.row for found in digest.items] == ["3", "2", "4", "5", "1"]
    assert digest.key == "digest|王芳|2026-11-23"


def test_the_outbox_item_has_the_key_of_person_and_day_and_the_hour_of_the_team() -> None:
    digest = digest_for("王芳", [item(Section.TODAY, "1")], MONDAY)
    assert digest is not None
    made = item_of(digest, local("2026-11-23T08:30"))
    assert (made.key, made.kind, made.person) == ("digest|王芳|2026-11-23", "digest", "王芳")
    assert made.not_before == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "section"),
    [
        ("2026-11-22T23:59", "overdue"),
        ("2026-11-23T08:29", "overdue"),
        ("2026-11-23T08:30", "today"),
        ("2026-11-23T23:59", "today"),
        ("2026-11-24T00:00", "soon"),
        ("2026-11-26T23:59", "soon"),
        ("2026-11-27T00:00", None),
    ],
)
def test_the_section_of_a_due_time(due: str, section: str | None) -> None:
    assert section_of(local(due), local("2026-11-23T08:30"), SHANGHAI) == section


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-11-23T08:29", "2026-11-23T08:30"),
        ("2026-11-23T08:30", "2026-11-23T08:30"),
        ("2026-11-23T17:00", "2026-11-23T08:30"),
        ("2026-11-22T12:00", None),  # Sunday
        ("2026-10-01T12:00", None),  # a holiday
        ("2026-10-10T12:00", "2026-10-10T08:30"),  # a Saturday that is worked
    ],
)
def test_the_digest_of_a_day(now: str, at: str | None) -> None:
    calendar = WorkCalendar(SHANGHAI, public=partial(public_days, "CN"))
    assert digest_at(local(now), AT, SHANGHAI, range(5), calendar) == (local(at) if at else None)


def test_weekdays_that_are_not_wanted() -> None:
    assert digest_at(local("2026-11-24T09:00"), AT, SHANGHAI, {0}, WorkCalendar(SHANGHAI)) is None
    assert digest_at(local("2026-11-23T09:00"), AT, SHANGHAI, {0}, WorkCalendar(SHANGHAI)) is not None


@pytest.mark.parametrize("day", ["2026-10-23", "2026-10-26"])
def test_the_hour_is_the_hour_of_the_wall_clock_when_summer_time_ends(day: str) -> None:
    found = digest_at(local(f"{day}T12:00", BERLIN), AT, BERLIN, range(5), WorkCalendar(BERLIN))
    assert found is not None
    assert found.astimezone(BERLIN).time() == AT


@pytest.mark.parametrize(
    ("now", "due", "shanghai", "utc", "new_york"),
    [
        ("2026-11-22T17:00", "2026-11-23T05:00", "today", "soon", "soon"),
        ("2026-11-22T15:59", "2026-11-22T16:00", "soon", "today", "today"),
        ("2026-11-22T16:00", "2026-11-23T15:59", "today", "soon", "soon"),
        ("2026-11-01T04:30", "2026-11-02T04:30", "soon", "soon", "today"),  # a day of 25 hours in New York
        ("2026-03-08T05:30", "2026-03-09T04:00", "soon", "soon", "soon"),  # and one of 23
        ("2026-03-08T05:30", "2026-03-09T03:59", "soon", "soon", "today"),
    ],
)
def test_today_is_where_the_person_is(now: str, due: str, shanghai: str, utc: str, new_york: str) -> None:
    zones = (SHANGHAI, UTC, ZoneInfo("America/New_York"))
    at, this = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (due, now))
    assert [section_of(at, this, zone) for zone in zones] == [shanghai, utc, new_york]
