"""Customers in groups that resemble each other, each with a name in plain words."""

from decimal import Decimal

from crm_sheets.insights.segments import CLEAR, LEAST, Customer, Segment, segments
from crm_sheets.rules.summaries.base import Chart, ChartKind, Measure, SummaryContext, Unit
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build
from crm_sheets.rules.summaries.insights.market import Market
from crm_sheets.rules.summaries.insights.parts import EXTRA, KEY, Part

_SEGMENTS = Blueprint(
    "segments",
    "segment",
    (
        Measure("segment_customers", Unit.COUNT),
        Measure("median_purchases", Unit.POINTS, adds_up=False),
        Measure("median_amount", Unit.MONEY, adds_up=False),
        Measure("median_days_since", Unit.DAYS, adds_up=False),
    ),
    6,
    Chart(ChartKind.PIE),
)


def groups(market: Market, context: SummaryContext) -> Part:
    """The groups among customers who have bought."""
    text = context.language.text
    customers = [
        Customer(len(bought), float(sum(amount for _, amount in bought)), (context.today - max(days)).days)
        for buyer in market.buyers
        if (bought := [each for each in buyer.bought if each[0] <= context.today])
        and (days := [day for day, _ in bought])
    ]
    try:
        found = segments(customers)
    except ImportError:
        return Part("segments", EXTRA, text("insights.no_library"), blocks=(build(KEY, _SEGMENTS, [], context),))
    if found is None:
        verdict, why = "too_few", text("insights.segments.few", customers=str(len(customers)), least=str(LEAST))
    else:
        verdict = "told" if found.clear else "declined"
        why = text(f"insights.segments.{verdict}", silhouette=f"{found.silhouette:.2f}", clear=f"{CLEAR:.2f}")
    told = found.groups if found and found.clear else ()
    block = build(KEY, _SEGMENTS, [_group(number, each, context) for number, each in enumerate(told, 1)], context)
    return Part("segments", verdict, why, blocks=(block,))


def _group(number: int, segment: Segment, context: SummaryContext) -> Group:
    """Its name: what sets it apart from the others, or that nothing does."""
    text = context.language.text
    told = [
        text(f"insights.segment.{name}.{'more' if value > 0 else 'less'}")
        for name, value in (("often", segment.often), ("much", segment.much), ("lately", segment.lately))
        if value
    ]
    words = text("insights.segment.join").join(told) or text("insights.segment.usual")
    return f"{number} · {words}", (
        segment.customers,
        _rounded(segment.purchases),
        _rounded(segment.amount),
        _rounded(segment.days_since),
    )


def _rounded(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))
