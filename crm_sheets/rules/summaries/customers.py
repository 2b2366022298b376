"""汇总_客户: who the customers are, whose they are, how far they came, and how many are new."""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, hidden_block, sentence, summary_of
from crm_sheets.rules.summaries.frames import LIFECYCLE, column, in_order
from crm_sheets.rules.summaries.periods import month_before, month_of, window
from crm_sheets.rules.summaries.units import PEOPLE, UNITS, units
from crm_sheets.rules.summaries.vectors import hides, instants, known_values, named, period_names, sums_by
from crm_sheets.rules.summaries.wording import of

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "customers"

_COUNT, _SHARE = Measure("customers", Unit.COUNT), Measure("share", Unit.RATIO)
_SHARES = (_COUNT, _SHARE)
_WON, _LOST = Measure("won_customers", Unit.COUNT), Measure("lost_customers", Unit.COUNT)
_NEW_NOW = Measure("new_this_month", Unit.COUNT)
_LOYAL = Measure("loyal_customers", Unit.COUNT)
_OF_UNIT = (_COUNT, _SHARE, _NEW_NOW, _WON, _LOYAL, _LOST)
_BLOCKS = (
    (Blueprint("by_status", "status", _SHARES, 10, Chart(ChartKind.COLUMN)), "customer_status"),
    (Blueprint("by_level", "level", _SHARES, 6, Chart(ChartKind.COLUMN)), "customer_level"),
    (Blueprint("by_industry", "industry", _SHARES, 15, Chart(ChartKind.BAR)), ""),
    (Blueprint("by_source", "source", _SHARES, 10, Chart(ChartKind.PIE)), "customer_source"),
    (Blueprint("regions", "region", _SHARES, 15, Chart(ChartKind.BAR)), ""),
    (Blueprint("by_lifecycle", LIFECYCLE, _SHARES, 6, Chart(ChartKind.COLUMN)), LIFECYCLE),
    *((Blueprint(f"by_{unit}", unit, _OF_UNIT, 15, Chart(ChartKind.BAR)), "") for unit in UNITS),
)
_NEW = Blueprint("new", "month", (Measure("new_customers", Unit.COUNT),), 12, Chart(ChartKind.LINE), periods=True)
_SUMS = tuple(measure.key for measure in _OF_UNIT if measure is not _SHARE)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The customers as of today."""
    rows = _rows(frames, context)
    unknown = {_LOYAL.key} if hides(frames, KEY, LIFECYCLE) else frozenset[str]()
    heads = _headlines(rows, unknown, context)
    months = _months(rows, context)
    blocks = {plan.key: _by(rows, plan, dictionary, unknown, context) for plan, dictionary in _BLOCKS}
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(*blocks.values(), months),
        conclusion=_conclusion(heads, rows, months, context),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    def values(name: str, dictionary: str) -> "Sequence[str]":
        return list(known_values(column(frames, KEY, name), dictionary, context))

    words, count = context.language, len(column(frames, KEY, "name"))
    statuses = column(frames, KEY, "status")
    codes = named(statuses, lambda text: context.dictionaries.code("customer_status", text), "")
    stage = named(column(frames, KEY, "lifecycle"), str, words.text("summary.blank"))
    months = period_names(instants(column(frames, KEY, "created_at"), context), month_of)
    return pd.DataFrame(
        {
            **units(frames, KEY, "owner", context),
            "status": values("status", "customer_status"),
            "level": values("level", "customer_level"),
            "industry": values("industry", "industry"),
            "source": values("source", "customer_source"),
            "region": named(column(frames, KEY, "region"), str, words.text("summary.blank")),
            "lifecycle": stage,
            "month": months,
            "customers": np.ones(count, dtype=np.int64),
            "won_customers": (codes == "won").astype(np.int64),
            "lost_customers": (codes == "lost").astype(np.int64),
            "loyal_customers": (stage == words.text("value.lifecycle.loyal")).astype(np.int64),
            "new_this_month": (months == month_of(context.today)).astype(np.int64),
        }
    )


def _headlines(rows: "DataFrame", unknown: Set[str], context: SummaryContext) -> tuple[Figure, ...]:
    """`unknown`: what follows from columns that are hidden from the reader, and is not 0 therefore."""
    counted = {name: None if name in unknown else int(rows[name].sum()) for name in _SUMS}
    return (
        *(headline(KEY, measure, counted[measure.key], context) for measure in (_COUNT, _WON, _LOST)),
        headline(KEY, _NEW_NOW, counted[_NEW_NOW.key], context, month_of(context.today)),
        headline(KEY, _LOYAL, counted[_LOYAL.key], context),
    )


def _by(rows: "DataFrame", plan: Blueprint, dictionary: str, unknown: Set[str], context: SummaryContext) -> Block:
    sums = sums_by(rows, plan.group, _SUMS, ())
    groups: list[Group] = []
    for name in in_order(sums, dictionary, context, "customers"):
        row = {**sums[name], "share": ratio(sums[name]["customers"], len(rows)), **dict.fromkeys(unknown)}
        groups.append((name, tuple(row[measure.key] for measure in plan.measures)))
    built = build(KEY, plan, groups, context)
    return hidden_block(built, context) if unknown and plan.group == LIFECYCLE else built


def _months(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows[rows["month"] != ""], "month", ("customers",), ())
    shown = window(sums, month_of(context.today), _NEW.capacity)
    unseen = [(month, (sums[month]["customers"],)) for month in sorted(sums) if month not in shown]
    groups = [(month, (sums[month]["customers"] if month in sums else 0,)) for month in shown]
    return build(KEY, _NEW, groups, context, unseen)


def _conclusion(heads: tuple[Figure, ...], rows: "DataFrame", months: Block, context: SummaryContext) -> str:
    text, (count, won, lost, new, loyal) = context.language.text, (int(figure.value or 0) for figure in heads)
    if not count:
        return ""
    now = month_of(context.today)
    counted = {figure.period: figure.value or 0 for figure in months.figures}
    last = counted.get(month_before(now), 0)
    # When all rows came in within one month, nobody knows how many customers were new in the month before.
    known = any(month < now and number for month, number in counted.items())
    return sentence(
        context,
        (
            text("customers.conclusion.all", count=f"{count:,}", won=f"{won:,}", share=of(won, count)),
            text("customers.conclusion.new", new=f"{new:,}", last=f"{last:,}") if known else "",
            text("customers.conclusion.loyal", loyal=f"{loyal:,}") if loyal else "",
            text("customers.conclusion.lost", lost=f"{lost:,}", share=of(lost, count)) if lost else "",
        ),
    )


CUSTOMERS = SummaryRule(
    KEY,
    columns(customers="name status level industry source region created_at"),
    compute,
    also=columns(customers="lifecycle owner", people=PEOPLE),
)
