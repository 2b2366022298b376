"""Who is likely to buy again, and who has probably gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from crm_sheets.insights.returning import LEAST_CUSTOMERS, LEAST_RETURNED, Returning, returning
from crm_sheets.rules.summaries.base import Block, Figure, Measure, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Blueprint, build, headline
from crm_sheets.rules.summaries.insights.drivers import share
from crm_sheets.rules.summaries.insights.market import Buyer, Market
from crm_sheets.rules.summaries.insights.parts import EXTRA, KEY, Part

HORIZON = 90
"""Days ahead."""
LIKELY_GONE = 0.5

_AT_RISK = Blueprint(
    "at_risk",
    "order_customer",
    (
        Measure("alive_chance", Unit.RATIO),
        Measure("expected_purchases", Unit.POINTS, {"days": str(HORIZON)}),
        Measure("bought_amount", Unit.MONEY),
    ),
    15,
)


@dataclass(frozen=True, slots=True)
class Loyalty:
    """What the model says of one customer: the chance that it still is one, and purchases within the horizon."""

    alive: float
    expected: float


def staying(market: Market, context: SummaryContext) -> tuple[Part, Mapping[int, Loyalty]]:
    """What is said of it, and what the model says of each customer, by its place, where it was published."""
    places = [place for place, buyer in enumerate(market.buyers) if _days(buyer, context)]
    text = context.language.text
    try:
        found = returning(
            [_days(market.buyers[place], context) for place in places], context.today.toordinal(), HORIZON
        )
    except ImportError:
        empty = (build(KEY, _AT_RISK, [], context),)
        return Part("staying", EXTRA, text("insights.no_library"), _headline(None, context), empty), {}
    loyalty = (
        {
            place: Loyalty(alive, expected)
            for place, alive, expected in zip(places, found.alive, found.expected, strict=True)
        }
        if found and found.alive
        else {}
    )
    risky = sorted(
        (place for place, each in loyalty.items() if each.alive < LIKELY_GONE and not market.buyers[place].gone),
        key=lambda place: (-_amount(market.buyers[place]), market.buyers[place].name),
    )
    part = Part(
        "staying",
        "told" if loyalty else "declined" if found else "too_few",
        _why(found, context),
        _headline(len(risky) if loyalty else None, context),
        (_at_risk(market, risky, loyalty, context),),
        text("insights.conclusion.at_risk", count=str(len(risky))) if risky else "",
    )
    return part, loyalty


def _headline(count: int | None, context: SummaryContext) -> Figure:
    return headline(KEY, Measure("customers_at_risk", Unit.COUNT), count, context)


def _days(buyer: Buyer, context: SummaryContext) -> list[int]:
    return [day.toordinal() for day, _ in buyer.bought if day <= context.today]


def _amount(buyer: Buyer) -> Decimal:
    return sum((amount for _, amount in buyer.bought), Decimal(0))


def _why(found: Returning | None, context: SummaryContext) -> str:
    text = context.language.text
    if found is None:
        return text("insights.staying.few", customers=str(LEAST_CUSTOMERS), returned=str(LEAST_RETURNED))
    if found.trial is None or found.model is None:
        return text("insights.staying.short")
    trial = found.trial
    return text(
        "insights.staying.told" if trial.passed else "insights.staying.declined",
        customers=str(trial.customers),
        foretold=f"{trial.foretold:.0f}",
        bought=str(trial.bought),
        error=f"{trial.error:.3f}",
        plain=f"{trial.plain:.3f}",
    )


def _at_risk(market: Market, risky: list[int], loyalty: Mapping[int, Loyalty], context: SummaryContext) -> Block:
    groups = [
        (
            market.buyers[place].name,
            (share(loyalty[place].alive), share(loyalty[place].expected), _amount(market.buyers[place])),
        )
        for place in risky[: _AT_RISK.capacity]
    ]
    return build(KEY, _AT_RISK, groups, context)
