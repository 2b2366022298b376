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
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, hidden_block, sentence, summary_of
from crm_sheets.rules.summaries.frames import column, in_order
from crm_sheets.rules.summaries.periods import month_before, month_of, window
from crm_sheets.rules.summaries.trade import stands
from crm_sheets.rules.summaries.units import PEOPLE, units
from crm_sheets.rules.summaries.vectors import (
    amounts,
    chosen,
    covered_amounts,
    days,
    hides,
    hundredths,
    known_values,
    named,
    period_names,
    sum_of,
    sums_by,
)
from crm_sheets.rules.summaries.wording import money, of, share
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "orders"

_COUNTS, _AMOUNTS = ("orders",), ("amount", "paid", "profit", "covered")
_ORDERS, _AMOUNT = Measure("orders", Unit.COUNT), Measure("order_amount", Unit.MONEY)
_PAID, _OPEN = Measure("order_paid", Unit.MONEY), Measure("order_open", Unit.MONEY)
_PROFIT, _AVERAGE = Measure("order_profit", Unit.MONEY), Measure("average_order", Unit.MONEY, adds_up=False)
_COVERED = Measure("order_profit_of", Unit.RATIO)
_MEASURES = (_ORDERS, _AMOUNT, _PAID, _OPEN, _PROFIT, _AVERAGE, _COVERED)
_BLOCKS = (
    Blueprint("by_state", "order_state", _MEASURES[:3], 8, Chart(ChartKind.PIE)),
    Blueprint("by_payment", "payment_state", _MEASURES[:4], 4, Chart(ChartKind.PIE)),
    Blueprint("by_owner", "person", _MEASURES, 15, Chart(ChartKind.BAR, (2, 3))),
    Blueprint("by_customer", "order_customer", _MEASURES, 15, Chart(ChartKind.BAR, (2,))),
    Blueprint("by_group", "group", _MEASURES, 15, Chart(ChartKind.BAR, (2, 3))),
    Blueprint("by_department", "department", _MEASURES, 10, Chart(ChartKind.BAR, (2, 3))),
)
_MONTHS = Blueprint("months", "month", _MEASURES, 12, Chart(ChartKind.LINE, (2, 3)), periods=True)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Orders as of today, those that were cancelled left out."""
    rows = _rows(frames, context)
    heads = _headlines(rows, context)
    months = _by_month(rows, context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            *(
                hidden_block(block, context)
                if block.key == "by_payment" and hides(frames, KEY, "payment_state")
                else block
                for block in (_by(rows, plan, context) for plan in _BLOCKS)
            ),
            months,
        ),
        conclusion=_conclusion(heads, months, context),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    count = len(column(frames, KEY, "state"))
    blank = context.language.text("summary.blank")
    rows = pd.DataFrame(
        {
            **units(frames, KEY, "owner", context),
            "order_state": known_values(column(frames, KEY, "state"), "order_state", context),
            "payment_state": named(column(frames, KEY, "payment_state"), str, blank),
            "order_customer": named(column(frames, KEY, "customer"), str, blank),
            "month": period_names(days(column(frames, KEY, "ordered_on"), context), month_of),
            "orders": np.ones(count, dtype=np.int64),
            "amount": amounts(frames, KEY, "total"),
            "paid": amounts(frames, KEY, "paid"),
            "profit": hundredths(column(frames, KEY, "profit")),
            "covered": covered_amounts(frames, KEY, "total"),
        }
    )
    return chosen(rows, stands(frames, context))


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    sums: dict[str, Number] = {"orders": len(rows), **{name: sum_of(rows[name]) for name in _AMOUNTS}}
    return tuple(
        headline(KEY, measure, number, context) for measure, number in zip(_MEASURES, _measured(sums), strict=True)
    )


def _measured(sums: dict[str, Number]) -> tuple[Number, ...]:
    """The numbers of the measures, in their order. Profit is told of the orders of which every cost is known."""
    orders, worth, paid, covered = sums["orders"], sums["amount"], sums["paid"], sums["covered"]
    profit = sums["profit"] if covered else None
    still = None if worth is None or paid is None else worth - paid
    return orders, worth, paid, still, profit, mean(worth, orders), ratio(covered, worth)


def _by(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = sums_by(rows, plan.group, _COUNTS, _AMOUNTS)
    names = in_order(sums, "order_state" if plan.group == "order_state" else "", context, "amount")
    groups: list[Group] = [(name, _measured(sums[name])[: len(plan.measures)]) for name in names]
    return build(KEY, plan, groups, context)


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows[rows["month"] != ""], "month", _COUNTS, _AMOUNTS)
    counted = {month: _measured(row) for month, row in sums.items()}
    nothing = _measured(dict.fromkeys((*_COUNTS, *_AMOUNTS), 0))
    shown = window(counted, month_of(context.today), _MONTHS.capacity)
    unseen = [(month, counted[month]) for month in sorted(counted) if month not in shown]
    return build(KEY, _MONTHS, [(month, counted.get(month, nothing)) for month in shown], context, unseen)


def _conclusion(heads: tuple[Figure, ...], months: Block, context: SummaryContext) -> str:
    text = context.language.text
    orders, worth, paid, open_, profit, _, covered = (figure.value for figure in heads)
    if not orders:
        return ""
    now = month_of(context.today)
    this, last = (
        next((figure.value or 0 for figure in months.figures if figure.key.endswith(f".order_amount[{month}]")), 0)
        for month in (now, month_before(now))
    )
    return sentence(
        context,
        (
            text("orders.conclusion.count", orders=f"{orders:,}")
            if worth is None
            else text("orders.conclusion.all", orders=f"{orders:,}", amount=money(worth, context)),
            text("orders.conclusion.paid", share=of(paid, worth), open=money(open_, context)) if worth else "",
            text("orders.conclusion.month", this=money(this, context), last=money(last, context))
            if this or last
            else "",
            text("orders.conclusion.profit", profit=money(profit, context), share=share(covered))
            if profit is not None
            else "",
        ),
    )


ORDERS = SummaryRule(
    KEY,
    columns(orders="customer ordered_on state total profit paid payment_state owner"),
    compute,
    decisive=columns(orders="state"),
    needs=frozenset({TabKey(KEY)}),
    also=columns(people=PEOPLE),
)
