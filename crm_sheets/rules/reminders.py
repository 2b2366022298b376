"""Whom to remind of a follow-up, and when: before it is due, when it is due, and when it stays open.

Who said 知道了 of a plan hears no more of it; who put it off hears of it then, and not before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_sheets.changes import NOTHING, Outcome, Reminder
from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, Rule, record_of
from crm_sheets.rules.moments import day_of, expected_at, shifted, shown
from crm_sheets.rules.naming import CUSTOMERS, FOLLOW_UPS, calling_name, customer_of, owner_of, person_of, the_one
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp


@dataclass(frozen=True, slots=True)
class FollowUpTerms:
    """What a team wants to be reminded of.

    Attributes:
        before: as long before as the row says (提前提醒).
        due: when it is due.
        overdue: so many working days after its day, each once, while it stays open.
    """

    before: bool = True
    due: bool = True
    overdue: tuple[int, ...] = (1, 3, 7)


def reminding(terms: FollowUpTerms) -> Rule:
    """The rule of a team that has its own terms."""

    def reminders(row: Row, context: Context) -> Outcome:
        return _reminders(row, context, terms)

    return reminders


def reminders(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise."""
    return _reminders(row, context, FollowUpTerms())


def _reminders(row: Row, context: Context, terms: FollowUpTerms) -> Outcome:
    """Plans the reminders of an open follow-up. The due time is part of each: moving the plan earns new ones.

    All of them are given, those of the past too, and whoever applies the outcome knows which were due since the last
    cycle; so the answer changes only at the next instant. What a reminder shows may come from farther away than the
    row's own entries: the row wakes when it is due, and everything is looked up then.
    """
    follow_up = record_of(row, FollowUp)
    owner = person_of(owner_of(row, context), context)
    if follow_up.planned_at is None or is_finished(follow_up, context) or owner is None or owner.active is False:
        return NOTHING
    name = calling_name(owner, context)
    if name is None or follow_up.heard_of == follow_up.planned_at:
        return NOTHING
    parameters = follow_up_parameters(row, follow_up, context)
    instants = _instants(follow_up, follow_up.planned_at, context, terms)
    planned = tuple(Reminder(kind, row.tab, row.key, name, instant, parameters) for kind, instant in instants)
    ahead = [instant for _, instant in instants if instant > context.now]
    return Outcome(reminders=planned, wake_at=min(ahead, default=None))


def _instants(
    follow_up: FollowUp, planned_at: datetime, context: Context, terms: FollowUpTerms
) -> list[tuple[str, datetime]]:
    due = expected_at(planned_at, context.zone)
    late = overdue_instants(planned_at, context, terms.overdue)
    instants = [*([("due", due)] if terms.due else []), *(("overdue", instant) for instant in late)]
    entry = context.dictionaries.entry("remind_before", follow_up.remind)
    minutes = whole(entry.attributes.get("minutes")) if entry else None
    if terms.before and minutes:
        instants.append(("before_due", shifted(due, -timedelta(minutes=minutes))))
    snoozed = follow_up.snoozed_until
    if snoozed is None:
        return instants
    return [("snoozed", snoozed), *(each for each in instants if each[1] > snoozed)]


def overdue_instants(planned_at: datetime, context: Context, steps: Iterable[int]) -> list[datetime]:
    """When work begins so many working days after the day of a plan."""
    day, calendar = day_of(planned_at, context.zone), context.calendar
    return [calendar.opens(calendar.workday_after(day, step)) for step in steps]


def follow_up_parameters(row: Row, follow_up: FollowUp, context: Context) -> dict[str, str]:
    """What the mail shows. Only columns that everybody who does follow-ups may read, never sealed ones."""
    customer = customer_of(follow_up.customer, context)
    return {
        "subject": follow_up.subject or follow_up.content or "",
        "customer": (customer.name if customer else None) or follow_up.customer or "",
        "customer_phone": (customer.phone if customer else None) or "",
        "contact": (customer.contact if customer else None) or "",
        "opportunity": follow_up.opportunity or "",
        "method": follow_up.method or "",
        "content": follow_up.content or "",
        "last_note": _last_note(row, follow_up, context),
        "planned_at": shown(follow_up.planned_at, context.zone) if follow_up.planned_at else "",
        "due_at": expected_at(follow_up.planned_at, context.zone).isoformat() if follow_up.planned_at else "",
    }


def _last_note(row: Row, follow_up: FollowUp, context: Context) -> str:
    """What came out of the customer's last follow-up that took place."""
    customer = the_one(CUSTOMERS, follow_up.customer, context)
    others = context.book.referring(customer, FOLLOW_UPS) if customer else ()
    records = [record_of(other, FollowUp) for other in others if other.key != row.key]
    told = [(record.done_at, record.result) for record in records if record.done_at and record.result]
    return max(told)[1] if told else ""
