"""What a customer bought: won deals, and orders where the team keeps them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.moments import day_of, start_of
from crm_sheets.rules.money import CANCELLED, order_state
from crm_sheets.rules.moves import entered_stage
from crm_sheets.rules.naming import OPPORTUNITIES, ORDERS
from crm_sheets.rules.standing import WON, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.orders import Order

NOT_YET = datetime.max.replace(tzinfo=UTC)
"""Sorts what has no instant behind what has one."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One thing that was bought.

    Attributes:
        at: the instant at which it was won or ordered, aware; None while it is not known.
        name: of the deal, or the number of the order.
        source: where the deal came from.
    """

    at: datetime | None
    amount: Decimal
    name: str
    source: str | None = None

    def day(self, context: Context) -> date | None:
        """The day on which it was bought, in the team's zone."""
        return None if self.at is None else day_of(self.at, context.zone)


def won_deals(row: Row, context: Context) -> list[Purchase]:
    """The won deals of a customer, the first won first."""
    return sorted((_closed(deal, context) for deal in _won(row, context)), key=_when)


def orders_of(row: Row, context: Context) -> list[Purchase]:
    """The orders of a customer that were not cancelled, the first first."""
    return sorted((_ordered(order, context) for order in _orders(row, context)), key=_when)


def purchases(row: Row, context: Context) -> list[Purchase]:
    """Everything that a customer bought, the first first: an order that came of a won deal is no second purchase."""
    won = _won(row, context)
    told = {text_key(name) for deal in won for name in (deal.key, record_of(deal, Opportunity).name) if name}
    orders = [
        order for order in _orders(row, context) if text_key(record_of(order, Order).opportunity or "") not in told
    ]
    bought = [*(_closed(deal, context) for deal in won), *(_ordered(order, context) for order in orders)]
    return sorted(bought, key=_when)


def may_have_bought(row: Row, context: Context) -> bool:
    """Whether something names the customer that may as well mean another one."""
    book = context.book
    return any(len(book.meaning(row, tab)) < len(book.referring(row, tab)) for tab in (OPPORTUNITIES, ORDERS))


def _won(row: Row, context: Context) -> list[Row]:
    deals = context.book.meaning(row, OPPORTUNITIES)
    return [deal for deal in deals if stage_code(record_of(deal, Opportunity), context) == WON]


def _closed(deal: Row, context: Context) -> Purchase:
    record = record_of(deal, Opportunity)
    at = entered_stage(deal, context)
    return Purchase(at, record.amount or Decimal(0), record.name or str(deal.key), record.source)


def _orders(row: Row, context: Context) -> list[Row]:
    orders = context.book.meaning(row, ORDERS)
    return [order for order in orders if order_state(record_of(order, Order), context) != CANCELLED]


def _ordered(order: Row, context: Context) -> Purchase:
    record = record_of(order, Order)
    at = start_of(record.ordered_on, context.zone) if record.ordered_on is not None else None
    return Purchase(at, record.total or Decimal(0), record.external or str(order.key))


def _when(purchase: Purchase) -> tuple[datetime, str]:
    return purchase.at or NOT_YET, purchase.name
