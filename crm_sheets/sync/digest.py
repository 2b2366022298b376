"""The daily digest: one mail for each person with what waits for them, and none when nothing does (pure)."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum

from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.state import OutboxItem
from crm_sheets.tables import RowKey, TabKey

KIND = "digest"
SOON_DAYS = 3
SHOWN = 10
"""Rows shown of each section; the others are counted. A digest that is a book is not read."""

WEEKLY = "weekly"
"""Kind of what leads are told of their team, in the first digest of a week; where reports are wanted, of a mail that
holds that digest and the report."""


FAULTS = "faults"
"""Kind of a mail of its own about rows with errors, for a team that wants one beside the digest or instead of it."""


class Section(StrEnum):
    """The parts of a digest, in the order in which they are shown."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    NO_NEXT_STEP = "no_next_step"
    FAULTS = "faults"
    APPROVALS = "approvals"
    MISSED = "missed"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One row that waits for a person. All texts may be read by that person.

    Attributes:
        title: what is to be done, or what is wrong (the text of 检查, one line).
        when: when it is or was due, aware; None where no time belongs to it.
        state: a word on how it stands; may be empty.
    """

    section: Section
    tab: TabKey
    row: RowKey
    title: str
    customer: str = ""
    when: datetime | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person gets on one day; `items` are in the order of the mail.

    Attributes:
        week: that the weekly report in it tells of, 2026-W47; "" for a digest without one.
    """

    person: str
    day: date
    items: tuple[DigestItem, ...]
    week: str = ""

    @property
    def key(self) -> str:
        """One digest for a person and day, and one weekly report for a week, however often it is made."""
        return f"{WEEKLY if self.week else KIND}|{self.person}|{self.week or self.day.isoformat()}"


def section_of(due: datetime, now: datetime, zone: tzinfo) -> Section | None:
    """The section for something that falls due at `due`; None when it is too far ahead."""
    ahead = (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    if due < now:
        return Section.OVERDUE
    if ahead == 0:
        return Section.TODAY
    return Section.SOON if ahead <= SOON_DAYS else None


def digest_for(person: str, items: Iterable[DigestItem], day: date, week: str = "") -> Digest | None:
    """The digest of `person`, None when nothing waits: sections in their order, in each the oldest first.

    With a weekly report there is one, whether something waits or not.
    """
    order = list(Section)
    last = datetime.max.replace(tzinfo=UTC)
    found = sorted(
        items, key=lambda item: (order.index(item.section), item.when or last, item.tab, item.row, item.title)
    )
    return Digest(person, day, tuple(found), week) if found or week else None


def digest_at(
    now: datetime, at: time, zone: tzinfo, weekdays: Collection[int], calendar: WorkCalendar
) -> datetime | None:
    """The instant, in UTC, of today's digest, be it past or to come; None on a day without one.

    Days without one are those off, and weekdays that are not wanted, unless the day is worked in exchange for another.
    """
    local = now.astimezone(zone)
    day, usual = local.date(), local.weekday() in calendar.weekdays
    if not calendar.is_workday(day) or (usual and local.weekday() not in weekdays):
        return None
    return datetime.combine(day, at, zone).astimezone(UTC)


def faults_of(digest: Digest, instant: datetime) -> OutboxItem:
    """The mail about rows with errors: a digest of nothing else, once a day."""
    return replace(item_of(digest, instant), key=f"{FAULTS}|{digest.person}|{digest.day}", kind=FAULTS)


def item_of(digest: Digest, instant: datetime) -> OutboxItem:
    """The outbox item of a digest that goes out at an instant. Its parameter is JSON, which letters.py unpacks."""
    sections = [packed for section in Section if (packed := _packed(digest, section))]
    packed_digest = {"at": instant.isoformat(), "sections": sections}
    return OutboxItem(
        key=digest.key,
        kind=WEEKLY if digest.week else KIND,
        person=digest.person,
        not_before=instant,
        parameters={KIND: json.dumps(packed_digest, ensure_ascii=False, separators=(",", ":"))},
    )


def _packed(digest: Digest, section: Section) -> dict[str, object]:
    items = [item for item in digest.items if item.section is section]
    if not items:
        return {}
    shown = [
        {
            "tab": item.tab,
            "row": item.row,
            "title": item.title,
            "customer": item.customer,
            "when": item.when.isoformat() if item.when else "",
            "state": item.state,
        }
        for item in items[:SHOWN]
    ]
    return {"code": section.value, "count": len(items), "items": shown}
