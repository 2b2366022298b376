"""汇总_跟进: what was done, what is waiting and what is late, and which customers nobody has called for long."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Rate,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, hidden_block, sentence, summary_of
from crm_sheets.rules.summaries.frames import Totals, column, in_dictionary_order
from crm_sheets.rules.summaries.periods import month_of, week_of
from crm_sheets.rules.summaries.registers import NOBODY, customers
from crm_sheets.rules.summaries.units import seen_units, unit_blueprint, units
from crm_sheets.rules.summaries.vectors import hides, instants, known_values, named, sums_by
from crm_sheets.rules.summaries.wording import share

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame

KEY = "follow_ups"

_STATES = ("done", "overdue", "pending", "cancelled")
_SUMS = ("done_week", "done_month", "on_time", "overdue", "pending")
_PEOPLE = Blueprint(
    "people",
    "person",
    (
        Measure("done_this_week", Unit.COUNT),
        Measure("done_this_month", Unit.COUNT),
        Measure("pending", Unit.COUNT),
        Measure("overdue", Unit.COUNT),
        Measure("on_time_rate", Unit.RATIO, interval=True),
    ),
    20,
    Chart(ChartKind.BAR, (2, 3, 4)),
)
_METHODS = Blueprint(
    "methods",
    "method",
    (Measure("follow_ups", Unit.COUNT), Measure("share", Unit.RATIO, interval=True)),
    10,
    Chart(ChartKind.PIE),
)
LATELY = (7, 30)
"""Days up to today, today included."""

_LATELY = tuple(f"done_{days}" for days in LATELY)

_ACTIVITY = Blueprint(
    "activity",
    "person",
    (
        Measure("done_7_days", Unit.COUNT),
        Measure("done_30_days", Unit.COUNT),
        Measure("contacted_30_days", Unit.COUNT, adds_up=False),
    ),
    20,
    Chart(ChartKind.BAR, (2, 3)),
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Follow-ups as of today: weeks begin on Monday, and a follow-up belongs to the week in which it was done."""
    rows = _rows(frames, context)
    neglected = _neglected(frames, "person", context)
    quiet = {name: count for name, (count, _) in neglected.items() if count}
    unknown = hides(frames, "customers", "last_contact")
    told = seen_units(frames, "follow_ups", "owner")
    return summary_of(
        KEY,
        context,
        headlines=_headlines(rows, None if unknown else sum(quiet.values()), context),
        blocks=(
            _by_person(rows, context),
            _by_method(frames, context),
            _quiet_block(frames, _quiet_blueprint(context), neglected, context),
            _activity(rows, context),
            *(_by_unit(rows, unit, context) for unit in told if unit != "person"),
            *_quiet_units(frames, context),
        ),
        conclusion=_conclusion(rows, {} if unknown else quiet, context),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    today, words = np.datetime64(context.today), context.language
    known = {words.text(f"value.follow_up_state.{code}"): code for code in _STATES}
    states = named(column(frames, "follow_ups", "state"), lambda text: known.get(text, ""), "")
    done, planned = (instants(column(frames, "follow_ups", name), context) for name in ("done_at", "planned_at"))
    done = np.where(states == "cancelled", np.datetime64("NaT"), done)  # it did not take place, whatever its day says
    is_done = (states == "done") | ~np.isnat(done)
    week = today - np.timedelta64(context.today.weekday(), "D")
    this_month = (done >= today.astype("datetime64[M]").astype("datetime64[D]")) & (done < _next_month(today))
    in_time = np.isnat(planned) | (
        done <= planned
    )  # by day: whoever called in the evening instead of at noon was not late
    lately = {days: (done > today - np.timedelta64(days, "D")) & (done <= today) for days in LATELY}
    flags = {
        "done_week": (done >= week) & (done < week + np.timedelta64(7, "D")),
        "done_month": this_month,
        "on_time": this_month & in_time,
        "overdue": (states == "overdue") & ~is_done,
        "pending": (states == "pending") & ~is_done,
        **{f"done_{days}": flag for days, flag in lately.items()},
    }
    return pd.DataFrame(
        {
            **units(frames, "follow_ups", "owner", context),
            "customer": customers(frames).places(column(frames, "follow_ups", "customer")),
            **{name: flag.astype(np.int64) for name, flag in flags.items()},
        }
    )


def _next_month(day: "np.datetime64") -> "np.datetime64":
    import numpy as np

    following: np.datetime64 = (day.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
    return following


def _activity(rows: "DataFrame", context: SummaryContext) -> Block:
    """What each person did lately, and with how many different customers."""
    sums, contacted = sums_by(rows, "person", _LATELY, []), _contacted(rows, "person")
    names = sorted(sums, key=lambda name: (*(-(number or 0) for number in reversed(sums[name].values())), name))
    groups: list[Group] = [(name, (*sums[name].values(), contacted.get(name, 0))) for name in names]
    return build(KEY, _ACTIVITY, groups, context)


def _contacted(rows: "DataFrame", by: str) -> dict[str, int]:
    """With how many different customers each group did something within the longer time of LATELY."""
    last = rows[(rows[_LATELY[-1]] == 1) & (rows["customer"] != NOBODY)]
    found = last.groupby(by)["customer"].nunique()
    return {str(name): int(count) for name, count in found.items()}


def _by_unit(rows: "DataFrame", unit: str, context: SummaryContext) -> Block:
    """What is done and late, and what was done lately, by department or group."""
    sums, contacted = sums_by(rows, unit, (*_SUMS, *_LATELY), []), _contacted(rows, unit)
    groups: list[Group] = [
        (name, (*_of_person(name, sums)[1], *(sums[name][each] for each in _LATELY), contacted.get(name, 0)))
        for name in _latest_first(sums)
    ]
    return build(KEY, unit_blueprint("", unit, (*_PEOPLE.measures, *_ACTIVITY.measures)), groups, context)


def _conclusion(rows: "DataFrame", neglected: dict[str, int], context: SummaryContext) -> str:
    text = context.language.text
    done, on_time, late = (int(rows[name].sum()) for name in ("done_month", "on_time", "overdue"))
    by_person = rows.groupby("person")["overdue"].sum()
    most = min(by_person.index, key=lambda name: (-by_person[name], name)) if late else ""
    return sentence(
        context,
        (
            text("summary.conclusion.follow_ups.done", count=str(done), rate=share(Rate(on_time, done)))
            if done
            else "",
            text("summary.conclusion.follow_ups.late", count=str(late), name=str(most), most=str(by_person[most]))
            if late
            else "",
            text(
                "summary.conclusion.follow_ups.quiet",
                count=str(sum(neglected.values())),
                days=str(context.quiet_days),
            )
            if neglected
            else "",
        ),
    )


def _headlines(rows: "DataFrame", neglected: int | None, context: SummaryContext) -> tuple[Figure, ...]:
    week, month = week_of(context.today), month_of(context.today)
    rate = Rate(int(rows["on_time"].sum()), int(rows["done_month"].sum()))
    quiet = Measure("neglected", Unit.COUNT, {"days": str(context.quiet_days)})
    return (
        headline(KEY, Measure("done_this_week", Unit.COUNT), int(rows["done_week"].sum()), context, week),
        headline(KEY, Measure("done_this_month", Unit.COUNT), int(rows["done_month"].sum()), context, month),
        headline(KEY, Measure("pending", Unit.COUNT), int(rows["pending"].sum()), context),
        headline(KEY, Measure("overdue", Unit.COUNT), int(rows["overdue"].sum()), context),
        headline(KEY, Measure("on_time_rate", Unit.RATIO), rate, context, month),
        headline(KEY, quiet, neglected, context),
    )


def _by_person(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows, "person", _SUMS, [])
    return build(KEY, _PEOPLE, [_of_person(name, sums) for name in _latest_first(sums)], context)


def _latest_first(sums: Totals) -> list[str]:
    """Whoever has the most that is late first."""
    return sorted(sums, key=lambda name: (-(sums[name]["overdue"] or 0), -(sums[name]["done_month"] or 0), name))


def _of_person(name: str, sums: Totals) -> Group:
    row = sums[name]
    rate = Rate(int(row["on_time"] or 0), int(row["done_month"] or 0))
    return name, (row["done_week"], row["done_month"], row["pending"], row["overdue"], rate)


def _by_method(frames: Frames, context: SummaryContext) -> Block:
    import pandas as pd

    values = known_values(column(frames, "follow_ups", "method"), "follow_up_method", context)
    counts = {str(name): int(count) for name, count in pd.Series(values, dtype=object).value_counts().items()}
    names = in_dictionary_order({name: {} for name in counts}, "follow_up_method", context)
    groups: list[Group] = [(name, (counts[name], Rate(counts[name], len(values)))) for name in names]
    return build(KEY, _METHODS, groups, context)


def _neglected(frames: Frames, unit: str, context: SummaryContext) -> dict[str, tuple[int, int]]:
    """Of each unit its customers without contact for too long, and all that it should be in contact with. One that was
    never contacted counts from its creation."""
    import numpy as np
    import pandas as pd

    limit = np.datetime64(context.today - timedelta(days=context.quiet_days))
    contact, created = (instants(column(frames, "customers", name), context) for name in ("last_contact", "created_at"))
    last = np.where(np.isnat(contact), created, contact)
    statuses = column(frames, "customers", "status")
    codes = named(statuses, lambda text: context.dictionaries.code("customer_status", text) or "", "")
    kept = codes != "lost"
    quiet = (np.isnat(last) | (last < limit)) & kept
    rows = pd.DataFrame({"unit": units(frames, "customers", "owner", context)[unit], "quiet": quiet})[kept]
    found = rows.groupby("unit")["quiet"].agg(["sum", "count"])
    return {
        str(name): (int(count), int(all_kept))
        for name, count, all_kept in zip(found.index, found["sum"], found["count"], strict=True)
    }


def _quiet_blueprint(context: SummaryContext) -> Blueprint:
    """Of the people, with a chart."""
    days = {"days": str(context.quiet_days)}
    measures = (
        Measure("neglected", Unit.COUNT, days),
        Measure("kept_customers", Unit.COUNT),
        Measure("neglected_rate", Unit.RATIO, interval=True),
    )
    return Blueprint("neglected", "person", measures, 20, Chart(ChartKind.BAR))


def _quiet_units(frames: Frames, context: SummaryContext) -> Iterator[Block]:
    for unit in seen_units(frames, "customers", "owner"):
        if unit != "person":
            plan = unit_blueprint("neglected_", unit, _quiet_blueprint(context).measures)
            yield _quiet_block(frames, plan, _neglected(frames, unit, context), context)


def _quiet_block(
    frames: Frames, plan: Blueprint, neglected: dict[str, tuple[int, int]], context: SummaryContext
) -> Block:
    """Whoever has the most first; whoever has none is not named. Of whom the last contact is hidden, nobody knows."""
    names = sorted((name for name in neglected if neglected[name][0]), key=lambda name: (-neglected[name][0], name))
    groups: list[Group] = [(name, (*neglected[name], Rate(*neglected[name]))) for name in names]
    built = build(KEY, plan, groups, context)
    return hidden_block(built, context) if hides(frames, "customers", "last_contact") else built


FOLLOW_UPS = SummaryRule(
    KEY,
    columns(
        follow_ups="customer owner method state planned_at done_at",
        customers="owner status last_contact created_at",
        people="id name department group manager",
    ),
    compute,
    decisive=columns(follow_ups="state planned_at done_at", customers="status last_contact"),
    also=columns(customers="id name merged_from"),
)
