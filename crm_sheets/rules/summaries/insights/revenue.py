"""What the next months may bring."""

from collections import defaultdict
from decimal import Decimal

from crm_sheets.insights.forecasting import LEAST, Forecast, forecast
from crm_sheets.rules.summaries.base import Chart, ChartKind, Figure, Measure, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline
from crm_sheets.rules.summaries.insights.market import Market
from crm_sheets.rules.summaries.insights.parts import KEY, Part
from crm_sheets.rules.summaries.periods import month_before, month_of
from crm_sheets.rules.summaries.wording import money

LOOKED_AT = 60
"""Months of the past that a forecast is made from at most: five years tell all that these methods use, and one order of
1920, which is a slip of the pen, makes no series of a thousand months without a sale."""

AHEAD = 3
"""Months that are foretold; the current one, of which a part is known, is the first."""

_MONTHS = Blueprint(
    "revenue",
    "month",
    (
        Measure("revenue_true", Unit.MONEY),
        Measure("revenue_foretold", Unit.MONEY),
        Measure("revenue_low", Unit.MONEY),
        Measure("revenue_high", Unit.MONEY),
    ),
    15,
    Chart(ChartKind.LINE, (1, 2, 3, 4)),
    periods=True,
)
_METHODS = Blueprint("methods", "method_of_forecast", (Measure("forecast_error", Unit.MONEY, adds_up=False),), 5)


def revenue(market: Market, context: SummaryContext) -> Part:
    """By the month of the order (of the close, where a team keeps no orders)."""
    text = context.language.text
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for buyer in market.buyers:
        for day, amount in buyer.bought:
            sums[month_of(day)] += amount
    current = month_of(context.today)
    earliest = f"{int(current[:4]) - LOOKED_AT // 12:04}{current[4:]}"
    known = [month for month in sums if earliest <= month < current]
    months = _months(min(known, default=current), current)
    found = forecast([float(sums[month]) for month in months], AHEAD)
    ahead = _ahead(current)
    blocks = (
        build(KEY, _MONTHS, _rows(months, sums, ahead, found), context),
        build(KEY, _METHODS, _methods(found, context), context),
    )
    if found is None:
        why = text("insights.revenue.few", months=str(len(months)), least=str(LEAST))
        return Part("revenue", "too_few", why, _headline(None, context, current), blocks)
    first = Decimal(round(found.values[0]))
    return Part(
        "revenue",
        "told",
        text(
            "insights.revenue.told",
            method=text(f"insights.method.{found.method}"),
            tested=str(found.tested),
            error=f"{found.error:,.0f}",
        ),
        _headline(first, context, current),
        blocks,
        text("insights.conclusion.revenue", amount=money(first, context), error=money(Decimal(found.error), context)),
    )


def _headline(value: Decimal | None, context: SummaryContext, month: str) -> Figure:
    return headline(KEY, Measure("revenue_foretold", Unit.MONEY), value, context, month)


def _months(first: str, current: str) -> list[str]:
    """The complete months from the first one with a sale on."""
    months: list[str] = []
    month = month_before(current)
    while month >= first:
        months.append(month)
        month = month_before(month)
    return months[::-1]


def _ahead(current: str) -> list[str]:
    year, month = int(current[:4]), int(current[5:])
    return [f"{year + (month - 1 + step) // 12:04}-{(month - 1 + step) % 12 + 1:02}" for step in range(AHEAD)]


def _rows(months: list[str], sums: dict[str, Decimal], ahead: list[str], found: Forecast | None) -> list[Group]:
    known: list[Group] = [(month, (sums[month], None, None, None)) for month in months[AHEAD - _MONTHS.capacity :]]
    if found is None:
        return known
    foretold = zip(ahead, found.values, found.low, found.high, strict=True)
    return known + [(month, (None, *(Decimal(round(value)) for value in values))) for month, *values in foretold]


def _methods(found: Forecast | None, context: SummaryContext) -> list[Group]:
    if found is None:
        return []
    ordered = sorted(found.errors.items(), key=lambda each: each[1])
    return [(context.language.text(f"insights.method.{name}"), (Decimal(round(error)),)) for name, error in ordered]
