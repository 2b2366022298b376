"""Payments that are expected: a mail to the owner some days before and on the day, a finding once they are late."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm_sheets.changes import NOTHING, Issue, Outcome, Reminder, Severity
from crm_sheets.rules.base import Context, Rule, found, record_of
from crm_sheets.rules.moments import WORK_STARTS, at, day_after, start_of
from crm_sheets.rules.money import CANCELLED, has_arrived, order_state
from crm_sheets.rules.naming import CONTRACTS, ORDERS, active_name, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.contracts import Contract
from crm_sheets.schema.orders import Order
from crm_sheets.schema.payments import Payment


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """What a team wants to be told of payments.

    Attributes:
        before: so long (whole days) before they are due.
        late: so many working days after that, while they have not come.
        mails: whether by mail; otherwise only the row says that one is late.
    """

    before: tuple[timedelta, ...] = (timedelta(days=3),)
    late: tuple[int, ...] = (1, 3, 7)
    mails: bool = True


KIND = "deadline-payment"


def noticing_payments(terms: PaymentTerms) -> Rule:
    """The rule of a team with its own terms."""

    def payment_dates(row: Row, context: Context) -> Outcome:
        outcome = _payment_dates(row, context, terms)
        return outcome if terms.mails else replace(outcome, reminders=())

    return payment_dates


def payment_dates(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise."""
    return _payment_dates(row, context, PaymentTerms())


def _payment_dates(row: Row, context: Context, terms: PaymentTerms) -> Outcome:
    payment = record_of(row, Payment)
    if payment.due_on is None or has_arrived(payment, context.today) or _is_off(payment, context):
        return NOTHING
    late = day_after(payment.due_on)
    reminders = _reminders(row, payment, payment.due_on, terms, context)
    instants = [start_of(late, context.zone), *(reminder.instant for reminder in reminders)]
    if payment.paid_on is not None:
        instants.append(start_of(payment.paid_on, context.zone))
    issues: tuple[Issue, ...] = ()
    if context.today >= late:
        issues = (found("payment-overdue", row, "due_on", Severity.WARNING, value=payment.due_on.isoformat()),)
    wake_at = min((instant for instant in instants if instant > context.now), default=None)
    return Outcome(issues, reminders=reminders, wake_at=wake_at)


def _is_off(payment: Payment, context: Context) -> bool:
    """Whether nobody waits for it any more: its order was cancelled, or its contract terminated."""
    order = the_one(ORDERS, payment.order, context)
    if order is not None:
        return order_state(record_of(order, Order), context) == CANCELLED
    contract = the_one(CONTRACTS, payment.contract, context)
    if contract is None:
        return False
    return context.dictionaries.code("contract_state", record_of(contract, Contract).state) == "terminated"


def _reminders(row: Row, payment: Payment, due_on: date, terms: PaymentTerms, context: Context) -> tuple[Reminder, ...]:
    """To the owner: some days before, on the day, and while it is late. Amounts stay out of mails."""
    name = active_name(payment.owner, context)
    if name is None:
        return ()
    parameters = {
        "subject": payment.order or payment.contract or str(row.key),
        "customer": payment.customer or "",
        "planned_at": due_on.isoformat(),
        "due_at": at(due_on, WORK_STARTS, context.zone).isoformat(),
    }
    days = (*(day_after(due_on, -each.days) for each in terms.before), due_on)
    calendar = context.calendar
    late = (calendar.opens(calendar.workday_after(due_on, step)) for step in terms.late)
    instants = dict.fromkeys((*(at(day, WORK_STARTS, context.zone) for day in days), *late))
    return tuple(Reminder(KIND, row.tab, row.key, name, instant, parameters) for instant in instants)
