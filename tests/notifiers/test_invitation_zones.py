"""What a calendar makes of an invitation: the right hour, whatever the clocks of its zone do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Timezone

from crm_sheets.sync.invitations import Invitation, calendar_part

CASES = [  # zone, hour there, hour in UTC, offset that VTIMEZONE has to say for it
    ("Asia/Shanghai", "2026-03-08T09:00", "2026-03-08T01:00", 8),
    ("Asia/Shanghai", "2026-11-01T09:00", "2026-11-01T01:00", 8),
    ("America/New_York", "2026-03-07T09:00", "2026-03-07T14:00", -5),
    ("America/New_York", "2026-03-08T09:00", "2026-03-08T13:00", -4),  # the clocks went forward at two
    ("America/New_York", "2026-11-01T00:30", "2026-11-01T04:30", -4),
    ("America/New_York", "2026-11-01T09:00", "2026-11-01T14:00", -5),  # and back at two
    ("America/New_York", "2026-03-08T01:45", "2026-03-08T06:45", -5),  # over at a quarter past three
    ("Europe/Berlin", "2026-10-25T09:00", "2026-10-25T08:00", 1),
]


def invitation(starts: datetime) -> str:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    people = ("crm@example.com", "客户管理", "wangfang@example.com", "王芳")
    return calendar_part(Invitation("u@1", 0, False, starts, timedelta(minutes=30), "回访", "", *people, made)).text


@pytest.mark.parametrize(("zone", "there", "utc", "offset"), CASES)
def test_a_calendar_library_reads_the_right_hour(zone: str, there: str, utc: str, offset: int) -> None:
    text = invitation(datetime.fromisoformat(there).replace(tzinfo=ZoneInfo(zone)))
    calendar = Calendar.from_ical(text)
    (event,), (rules,) = calendar.walk("VEVENT"), calendar.walk("VTIMEZONE")
    starts, ends = event.decoded("DTSTART"), event.decoded("DTEND")
    assert isinstance(starts, datetime)
    assert isinstance(ends, datetime)
    assert starts.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert ends.astimezone(UTC) - starts.astimezone(UTC) == timedelta(minutes=30)
    assert rules["TZID"] == zone
    assert f"DTSTART;TZID={zone}:" in text


@pytest.mark.parametrize(("zone", "there", "utc", "offset"), CASES)
def test_the_rules_that_come_along_say_the_same(zone: str, there: str, utc: str, offset: int) -> None:
    """Of a program that does not know the zone: its rules alone, under a name that nobody has, give the offset."""
    text = invitation(datetime.fromisoformat(there).replace(tzinfo=ZoneInfo(zone))).replace(zone, "Nowhere/Known")
    calendar = Calendar.from_ical(text)
    (rules,) = calendar.walk("VTIMEZONE")
    assert isinstance(rules, Timezone)
    local = datetime.fromisoformat(there).replace(tzinfo=rules.to_tz(lookup_tzid=False))
    assert local.utcoffset() == timedelta(hours=offset)
    assert local.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
