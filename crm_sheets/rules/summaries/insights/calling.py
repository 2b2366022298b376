"""Whom to call next: what is at stake, times the chance, times how late it is; each with its reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_sheets.rules.summaries.base import Block, SummaryContext, Unit
from crm_sheets.rules.summaries.insights.chances import Odds
from crm_sheets.rules.summaries.insights.drivers import share
from crm_sheets.rules.summaries.insights.market import Buyer, Market
from crm_sheets.rules.summaries.insights.parts import KEY
from crm_sheets.rules.summaries.insights.staying import Loyalty

CAPACITY = 20
LATEST = 3.0
"""How much lateness may count: somebody forgotten for a year is not twelve times as urgent as after a month."""


@dataclass(frozen=True, slots=True)
class _Call:
    customer: str
    about: str
    owner: str
    value: Decimal
    chance: float
    silent: int | None
    score: float
    reason: str


def calls(market: Market, odds: Odds, loyalty: Mapping[int, Loyalty], context: SummaryContext) -> Block:
    """The worklist. Who has a next contact in their plan, or does not want to be called, is not on it."""
    text = context.language.text
    found = sorted(
        (*_deals(market, odds, context), *_customers(market, loyalty, context)),
        key=lambda call: (-call.score, -float(call.value) * call.chance, call.customer, call.about),
    )
    header = ("customer", "about", "owner", "value", "chance", "silent", "reason")
    return Block(
        key="calls",
        title=text(f"summary.block.{KEY}.calls"),
        header=tuple(text(f"insights.calls.{name}") for name in header),
        rows=tuple(
            (call.customer, call.about, call.owner, call.value, share(call.chance), call.silent, call.reason)
            for call in found[:CAPACITY]
        ),
        units=(Unit.TEXT, Unit.TEXT, Unit.TEXT, Unit.MONEY, Unit.RATIO, Unit.COUNT, Unit.TEXT),
        capacity=CAPACITY,
        definitions=(
            (text("insights.calls.score"), text("insights.calls.definition", days=str(context.quiet_days))),
            *(
                (text(f"insights.calls.{name}"), text(f"insights.calls.definition.{name}"))
                for name in ("value", "chance", "silent")
            ),
        ),
    )


def _deals(market: Market, odds: Odds, context: SummaryContext) -> Iterator[_Call]:
    for place, deal in enumerate(market.running):
        buyer = deal.customer
        if buyer is None or not deal.amount or not _to_be_called(buyer, context.today):
            continue
        chance = odds.by_deal.get(place, float(deal.probability or 0))
        silent, lateness = _silence(buyer, context)
        word = odds.source if place in odds.by_deal else "stage"
        reason = context.language.text(
            f"insights.calls.deal.{word}", stage=deal.stage, silence=_silent_for(silent, context)
        )
        score = float(deal.amount) * chance * lateness
        yield _Call(buyer.name, deal.name, deal.owner or buyer.owner, deal.amount, chance, silent, score, reason)


def _customers(market: Market, loyalty: Mapping[int, Loyalty], context: SummaryContext) -> Iterator[_Call]:
    for place, known in loyalty.items():
        buyer = market.buyers[place]
        if not _to_be_called(buyer, context.today):
            continue
        amounts = [amount for _, amount in buyer.bought]
        value = (sum(amounts, Decimal(0)) / len(amounts)).quantize(Decimal(1))
        silent, lateness = _silence(buyer, context)
        chance = min(1.0, known.expected)
        reason = context.language.text("insights.calls.bought", alive=f"{known.alive:.0%}", count=str(len(amounts)))
        about = context.language.text("insights.calls.again")
        yield _Call(buyer.name, about, buyer.owner, value, chance, silent, float(value) * chance * lateness, reason)


def _to_be_called(buyer: Buyer, today: date) -> bool:
    planned = buyer.next_contact is not None and buyer.next_contact >= today
    return buyer.reachable and not buyer.gone and not planned


def _silent_for(days: int | None, context: SummaryContext) -> str:
    text = context.language.text
    return text("insights.calls.never") if days is None else text("insights.calls.silence", days=str(days))


def _silence(buyer: Buyer, context: SummaryContext) -> tuple[int | None, float]:
    """Days since the last contact, and how late that is: 1 when it is time."""
    since = buyer.last_contact or buyer.created
    if since is None:
        return None, 1.0
    days = max(0, (context.today - since).days)
    return (days if buyer.last_contact else None), min(LATEST, days / context.quiet_days)
