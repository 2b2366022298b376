"""When people may be written to: their working hours, their quiet times, days off, and their own time zones.

A reminder of something that lies ahead moves to an earlier time, for later it would be of no use; one of something that
is over moves to a later one. Written in 组织, else in the config: `09:00-12:00, 13:30-18:00`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_sheets.cells import text_key
from crm_sheets.changes import Route
from crm_sheets.rules.moments import local, shifted
from crm_sheets.rules.reminder_families import family_called, family_of
from crm_sheets.rules.workdays import Span, WorkCalendar
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.people import PersonRecord

BEFORE_CLOSING = timedelta(minutes=30)
"""So long before the end of a span a reminder goes that must go before the next one opens: it is to be read still."""

MOST_DAYS = 21
"""So far off another time is looked for; longer than any holidays last."""

_DAY = timedelta(days=1)
_SPAN = re.compile(r"(\d{1,2})[:：]([0-5]\d)\s*[-–—~～至到]\s*(\d{1,2})[:：]([0-5]\d)")
_SIGNS = re.compile(r"[,，;；、\n]")


@dataclass(frozen=True, slots=True)
class Peace:
    """When one person may be written to.

    Attributes:
        calendar: which days are worked.
        spans: of a day, since midnight, in order, apart from one another; none for never.
        days_off: whether mails go out on days off, too.
    """

    zone: tzinfo
    calendar: WorkCalendar
    spans: tuple[Span, ...]
    days_off: bool = False

    def later(self, instant: datetime) -> datetime:
        """The first instant from `instant` on at which the person may be written to; itself where there is none."""
        first = local(instant, self.zone).date()
        for ahead in range(MOST_DAYS):
            for start, end in self._open(_moved(first, ahead)):
                if instant < end:
                    return max(instant, start)
        return instant

    def earlier(self, instant: datetime) -> datetime:
        """The last instant until `instant` at which the person may be written to and still reads it; itself where
        there is none."""
        first = local(instant, self.zone).date()
        for back in range(MOST_DAYS):
            for start, end in reversed(list(self._open(_moved(first, -back)))):
                if start <= instant < end:
                    return instant
                if end <= instant:
                    return max(start, end - BEFORE_CLOSING)
        return instant

    def _open(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.days_off or self.calendar.is_workday(day):
            for start, end in self.spans:
                yield _at(day, start, self.zone), _at(day, end, self.zone)


@dataclass(frozen=True, slots=True)
class PeaceTerms:
    """What holds for everybody who has nothing else in 组织.

    Attributes:
        enabled: whether anything is moved; otherwise reminders go at their instants, day and night.
        hours, quiet: spans of a day; a quiet one may pass midnight, its end is then before its start.
        too_old: a reminder that comes later than this is of no help by itself and goes into the digest.
    """

    enabled: bool = False
    hours: tuple[Span, ...] = ((timedelta(hours=8), timedelta(hours=20)),)
    quiet: tuple[Span, ...] = ()
    days_off: bool = False
    too_old: timedelta = timedelta(days=1)

    def of(self, person: PersonRecord | None, calendar: WorkCalendar) -> Peace:
        """When a person may be written to; what cannot be read in 组织 counts as not filled in."""
        hours = spans_of(person.work_hours) if person and person.work_hours else None
        quiet = spans_of(person.quiet_hours) if person and person.quiet_hours else None
        zone = zone_of(person.time_zone) if person and person.time_zone else None
        spans = without(self.hours if hours is None else hours, self.quiet if quiet is None else quiet)
        own = calendar if zone is None else replace(calendar, zone=zone)
        return Peace(zone or calendar.zone, own, spans, self.days_off)


def route_of(person: PersonRecord | None, kind: str, dictionaries: Dictionaries) -> Route:
    """How a person wants to be told of reminders of a kind."""
    if person is None:
        return Route.MAIL
    if family_of(kind) in muted(person.remind_off)[0]:
        return Route.NONE
    code = dictionaries.code("remind_by", person.remind_by)
    return Route(code) if code in set(Route) else Route.MAIL


@lru_cache(maxsize=1_024)
def muted(text: str | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """The families of reminders that a text names, and those of its words that name none."""
    found: set[str] = set()
    unknown: list[str] = []
    for word in _SIGNS.split(text or ""):
        family = family_called(word)
        if family is not None:
            found.add(family)
        elif text_key(word):
            unknown.append(word.strip())
    return frozenset(found), tuple(unknown)


@lru_cache(maxsize=1_024)
def spans_of(text: str) -> tuple[Span, ...] | None:
    """The spans of a day that a text tells; None where it cannot be read. A span may pass midnight."""
    pieces = [piece.strip() for piece in _SIGNS.split(text) if piece.strip()]
    found = [_SPAN.fullmatch(piece) for piece in pieces]
    spans = [_span(match) for match in found if match is not None]
    told = tuple(sorted(span for span in spans if span is not None))
    if not told or len(told) < len(pieces) or any(end > start for (_, end), (start, _) in pairwise(told)):
        return None
    return told


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of a name such as America/New_York; None where there is none."""
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def without(spans: tuple[Span, ...], quiet: tuple[Span, ...]) -> tuple[Span, ...]:
    """What is left of spans of a day when others are taken out of them; both may pass midnight."""
    left = _within_a_day(spans)
    for start, end in _within_a_day(quiet):
        left = [
            part
            for one, other in left
            for part in ((one, min(other, start)), (max(one, end), other))
            if part[0] < part[1]
        ]
    return tuple(sorted(left))


def _within_a_day(spans: tuple[Span, ...]) -> list[Span]:
    whole: list[Span] = []
    for start, end in spans:
        whole += [(start, end)] if start < end else [(start, _DAY), (timedelta(0), end)]
    return [(start, end) for start, end in whole if start < end]


def _span(match: re.Match[str]) -> Span | None:
    hours = [int(match[1]), int(match[3])]
    start, end = (timedelta(hours=h, minutes=int(m)) for h, m in zip(hours, (match[2], match[4]), strict=True))
    return (start, end) if start < _DAY and end <= _DAY and start != end else None


def _moved(day: date, days: int) -> date:
    return shifted(datetime.combine(day, time(12), UTC), days * _DAY).date()


def _at(day: date, since_midnight: timedelta, zone: tzinfo) -> datetime:
    """The instant at which clocks show so much; of an hour that comes twice, the first."""
    wall = datetime.combine(day, time(0)) + since_midnight
    return wall.replace(tzinfo=zone).astimezone(UTC)
