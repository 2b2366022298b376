"""Deals and what they will bring for each department, group and person: tables of 汇总_销售漏斗 below those of all."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Block, Measure, Number, Rate, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Group, build
from crm_sheets.rules.summaries.deals import totals_by
from crm_sheets.rules.summaries.forecast import LIKELY, expected
from crm_sheets.rules.summaries.frames import in_order
from crm_sheets.rules.summaries.units import unit_blueprint
from crm_sheets.rules.summaries.vectors import days_of

if TYPE_CHECKING:
    from pandas import DataFrame

MONTHS = 12
"""Of which the forecast of a unit is the total, the present month included."""

_DEALS = (
    Measure("open", Unit.COUNT),
    Measure("open_amount", Unit.MONEY),
    Measure("open_weighted", Unit.MONEY),
    Measure("won", Unit.COUNT),
    Measure("won_amount", Unit.MONEY),
    Measure("lost", Unit.COUNT),
    Measure("win_rate", Unit.RATIO, interval=True),
)
_SUMS = tuple(measure.key for measure in _DEALS[:-1])
_SPAN = {"months": str(MONTHS)}
_LIKELY = {**_SPAN, "share": f"{LIKELY:.0%}"}
_COMING = (
    Measure("coming", Unit.COUNT, _SPAN),
    Measure("coming_amount", Unit.MONEY, _SPAN),
    Measure("coming_weighted", Unit.MONEY, _SPAN),
    Measure("coming_won", Unit.MONEY, _SPAN),
    Measure("coming_low", Unit.MONEY, _LIKELY, adds_up=False),
    Measure("coming_forecast", Unit.MONEY, _SPAN),
    Measure("coming_high", Unit.MONEY, _LIKELY, adds_up=False),
)


def deals_by_unit(summary: str, rows: "DataFrame", units: tuple[str, ...], context: SummaryContext) -> Iterator[Block]:
    """How the deals of each unit stand, whoever has the most open first.

    Args:
        summary: its key.
        rows: of `deals`, with a column for each of `units`.
        units: those of which the reader may know.
        context: as of today.
    """
    for unit in units:
        sums = totals_by(rows, unit, _SUMS)
        names = in_order(sums, "", context, "open_amount")
        groups: list[Group] = [(name, (*sums[name].values(), _rate(sums[name]))) for name in names]
        yield build(summary, unit_blueprint("", unit, _DEALS), groups, context)


def _rate(row: dict[str, Number]) -> Rate:
    won = int(row["won"] or 0)
    return Rate(won, won + int(row["lost"] or 0))


def forecasts_by_unit(
    summary: str, rows: "DataFrame", units: tuple[str, ...], context: SummaryContext
) -> Iterator[Block]:
    """What each unit will bring from the present month on, within MONTHS; the arguments are those of deals_by_unit."""
    import numpy as np

    first, last = _span(context.today)
    closed = days_of(rows, "closed")
    soon = closed <= np.datetime64(last)
    ahead = rows[(rows["open"] == 1) & soon & (closed >= np.datetime64(context.today))]
    won = rows[(rows["won"] == 1) & soon & (closed >= np.datetime64(first))]
    for unit in units:
        found = expected(ahead, won, unit)
        groups: list[Group] = [
            (name, (each.open, each.amount, each.weighted, each.won, each.low, each.middle, each.high))
            for name, each in sorted(found.items(), key=lambda item: (-(item[1].middle or 0), item[0]))
        ]
        yield build(summary, unit_blueprint("forecast_", unit, _COMING, f"{first}/{last}"), groups, context)


def _span(today: date) -> tuple[date, date]:
    """The first and the last day of the months that a forecast of units covers."""
    first = today.replace(day=1)
    after = first.month - 1 + MONTHS
    return first, first.replace(year=first.year + after // 12, month=after % 12 + 1) - timedelta(days=1)
