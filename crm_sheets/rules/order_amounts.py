"""What an order comes to, by its lines."""

from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.money import CANCELLED, amounts_of_order, order_state
from crm_sheets.rules.naming import ORDER_LINES
from crm_sheets.schema.base import Row
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.orders import Order


def order_amounts(row: Row, context: Context) -> Outcome:
    """Computes total, discount, cost and profit; tells of an order that has no lines yet."""
    amounts = amounts_of_order(row, context)
    if amounts is not None:
        values = cells(total=amounts.total, discount=amounts.discount, cost=amounts.cost, profit=amounts.profit)
        return Outcome(values=values)
    values = cells(total=None, discount=None, cost=None, profit=None)
    if ORDER_LINES not in context.tabs or order_state(record_of(row, Order), context) == CANCELLED:
        return Outcome(values=values)
    lines = tab_label(ORDER_LINES, context.language)
    return Outcome((found("order-without-lines", row, "total", Severity.INFO, target=lines),), values)
