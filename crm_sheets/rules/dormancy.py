"""When a customer with whom nobody speaks counts as dormant, and when it is awake again."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.contacts import last_contact
from crm_sheets.rules.conversions import BOUGHT, STATUSES
from crm_sheets.rules.moments import day_after, day_of
from crm_sheets.rules.moves import STATUS, came_from, may_follow, moved_at, with_code
from crm_sheets.rules.purchases import purchases
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer

DORMANT = "dormant"
"""Code of 休眠客户."""

DORMANT_DAYS = "dormant_days"
"""Attribute of a status: its own number of days; 0 for never."""

NEVER_DORMANT = frozenset({"lost", DORMANT})


@dataclass(frozen=True, slots=True)
class DormancyPolicy:
    """What the config says.

    Attributes:
        days: without contact after which a customer is dormant; 0 for never.
        moves: whether the status is moved; otherwise a finding suggests it.
    """

    days: int = 180
    moves: bool = False


def dormant_from(row: Row, context: Context, policy: DormancyPolicy) -> date | None:
    """The day from which a customer with its present status counts as dormant; None for never.

    Days are counted from the last contact, or from the day on which sales set the status, if that is later; for a
    customer with whom nobody ever spoke, from the day on which it came into the book.
    """
    customer = record_of(row, Customer)
    entry = context.dictionaries.entry(STATUSES, customer.status)
    if entry is None or entry.code in NEVER_DORMANT:
        return None
    own = whole(entry.attributes.get(DORMANT_DAYS))
    days = policy.days if own is None else own
    since = _quiet_since(row, context)
    return day_after(day_of(since, context.zone), days) if since is not None and days > 0 else None


def _quiet_since(row: Row, context: Context) -> datetime | None:
    seen = (last_contact(row, context), moved_at(row, STATUS, context))
    return max((instant for instant in seen if instant is not None), default=record_of(row, Customer).created_at)


def went_dormant(row: Row, context: Context, policy: DormancyPolicy) -> bool:
    """Whether the program moved the status of a customer to dormant in this cycle."""
    status = record_of(row, Customer).status
    if row.previous is None or not policy.moves or context.dictionaries.code(STATUSES, status) != DORMANT:
        return False
    before = dormant_from(replace(row, record=row.previous), context, policy)
    return before is not None and before <= context.today


def was_contacted(row: Row, context: Context) -> bool:
    """Whether somebody was in contact with a dormant customer since it is."""
    contact = last_contact(row, context)
    since = moved_at(row, STATUS, context) or record_of(row, Customer).created_at
    return contact is not None and since is not None and contact > since


def dormant_value(row: Row, context: Context) -> str | None:
    """The value for dormant customers, where the dictionary has one that may follow the present status."""
    entry = with_code(STATUSES, DORMANT, context.dictionaries)
    status = record_of(row, Customer).status
    return entry.value if entry and may_follow(STATUSES, status, entry.value, context.dictionaries) else None


def waking_value(row: Row, context: Context) -> str | None:
    """What a dormant customer becomes when it is awake again: what it was, else what its purchases say."""
    before = came_from(row, "status", "status_was")
    was = context.dictionaries.entry(STATUSES, before)
    if was is not None and was.code not in NEVER_DORMANT:
        return was.value
    code = BOUGHT if purchases(row, context) else "potential"
    entry = with_code(STATUSES, code, context.dictionaries)
    return entry.value if entry else None
