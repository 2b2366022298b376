"""Which open deals are likely to be won, if that can be told at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from crm_sheets.insights.winning import ENOUGH, PRIOR, Chances, Deals, Judgement, Verdict, win_chances
from crm_sheets.rules.standing import default_probability
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Frames, Measure, Rate, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build
from crm_sheets.rules.summaries.conversion import outcomes_of_stages
from crm_sheets.rules.summaries.insights.drivers import share
from crm_sheets.rules.summaries.insights.market import Deal, Market
from crm_sheets.rules.summaries.insights.parts import KEY, Part

_CALIBRATION = Blueprint(
    "calibration",
    "chance",
    (
        Measure("tested_deals", Unit.COUNT),
        Measure("foretold_rate", Unit.RATIO),
        Measure("true_rate", Unit.RATIO, interval=True),
    ),
    12,
    Chart(ChartKind.COLUMN, (2, 3)),
)


@dataclass(frozen=True, slots=True)
class Odds:
    """The chance of each open deal by its place among them, as far as it is not that of its stage.

    Attributes:
        source: what it comes from, `model` or `base`: the rates of few closed deals, pulled towards that of all.
    """

    by_deal: Mapping[int, float] = field(default_factory=dict)
    source: str = "model"


def chances(market: Market, frames: Frames, context: SummaryContext) -> tuple[Part, Odds]:
    """What is said of it, and the chances of open deals."""
    closed = [deal for deal in market.closed if deal.closed is not None]
    running = market.running
    cuts = _cuts([deal.amount for deal in closed])
    past = Deals(
        features=_features(closed, cuts),
        won=[bool(deal.won) for deal in closed],
        order=[deal.closed.toordinal() for deal in closed if deal.closed],
    )
    found = win_chances(past, _features(running, cuts), len(running), "source")
    told, base = found.verdict is Verdict.MODEL, found.verdict is Verdict.BASE and found.closed > 0
    part = Part(
        "chances",
        "told" if told else "base" if base else "too_few" if found.verdict is Verdict.BASE else str(found.verdict),
        _why(found, context),
        blocks=(_calibration(found.judgement if told else None, frames, context),),
    )
    by_deal = dict(enumerate(found.chances)) if told or base else {}
    return part, Odds(by_deal, "model" if told else "base")


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
        untested = {Verdict.NO_LIBRARY: "no_library", Verdict.DECLINED: "one_sided"}
        word = untested.get(found.verdict, "few" if found.closed else "none")
        rate = "" if found.rate is None else f"{found.rate:.0%}"
        told = {"closed": str(found.closed), "least": str(ENOUGH), "prior": f"{PRIOR:.0f}", "rate": rate}
        return context.language.text(f"insights.chances.{word}", **told)
    return context.language.text(
        "insights.chances.told" if found.verdict is Verdict.MODEL else "insights.chances.declined",
        tested=str(judgement.tested),
        brier=f"{judgement.brier:.4f}",
        base=f"{judgement.base:.4f}",
        least=f"{judgement.least:+.4f}",
        auc=f"{judgement.auc:.2f}",
    )


def _calibration(judgement: Judgement | None, frames: Frames, context: SummaryContext) -> Block:
    """How well the chances that are used fit what came: those of the model, or of the stages where none is told."""
    if judgement is None:
        return build(KEY, _CALIBRATION, list(_stages(frames, context)), context)
    groups: list[Group] = [
        (str(place), (step.deals, share(step.predicted), Rate(round(step.won * step.deals), step.deals)))
        for place, step in enumerate(judgement.calibration, start=1)
    ]
    return build(KEY, _CALIBRATION, groups, context)


def _stages(frames: Frames, context: SummaryContext) -> Iterator[Group]:
    for stage, (won, decided) in outcomes_of_stages(frames, context).items():
        yield stage, (decided, default_probability(stage, context.dictionaries), Rate(won, decided))
