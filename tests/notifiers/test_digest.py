"""Whose digest goes out, when, and what is in it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.sync.digest import DigestItem, Section, digest_for, due_day, item_of, next_digest, section_of
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
    made = item_of(digest, AT, SHANGHAI)
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
    ("now", "day"),
    [
        ("2026-11-23T08:29", None),
        ("2026-11-23T08:30", MONDAY),
        ("2026-11-23T17:00", MONDAY),
        ("2026-11-22T12:00", None),  # Sunday
        ("2026-11-24T00:10", None),
    ],
)
def test_the_day_whose_digest_is_due(now: str, day: date | None) -> None:
    assert due_day(local(now), AT, SHANGHAI) == day


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-11-23T08:29", "2026-11-23T08:30"),
        ("2026-11-23T08:30", "2026-11-24T08:30"),
        ("2026-11-27T09:00", "2026-11-30T08:30"),  # Friday to Monday
    ],
)
def test_the_next_digest(now: str, following: str) -> None:
    assert next_digest(local(now), AT, SHANGHAI) == local(following)


def test_the_hour_is_the_hour_of_the_wall_clock_when_summer_time_ends() -> None:
    before = local("2026-10-24T09:00", BERLIN)
    following = next_digest(before, AT, BERLIN, frozenset(range(7)))
    assert following.astimezone(BERLIN).time() == AT
    assert following - before == timedelta(hours=24, minutes=30)


def test_one_weekday_is_enough() -> None:
    assert next_digest(local("2026-11-23T08:30"), AT, SHANGHAI, {0}) == local("2026-11-30T08:30")
