"""汇总_销售漏斗: how many deals stand where, what they are worth, and how many are won."""

from typing import TYPE_CHECKING

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
from crm_sheets.rules.summaries.blocks import Blueprint, build, headline
from crm_sheets.rules.summaries.deals import STAGES, SUMS, deals
from crm_sheets.rules.summaries.frames import Totals, in_dictionary_order, total, totals
from crm_sheets.rules.summaries.periods import month_of, window

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "funnel"

_STAGES = Blueprint(
    key="stages",
    group="stage",
    measures=(
        Measure("deals", Unit.COUNT),
        Measure("amount", Unit.MONEY),
        Measure("weighted", Unit.MONEY),
        Measure("reached", Unit.COUNT, adds_up=False),
        Measure("conversion", Unit.RATIO),
    ),
    capacity=14,
    chart=Chart(ChartKind.BAR, (1,)),
)
_FORECAST = Blueprint(
    key="forecast",
    group="month",
    measures=(Measure("open", Unit.COUNT), Measure("open_amount", Unit.MONEY), Measure("open_weighted", Unit.MONEY)),
    capacity=12,
    chart=Chart(ChartKind.COLUMN, (2, 3)),
    periods=True,
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The funnel as of today."""
    rows = deals(frames, context)
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_funnel"),
        as_of=context.today,
        headlines=_headlines(rows, context),
        blocks=(_by_stage(rows, context), _forecast(rows, context)),
    )


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    closed, won = rows[[*SUMS]], rows[rows["won"] == 1]
    won_count, lost_count = total(closed, "won"), total(closed, "lost")
    decided = (won_count or 0) + (lost_count or 0)
    figures: tuple[tuple[str, Unit, Number], ...] = (
        ("open", Unit.COUNT, total(closed, "open")),
        ("open_amount", Unit.MONEY, total(closed, "open_amount")),
        ("open_weighted", Unit.MONEY, total(closed, "open_weighted")),
        ("won", Unit.COUNT, won_count),
        ("won_amount", Unit.MONEY, total(closed, "won_amount")),
        ("win_rate", Unit.RATIO, ratio(won_count, decided)),
        ("won_cycle_days", Unit.DAYS, mean(total(won, "cycle_days"), total(won, "cycles"))),
        ("closed_cycle_days", Unit.DAYS, mean(total(closed, "cycle_days"), total(closed, "cycles"))),
        ("lost", Unit.COUNT, lost_count),
        ("deals", Unit.COUNT, total(closed, "deals")),
    )
    return tuple(headline(KEY, Measure(key, unit), value, context) for key, unit, value in figures)


def _by_stage(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = totals(rows, "stage", ("deals", "amount", "weighted"))
    names = in_dictionary_order(sums, STAGES, context, empty=True)
    reached = _reached(names, sums, context)
    groups = []
    before: Number = None
    for name in names:
        row = sums.get(name, {"deals": 0, "amount": 0, "weighted": 0})
        groups.append((name, (*row.values(), reached.get(name), ratio(reached.get(name), before))))
        before = reached.get(name, before)
    return build(KEY, _STAGES, groups, context)


def _reached(names: list[str], sums: Totals, context: SummaryContext) -> dict[str, int]:
    """Deals that stand at a stage or beyond it; lost ones left a funnel of which nobody wrote down where."""
    known = [name for name in names if context.dictionaries.code(STAGES, name) != "lost"]
    known = [name for name in known if context.dictionaries.entry(STAGES, name) is not None]
    counts = [int(sums[name]["deals"] or 0) if name in sums else 0 for name in known]
    return {name: sum(counts[place:]) for place, name in enumerate(known)}


def _forecast(rows: "DataFrame", context: SummaryContext) -> Block:
    running = rows[(rows["open"] == 1) & rows["closed"].notna()].copy()
    running["month"] = [month_of(day) for day in running["closed"]]
    sums = totals(running, "month", ("open", "open_amount", "open_weighted"))
    nothing: dict[str, Number] = {"open": 0, "open_amount": 0, "open_weighted": 0}
    shown = window(sums, month_of(context.today), _FORECAST.capacity)
    unseen = [(month, tuple(sums[month].values())) for month in sorted(sums) if month not in shown]
    groups = [(month, tuple(sums.get(month, nothing).values())) for month in shown]
    return build(KEY, _FORECAST, groups, context, unseen)


FUNNEL = SummaryRule(KEY, columns(opportunities="stage amount weighted close_date started_on"), compute)
