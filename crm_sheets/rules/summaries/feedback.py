"""汇总_反馈: what customers say, how fast it is dealt with, and how content they are."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Counted,
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
    mean,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.frames import column, in_order
from crm_sheets.rules.summaries.periods import month_of, window
from crm_sheets.rules.summaries.units import PEOPLE, UNITS, units
from crm_sheets.rules.summaries.vectors import days, instants, known_values, named, period_names, quantiles, sums_by
from crm_sheets.rules.summaries.wording import share
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame

KEY = "feedback"

CONTENT = 4
"""From so many points of 5 on a customer counts as content."""

PROMOTER, DETRACTOR = 9, 6
"""From so many points of 10 on a customer is a promoter, up to so many a detractor (Reichheld, 2003)."""

_SUMS = (
    *("count", "unresolved", "overdue", "handled", "handling_days", "rated", "points", "content"),
    *("asked", "promoters", "detractors"),
)
_COUNT, _WAITING, _OVERDUE = (Measure(key, Unit.COUNT) for key in ("feedbacks", "unresolved", "feedback_overdue"))
_HANDLING, _POINTS = Measure("handling_days", Unit.DAYS), Measure("satisfaction", Unit.POINTS)
_CSAT = Measure("csat", Unit.RATIO, interval=True)
_NPS, _ASKED = Measure("nps", Unit.SCORE), Measure("nps_answers", Unit.COUNT)
_MEASURES = (_COUNT, _WAITING, _OVERDUE, _HANDLING, _POINTS, _CSAT, _NPS, _ASKED)
_BLOCKS = (
    (Blueprint("by_type", "type", _MEASURES, 8, Chart(ChartKind.PIE)), "feedback_type"),
    (Blueprint("by_source", "source", _MEASURES, 8, Chart(ChartKind.COLUMN)), "feedback_source"),
    (Blueprint("by_state", "state", (_COUNT,), 6, Chart(ChartKind.PIE)), "feedback_state"),
    *((Blueprint(f"by_{unit}", unit, _MEASURES, 15, Chart(ChartKind.BAR, (1, 2))), "") for unit in UNITS),
)
_RATINGS = Blueprint(
    "ratings", "rating", (Measure("ratings", Unit.COUNT), Measure("share", Unit.RATIO)), 5, Chart(ChartKind.COLUMN)
)
_MONTHS = Blueprint("months", "month", (_COUNT, _POINTS, _CSAT, _NPS, _ASKED), 12, Chart(ChartKind.LINE), periods=True)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Feedback as of today."""
    rows = _rows(frames, context)
    heads = _headlines(rows, context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            *(_by(rows, plan, dictionary, context) for plan, dictionary in _BLOCKS),
            _ratings(rows, context),
            _by_month(rows, context),
        ),
        conclusion=_conclusion(heads, context),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    told, due = (days(column(frames, KEY, name), context) for name in ("date", "due"))
    resolved = instants(column(frames, KEY, "resolved_at"), context)
    states = column(frames, KEY, "state")
    waiting = named(states, lambda text: context.dictionaries.code("feedback_state", text), "") != "done"
    late = waiting & ~np.isnat(due) & (due < np.datetime64(context.today))
    handled = ~np.isnat(told) & ~np.isnat(resolved)
    points, score = (_scores(frames, name) for name in ("satisfaction", "recommendation"))
    rated, asked = ~np.isnan(points), ~np.isnan(score)
    flags = {
        "unresolved": waiting,
        "overdue": late,
        "handled": handled,
        "rated": rated,
        "content": rated & (points >= CONTENT),
        "asked": asked,
        "promoters": asked & (score >= PROMOTER),
        "detractors": asked & (score <= DETRACTOR),
    }
    return pd.DataFrame(
        {
            **units(frames, KEY, "owner", context),
            "type": known_values(column(frames, KEY, "type"), "feedback_type", context),
            "source": known_values(column(frames, KEY, "source"), "feedback_source", context),
            "state": known_values(states, "feedback_state", context),
            "month": period_names(told, month_of),
            "count": np.ones(len(states), dtype=np.int64),
            "handling_days": np.where(handled, (resolved - told).astype(np.int64), 0),
            "points": np.where(rated, points, 0).astype(np.int64),
            **{name: flag.astype(np.int64) for name, flag in flags.items()},
        }
    )


