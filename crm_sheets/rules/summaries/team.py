"""汇总_团队业绩: what each person, group, department and manager has won and has open, by month and quarter."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
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
from crm_sheets.rules.summaries.deals import count_of, deals, total_of, totals_by
from crm_sheets.rules.summaries.frames import Totals
from crm_sheets.rules.summaries.periods import month_of, quarter_of, window
from crm_sheets.rules.summaries.staff import owned
from crm_sheets.rules.summaries.vectors import days_of, period_names
from crm_sheets.rules.summaries.wording import money, of, share

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "team"

_MEASURES = (
    Measure("won", Unit.COUNT),
    Measure("won_amount", Unit.MONEY),
    Measure("open", Unit.COUNT),
    Measure("open_amount", Unit.MONEY),
    Measure("win_rate", Unit.RATIO, interval=True),
    Measure("average_deal", Unit.MONEY, adds_up=False),
)
_SUMS = ("won", "won_amount", "open", "open_amount", "lost")
_PERIOD_MEASURES = (
    Measure("won", Unit.COUNT),
    Measure("won_amount", Unit.MONEY),
    Measure("win_rate", Unit.RATIO, interval=True),
    Measure("average_deal", Unit.MONEY, adds_up=False),
)
_AMOUNTS = Chart(ChartKind.BAR, (2,))
_PEOPLE = (
    Blueprint("people", "person", _MEASURES, 20, Chart(ChartKind.BAR, (2, 4))),
    Blueprint("groups", "group", _MEASURES, 10, Chart(ChartKind.COLUMN, (2, 4))),
    Blueprint("departments", "department", _MEASURES, 8, Chart(ChartKind.COLUMN, (2, 4))),
    Blueprint("managers", "manager", _MEASURES, 10, Chart(ChartKind.COLUMN, (2,))),
)
_QUARTERS = Blueprint("quarters", "quarter", _PERIOD_MEASURES, 8, Chart(ChartKind.COLUMN, (2,)), periods=True)
_MONTHS = Blueprint("months", "month", _PERIOD_MEASURES, 12, Chart(ChartKind.LINE, (2,)), periods=True)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The team's results as of today; a deal is won in the month of its close date."""
    rows = deals(frames, context)
    for name, texts in owned(frames, "opportunities", "owner", context).items():
        rows[name] = texts
    people = _of_people(rows, _PEOPLE[0], context)
    return summary_of(
        KEY,
        context,
        headlines=_headlines(rows, context),
        blocks=(
            people,
            *(_of_people(rows, plan, context) for plan in _PEOPLE[1:]),
            _of_periods(rows, _QUARTERS, quarter_of, context),
            _of_periods(rows, _MONTHS, month_of, context),
        ),
        conclusion=_conclusion(rows, people, context),
    )


def _conclusion(rows: "DataFrame", people: Block, context: SummaryContext) -> str:
    """What was won this month and quarter, and who brought the most of all."""
    text = context.language.text
    decided = _closed_in(rows, quarter_of, context)
    month = total_of(_closed_in(rows, month_of, context), "won_amount")
    quarter = total_of(decided, "won_amount")
    rate = Rate(count_of(decided, "won"), count_of(decided, "won") + count_of(decided, "lost"))
    won = total_of(rows, "won_amount")
    blank = text("summary.blank")
    first = next((row for row in people.rows if row[0] != blank), None) if won else None
    return sentence(
        context,
        (
            text("summary.conclusion.team.won", month=money(month, context), quarter=money(quarter, context))
            if len(rows)
            else "",
            text("summary.conclusion.team.rate", rate=share(rate), won=str(rate.part), closed=str(rate.whole))
            if rate.whole
            else "",
            text("summary.conclusion.team.first", name=str(first[0]), share=of(_number(first[2]), won))
            if first and first[2]
            else "",
        ),
    )


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    today = context.today
    return (
        _won_in(rows, "won_this_month", month_of, context),
        _won_in(rows, "won_this_quarter", quarter_of, context),
        _won_in(rows, "won_this_year", _year_of, context),
        headline(KEY, Measure("open_amount", Unit.MONEY), total_of(rows, "open_amount"), context),
        _rate_in(rows, quarter_of(today), context),
    )


def _year_of(day: date) -> str:
    return f"{day.year:04}"


def _closed_in(rows: "DataFrame", period_of: Callable[[date], str], context: SummaryContext) -> "DataFrame":
    """The rows whose close date lies in the present period."""
    found: DataFrame = rows[period_names(days_of(rows, "closed"), period_of) == period_of(context.today)]
    return found


def _won_in(rows: "DataFrame", key: str, period_of: Callable[[date], str], context: SummaryContext) -> Figure:
    won = total_of(_closed_in(rows, period_of, context), "won_amount")
    return headline(KEY, Measure(key, Unit.MONEY), won, context, period_of(context.today))


def _rate_in(rows: "DataFrame", quarter: str, context: SummaryContext) -> Figure:
    decided = _closed_in(rows, quarter_of, context)
    won, lost = count_of(decided, "won"), count_of(decided, "lost")
    return headline(KEY, Measure("win_rate_this_quarter", Unit.RATIO), Rate(won, won + lost), context, quarter)


def _of_people(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = totals_by(rows, plan.key, _SUMS)
    names = sorted(sums, key=lambda name: (-(sums[name]["won_amount"] or 0), -(sums[name]["open_amount"] or 0), name))
    groups: list[Group] = []
    for name in names:
        row = sums[name]
        won = row["won"] or 0
        average = mean(row["won_amount"], won)
        rate = _rate(row)
        groups.append((name, (won, row["won_amount"], row["open"], row["open_amount"], rate, average)))
    return build(KEY, plan, groups, context)


def _of_periods(rows: "DataFrame", plan: Blueprint, period_of: Callable[[date], str], context: SummaryContext) -> Block:
    decided = rows[(rows["open"] == 0) & rows["closed"].notna()]
    decided = decided.assign(period=period_names(days_of(decided, "closed"), period_of))
    sums = totals_by(decided, "period", ("won", "won_amount", "lost"))
    shown = window(sums, period_of(context.today), plan.capacity)
    unseen = [_of_period(period, sums) for period in sorted(sums) if period not in shown]
    return build(KEY, plan, [_of_period(period, sums) for period in shown], context, unseen)


def _of_period(period: str, sums: Totals) -> Group:
    row: dict[str, Number] = sums.get(period, {"won": 0, "won_amount": 0, "lost": 0})
    won = row["won"] or 0
    return period, (won, row["won_amount"], _rate(row), mean(row["won_amount"], won))


def _rate(row: dict[str, Number]) -> Rate:
    won = int(row["won"] or 0)
    return Rate(won, won + int(row["lost"] or 0))


def _number(value: object) -> Number:
    return value if isinstance(value, int | Decimal) else None


TEAM = SummaryRule(
    KEY,
    columns(
        opportunities="stage amount weighted close_date started_on owner", people="id name department group manager"
    ),
    compute,
    decisive=columns(opportunities="stage"),
)
