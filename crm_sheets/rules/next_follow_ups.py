"""A follow-up that names its next time gets the next row by itself, once."""

from datetime import date

from crm_sheets.cells import text_key
from crm_sheets.changes import NewRow, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.moments import day_after, day_of, start_of
from crm_sheets.rules.naming import FOLLOW_UPS
from crm_sheets.rules.standing import is_cancelled
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp

Slot = tuple[date, str]
"""A day and the opportunity (as text_key): one follow-up of a customer is enough for both."""


def next_follow_ups(row: Row, context: Context) -> Outcome:
    """Asks for the next follow-up of each done one of a customer whose next time is today or later.

    It is a rule about customers, since it must know all their follow-ups: a team that types the next row itself, or
    brings a book in which it stands already, gets no second one. The origin names the done follow-up only, so that
    moving `next_at`, or the row that was made, makes no other.
    """
    follow_ups = context.book.referring(row, FOLLOW_UPS)
    records = [record_of(follow_up, FollowUp) for follow_up in follow_ups]
    asked: set[Slot] = set()
    new_rows, ends = [], []
    for follow_up, record in zip(follow_ups, records, strict=True):
        slot = _slot(record, record.next_at, context)
        if slot is None or record.done_at is None or slot[0] < context.today:
            continue
        ends.append(start_of(day_after(slot[0]), context.zone))
        planned = {_slot(other, other.planned_at, context) for other in records if _may_follow(other, record)}
        if slot not in planned | asked and not is_cancelled(record):
            asked.add(slot)
            new_rows.append(_next(follow_up, record))
    return Outcome(new_rows=tuple(new_rows), wake_at=min(ends, default=None))


def _may_follow(other: FollowUp, done: FollowUp) -> bool:
    """Whether a follow-up may be the one after a done one: not itself, which may have been planned for the very day on
    which to call again, and none that took place before it."""
    if other is done:
        return False
    return other.done_at is None or done.done_at is None or other.done_at >= done.done_at


def _slot(record: FollowUp, planned: date | None, context: Context) -> Slot | None:
    return (day_of(planned, context.zone), text_key(record.opportunity or "")) if planned is not None else None


def _next(row: Row, done: FollowUp) -> NewRow:
    """The next follow-up: what stays the same is carried over, what was planned as the next step is its content."""
    values = cells(
        customer=done.customer,
        opportunity=done.opportunity,
        method=done.method,
        subject=done.subject,
        content=done.next_step or done.subject or done.content,
        planned_at=done.next_at,
        owner=done.owner,
        remind=done.remind,
    )
    filled = {column: value for column, value in values.items() if value is not None}
    return NewRow(FOLLOW_UPS, filled, f"next-follow-up|{row.key}")
