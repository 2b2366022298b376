"""What a line of an order comes to."""

from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, cells, found
from crm_sheets.rules.money import line_amounts
from crm_sheets.schema.base import Row


def order_line_amounts(row: Row, context: Context) -> Outcome:
    """Computes amount (quantity x price less the discount) and profit (less the cost); warns of a loss."""
    amounts = line_amounts(row)
    if amounts is None:
        return Outcome(values=cells(amount=None, profit=None))
    values = cells(amount=amounts.total, profit=amounts.profit)
    if amounts.profit is None or amounts.profit >= 0:
        return Outcome(values=values)
    return Outcome((found("sold-at-a-loss", row, "profit", Severity.WARNING, value=f"{amounts.profit:,.2f}"),), values)
