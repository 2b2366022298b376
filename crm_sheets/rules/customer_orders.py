"""What a customer has bought: number of orders, their amount and profit, the day of the last one."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells
from crm_sheets.rules.money import purchases
from crm_sheets.schema.base import Row
from crm_sheets.tables import ColumnKey


def customer_orders(row: Row, context: Context) -> Outcome:
    """Computes the four columns from the orders that were not cancelled; profit is blank while a cost is not known."""
    if ColumnKey("orders") not in context.tabs[row.tab].columns:
        return NOTHING
    bought = purchases(row, context)
    profit = bought.profit if bought.orders else None
    values = cells(orders=bought.orders, order_amount=bought.amount, order_profit=profit, last_order=bought.last)
    return Outcome(values=values)
