"""Which open deals are likely to be won, if that can be told at all."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from crm_sheets.insights.winning import ENOUGH, Chances, Deals, Judgement, Verdict, win_chances
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Measure, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Blueprint, build
from crm_sheets.rules.summaries.insights.drivers import share
from crm_sheets.rules.summaries.insights.market import Deal, Market
from crm_sheets.rules.summaries.insights.parts import KEY, Part

_CALIBRATION = Blueprint(
    "calibration",
    "chance",
    (Measure("tested_deals", Unit.COUNT), Measure("foretold_rate", Unit.RATIO), Measure("true_rate", Unit.RATIO)),
    5,
    Chart(ChartKind.COLUMN, (2, 3)),
)


def chances(market: Market, context: SummaryContext) -> tuple[Part, Mapping[int, float]]:
    """What is said of it, and the chance of each open deal by its place among them, where a model was published."""
    closed = [deal for deal in market.closed if deal.closed is not None]
    running = market.running
    cuts = _cuts([deal.amount for deal in closed])
    past = Deals(
        features=_features(closed, cuts),
        won=[bool(deal.won) for deal in closed],
        order=[deal.closed.toordinal() for deal in closed if deal.closed],
    )
    found = win_chances(past, _features(running, cuts), len(running), "source")
    told = found.verdict is Verdict.MODEL
    part = Part(
        "chances",
        "told" if told else "too_few" if found.verdict is Verdict.BASE else str(found.verdict),
        _why(found, context),
        blocks=(_calibration(found.judgement if told else None, context),),
    )
    return part, dict(enumerate(found.chances)) if told else {}


def _features(deals: Sequence[Deal], cuts: Sequence[Decimal]) -> dict[str, list[str]]:
    """What is known of a deal before its decision."""
    traits = ("type", "industry", "region", "size")
    features = {name: [deal.customer.traits[name] if deal.customer else "" for deal in deals] for name in traits}
    features["source"] = [deal.source or (deal.customer.traits["source"] if deal.customer else "") for deal in deals]
    features["owner"] = [deal.owner for deal in deals]
    features["amount"] = [str(sum(deal.amount > cut for cut in cuts)) if deal.amount else "" for deal in deals]
    features["discount"] = ["" if deal.discount is None else str(round(deal.discount, 1)) for deal in deals]
    return features


def _cuts(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Amounts that part the deals in five of one size."""
    known = sorted(amount for amount in amounts if amount)
    return [known[len(known) * fifth // 5] for fifth in range(1, 5)] if known else []


def _why(found: Chances, context: SummaryContext) -> str:
    judgement = found.judgement
    if judgement is None:
        word = "no_library" if found.verdict is Verdict.NO_LIBRARY else "few"
        return context.language.text(f"insights.chances.{word}", closed=str(found.closed), least=str(ENOUGH))
    return context.language.text(
        "insights.chances.told" if found.verdict is Verdict.MODEL else "insights.chances.declined",
        tested=str(judgement.tested),
        brier=f"{judgement.brier:.4f}",
        base=f"{judgement.base:.4f}",
        least=f"{judgement.least:+.4f}",
        auc=f"{judgement.auc:.2f}",
    )


def _calibration(judgement: Judgement | None, context: SummaryContext) -> Block:
    steps = judgement.calibration if judgement else ()
    groups = [
        (str(place + 1), (step.deals, share(step.predicted), share(step.won))) for place, step in enumerate(steps)
    ]
    return build(KEY, _CALIBRATION, groups, context)
