"""What a mail says: an outbox entry, put into the words of its reader at the instant of sending."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from crm_sheets.language import Language
from crm_sheets.sync.appointments import CANCEL
from crm_sheets.sync.appointments import KINDS as CALENDAR_KINDS
from crm_sheets.sync.delivery import Content
from crm_sheets.sync.digest import FAULTS, KIND, WEEKLY, Section
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates

if TYPE_CHECKING:
    from babel import Locale

ON_TIME = timedelta(minutes=30)
"""A mail that goes out later than this says so; until then, what is due is simply due."""

TEXTS = (
    "subject", "customer", "contact", "customer_phone", "opportunity", "method", "content", "last_note",
    "type", "priority", "owner", "done_at", "stage", "days", "attainment", "pace",
)  # fmt: skip
"""What rules may give for a mail to show."""

REPORT = "report"
"""Parameter of a weekly mail: what its template shows of the report, as JSON; made at the instant of sending."""

STALE = timedelta(hours=20)
"""So long what a digest says of the day holds."""

APPROVAL = "approval-"
"""Beginning of the kinds of mails about requests."""

CUSTOMER = "customer-"
"""Beginning of the kinds of mails to customers."""

TO_CUSTOMERS = ("subject", "text", "company", "imprint", "unsubscribe_mail", "unsubscribe_url")
"""What a mail to a customer shows; app/mailing_letters.py gives it."""

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_UNITS = (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE))


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of a team share.

    Attributes:
        workbook: path of the workbook as staff know it.
        zone: in which times are shown.
        answers: whether mails may be answered.
    """

    workbook: str
    zone: tzinfo
    language: Language
    answers: bool = False


def render(templates: Templates, head: Letterhead, entry: OutboxEntry, now: datetime) -> Content:
    """The mail for `entry`, were it sent at `now` (aware)."""
    variables = _shared(head, entry, now)
    if entry.kind == WEEKLY:
        variables |= _weekly(head, entry, now)
    elif entry.kind in (KIND, FAULTS):
        variables |= _digest(head, entry, now)
    elif entry.kind.startswith(APPROVAL):
        variables |= _approval(head, entry)
    elif entry.kind.startswith(CUSTOMER):
        variables |= {name: entry.parameters.get(name, "") for name in TO_CUSTOMERS}
    elif entry.kind in CALENDAR_KINDS:
        variables |= _reminder(head, entry, now)
        variables |= {"cancelled": entry.kind == CANCEL, "moved": entry.parameters.get("sequence", "0") != "0"}
    else:
        variables |= _reminder(head, entry, now)
    return templates.render(entry.kind, head.language.locale, variables)


def _shared(head: Letterhead, entry: OutboxEntry, now: datetime) -> dict[str, object]:
    late = now - entry.not_before > ON_TIME
    workbook = entry.parameters.get("workbook", head.workbook)
    return {
        "person": entry.person,
        "workbook": workbook,
        "answers": head.answers,
        "workbook_name": PurePath(workbook.replace("\\", "/")).name,
        "late_since": shown_instant(entry.not_before, head) if late else "",
    }


def _reminder(head: Letterhead, entry: OutboxEntry, now: datetime) -> dict[str, object]:
    """What a rule gives with its reminder, the due time put into words; what it does not give is shown as nothing."""
    given = entry.parameters
    variables: dict[str, object] = {name: given.get(name, "").strip() for name in TEXTS}
    due_text = given.get("due_at", "")
    due = datetime.fromisoformat(due_text) if due_text else entry.not_before
    whole_day = ":" not in given.get("planned_at", ":")
    tone, standing = standing_of(due, now, head)
    return variables | {
        "heading": variables["customer"] or variables["subject"] or entry.row,
        "when": shown_day(due, head) if whole_day else shown_instant(due, head),
        "tone": tone,
        "standing": standing,
        "rule": head.language.text(f"mail.rule.{entry.kind}"),
        "deadline": head.language.messages.get(f"mail.deadline.{entry.kind}", ""),
        "remedy": head.language.messages.get(f"mail.remedy.{entry.kind}", ""),
        "tab": head.language.text(f"tab.{entry.tab}"),
        "row": entry.row,
    }


