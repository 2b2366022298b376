"""What of an order has been paid: 待支付, 分期支付, 已支付."""

from collections.abc import Iterator
from decimal import Decimal

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.money import CANCELLED, COMPLETED, Receipts, amounts_of_order, next_arrival, order_state, receipts
from crm_sheets.schema.base import Row
from crm_sheets.schema.orders import Order


def order_payments(row: Row, context: Context) -> Outcome:
    """Computes paid and payment_state from the payments that have arrived; flags what does not add up.

    A completed order that is not paid, a cancelled one that is, more paid than asked for, instalments that are not the
    whole amount.
    """
    amounts = amounts_of_order(row, context)
    total = None if amounts is None else amounts.total
    received = receipts(row, context)
    state = payment_state(total, received.paid)
    values = cells(paid=received.paid, payment_state=context.language.text(f"value.payment_state.{state}"))
    issues = tuple(_issues(row, total, received, context))
    return Outcome(issues, values, wake_at=next_arrival(row, context))


def payment_state(total: Decimal | None, paid: Decimal) -> str:
    """`unpaid`, `partly` or `paid`; an order of nothing needs no payment."""
    if total is not None and paid >= total:
        return "paid"
    return "partly" if paid else "unpaid"


def _issues(row: Row, total: Decimal | None, received: Receipts, context: Context) -> Iterator[Issue]:
    paid, planned = received.paid, received.planned
    state = order_state(record_of(row, Order), context)
    if state == CANCELLED:
        if paid:
            yield found("cancelled-but-paid", row, "paid", Severity.WARNING, value=_shown(paid))
        return
    if total is None:
        return
    if paid > total:
        yield found("overpaid", row, "paid", Severity.WARNING, value=_shown(paid), difference=_shown(paid - total))
    elif received.open and paid + planned != total:
        yield found(
            "instalments-differ",
            row,
            "total",
            Severity.WARNING,
            value=_shown(paid + planned),
            difference=_shown(abs(total - paid - planned)),
        )
    if state == COMPLETED and paid < total:
        yield found("completed-unpaid", row, "state", Severity.WARNING, value=str(record_of(row, Order).state))


def _shown(amount: Decimal) -> str:
    return f"{amount:,.2f}"
