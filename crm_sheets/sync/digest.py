"""The daily digest: one mail for each person with what waits for them, and none when nothing does (pure)."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from crm_sheets.state import OutboxItem
from crm_sheets.tables import RowKey, TabKey

KIND = "digest"
SOON_DAYS = 3
SHOWN = 15
"""Rows shown of each section; the others are counted. A digest that is a book is not read."""

WORKDAYS = frozenset(range(5))
"""Monday to Friday, as date.weekday counts."""


class Section(StrEnum):
    """The parts of a digest, in the order in which they are shown."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    NO_NEXT_STEP = "no_next_step"
    FAULTS = "faults"


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
    """What one person gets on one day; `items` are in the order of the mail."""

    person: str
    day: date
    items: tuple[DigestItem, ...]

    @property
    def key(self) -> str:
        """One digest for a person and day, however often it is made."""
        return f"{KIND}|{self.person}|{self.day.isoformat()}"


def section_of(due: datetime, now: datetime, zone: tzinfo) -> Section | None:
    """The section for something that falls due at `due`; None when it is too far ahead."""
    ahead = (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    if due < now:
        return Section.OVERDUE
    if ahead == 0:
        return Section.TODAY
    return Section.SOON if ahead <= SOON_DAYS else None


def digest_for(person: str, items: Iterable[DigestItem], day: date) -> Digest | None:
    """The digest of `person`, None when nothing waits: sections in their order, in each the oldest first."""
    order = list(Section)
    last = datetime.max.replace(tzinfo=UTC)
    found = sorted(
        items, key=lambda item: (order.index(item.section), item.when or last, item.tab, item.row, item.title)
    )
    return Digest(person, day, tuple(found)) if found else None


def due_day(now: datetime, at: time, zone: tzinfo, weekdays: Collection[int] = WORKDAYS) -> date | None:
    """The day whose digest is to have gone out by `now`: today from `at` on, on one of `weekdays`; None otherwise.

    After an outage only today's digest is made: what an older one said stands in today's too.
    """
    local = now.astimezone(zone)
    return local.date() if local.weekday() in weekdays and local.time() >= at else None


def next_digest(now: datetime, at: time, zone: tzinfo, weekdays: Collection[int] = WORKDAYS) -> datetime:
    """The first instant after `now` at which a digest is due, in UTC; `weekdays` must hold at least one day."""
    today = now.astimezone(zone).date()
    instants = (datetime.combine(today + timedelta(days=ahead), at, zone) for ahead in range(8))
    return min(i.astimezone(UTC) for i in instants if i.weekday() in weekdays and i.astimezone(UTC) > now)


def item_of(digest: Digest, at: time, zone: tzinfo) -> OutboxItem:
    """The outbox item of a digest, for `at` on its day. Its parameter is JSON, which letters.py unpacks."""
    instant = datetime.combine(digest.day, at, zone).astimezone(UTC)
    sections = [packed for section in Section if (packed := _packed(digest, section))]
    packed_digest = {"at": instant.isoformat(), "sections": sections}
    return OutboxItem(
        key=digest.key,
        kind=KIND,
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
