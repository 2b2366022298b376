"""汇总_订单: what was ordered, by month, state, person and customer, what of it was paid and what it brought."""

from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Number,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    mean,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline
from crm_sheets.rules.summaries.frames import (
    choices,
    column,
    in_dictionary_order,
    numbers,
    table,
    texts,
    total,
    totals,
)
from crm_sheets.rules.summaries.periods import month_of, window

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "orders"

_SUMS = ("orders", "amount", "paid", "profit")
_ORDERS, _AMOUNT = Measure("orders", Unit.COUNT), Measure("order_amount", Unit.MONEY)
_PAID, _OPEN = Measure("order_paid", Unit.MONEY), Measure("order_open", Unit.MONEY)
_PROFIT, _AVERAGE = Measure("order_profit", Unit.MONEY), Measure("average_order", Unit.MONEY, adds_up=False)
_MEASURES = (_ORDERS, _AMOUNT, _PAID, _OPEN, _PROFIT, _AVERAGE)
_BLOCKS = (
    Blueprint("by_state", "order_state", _MEASURES[:3], 8, Chart(ChartKind.PIE)),
    Blueprint("by_payment", "payment_state", _MEASURES[:4], 4, Chart(ChartKind.PIE)),
    Blueprint("by_owner", "person", _MEASURES, 15, Chart(ChartKind.BAR, (2, 3))),
    Blueprint("by_customer", "order_customer", _MEASURES, 15, Chart(ChartKind.BAR, (2,))),
)
_MONTHS = Blueprint("months", "month", _MEASURES, 12, Chart(ChartKind.LINE, (2, 3)), periods=True)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Orders as of today, those that were cancelled left out."""
    rows = _rows(frames, context)
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_orders"),
        as_of=context.today,
        headlines=_headlines(rows, context),
        blocks=(*(_by(rows, plan, context) for plan in _BLOCKS), _by_month(rows, context)),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    states = choices(frames, KEY, "state", "order_state", context)
    rows = table(
        {
            "order_state": states,
            "payment_state": texts(frames, KEY, "payment_state", context),
            "person": texts(frames, KEY, "owner", context),
            "order_customer": texts(frames, KEY, "customer", context),
            "month": [
                month_of(day) if (day := context.day(value)) else "" for value in column(frames, KEY, "ordered_on")
            ],
            "orders": [1] * len(states),
            "amount": numbers(frames, KEY, "total"),
            "paid": numbers(frames, KEY, "paid"),
            "profit": numbers(frames, KEY, "profit"),
            "counts": [context.dictionaries.code("order_state", state) != "cancelled" for state in states],
        }
    )
    return rows[rows["counts"].astype(bool)]


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    sums = _measured({name: total(rows, name) for name in _SUMS})
    return tuple(headline(KEY, measure, number, context) for measure, number in zip(_MEASURES, sums, strict=True))


def _measured(sums: dict[str, Number]) -> tuple[Number, ...]:
    """The numbers of the measures, in their order."""
    orders, amount, paid = sums["orders"], sums["amount"], sums["paid"]
    return orders, amount, paid, (amount or 0) - (paid or 0), sums["profit"], mean(amount, orders)


def _by(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = totals(rows, plan.group, _SUMS)
    if plan.group == "order_state":
        names = in_dictionary_order(sums, "order_state", context)
    else:
        names = sorted(sums, key=lambda name: (-(sums[name]["amount"] or 0), name))
    groups: list[Group] = [(name, _measured(sums[name])[: len(plan.measures)]) for name in names]
    return build(KEY, plan, groups, context)


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = totals(rows[rows["month"] != ""], "month", _SUMS)
    counted = {month: _measured(row) for month, row in sums.items()}
    nothing: tuple[Number, ...] = (0, 0, 0, 0, 0, None)
    shown = window(counted, month_of(context.today), _MONTHS.capacity)
    unseen = [(month, counted[month]) for month in sorted(counted) if month not in shown]
    return build(KEY, _MONTHS, [(month, counted.get(month, nothing)) for month in shown], context, unseen)


ORDERS = SummaryRule(KEY, columns(orders="customer ordered_on state total paid profit payment_state owner"), compute)
