"""What goes together with winning: rates by source, industry and so on, and how sure they are. No cause is claimed."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

from crm_sheets.insights.judging import wilson
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Figure, Measure, Rate, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Blueprint, build, headline
from crm_sheets.rules.summaries.insights.market import Deal, Market
from crm_sheets.rules.summaries.insights.parts import KEY

_MEASURES = (
    Measure("closed_deals", Unit.COUNT),
    Measure("win_rate", Unit.RATIO),
    Measure("win_rate_low", Unit.RATIO),
    Measure("win_rate_high", Unit.RATIO),
)


def _trait(name: str) -> Callable[[Deal], str]:
    return lambda deal: deal.customer.traits[name] if deal.customer else ""


_BY: dict[str, Callable[[Deal], str]] = {
    "source": lambda deal: deal.source or _trait("source")(deal),
    "industry": _trait("industry"),
    "size": _trait("size"),
    "person": lambda deal: deal.owner,
}
"""Header of the groups, and how a deal falls into one."""


def won_rate(market: Market, context: SummaryContext) -> Figure:
    """Won of all that were decided."""
    closed = market.closed
    rate = Rate(sum(bool(deal.won) for deal in closed), len(closed))
    return headline(KEY, Measure("win_rate", Unit.RATIO), rate, context)


def driver_blocks(market: Market, context: SummaryContext) -> Iterator[Block]:
    """Win rates by what was known before the decision, the largest groups first."""
    blank = context.language.text("summary.blank")
    for group, of in _BY.items():
        names = [of(deal) or blank for deal in market.closed]
        counts = Counter(names)
        wins = Counter(name for name, deal in zip(names, market.closed, strict=True) if deal.won)
        ordered = sorted(counts, key=lambda name: (-counts[name], name))
        plan = Blueprint(f"won_by_{group}", group, _MEASURES, 12, Chart(ChartKind.BAR, (2,)))
        yield build(KEY, plan, [(name, (counts[name], *_rates(wins[name], counts[name]))) for name in ordered], context)


def _rates(won: int, of: int) -> tuple[Rate, Decimal, Decimal]:
    interval = wilson(won, of)
    low, high = interval or (0.0, 0.0)
    return Rate(won, of), share(low), share(high)


def share(value: float) -> Decimal:
    """A share as figures hold it, four decimals."""
    return Decimal(str(round(value, 4)))
