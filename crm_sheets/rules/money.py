"""Amounts, rounded to cents: what lines, orders, payments and customers come to. Several rules must agree on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.moments import start_of
from crm_sheets.rules.naming import ORDER_LINES, ORDERS, PAYMENTS
from crm_sheets.schema.base import Row
from crm_sheets.schema.order_lines import OrderLine
from crm_sheets.schema.orders import Order
from crm_sheets.schema.payments import Payment
from crm_sheets.tables import ColumnKey

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

CANCELLED = "cancelled"
"""Code of the order state 已取消: such an order is worth nothing."""

DISCOUNT = ColumnKey("discount")

COMPLETED = "completed"
"""Code of 已完成, of orders and of contracts."""


def rounded(amount: Decimal) -> Decimal:
    """To whole cents, half a cent away from zero, as tills and invoices do."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a line or an order comes to.

    Attributes:
        total: what the customer pays.
        discount: what was taken off the price.
        cost: None while it is not known of every line.
    """

    total: Decimal
    discount: Decimal
    cost: Decimal | None

    @property
    def profit(self) -> Decimal | None:
        """What is left of the total."""
        return None if self.cost is None else self.total - self.cost


def line_amounts(row: Row) -> Amounts | None:
    """What a line comes to: quantity x price less its discount; None while quantity or price is missing, or a discount
    stands there that nobody can read: without it the price would be too high."""
    line = record_of(row, OrderLine)
    if line.quantity is None or line.unit_price is None or (line.discount is None and DISCOUNT in row.unreadable):
        return None
    full = line.quantity * line.unit_price
    total = rounded(full * (1 - (line.discount or 0)))
    return Amounts(total, rounded(full) - total, line.cost)


def amounts_of_order(order: Row, context: Context) -> Amounts | None:
    """What an order comes to: its lines; None when none of them has an amount."""
    return summed(amounts for amounts in amounts_of_lines(order, context) if amounts is not None)


def amounts_of_lines(order: Row, context: Context) -> list[Amounts | None]:
    """What each line of an order comes to; None for those of which it is not known."""
    return [line_amounts(line) for line in context.book.meaning(order, ORDER_LINES)]


def summed(parts: Iterable[Amounts]) -> Amounts | None:
    """Several amounts as one; None when there is none."""
    known = list(parts)
    if not known:
        return None
    costs = [part.cost for part in known if part.cost is not None]
    return Amounts(
        sum((part.total for part in known), ZERO),
        sum((part.discount for part in known), ZERO),
        sum(costs, ZERO) if len(costs) == len(known) else None,
    )


@dataclass(frozen=True, slots=True)
class Receipts:
    """The payments for an order or a contract: what has arrived, what is still planned, how many are planned."""

    paid: Decimal
    planned: Decimal
    open: int


def receipts(row: Row, context: Context) -> Receipts:
    """The payments that name an order or a contract."""
    payments = [record_of(payment, Payment) for payment in context.book.meaning(row, PAYMENTS)]
    arrived = [each.amount or ZERO for each in payments if has_arrived(each, context.today)]
    planned = [each.amount or ZERO for each in payments if not has_arrived(each, context.today)]
    return Receipts(sum(arrived, ZERO), sum(planned, ZERO), len(planned))


def has_arrived(payment: Payment, today: date) -> bool:
    """Whether the money is there; a day to come is a slip of the pen, or a promise."""
    return payment.paid_on is not None and payment.paid_on <= today


def next_arrival(row: Row, context: Context) -> datetime | None:
    """When the next payment arrives whose day was typed ahead; None when there is none."""
    payments = (record_of(payment, Payment) for payment in context.book.meaning(row, PAYMENTS))
    ahead = [each.paid_on for each in payments if each.paid_on is not None and each.paid_on > context.today]
    return start_of(min(ahead), context.zone) if ahead else None


@dataclass(frozen=True, slots=True)
class Purchases:
    """What a customer ordered: how many orders, and what they come to."""

    orders: int
    amount: Decimal
    cost: Decimal | None
    last: date | None

    @property
    def profit(self) -> Decimal | None:
        """None while the cost of one of the orders is not known."""
        return None if self.cost is None else self.amount - self.cost


def purchases(customer: Row, context: Context, first: date | None = None, last: date | None = None) -> Purchases:
    """The orders of a customer that were not cancelled, made between two days (both included, None: no limit).

    Reads the computed columns of the orders, and is asked again when one of them changes. A team that keeps no orders
    has none.
    """
    orders = [record_of(order, Order) for order in context.book.meaning(customer, ORDERS)]
    counted = [order for order in orders if _counts(order, first, last, context)]
    costs = [order.cost for order in counted if order.cost is not None]
    return Purchases(
        len(counted),
        sum((order.total or ZERO for order in counted), ZERO),
        sum(costs, ZERO) if len(costs) == len(counted) else None,
        max((order.ordered_on for order in counted if order.ordered_on is not None), default=None),
    )


def _counts(order: Order, first: date | None, last: date | None, context: Context) -> bool:
    if order_state(order, context) == CANCELLED:
        return False
    if first is None and last is None:
        return True
    day = order.ordered_on
    return day is not None and (first is None or first <= day) and (last is None or day <= last)


def order_state(order: Order, context: Context) -> str:
    """The code of an order's state; "" when it is blank, unknown or the team's own."""
    return context.dictionaries.code("order_state", order.state)
