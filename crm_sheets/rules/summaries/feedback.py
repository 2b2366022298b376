"""汇总_反馈: what customers say, how fast it is dealt with, and how content they are."""

from decimal import Decimal
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
    mean,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline
from crm_sheets.rules.summaries.frames import choices, column, in_dictionary_order, table, total, totals
from crm_sheets.rules.summaries.periods import month_of, window

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "feedback"

_SUMS = ("count", "unresolved", "overdue", "handled", "handling_days", "rated", "points")
_MEASURES = (
    Measure("feedbacks", Unit.COUNT),
    Measure("unresolved", Unit.COUNT),
    Measure("feedback_overdue", Unit.COUNT),
    Measure("handling_days", Unit.DAYS),
    Measure("satisfaction", Unit.POINTS),
)
_DICTIONARIES = {"type": "feedback_type", "source": "feedback_source", "state": "feedback_state"}
_BLOCKS = (
    Blueprint("by_type", "type", _MEASURES, 8, Chart(ChartKind.PIE)),
    Blueprint("by_source", "source", _MEASURES, 8, Chart(ChartKind.COLUMN)),
    Blueprint("by_state", "state", _MEASURES[:1], 6, Chart(ChartKind.PIE)),
)
_MONTHS = Blueprint(
    "months",
    "month",
    (Measure("feedbacks", Unit.COUNT), Measure("satisfaction", Unit.POINTS)),
    12,
    Chart(ChartKind.LINE),
    periods=True,
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Feedback as of today."""
    rows = _rows(frames, context)
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_feedback"),
        as_of=context.today,
        headlines=_headlines(rows, context),
        blocks=(*(_by(rows, plan, context) for plan in _BLOCKS), _by_month(rows, context)),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    days = [context.day(value) for value in column(frames, "feedback", "date")]
    resolved = [context.day(value) for value in column(frames, "feedback", "resolved_at")]
    due = [context.day(value) for value in column(frames, "feedback", "due")]
    states = choices(frames, "feedback", "state", "feedback_state", context)
    waiting = [int(context.dictionaries.code("feedback_state", state) != "done") for state in states]
    points = column(frames, "feedback", "satisfaction")
    spans = [(end - start).days if start and end else None for start, end in zip(days, resolved, strict=True)]
    return table(
        {
            "type": choices(frames, "feedback", "type", "feedback_type", context),
            "source": choices(frames, "feedback", "source", "feedback_source", context),
            "state": states,
            "month": [month_of(day) if day else "" for day in days],
            "count": [1] * len(days),
            "unresolved": waiting,
            "overdue": [int(bool(w and d and d < context.today)) for w, d in zip(waiting, due, strict=True)],
            "handled": [int(span is not None) for span in spans],
            "handling_days": [span or 0 for span in spans],
            "rated": [int(isinstance(value, int | Decimal)) for value in points],
            "points": [value if isinstance(value, int | Decimal) else 0 for value in points],
        }
    )


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    count, waiting = total(rows, "count"), total(rows, "unresolved")
    return (
        headline(KEY, Measure("feedbacks", Unit.COUNT), count, context),
        headline(KEY, Measure("unresolved", Unit.COUNT), waiting, context),
        headline(KEY, Measure("feedback_overdue", Unit.COUNT), total(rows, "overdue"), context),
        headline(KEY, Measure("resolution_rate", Unit.RATIO), ratio((count or 0) - (waiting or 0), count), context),
        headline(
            KEY,
            Measure("handling_days", Unit.DAYS),
            mean(total(rows, "handling_days"), total(rows, "handled")),
            context,
        ),
        headline(KEY, Measure("satisfaction", Unit.POINTS), mean(total(rows, "points"), total(rows, "rated")), context),
    )


def _by(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = totals(rows, plan.group, _SUMS)
    groups: list[Group] = []
    for name in in_dictionary_order(sums, _DICTIONARIES[plan.group], context):
        row = sums[name]
        handling, satisfaction = mean(row["handling_days"], row["handled"]), mean(row["points"], row["rated"])
        numbers = (row["count"], row["unresolved"], row["overdue"], handling, satisfaction)
        groups.append((name, numbers[: len(plan.measures)]))
    return build(KEY, plan, groups, context)


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = totals(rows[rows["month"] != ""], "month", _SUMS)
    shown = window(sums, month_of(context.today), _MONTHS.capacity)
    numbers = {month: (row["count"], mean(row["points"], row["rated"])) for month, row in sums.items()}
    unseen = [(month, numbers[month]) for month in sorted(sums) if month not in shown]
    return build(KEY, _MONTHS, [(month, numbers.get(month, (0, None))) for month in shown], context, unseen)


FEEDBACK = SummaryRule(KEY, columns(feedback="date type source state due resolved_at satisfaction"), compute)
