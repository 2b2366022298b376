"""The pool 公海: customers that nobody looks after go back to it, and whoever has room may claim them.

Off unless the config says otherwise; then a customer without contact for so long loses its person, the columns 进入公海
and 原负责人 say when and from whom, and a name in the column 认领人 takes it out again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_sheets.changes import NOTHING, Issue, Outcome, Reminder
from crm_sheets.rules.base import Context, Rule, cells, found, record_of
from crm_sheets.rules.moments import day_after, shifted, shown, start_of
from crm_sheets.rules.naming import CUSTOMERS, OPPORTUNITIES, PEOPLE, calling_name, person_of, the_one
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.people import PersonRecord
from crm_sheets.tables import ColumnKey

KEPT = frozenset({"won", "lost"})
"""Customers of these statuses (codes) stay with their person: who has bought, and whom nobody is to call."""


POOL_COLUMNS = frozenset(map(ColumnKey, ("claim", "pool_since", "pool_from", "claimed_at")))
"""Columns of the customers that a team without a pool does not have."""


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """On what terms a team keeps a pool.

    Attributes:
        after: without contact for so long, a customer goes into the pool.
        warn: its person is told so long before.
        cool_down: for so long the person who lost a customer may not claim it again.
        capacity: customers that one person may have and still claim; None for any number.
    """

    after: timedelta
    warn: timedelta
    cool_down: timedelta
    capacity: int | None


def pooling(terms: PoolTerms) -> Rule:
    """The rule of a team that keeps a pool."""

    def pool(row: Row, context: Context) -> Outcome:
        customer = record_of(row, Customer)
        if "owner" in row.unreadable or "claim" in row.unreadable:
            return NOTHING
        if customer.owner:
            return _owned(row, customer, terms, context)
        return _pooled(row, customer, terms, context)

    return pool


def no_pool(row: Row, context: Context) -> Outcome:
    """The rule of a team that keeps none."""
    return NOTHING


# -- customers that have a person ------------------------------------------------------------------------------------


def _owned(row: Row, customer: Customer, terms: PoolTerms, context: Context) -> Outcome:
    """Whether the customer stays with its person. Who got it by hand is no longer in the pool."""
    issues = (found("claim-owned", row, "claim", owner=str(customer.owner)),) if customer.claim else ()
    if _given_by_hand(row, customer):
        return Outcome(issues, cells(pool_since=None, pool_from=None, claimed_at=context.now), wake_at=context.now)
    since = _last_sign(customer)
    if since is None or not _may_go(row, customer, context):
        return Outcome(issues, cells(pool_since=None, pool_from=None))
    leaves = shifted(since, terms.after)
    if leaves <= context.now:
        return Outcome(values=cells(owner=None, pool_since=context.now, pool_from=_called(customer, context)))
    reminder = _warning(row, customer, leaves, terms, context)
    wakes = [leaves] + [each.instant for each in reminder if each.instant > context.now]
    return Outcome(issues, cells(pool_since=None, pool_from=None), reminders=reminder, wake_at=min(wakes))


def _given_by_hand(row: Row, customer: Customer) -> bool:
    """Whether somebody just wrote another person into the row: the time begins anew."""
    before = row.previous
    claimed = before.claimed_at if isinstance(before, Customer) else None
    return isinstance(before, Customer) and before.owner != customer.owner and claimed == customer.claimed_at


def _last_sign(customer: Customer) -> datetime | None:
    """When somebody last dealt with the customer: a contact, a plan for one, the day it came or was claimed."""
    signs = (customer.last_contact, customer.next_contact, customer.created_at, customer.claimed_at)
    return max((sign for sign in signs if sign is not None), default=None)


def _may_go(row: Row, customer: Customer, context: Context) -> bool:
    if customer.converted_at is not None:  # its status may be another by now: 休眠客户
        return False
    if context.dictionaries.code("customer_status", customer.status) in KEPT:
        return False
    return all(is_finished(deal.record, context) for deal in context.book.referring(row, OPPORTUNITIES))


def _called(customer: Customer, context: Context) -> str | None:
    person = person_of(customer.owner, context)
    return calling_name(person, context) if person else customer.owner


def _warning(
    row: Row, customer: Customer, leaves: datetime, terms: PoolTerms, context: Context
) -> tuple[Reminder, ...]:
    person = person_of(customer.owner, context)
    name = calling_name(person, context) if person and person.active is not False else None
    if name is None or terms.warn <= timedelta(0):
        return ()
    parameters = {
        "customer": customer.name or "",
        "subject": customer.name or "",
        "contact": customer.contact or "",
        "customer_phone": customer.phone or "",
        "planned_at": shown(leaves, context.zone),
        "due_at": leaves.isoformat(),
    }
    return (Reminder("deadline-pool-near", row.tab, row.key, name, shifted(leaves, -terms.warn), parameters),)


# -- customers in the pool -------------------------------------------------------------------------------------------


def _pooled(row: Row, customer: Customer, terms: PoolTerms, context: Context) -> Outcome:
    """Gives the customer to whoever claims it, or says why not."""
    person = the_one(PEOPLE, customer.claim, context)
    if person is None:
        return NOTHING  # nobody, or somebody whom 组织 does not know: another rule says so
    refused, wake_at = _refused(row, customer, person, terms, context)
    if refused is not None:
        return Outcome((refused,), wake_at=wake_at)
    given = cells(owner=customer.claim, claim=None, claimed_at=context.now, pool_since=None, pool_from=None)
    return Outcome(values=given)


def _refused(
    row: Row, customer: Customer, person: Row, terms: PoolTerms, context: Context
) -> tuple[Issue | None, datetime | None]:
    """Why a claim does not count, and when it will."""
    record = record_of(person, PersonRecord)
    if record.active is False:
        return found("claim-left", row, "claim", value=str(customer.claim)), None
    if customer.pool_since is not None and the_one(PEOPLE, customer.pool_from, context) == person:
        free = shifted(customer.pool_since, terms.cool_down)
        if context.now < free:
            return found("claim-too-soon", row, "claim", until=shown(free, context.zone)), free
    if terms.capacity is not None:
        have = sum(
            the_one(PEOPLE, record_of(other, Customer).owner, context) == person
            for other in context.book.referring(person, CUSTOMERS)
        )
        if have >= terms.capacity:
            tomorrow = start_of(day_after(context.today), context.zone)  # 工号 here and a name there share no entry
            return found("claim-full", row, "claim", count=str(have), capacity=str(terms.capacity)), tomorrow
    return None, None
