"""汇总_团队业绩: what each person, group, department and manager has won and has open, by month and quarter."""

from collections.abc import Callable
from datetime import date
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
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline
from crm_sheets.rules.summaries.deals import deals
from crm_sheets.rules.summaries.frames import Totals, total, totals
from crm_sheets.rules.summaries.periods import month_of, quarter_of, window
from crm_sheets.rules.summaries.staff import owners

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "team"

_MEASURES = (
    Measure("won", Unit.COUNT),
    Measure("won_amount", Unit.MONEY),
    Measure("open", Unit.COUNT),
    Measure("open_amount", Unit.MONEY),
    Measure("win_rate", Unit.RATIO),
    Measure("average_deal", Unit.MONEY, adds_up=False),
)
_SUMS = ("won", "won_amount", "open", "open_amount", "lost")
_PERIOD_MEASURES = (
    Measure("won", Unit.COUNT),
    Measure("won_amount", Unit.MONEY),
    Measure("win_rate", Unit.RATIO),
    Measure("average_deal", Unit.MONEY, adds_up=False),
)
_AMOUNTS = Chart(ChartKind.BAR, (2,))
_PEOPLE = (
    Blueprint("people", "person", _MEASURES, 20, Chart(ChartKind.BAR, (2, 4))),
    Blueprint("groups", "group", _MEASURES, 10, Chart(ChartKind.COLUMN, (2, 4))),
    Blueprint("departments", "department", _MEASURES, 8, Chart(ChartKind.PIE, (2,))),
    Blueprint("managers", "manager", _MEASURES, 10, Chart(ChartKind.COLUMN, (2,))),
)
_QUARTERS = Blueprint("quarters", "quarter", _PERIOD_MEASURES, 8, Chart(ChartKind.COLUMN, (2,)), periods=True)
_MONTHS = Blueprint("months", "month", _PERIOD_MEASURES, 12, Chart(ChartKind.LINE, (2,)), periods=True)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The team's results as of today; a deal is won in the month of its close date."""
    rows = deals(frames, context)
    people = owners(frames, "opportunities", "owner", context)
    rows["people"] = [person.name for person in people]
    rows["groups"] = [person.group for person in people]
    rows["departments"] = [person.department for person in people]
    rows["managers"] = [person.manager for person in people]
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_team"),
        as_of=context.today,
        headlines=_headlines(rows, context),
        blocks=(
            *(_of_people(rows, plan, context) for plan in _PEOPLE),
            _of_periods(rows, _QUARTERS, quarter_of, context),
            _of_periods(rows, _MONTHS, month_of, context),
        ),
    )


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    today = context.today
    return (
        _won_in(rows, "won_this_month", month_of, context),
        _won_in(rows, "won_this_quarter", quarter_of, context),
        _won_in(rows, "won_this_year", _year_of, context),
        headline(KEY, Measure("open_amount", Unit.MONEY), total(rows, "open_amount"), context),
        _rate_in(rows, quarter_of(today), context),
    )


def _year_of(day: date) -> str:
    return f"{day.year:04}"


def _won_in(rows: "DataFrame", key: str, period_of: Callable[[date], str], context: SummaryContext) -> Figure:
    current = period_of(context.today)
    amounts = [
        amount
        for amount, day in zip(rows["won_amount"], rows["closed"], strict=True)
        if isinstance(day, date) and period_of(day) == current
    ]
    return headline(KEY, Measure(key, Unit.MONEY), sum(amounts, 0), context, current)


def _rate_in(rows: "DataFrame", quarter: str, context: SummaryContext) -> Figure:
    decided = rows.loc[[isinstance(day, date) and quarter_of(day) == quarter for day in rows["closed"]]]
    won, lost = total(decided, "won"), total(decided, "lost")
    rate = ratio(won, (won or 0) + (lost or 0))
    return headline(KEY, Measure("win_rate_this_quarter", Unit.RATIO), rate, context, quarter)


def _of_people(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = totals(rows, plan.key, _SUMS)
    names = sorted(sums, key=lambda name: (-(sums[name]["won_amount"] or 0), -(sums[name]["open_amount"] or 0), name))
    groups: list[Group] = []
    for name in names:
        row = sums[name]
        won = row["won"] or 0
        average = mean(row["won_amount"], won)
        rate = ratio(won, won + (row["lost"] or 0))
        groups.append((name, (won, row["won_amount"], row["open"], row["open_amount"], rate, average)))
    return build(KEY, plan, groups, context)


def _of_periods(rows: "DataFrame", plan: Blueprint, period_of: Callable[[date], str], context: SummaryContext) -> Block:
    decided = rows[(rows["open"] == 0) & rows["closed"].notna()].copy()
    decided["period"] = [period_of(day) for day in decided["closed"]]
    sums = totals(decided, "period", ("won", "won_amount", "lost"))
    shown = window(sums, period_of(context.today), plan.capacity)
    unseen = [_of_period(period, sums) for period in sorted(sums) if period not in shown]
    return build(KEY, plan, [_of_period(period, sums) for period in shown], context, unseen)


def _of_period(period: str, sums: Totals) -> Group:
    row: dict[str, Number] = sums.get(period, {"won": 0, "won_amount": 0, "lost": 0})
    won = row["won"] or 0
    return period, (won, row["won_amount"], ratio(won, won + (row["lost"] or 0)), mean(row["won_amount"], won))


TEAM = SummaryRule(
    KEY,
    columns(
        opportunities="stage amount weighted close_date started_on owner", people="id name department group manager"
    ),
    compute,
)
