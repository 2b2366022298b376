"""汇总_销售漏斗: how many deals stand where, what they are worth, how many are won, and what the months will bring."""

from typing import TYPE_CHECKING

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
    mean,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.deals import STAGES, count_of, deals, total_of, totals_by
from crm_sheets.rules.summaries.forecast import LIKELY, Expected, expected
from crm_sheets.rules.summaries.frames import Totals, in_dictionary_order
from crm_sheets.rules.summaries.levels import deals_by_unit, forecasts_by_unit
from crm_sheets.rules.summaries.periods import month_after, month_of
from crm_sheets.rules.summaries.units import PEOPLE, seen_units, units
from crm_sheets.rules.summaries.vectors import days_of, period_names
from crm_sheets.rules.summaries.wording import money, share

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "funnel"

_LIKELY = {"share": f"{LIKELY:.0%}"}
_STAGES = Blueprint(
    key="stages",
    group="stage",
    measures=(
        Measure("deals", Unit.COUNT),
        Measure("amount", Unit.MONEY),
        Measure("weighted", Unit.MONEY),
        Measure("reached", Unit.COUNT, adds_up=False),
        Measure("conversion", Unit.RATIO, interval=True),
    ),
    capacity=14,
    chart=Chart(ChartKind.BAR, (1,)),
)
_FORECAST = Blueprint(
    key="forecast",
    group="month",
    measures=(
        Measure("open", Unit.COUNT),
        Measure("open_amount", Unit.MONEY),
        Measure("open_weighted", Unit.MONEY),
        Measure("won_amount", Unit.MONEY),
        Measure("forecast_low", Unit.MONEY, _LIKELY, adds_up=False),
        Measure("forecast", Unit.MONEY),
        Measure("forecast_high", Unit.MONEY, _LIKELY, adds_up=False),
    ),
    capacity=12,
    chart=Chart(ChartKind.COLUMN, (5, 6, 7)),
    periods=True,
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The funnel as of today."""
    rows, told = deals(frames, context), seen_units(frames, "opportunities", "owner")
    if told:
        rows = rows.assign(**units(frames, "opportunities", "owner", context))
    months = _months(rows, context)
    return summary_of(
        KEY,
        context,
        headlines=_headlines(rows, months, context),
        blocks=(
            _by_stage(rows, context),
            _forecast(months, context),
            *deals_by_unit(KEY, rows, told, context),
            *forecasts_by_unit(KEY, rows, told, context),
        ),
        conclusion=_conclusion(rows, months, context),
    )


def _headlines(rows: "DataFrame", months: dict[str, Expected], context: SummaryContext) -> tuple[Figure, ...]:
    won = rows[rows["won"] == 1]
    late, month = _overdue(rows, context), month_of(context.today)
    now = months[month]
    figures: tuple[tuple[str, Unit, Number | Rate], ...] = (
        ("open", Unit.COUNT, total_of(rows, "open")),
        ("open_amount", Unit.MONEY, total_of(rows, "open_amount")),
        ("open_weighted", Unit.MONEY, total_of(rows, "open_weighted")),
        ("overdue_open", Unit.COUNT, total_of(late, "open")),
        ("overdue_amount", Unit.MONEY, total_of(late, "open_amount")),
        ("won", Unit.COUNT, total_of(rows, "won")),
        ("won_amount", Unit.MONEY, total_of(rows, "won_amount")),
        ("win_rate", Unit.RATIO, Rate(count_of(rows, "won"), count_of(rows, "won") + count_of(rows, "lost"))),
        ("won_cycle_days", Unit.DAYS, mean(total_of(won, "cycle_days"), total_of(won, "cycles"))),
        ("closed_cycle_days", Unit.DAYS, mean(total_of(rows, "cycle_days"), total_of(rows, "cycles"))),
        ("lost", Unit.COUNT, total_of(rows, "lost")),
        ("deals", Unit.COUNT, total_of(rows, "deals")),
    )
    coming = (("forecast_low", now.low), ("forecast", now.middle), ("forecast_high", now.high))
    return (
        *(headline(KEY, Measure(key, unit), value, context) for key, unit, value in figures),
        *(headline(KEY, Measure(key, Unit.MONEY, _LIKELY), value, context, month) for key, value in coming),
    )


def _overdue(rows: "DataFrame", context: SummaryContext) -> "DataFrame":
    """Open deals whose expected day has passed: nobody can say when they come, so no month counts them."""
    import numpy as np

    return rows[(rows["open"] == 1) & (days_of(rows, "closed") < np.datetime64(context.today))]


def _conclusion(rows: "DataFrame", months: dict[str, Expected], context: SummaryContext) -> str:
    text, late = context.language.text, _overdue(rows, context)
    rate = Rate(count_of(rows, "won"), count_of(rows, "won") + count_of(rows, "lost"))
    now = months[month_of(context.today)]
    return sentence(
        context,
        (
            text(
                "summary.conclusion.funnel.open",
                count=str(len(rows[rows["open"] == 1])),
                amount=money(total_of(rows, "open_amount"), context),
                weighted=money(total_of(rows, "open_weighted"), context),
            )
            if count_of(rows, "open")
            else "",
            text(
                "summary.conclusion.funnel.month",
                low=money(now.low, context),
                middle=money(now.middle, context),
                high=money(now.high, context),
            )
            if now.middle
            else "",
            text("summary.conclusion.funnel.rate", rate=share(rate), won=str(rate.part), closed=str(rate.whole))
            if rate.whole
            else "",
            text(
                "summary.conclusion.funnel.late",
                count=str(len(late)),
                amount=money(total_of(late, "open_amount"), context),
            )
            if len(late)
            else "",
        ),
    )


def _by_stage(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = totals_by(rows, "stage", ("deals", "amount", "weighted"))
    names = in_dictionary_order(sums, STAGES, context, empty=True)
    reached = _reached(names, sums, context)
    groups: list[Group] = []
    before: int | None = None
    for name in names:
        row = sums.get(name, {"deals": 0, "amount": 0, "weighted": 0})
        rate = Rate(reached[name], before) if name in reached and before else None
        groups.append((name, (*row.values(), reached.get(name), rate)))
        before = reached.get(name, before)
    return build(KEY, _STAGES, groups, context)


def _reached(names: list[str], sums: Totals, context: SummaryContext) -> dict[str, int]:
    """Deals that stand at a stage or beyond it; lost ones left a funnel of which this tab does not say where."""
    known = [name for name in names if context.dictionaries.code(STAGES, name) != "lost"]
    known = [name for name in known if context.dictionaries.entry(STAGES, name) is not None]
    counts = [int(sums[name]["deals"] or 0) if name in sums else 0 for name in known]
    return {name: sum(counts[place:]) for place, name in enumerate(known)}


def _months(rows: "DataFrame", context: SummaryContext) -> dict[str, Expected]:
    """What each month from the present one on brings, in order, twelve at least and those that follow if any deal is
    to close in them; what was won in it already is part of it."""
    import numpy as np

    current = month_of(context.today)
    ahead = rows[(rows["open"] == 1) & (days_of(rows, "closed") >= np.datetime64(context.today))]
    won = rows[(rows["won"] == 1) & rows["closed"].notna()]
    found = expected(
        ahead.assign(month=period_names(days_of(ahead, "closed"), month_of)),
        won.assign(month=period_names(days_of(won, "closed"), month_of)),
    )
    shown = [current]
    while len(shown) < _FORECAST.capacity:
        shown.append(month_after(shown[-1]))
    shown += sorted(month for month in found if month > shown[-1])
    return {month: found.get(month, Expected()) for month in shown}


def _forecast(months: dict[str, Expected], context: SummaryContext) -> Block:
    """Of a month that has not begun nobody knows yet what will be won in it: that is not 0."""
    now = month_of(context.today)
    groups: list[Group] = [
        (
            month,
            (
                each.open,
                each.amount,
                each.weighted,
                each.won if each.won or month <= now else None,
                each.low,
                each.middle,
                each.high,
            ),
        )
        for month, each in months.items()
    ]
    return build(KEY, _FORECAST, groups, context)


FUNNEL = SummaryRule(
    KEY,
    columns(opportunities="stage amount weighted close_date started_on"),
    compute,
    decisive=columns(opportunities="stage"),
    also=columns(opportunities="owner", people=PEOPLE),
)