def _approval(head: Letterhead, entry: OutboxEntry) -> dict[str, object]:
    """What approving/mails.py packed: the requests that a person is asked to decide, or told the end of."""
    items = json.loads(entry.parameters["items"])
    for item in items:
        item["due"] = shown_instant(datetime.fromisoformat(item["due"]), head) if item["due"] else ""
    first, more = items[0], len(items) - 1
    heading = f"{first['subject']} {first['field']}"
    return {
        "event": entry.kind.removeprefix(APPROVAL),
        "items": items,
        "heading": head.language.text("mail.approval.several", first=heading, more=more) if more else heading,
        "rule": head.language.text(f"mail.rule.{entry.kind}"),
        "tab": head.language.text(f"tab.{entry.tab}"),
    }


def _digest(head: Letterhead, entry: OutboxEntry, now: datetime) -> dict[str, object]:
    """What digest.py packed: sections in their order, each with its rows and how many more there are."""
    packed = json.loads(entry.parameters[KIND])
    sections = [
        {
            "code": section["code"],
            "title": head.language.text(f"mail.section.{section['code']}"),
            "count": section["count"],
            "more": section["count"] - len(section["items"]),
            "rows": [_digest_row(head, section["code"], item, now) for item in section["items"]],
        }
        for section in packed["sections"]
    ]
    return {
        "day": shown_day(datetime.fromisoformat(packed["at"]), head),
        "sections": sections,
        "count": sum(section["count"] for section in packed["sections"]),
    }


def _weekly(head: Letterhead, entry: OutboxEntry, now: datetime) -> dict[str, object]:
    """The report of a lead, and the digest of the day; of a mail that is a day late, what it says of the day is left
    out: the digest of today has told it."""
    digest = _digest(head, entry, now)
    if now - entry.not_before > STALE:
        digest |= {"sections": [], "count": 0}
    return {**digest, "report": json.loads(entry.parameters[REPORT])}


def _digest_row(head: Letterhead, code: str, item: Mapping[str, str], now: datetime) -> dict[str, str]:
    due = datetime.fromisoformat(item["when"]) if item["when"] else None
    state = item["state"]
    if due is not None and not state and code == Section.OVERDUE:
        state = standing_of(due, now, head)[1]
    return {
        "title": item["title"],
        "customer": item["customer"],
        "state": state,
        "when": _formatted(due, "mail.format.short", head) if due is not None else "",
        "tab": head.language.text(f"tab.{item['tab']}"),
        "row": item["row"],
    }


def standing_of(due: datetime, now: datetime, head: Letterhead) -> tuple[str, str]:
    """How `due` stands at `now`: the tone (`soon`, `due`, `overdue`) and the words, 已逾期 3 天.

    Days are counted as people do, by the calendar; what is less than a day apart is told in hours or minutes.
    """
    days = abs((now.astimezone(head.zone).date() - due.astimezone(head.zone).date()).days)
    if timedelta(0) <= now - due <= ON_TIME:
        return "due", head.language.text("mail.standing.due")
    if now > due:
        length = days * _DAY or max(now - due, _MINUTE)
        return "overdue", head.language.text("mail.standing.overdue", length=shown_length(length, head))
    length = days * _DAY if due - now >= _DAY else max(due - now, _MINUTE)
    return "soon", head.language.text("mail.standing.soon", length=shown_length(length, head))


def shown_length(length: timedelta, head: Letterhead) -> str:
    """Whole days, else whole hours, else whole minutes: 3 天, 1 hour."""
    name, unit = next(((name, unit) for name, unit in _UNITS if length >= unit), _UNITS[-1])
    number = length // unit
    return head.language.text(f"mail.length.{name}" if number == 1 else f"mail.length.{name}s", number=number)


def shown_instant(instant: datetime, head: Letterhead) -> str:
    """Local time with its weekday: 2026年11月22日（周日）15:30."""
    return _formatted(instant, "mail.format.instant", head)


def shown_day(instant: datetime, head: Letterhead) -> str:
    """Local day with its weekday: 2026年11月22日（周日）."""
    return _formatted(instant, "mail.format.day", head)


def _formatted(instant: datetime, pattern: str, head: Letterhead) -> str:
    from babel.dates import format_datetime

    local = instant.astimezone(head.zone)
    return format_datetime(local, head.language.text(pattern), locale=_locale(head.language.locale))


@cache
def _locale(name: str) -> "Locale":
    """Looking a locale up takes as long as all the rest of a mail."""
    from babel import Locale

    return Locale.parse(name, sep="-")
