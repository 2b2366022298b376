"""What an order comes to, by its lines."""

from collections.abc import Iterator

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.money import CANCELLED, amounts_of_lines, order_state, summed
from crm_sheets.rules.naming import ORDER_LINES
from crm_sheets.schema.base import Row
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.orders import Order


def order_amounts(row: Row, context: Context) -> Outcome:
    """Computes total, discount, cost and profit; tells of an order without lines, and of lines without an amount."""
    lines = amounts_of_lines(row, context)
    known = [each for each in lines if each is not None]
    amounts = summed(known)
    values = cells(total=None, discount=None, cost=None, profit=None)
    if amounts is not None:
        values = cells(total=amounts.total, discount=amounts.discount, cost=amounts.cost, profit=amounts.profit)
    return Outcome(tuple(_issues(row, len(lines), len(lines) - len(known), context)), values)


def _issues(row: Row, lines: int, unknown: int, context: Context) -> Iterator[Issue]:
    if ORDER_LINES not in context.tabs or order_state(record_of(row, Order), context) == CANCELLED:
        return
    tab = tab_label(ORDER_LINES, context.language)
    if not lines:
        yield found("order-without-lines", row, "total", Severity.INFO, target=tab)
    elif unknown:
        yield found("order-lines-unknown", row, "total", Severity.WARNING, target=tab, number=str(unknown))
