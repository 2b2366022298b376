"""汇总_服务: what was asked of the service team, how much of it is open, and whether it was done in time."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Number,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    mean,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline
from crm_sheets.rules.summaries.frames import choices, column, in_dictionary_order, table, texts, total, totals
from crm_sheets.rules.summaries.periods import month_of, window

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "services"

_SUMS = ("count", "open", "late", "solved", "days", "met", "judged")
_COUNT, _OPEN, _LATE = (Measure(key, Unit.COUNT) for key in ("services", "services_open", "services_late"))
_SOLVED, _DAYS = Measure("services_solved", Unit.COUNT), Measure("solving_days", Unit.DAYS)
_RATE = Measure("sla_rate", Unit.RATIO)
_MEASURES = (_COUNT, _OPEN, _LATE, _DAYS, _RATE)
_DICTIONARIES = {"type": "service_type", "priority": "service_priority", "state": "service_state"}
_BLOCKS = (
    Blueprint("by_type", "service_type", _MEASURES, 10, Chart(ChartKind.PIE)),
    Blueprint("by_priority", "service_priority", _MEASURES, 6, Chart(ChartKind.COLUMN)),
    Blueprint("by_state", "service_state", (_COUNT,), 6, Chart(ChartKind.PIE)),
    Blueprint("by_owner", "person", _MEASURES, 15, Chart(ChartKind.BAR)),
)
_MONTHS = Blueprint("months", "month", (_COUNT, _SOLVED, _RATE), 12, Chart(ChartKind.LINE), periods=True)
_DAY = Decimal(86_400)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Services as of today."""
    rows = _rows(frames, context)
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_services"),
        as_of=context.today,
        headlines=_headlines(rows, context),
        blocks=(*(_by(rows, plan, context) for plan in _BLOCKS), _by_month(rows, context)),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    opened, solved = column(frames, KEY, "opened_at"), column(frames, KEY, "solved_at")
    states = choices(frames, KEY, "state", "service_state", context)
    levels = column(frames, KEY, "sla_state")
    met, missed, late = (context.language.text(f"value.sla_state.{code}") for code in ("met", "missed", "late"))
    done = [context.dictionaries.code("service_state", state) == "solved" for state in states]
    days = [_days(*span) if is_done else None for *span, is_done in zip(opened, solved, done, strict=True)]
    return table(
        {
            "service_type": choices(frames, KEY, "type", "service_type", context),
            "service_priority": choices(frames, KEY, "priority", "service_priority", context),
            "service_state": states,
            "person": texts(frames, KEY, "owner", context),
            "month": [month_of(day) if (day := context.day(value)) else "" for value in opened],
            "solved_month": [
                month_of(day) if is_done and (day := context.day(value)) else ""
                for value, is_done in zip(solved, done, strict=True)
            ],
            "count": [1] * len(states),
            "open": [int(not is_done) for is_done in done],
            "late": [int(level == late) for level in levels],
            "solved": [int(each is not None) for each in days],
            "days": [each or Decimal(0) for each in days],
            "met": [int(level == met) for level in levels],
            "judged": [int(level in (met, missed)) for level in levels],
        }
    )


def _days(opened: Value, solved: Value) -> Decimal | None:
    """Days from the opening to the solution, to the second."""
    if not isinstance(opened, datetime) or not isinstance(solved, datetime):
        return None
    return Decimal(int((solved - opened).total_seconds())) / _DAY


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    return tuple(
        headline(KEY, measure, number, context)
        for measure, number in (
            (_COUNT, total(rows, "count")),
            (_OPEN, total(rows, "open")),
            (_LATE, total(rows, "late")),
            (_SOLVED, (total(rows, "count") or 0) - (total(rows, "open") or 0)),
            (_DAYS, mean(total(rows, "days"), total(rows, "solved"))),
            (_RATE, ratio(total(rows, "met"), total(rows, "judged"))),
        )
    )


def _by(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = totals(rows, plan.group, _SUMS)
    dictionary = _DICTIONARIES.get(plan.group.removeprefix("service_"))
    if dictionary:
        names = in_dictionary_order(sums, dictionary, context)
    else:
        names = sorted(sums, key=lambda name: (-(sums[name]["count"] or 0), name))
    groups: list[Group] = []
    for name in names:
        row = sums[name]
        numbers = (row["count"], row["open"], row["late"], mean(row["days"], row["solved"]), _rate(row))
        groups.append((name, numbers[: len(plan.measures)]))
    return build(KEY, plan, groups, context)


def _rate(row: dict[str, Number]) -> Number:
    return ratio(row["met"], row["judged"])


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    """What was opened and solved in each month, and how many of those solved in it were in time."""
    opened = totals(rows[rows["month"] != ""], "month", ("count",))
    solved = totals(rows[rows["solved_month"] != ""], "solved_month", ("count", "met", "judged"))
    numbers: dict[str, tuple[Number, ...]] = {}
    for month in opened.keys() | solved.keys():
        done = solved.get(month, {"count": 0, "met": 0, "judged": 0})
        numbers[month] = (opened.get(month, {"count": 0})["count"], done["count"], _rate(done))
    shown = window(numbers, month_of(context.today), _MONTHS.capacity)
    unseen = [(month, numbers[month]) for month in sorted(numbers) if month not in shown]
    return build(KEY, _MONTHS, [(month, numbers.get(month, (0, 0, None))) for month in shown], context, unseen)


SERVICES = SummaryRule(KEY, columns(services="type priority state owner opened_at solved_at sla_state"), compute)
