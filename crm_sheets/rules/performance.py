"""What a person brought in a month: the figures of 业绩, by which targets are measured."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.money import ZERO
from crm_sheets.rules.naming import person_of
from crm_sheets.rules.tallies import arrival, month_that_it_counts_in
from crm_sheets.schema.base import Record, Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.payments import Payment
from crm_sheets.schema.performance import Performance
from crm_sheets.schema.tallies import FACTS, slot

_Record = TypeVar("_Record", bound=Record)


def performance(row: Row, context: Context) -> Outcome:
    """Computes who it is, and the figures of the month.

    A deal is won in the month of its close date, a payment counts in that of its arrival, a customer in that of its
    creation, a follow-up in that in which it took place.
    """
    record = record_of(row, Performance)
    if record.month is None:
        return NOTHING
    person = person_of(record.person, context)
    won = list(_counted(record, Opportunity, context))
    paid = _counted(record, Payment, context)
    values = cells(
        name=person.name if person else record.person,
        number=person.id if person else None,
        department=person.department if person else None,
        group=person.group if person else None,
        won_deals=len(won),
        won_amount=sum((deal.amount or ZERO for deal in won), ZERO),
        paid_amount=sum((payment.amount or ZERO for payment in paid), ZERO),
        new_customers=sum(1 for _ in _counted(record, Customer, context)),
        follow_ups=sum(1 for _ in _counted(record, FollowUp, context)),
    )
    return Outcome(values=values, wake_at=_next_arrival(record, record.month, context))


def _counted(of: Performance, kind: type[_Record], context: Context) -> Iterator[_Record]:
    if of.month is not None and kind.tab in context.tabs:
        for row in context.book.counted(kind.tab, FACTS, slot(of.month, of.person)):
            record = record_of(row, kind)
            if month_that_it_counts_in(record, context) == of.month:
                yield record


def _next_arrival(of: Performance, month: str, context: Context) -> datetime | None:
    rows = context.book.counted(Payment.tab, FACTS, slot(month, of.person))
    return min((at for row in rows if (at := arrival(row.record, context)) is not None), default=None)
