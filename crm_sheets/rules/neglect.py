"""Customers with whom nobody spoke for long, and customers with an open deal for whom nothing is planned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Outcome, Reminder
from crm_sheets.rules.base import Context, Rule, record_of
from crm_sheets.rules.conversions import STATUSES
from crm_sheets.rules.dormancy import NEVER_DORMANT
from crm_sheets.rules.moments import day_after, day_of, late_from
from crm_sheets.rules.naming import OPPORTUNITIES, active_name
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.opportunities import Opportunity

NO_CONTACT, NO_NEXT_STEP = "nudge-no-contact", "nudge-no-next-step"
LEVELS, OTHERS = "customer_level", "*"
MOST_NAMED = 3
SILENT_DAYS: Mapping[str, int] = MappingProxyType({"vip": 7, "a": 7, "b": 15, "c": 30, OTHERS: 30})


@dataclass(frozen=True, slots=True)
class NeglectTerms:
    """When a customer counts as neglected.

    Attributes:
        no_contact: days without contact, by the code or the value of the level; `*` for all others; 0 for never.
        no_next_step: working days after the last sign of life; None for never.
    """

    no_contact: Mapping[str, int] = field(default_factory=lambda: SILENT_DAYS)
    no_next_step: int | None = 2


def watching_over(terms: NeglectTerms) -> Rule:
    """The rule of a team with its own terms."""

    def neglect(row: Row, context: Context) -> Outcome:
        return _neglected(row, context, terms)

    return neglect


def neglect(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise."""
    return _neglected(row, context, NeglectTerms())


def _neglected(row: Row, context: Context, terms: NeglectTerms) -> Outcome:
    """One mail for each silence: its instant hangs on the last contact, and a plan ahead ends it."""
    customer = record_of(row, Customer)
    since = max((at for at in (customer.last_contact, customer.created_at, customer.claimed_at) if at), default=None)
    name = active_name(customer.owner, context)
    code = context.dictionaries.code(STATUSES, customer.status)
    if since is None or name is None or code in NEVER_DORMANT or _is_planned(customer, context):
        return NOTHING
    parameters = {
        "subject": customer.name or "",
        "customer": customer.name or "",
        "contact": customer.contact or "",
        "customer_phone": customer.phone or "",
    }
    reminders: list[Reminder] = []
    calendar, day = context.calendar, day_of(since, context.zone)
    days = silent_days(customer.level, terms.no_contact, context)
    if days:
        instant = calendar.opens(calendar.workday_from(day_after(day, days)))
        reminders.append(_reminder(NO_CONTACT, row, name, instant, {**parameters, "days": str(days)}))
    deals = open_deals(row, context) if terms.no_next_step and customer.next_contact is None else ()
    if deals and terms.no_next_step:
        instant = calendar.opens(calendar.workday_after(day, terms.no_next_step))
        named = context.language.text("list.and").join(deals[:MOST_NAMED])
        reminders.append(_reminder(NO_NEXT_STEP, row, name, instant, {**parameters, "opportunity": named}))
    ahead = (each.instant for each in reminders if each.instant > context.now)
    return Outcome(reminders=tuple(reminders), wake_at=min(ahead, default=None))


def silent_days(level: str | None, days: Mapping[str, int], context: Context) -> int:
    """The days without contact that a customer of a level may have; 0 for any number."""
    code = context.dictionaries.code(LEVELS, level)
    wanted = {text_key(name): number for name, number in days.items()}
    for name in (code, level or ""):
        if name and text_key(name) in wanted:
            return wanted[text_key(name)]
    return wanted.get(OTHERS, 0)


def open_deals(row: Row, context: Context) -> tuple[str, ...]:
    """The names of the deals of a customer that are not decided."""
    deals = (record_of(other, Opportunity) for other in context.book.referring(row, OPPORTUNITIES))
    return tuple(deal.name or "" for deal in deals if not is_finished(deal, context))


def _is_planned(customer: Customer, context: Context) -> bool:
    """Whether something is planned, a whole day until it is over."""
    return customer.next_contact is not None and late_from(customer.next_contact, context.zone) > context.now


def _reminder(kind: str, row: Row, name: str, instant: datetime, parameters: Mapping[str, str]) -> Reminder:
    return Reminder(kind, row.tab, row.key, name, instant, parameters)
