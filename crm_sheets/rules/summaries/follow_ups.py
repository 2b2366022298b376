"""汇总_跟进: what was done, what is waiting and what is late, and which customers nobody has called for long."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm_sheets.changes import Value
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
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline
from crm_sheets.rules.summaries.frames import Totals, choices, column, in_dictionary_order, table, texts, total, totals
from crm_sheets.rules.summaries.periods import month_of, week_of
from crm_sheets.rules.summaries.staff import owners

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "follow_ups"

_SUMS = ("done_week", "done_month", "on_time", "overdue", "pending")
_PEOPLE = Blueprint(
    "people",
    "person",
    (
        Measure("done_this_week", Unit.COUNT),
        Measure("done_this_month", Unit.COUNT),
        Measure("pending", Unit.COUNT),
        Measure("overdue", Unit.COUNT),
        Measure("on_time_rate", Unit.RATIO),
    ),
    20,
    Chart(ChartKind.BAR, (2, 3, 4)),
)
_METHODS = Blueprint(
    "methods", "method", (Measure("follow_ups", Unit.COUNT), Measure("share", Unit.RATIO)), 10, Chart(ChartKind.PIE)
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Follow-ups as of today: weeks begin on Monday, and a follow-up belongs to the week in which it was done."""
    rows = _rows(frames, context)
    neglected = _neglected(frames, context)
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_follow_ups"),
        as_of=context.today,
        headlines=_headlines(rows, sum(neglected.values()), context),
        blocks=(_by_person(rows, context), _by_method(frames, context), _quiet_block(neglected, context)),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    today, week = context.today, week_of(context.today)
    states = texts(frames, "follow_ups", "state", context)
    done = [context.day(value) for value in column(frames, "follow_ups", "done_at")]
    is_done = [_is(state, "done", context) or day is not None for state, day in zip(states, done, strict=True)]
    overdue = [int(_is(state, "overdue", context)) for state in states]
    pending = [int(_is(state, "pending", context)) for state in states]
    this_month = [int(day is not None and month_of(day) == month_of(today)) for day in done]
    planned = column(frames, "follow_ups", "planned_at")
    finished = column(frames, "follow_ups", "done_at")
    return table(
        {
            "person": [person.name for person in owners(frames, "follow_ups", "owner", context)],
            "done_week": [int(day is not None and week_of(day) == week) for day in done],
            "done_month": this_month,
            "on_time": [
                int(flag and _in_time(plan, end, context))
                for flag, plan, end in zip(this_month, planned, finished, strict=True)
            ],
            "overdue": [int(late and not end) for late, end in zip(overdue, is_done, strict=True)],
            "pending": [int(waits and not end) for waits, end in zip(pending, is_done, strict=True)],
        }
    )


def _is(state: str, code: str, context: SummaryContext) -> bool:
    return state == context.language.text(f"value.follow_up_state.{code}")


def _in_time(planned: Value, done: Value, context: SummaryContext) -> bool:
    """By day: whoever called in the evening instead of at noon was not late."""
    plan, end = context.day(planned), context.day(done)
    return end is not None and (plan is None or end <= plan)


def _headlines(rows: "DataFrame", neglected: int, context: SummaryContext) -> tuple[Figure, ...]:
    week, month = week_of(context.today), month_of(context.today)
    rate = ratio(total(rows, "on_time"), total(rows, "done_month"))
    quiet = Measure("neglected", Unit.COUNT, {"days": str(context.quiet_days)})
    return (
        headline(KEY, Measure("done_this_week", Unit.COUNT), total(rows, "done_week"), context, week),
        headline(KEY, Measure("done_this_month", Unit.COUNT), total(rows, "done_month"), context, month),
        headline(KEY, Measure("pending", Unit.COUNT), total(rows, "pending"), context),
        headline(KEY, Measure("overdue", Unit.COUNT), total(rows, "overdue"), context),
        headline(KEY, Measure("on_time_rate", Unit.RATIO), rate, context, month),
        headline(KEY, quiet, neglected, context),
    )


def _by_person(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = totals(rows, "person", _SUMS)
    names = sorted(sums, key=lambda name: (-(sums[name]["overdue"] or 0), -(sums[name]["done_month"] or 0), name))
    return build(KEY, _PEOPLE, [_of_person(name, sums) for name in names], context)


def _of_person(name: str, sums: Totals) -> Group:
    row = sums[name]
    rate = ratio(row["on_time"], row["done_month"])
    return name, (row["done_week"], row["done_month"], row["pending"], row["overdue"], rate)


def _by_method(frames: Frames, context: SummaryContext) -> Block:
    values = choices(frames, "follow_ups", "method", "follow_up_method", context)
    sums = totals(table({"group": values, "count": [1] * len(values)}), "group", ("count",))
    names = in_dictionary_order(sums, "follow_up_method", context)
    groups = [(name, (sums[name]["count"], ratio(sums[name]["count"], len(values)))) for name in names]
    return build(KEY, _METHODS, groups, context)


def _neglected(frames: Frames, context: SummaryContext) -> dict[str, int]:
    """Customers without contact for too long, by owner. One that was never contacted counts from its creation."""
    limit = context.today - timedelta(days=context.quiet_days)
    counts: dict[str, int] = {}
    for owner, status, contact, created in zip(
        owners(frames, "customers", "owner", context),
        texts(frames, "customers", "status", context),
        column(frames, "customers", "last_contact"),
        column(frames, "customers", "created_at"),
        strict=True,
    ):
        last = context.day(contact) or context.day(created) or date.min
        if last < limit and context.dictionaries.code("customer_status", status) != "lost":
            counts[owner.name] = counts.get(owner.name, 0) + 1
    return counts


def _quiet_block(neglected: dict[str, int], context: SummaryContext) -> Block:
    measure = Measure("neglected", Unit.COUNT, {"days": str(context.quiet_days)})
    plan = Blueprint("neglected", "person", (measure,), 20, Chart(ChartKind.BAR))
    names = sorted(neglected, key=lambda name: (-neglected[name], name))
    return build(KEY, plan, [(name, (neglected[name],)) for name in names], context)


FOLLOW_UPS = SummaryRule(
    KEY,
    columns(
        follow_ups="owner method state planned_at done_at",
        customers="owner status last_contact created_at",
        people="id name department group manager",
    ),
    compute,
)
