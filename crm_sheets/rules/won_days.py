"""The column 成交日期 of a customer: on which days it bought."""

from collections.abc import Iterator
from datetime import date

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.campaigns import MOST_WON_DAYS
from crm_sheets.rules.moments import day_of
from crm_sheets.rules.money import CANCELLED
from crm_sheets.rules.naming import OPPORTUNITIES, ORDERS
from crm_sheets.rules.standing import WON, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.orders import Order
from crm_sheets.tables import ColumnKey

WON_DAYS = ColumnKey("won_days")


def won_days(row: Row, context: Context) -> Outcome:
    """Computes the days on which a deal was won or an order placed, each once, in their order."""
    if WON_DAYS not in context.tabs[row.tab].columns:
        return NOTHING
    days = sorted({day.isoformat() for day in _days(row, context)})
    return Outcome(values=cells(won_days=tuple(days[-MOST_WON_DAYS:]) or None))


def _days(row: Row, context: Context) -> Iterator[date]:
    for referring in context.book.meaning(row, OPPORTUNITIES):
        deal = record_of(referring, Opportunity)
        if stage_code(deal, context) == WON and deal.stage_since is not None:
            yield day_of(deal.stage_since, context.zone)
    for referring in context.book.meaning(row, ORDERS):
        order = record_of(referring, Order)
        if order.ordered_on is not None and context.dictionaries.code("order_state", order.state) != CANCELLED:
            yield order.ordered_on
