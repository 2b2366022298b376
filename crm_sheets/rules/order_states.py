"""The state of an order goes with its dates."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.money import order_state
from crm_sheets.schema.base import Row
from crm_sheets.schema.orders import Order

ON_THE_WAY = frozenset({"created", "processing", "shipped"})


def order_states(row: Row, context: Context) -> Outcome:
    """Tells of an order that was delivered and does not say so, and from the day after on of one that is late."""
    order = record_of(row, Order)
    if order_state(order, context) not in ON_THE_WAY:
        return NOTHING
    if order.delivered_on is not None:
        issue = found("state-behind-dates", row, "state", Severity.WARNING, value=str(order.state))
        return Outcome((issue,))
    if order.delivery_due is None:
        return NOTHING
    if order.delivery_due >= context.today:
        return Outcome(wake_at=start_of(day_after(order.delivery_due), context.zone))
    late = found("delivery-overdue", row, "delivery_due", Severity.WARNING, value=order.delivery_due.isoformat())
    return Outcome((late,))
