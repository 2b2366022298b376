"""汇总_服务: what was asked of the service team, how much of it is open, and whether it was done in time."""

from decimal import Decimal
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
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.frames import column, in_order
from crm_sheets.rules.summaries.periods import month_of, window
from crm_sheets.rules.summaries.units import PEOPLE, UNITS, units
from crm_sheets.rules.summaries.vectors import known_values, named, period_names, sums_by
from crm_sheets.rules.summaries.wording import share
from crm_sheets.rules.summaries.working_time import CALENDAR, clock_times, team_calendar, times, working_minutes
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Counts, Days

KEY = "services"

_SUMS = (
    *("count", "open", "late", "solved", "seconds", "met", "judged", "done"),
    *("answered", "response_minutes", "response_due", "response_met"),
    *("timed", "solve_minutes", "solve_due", "solve_met"),
)
_COUNT, _OPEN, _LATE = (Measure(key, Unit.COUNT) for key in ("services", "services_open", "services_late"))
_SOLVED, _DAYS = Measure("services_solved", Unit.COUNT), Measure("solving_days", Unit.DAYS)
_RATE = Measure("sla_rate", Unit.RATIO, interval=True)
_ANSWERED = Measure("response_rate", Unit.RATIO, interval=True)
_IN_TIME = Measure("solution_rate", Unit.RATIO, interval=True)
_RESPONSE, _SOLUTION = (Measure(key, Unit.COUNT, adds_up=False) for key in ("response_minutes", "solution_minutes"))
_MEASURES = (_COUNT, _OPEN, _LATE, _DAYS, _RATE)
_LEVELS = (_COUNT, Measure("sla_judged", Unit.COUNT), _RATE, _ANSWERED, _RESPONSE, _IN_TIME, _SOLUTION)
_BLOCKS = (
    (Blueprint("by_type", "service_type", _MEASURES, 10, Chart(ChartKind.PIE)), "service_type"),
    (Blueprint("by_priority", "service_priority", _MEASURES, 6, Chart(ChartKind.COLUMN)), "service_priority"),
    (Blueprint("by_state", "service_state", (_COUNT,), 6, Chart(ChartKind.PIE)), "service_state"),
    (Blueprint("by_owner", "person", _MEASURES, 15, Chart(ChartKind.BAR)), ""),
    (Blueprint("sla_by_type", "service_type", _LEVELS, 10, Chart(ChartKind.BAR, (3,))), "service_type"),
    (Blueprint("sla_by_priority", "service_priority", _LEVELS, 6, Chart(ChartKind.COLUMN, (3,))), "service_priority"),
    (Blueprint("sla_by_both", "type_and_priority", _LEVELS, 20), ""),
    *((Blueprint(f"sla_by_{unit}", unit, _LEVELS, 15, Chart(ChartKind.BAR, (3,))), "") for unit in UNITS),
)
_MONTHS = Blueprint("months", "month", (_COUNT, _SOLVED, _RATE), 12, Chart(ChartKind.LINE), periods=True)
_SECONDS = Decimal(86_400)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Services as of today."""
    rows = _rows(frames, context)
    heads = _headlines(rows, context)
    months = _by_month(rows, context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(*(_by(rows, plan, dictionary, context) for plan, dictionary in _BLOCKS), months),
        conclusion=_conclusion(heads, rows, context),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    calendar = team_calendar(frames, context)
    names = ("opened_at", "first_response_at", "solved_at", "response_due", "solve_due")
    opened, answered, solved, answer_by, solve_by = (times(column(frames, KEY, name)) for name in names)
    states = column(frames, KEY, "state")
    done = named(states, lambda text: context.dictionaries.code("service_state", text), "") == "solved"
    solved = np.where(done, solved, np.datetime64("NaT"))
    answered = np.where(np.isnat(answered), solved, answered)  # solved without another word: that was the answer
    shown = [clock_times(of, context.zone) for of in (opened, answered, solved)]
    level = np.array(column(frames, KEY, "sla_state"), dtype=object)
    met, missed, late = (
        level == context.language.text(f"value.sla_state.{code}") for code in ("met", "missed", "late")
    )
    timed = ~np.isnat(opened) & ~np.isnat(solved)
    waited = np.nan_to_num(np.array(column(frames, KEY, "waited"), dtype=float)).astype(np.int64)
    seconds = np.where(timed, (solved - opened).astype("timedelta64[s]").astype(np.int64), 0)
    own = units(frames, KEY, "owner", context)
    types, priorities = (
        known_values(column(frames, KEY, name), f"service_{name}", context) for name in ("type", "priority")
    )
    return pd.DataFrame(
        {
            **own,
            "service_type": types,
            "service_priority": priorities,
            "type_and_priority": types + " · " + priorities,
            "service_state": known_values(states, "service_state", context),
            "month": period_names(shown[0].astype("datetime64[D]"), month_of),
            "solved_month": period_names(shown[2].astype("datetime64[D]"), month_of),
            "count": np.ones(len(states), dtype=np.int64),
            "open": (~done).astype(np.int64),
            "done": done.astype(np.int64),
            "late": late.astype(np.int64),
            "solved": timed.astype(np.int64),
            "seconds": seconds,
            "met": met.astype(np.int64),
            "judged": (met | missed).astype(np.int64),
            **_kept("response", opened, answered, answer_by),
            **_kept("solve", opened, solved, solve_by),
            "answered": (~np.isnat(opened) & ~np.isnat(answered)).astype(np.int64),
            "timed": timed.astype(np.int64),
            "response_minutes": working_minutes(shown[0], shown[1], calendar),
            "solve_minutes": np.maximum(working_minutes(shown[0], shown[2], calendar) - waited, 0),
        }
    )


def _kept(name: str, opened: "Days", at: "Days", due: "Days") -> "dict[str, Counts]":
    """Which were promised and done, and which of these in time."""
    import numpy as np

    judged = ~np.isnat(at) & ~np.isnat(due) & ~np.isnat(opened)
    return {f"{name}_due": judged.astype(np.int64), f"{name}_met": (judged & (at <= due)).astype(np.int64)}


def _rate(row: dict[str, Number], part: str, whole: str) -> Rate:
    return Rate(int(row[part] or 0), int(row[whole] or 0))


def _minutes(row: dict[str, Number], total: str, count: str) -> int | None:
    found = mean(row[total], row[count])
    return None if found is None else round(found)


def _days(row: dict[str, Number]) -> Decimal | None:
    return mean(Decimal(row["seconds"] or 0) / _SECONDS, row["solved"])


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    sums: dict[str, Number] = {name: int(rows[name].sum()) for name in _SUMS}
    counted: tuple[tuple[Measure, Counted], ...] = (
        (_COUNT, sums["count"]),
        (_OPEN, sums["open"]),
        (_LATE, sums["late"]),
        (_SOLVED, sums["done"]),
        (_DAYS, _days(sums)),
        (_RATE, _rate(sums, "met", "judged")),
        (_ANSWERED, _rate(sums, "response_met", "response_due")),
        (_RESPONSE, _minutes(sums, "response_minutes", "answered")),
        (_IN_TIME, _rate(sums, "solve_met", "solve_due")),
        (_SOLUTION, _minutes(sums, "solve_minutes", "timed")),
    )
    return tuple(headline(KEY, measure, number, context) for measure, number in counted)


def _by(rows: "DataFrame", plan: Blueprint, dictionary: str, context: SummaryContext) -> Block:
    sums = sums_by(rows, plan.group, _SUMS, ())
    groups: list[Group] = []
    for name in in_order(sums, dictionary, context, "count"):
        row = sums[name]
        known: dict[str, Counted] = {
            "services": row["count"],
            "services_open": row["open"],
            "services_late": row["late"],
            "solving_days": _days(row),
            "sla_judged": row["judged"],
            "sla_rate": _rate(row, "met", "judged"),
            "response_rate": _rate(row, "response_met", "response_due"),
            "response_minutes": _minutes(row, "response_minutes", "answered"),
            "solution_rate": _rate(row, "solve_met", "solve_due"),
            "solution_minutes": _minutes(row, "solve_minutes", "timed"),
        }
        groups.append((name, tuple(known[measure.key] for measure in plan.measures)))
    return build(KEY, plan, groups, context)


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    """What was opened and solved in each month, and how many of those solved in it were in time."""
    opened = sums_by(rows[rows["month"] != ""], "month", ("count",), ())
    solved = sums_by(rows[rows["solved_month"] != ""], "solved_month", ("count", "met", "judged"), ())

    def group(month: str) -> Group:
        done = solved.get(month, {"count": 0, "met": 0, "judged": 0})
        return month, (opened.get(month, {"count": 0})["count"], done["count"], _rate(done, "met", "judged"))

    seen = opened.keys() | solved.keys()
    shown = window(seen, month_of(context.today), _MONTHS.capacity)
    unseen = [group(month) for month in sorted(seen) if month not in shown]
    return build(KEY, _MONTHS, [group(month) for month in shown], context, unseen)


def _conclusion(heads: tuple[Figure, ...], rows: "DataFrame", context: SummaryContext) -> str:
    text = context.language.text
    count, open_, late, _, _, rate, *_ = heads
    if not count.value:
        return ""
    behind = sums_by(rows[rows["late"] == 1], "person", ("late",), ())
    most = min(behind, key=lambda name: (-(behind[name]["late"] or 0), name), default="")
    return sentence(
        context,
        (
            text("services.conclusion.count", count=f"{count.value:,}", open=f"{open_.value or 0:,}"),
            text("services.conclusion.late", late=f"{late.value:,}", name=most, most=f"{behind[most]['late']:,}")
            if late.value
            else "",
            text("services.conclusion.rate", rate=share(rate.value), cases=f"{rate.cases:,}")
            if rate.value is not None
            else "",
        ),
    )


SERVICES = SummaryRule(
    KEY,
    columns(
        services="type priority state owner opened_at first_response_at solved_at waited response_due solve_due"
        " sla_state"
    ),
    compute,
    decisive=columns(services="state"),
    needs=frozenset({TabKey(KEY)}),
    also=columns(people=PEOPLE, calendar=CALENDAR),
)
