"""汇总_阶段转化: of the deals that came to a stage in a month, how many went on and how many were won.

It is counted from 阶段记录, each deal in the month in which it came to a stage first, and not from where deals stand
today: what was lost or skipped a stage counts where it was.
"""

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

from crm_sheets.cells import text_key
from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Number,
    Rate,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.deals import STAGES
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.periods import month_of, window
from crm_sheets.rules.summaries.units import PEOPLE, seen_units, unit_blueprint, units
from crm_sheets.rules.summaries.vectors import days_of, instants, named, period_names, quantiles, two_decimals
from crm_sheets.rules.summaries.wording import share
from crm_sheets.schema.labels import words
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from pandas import DataFrame, Series

KEY = "conversion"
ENOUGH = 10
"""Deals that a stage must have seen to be called the narrowest one."""

MONTHS = 6
"""Months of each stage that are shown; all of them are figures."""

_STAGES_SHOWN = 7

_MEASURES = (
    Measure("entered", Unit.COUNT),
    Measure("advanced_rate", Unit.RATIO, interval=True),
    Measure("entered_won_rate", Unit.RATIO, interval=True),
    Measure("entered_lost", Unit.COUNT),
    Measure("entered_open", Unit.COUNT),
)
_STAGES = Blueprint("stages", "stage", _MEASURES, 12, Chart(ChartKind.BAR, (2, 3)))
_STARTS = Blueprint(
    "starts",
    "month",
    (
        Measure("started", Unit.COUNT),
        Measure("started_won_rate", Unit.RATIO, interval=True),
        Measure("entered_lost", Unit.COUNT),
        Measure("entered_open", Unit.COUNT),
        Measure("days_to_win", Unit.DAYS, adds_up=False),
    ),
    12,
    Chart(ChartKind.COLUMN, (2,)),
    periods=True,
)
_COHORTS = Blueprint("cohorts", "stage_month", _MEASURES, MONTHS * _STAGES_SHOWN)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Conversion as of today."""
    order = _order(context)
    entries = _entries(frames, order, context)
    steps = entries[entries["rank"].isin(order.values())]
    starts = entries.sort_values(["day", "rank"]).drop_duplicates("deal")
    stages = _stages(steps, order, context)
    return summary_of(
        KEY,
        context,
        headlines=_headlines(starts, context),
        blocks=(
            stages,
            _starts(starts, context),
            _cohorts(steps, order, context),
            *_by_unit(starts, frames, context),
        ),
        conclusion=_conclusion(starts, steps, order, context),
    )


def outcomes_of_stages(frames: Frames, context: SummaryContext) -> dict[str, tuple[int, int]]:
    """Of the deals that came to a stage and are decided by now: how many were won, and how many they are."""
    order = _order(context)
    entries = _entries(frames, order, context)
    decided = entries[entries["open"] == 0].groupby("rank")["won"].agg(["sum", "count"])
    numbers = {rank: (won, of) for rank, won, of in zip(decided.index, decided["sum"], decided["count"], strict=True)}
    return {stage: (int(numbers[rank][0]), int(numbers[rank][1])) for stage, rank in order.items() if rank in numbers}


def _order(context: SummaryContext) -> dict[str, int]:
    """The stages that a deal goes through, in order; won and lost are none of them."""
    entries = context.dictionaries.entries.get(STAGES, ())
    running = [entry.value for entry in entries if entry.code not in ("won", "lost")]
    return {value: rank for rank, value in enumerate(running)}


def _entries(frames: Frames, order: dict[str, int], context: SummaryContext) -> "DataFrame":
    """When each deal came to each stage first.

    Columns: deal, place (of its row among the deals), rank (of the stage, WON for won, -1 for lost or unknown), day,
    best (the highest rank that the deal came to), won, lost, open (1 or 0: as the deal stands today), won_on.
    """
    import numpy as np
    import pandas as pd

    top = len(order)
    ranks = {text_key(value): rank for value, rank in order.items()}

    def rank_of(text: str) -> str:
        return str(top if context.dictionaries.code(STAGES, text) == "won" else ranks.get(text_key(text), -1))

    fields = frozenset(map(text_key, words("column.opportunities.stage")))
    told = named(column(frames, "stage_history", "field"), lambda text: "1" if text_key(text) in fields else "", "")
    moves = pd.DataFrame(
        {
            "deal": np.array(column(frames, "stage_history", "object"), dtype=object),
            "rank": named(column(frames, "stage_history", "to_value"), rank_of, "-1").astype(np.int64),
            "day": instants(column(frames, "stage_history", "at"), context),
        }
    )[told == "1"]
    codes = named(
        column(frames, "opportunities", "stage"), lambda text: context.dictionaries.code(STAGES, text) or "", ""
    )
    standing = pd.DataFrame({"deal": np.array(column(frames, "opportunities", "id"), dtype=object), "code": codes})
    standing["place"] = np.arange(len(standing))
    arrived = moves.dropna(subset=["deal", "day"]).sort_values("day", kind="stable").drop_duplicates(["deal", "rank"])
    first: DataFrame = arrived.merge(standing, on="deal", how="inner")
    first["best"] = first.groupby("deal")["rank"].transform("max")
    for code in ("won", "lost"):
        first[code] = (first["code"] == code).astype(np.int64)
    first["open"] = 1 - first["won"] - first["lost"]
    first.loc[first["won"] == 1, "best"] = top
    won_on = first.loc[first["rank"] == top, ["deal", "day"]].rename(columns={"day": "won_on"})
    return first.merge(won_on, on="deal", how="left")


def _headlines(starts: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    count, won = len(starts), int(starts["won"].sum())
    (median,) = quantiles(_days_to_win(starts), (0.5,))
    return (
        headline(KEY, Measure("started", Unit.COUNT), count, context),
        headline(KEY, Measure("started_won_rate", Unit.RATIO), Rate(won, count), context),
        headline(KEY, Measure("entered_lost", Unit.COUNT), int(starts["lost"].sum()), context),
        headline(KEY, Measure("entered_open", Unit.COUNT), int(starts["open"].sum()), context),
        headline(KEY, Measure("days_to_win", Unit.DAYS), median, context),
    )


def _days_to_win(starts: "DataFrame") -> "Series[int]":
    won = starts[(starts["won"] == 1) & starts["won_on"].notna()]
    return (won["won_on"] - won["day"]).dt.days


def _numbers(rows: "DataFrame", rank: int) -> tuple[Number | Rate, ...]:
    """What became of the deals that came to a stage."""
    count, won = len(rows), int(rows["won"].sum())
    gone_on = int((rows["best"] > rank).sum())
    return count, Rate(gone_on, count), Rate(won, count), int(rows["lost"].sum()), int(rows["open"].sum())


def _stages(steps: "DataFrame", order: dict[str, int], context: SummaryContext) -> Block:
    groups: list[Group] = [(stage, _numbers(steps[steps["rank"] == rank], rank)) for stage, rank in order.items()]
    return build(KEY, _STAGES, groups, context)


def _starts(starts: "DataFrame", context: SummaryContext) -> Block:
    months = period_names(days_of(starts, "day"), month_of)
    found: dict[str, tuple[Number | Rate, ...]] = {}
    for month, rows in starts.groupby(months):
        (median,) = quantiles(_days_to_win(rows), (0.5,))
        rate = Rate(int(rows["won"].sum()), len(rows))
        found[str(month)] = (len(rows), rate, int(rows["lost"].sum()), int(rows["open"].sum()), median)
    nothing: tuple[Number | Rate, ...] = (0, Rate(0, 0), 0, 0, None)
    shown = window(found, month_of(context.today), _STARTS.capacity)
    unseen: list[Group] = [(month, found[month]) for month in sorted(found) if month not in shown]
    return build(KEY, _STARTS, [(month, found.get(month, nothing)) for month in shown], context, unseen)


def _by_unit(starts: "DataFrame", frames: Frames, context: SummaryContext) -> Iterator[Block]:
    """How many of the deals of each department, group and person came from their first stage to the win."""
    told = seen_units(frames, "opportunities", "owner")
    texts = units(frames, "opportunities", "owner", context) if told else {}
    rows = starts.assign(count=1, days=_days_to_win(starts))
    for unit in told:
        grouped = rows.groupby(texts[unit][starts["place"].to_numpy()])
        sums = grouped[["count", "won", "lost", "open"]].sum().sort_values("count", ascending=False, kind="stable")
        medians = grouped["days"].median()[sums.index]
        groups: list[Group] = [
            (str(name), (count, Rate(won, count), lost, open_, None if isnan(median) else two_decimals(median)))
            for (name, count, won, lost, open_), median in zip(sums.itertuples(name=None), medians, strict=True)
        ]
        yield build(KEY, unit_blueprint("", unit, _STARTS.measures), groups, context)


def _cohorts(steps: "DataFrame", order: dict[str, int], context: SummaryContext) -> Block:
    """A line for each stage and month of arrival, the latest months of each stage."""
    months = period_names(days_of(steps, "day"), month_of)
    found = {
        (rank, str(month)): _numbers(rows, rank)
        for rank in order.values()
        for month, rows in steps[steps["rank"] == rank].groupby(months[steps["rank"] == rank])
    }
    stages = {rank: stage for stage, rank in order.items()}
    shown: list[Group] = []
    unseen: list[Group] = []
    for rank, stage in list(stages.items()):
        mine = sorted(month for of, month in found if of == rank)
        shown += [(f"{stage} {month}", found[rank, month]) for month in mine[-MONTHS:]]
        unseen += [(f"{stage} {month}", found[rank, month]) for month in mine[:-MONTHS]]
    return build(KEY, _COHORTS, shown, context, unseen)


def _conclusion(starts: "DataFrame", steps: "DataFrame", order: dict[str, int], context: SummaryContext) -> str:
    text = context.language.text
    counted = {stage: _numbers(steps[steps["rank"] == rank], rank) for stage, rank in order.items()}
    told = {
        stage: rate
        for stage, (_, rate, _, lost, _) in counted.items()
        # Where the history has only begun nothing has left a stage yet: it is not hard therefore.
        if isinstance(rate, Rate) and rate.whole >= ENOUGH and (rate.part or lost)
    }
    narrowest = min(told, key=lambda stage: (told[stage].value or 0, order[stage]), default=None)
    won = Rate(int(starts["won"].sum()), len(starts))
    return sentence(
        context,
        (
            text(
                "summary.conclusion.conversion.all",
                count=str(won.whole),
                rate=share(won),
                open=str(int(starts["open"].sum())),
            )
            if won.whole
            else "",
            text(
                "summary.conclusion.conversion.narrowest",
                stage=narrowest,
                count=str(told[narrowest].whole),
                rate=share(told[narrowest]),
            )
            if narrowest
            else "",
        ),
    )


CONVERSION = SummaryRule(
    KEY,
    columns(opportunities="id stage", stage_history="object field to_value at"),
    compute,
    needs=frozenset({TabKey("opportunities"), TabKey("stage_history")}),
    also=columns(opportunities="owner", people=PEOPLE),
)