def _scores(frames: Frames, name: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    import numpy as np

    return np.array(column(frames, KEY, name), dtype=float)


def _nps(row: dict[str, Number]) -> Decimal | None:
    """Promoters less detractors, of a hundred who were asked: -100 to 100."""
    asked = row["asked"]
    if not asked:
        return None
    gap = Decimal(row["promoters"] or 0) - Decimal(row["detractors"] or 0)
    return (100 * gap / Decimal(asked)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _numbers(row: dict[str, Number]) -> dict[str, Counted]:
    """What is counted of a group, by measure."""
    return {
        "feedbacks": row["count"],
        "unresolved": row["unresolved"],
        "feedback_overdue": row["overdue"],
        "handling_days": mean(row["handling_days"], row["handled"]),
        "satisfaction": mean(row["points"], row["rated"]),
        "csat": Rate(int(row["content"] or 0), int(row["rated"] or 0)),
        "nps": _nps(row),
        "nps_answers": row["asked"],
    }


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    sums: dict[str, Number] = {name: int(rows[name].sum()) for name in _SUMS}
    known = _numbers(sums)
    count, waiting = int(sums["count"] or 0), int(sums["unresolved"] or 0)
    half, most = quantiles(rows.loc[rows["handled"] == 1, "handling_days"], (0.5, 0.9))
    counted: tuple[tuple[Measure, Counted], ...] = (
        (_COUNT, count),
        (_WAITING, waiting),
        (_OVERDUE, known["feedback_overdue"]),
        (Measure("resolution_rate", Unit.RATIO, interval=True), Rate(count - waiting, count)),
        (_HANDLING, known["handling_days"]),
        (Measure("handling_median", Unit.DAYS), half),
        (Measure("handling_p90", Unit.DAYS), most),
        (_POINTS, known["satisfaction"]),
        (_CSAT, known["csat"]),
        (_NPS, known["nps"]),
        (_ASKED, known["nps_answers"]),
    )
    return tuple(headline(KEY, measure, number, context) for measure, number in counted)


def _by(rows: "DataFrame", plan: Blueprint, dictionary: str, context: SummaryContext) -> Block:
    sums = sums_by(rows, plan.group, _SUMS, ())
    groups: list[Group] = []
    for name in in_order(sums, dictionary, context, "count"):
        known = _numbers(sums[name])
        groups.append((name, tuple(known[measure.key] for measure in plan.measures)))
    return build(KEY, plan, groups, context)


def _ratings(rows: "DataFrame", context: SummaryContext) -> Block:
    """How many gave 5 points, 4, 3 …"""
    rated = rows.loc[rows["rated"] == 1, "points"]
    groups: list[Group] = []
    for points in range(5, 0, -1) if len(rated) else ():
        count = int((rated == points).sum())
        groups.append((context.language.text("feedback.points", points=points), (count, ratio(count, len(rated)))))
    return build(KEY, _RATINGS, groups, context)


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows[rows["month"] != ""], "month", _SUMS, ())

    def group(month: str) -> Group:
        known = _numbers(sums.get(month) or dict.fromkeys(_SUMS, 0))
        return month, tuple(known[measure.key] for measure in _MONTHS.measures)

    shown = window(sums, month_of(context.today), _MONTHS.capacity)
    unseen = [group(month) for month in sorted(sums) if month not in shown]
    return build(KEY, _MONTHS, [group(month) for month in shown], context, unseen)


def _conclusion(heads: tuple[Figure, ...], context: SummaryContext) -> str:
    text, told = context.language.text, {figure.key.removeprefix(f"{KEY}."): figure for figure in heads}
    count, waiting, overdue = (told[key].value or 0 for key in ("feedbacks", "unresolved", "feedback_overdue"))
    half, csat, nps = (told[key].value for key in ("handling_median", "csat", "nps"))
    if not count:
        return ""
    return sentence(
        context,
        (
            text("feedback.conclusion.count", count=f"{count:,}", waiting=f"{waiting:,}", overdue=f"{overdue:,}"),
            text("feedback.conclusion.handling", days=f"{half:.0f}") if half is not None else "",
            text("feedback.conclusion.csat", rate=share(csat), cases=f"{told['csat'].cases:,}")
            if csat is not None
            else "",
            text("feedback.conclusion.nps", nps=_signed(nps), cases=f"{told['nps_answers'].value:,}")
            if nps is not None
            else "",
        ),
    )


def _signed(score: Decimal | int) -> str:
    """+12, −3, and 0 without a sign."""
    whole = int(Decimal(score).quantize(Decimal(1), ROUND_HALF_UP))
    return f"{whole:+d}" if whole else "0"


FEEDBACK = SummaryRule(
    KEY,
    columns(feedback="date type source state due resolved_at satisfaction owner"),
    compute,
    decisive=columns(feedback="state"),
    needs=frozenset({TabKey(KEY)}),
    also=columns(feedback="recommendation", people=PEOPLE),
)
