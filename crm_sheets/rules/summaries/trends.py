"""汇总_趋势: the pipeline as it was day by day, how far close dates slipped, and how good the forecasts were.

It is counted from what was kept each day (PIPELINE), not from what deals say today; the outcome of a month is what the
deals say. Only deals that are there, and that the reader may see, count.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import (
    PIPELINE,
    PIPELINE_DAYS,
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
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.deals import deals
from crm_sheets.rules.summaries.forecast import LIKELY, Expected, expected
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.periods import month_of
from crm_sheets.rules.summaries.vectors import amount, days, days_of, period_names, sum_of, two_decimals
from crm_sheets.rules.summaries.wording import money, share
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Days

    Flags = NDArray[np.bool_]

KEY = "trends"
WEEKS, DAYS, MONTHS = 13, 30, 12
LATEST_BEGINNING = 7
"""A month whose first day on which somebody looked comes later has no beginning that a forecast could be taken from."""

_LIKELY = {"share": f"{LIKELY:.0%}"}
_POINT = (
    Measure("open", Unit.COUNT, adds_up=False),
    Measure("open_amount", Unit.MONEY, adds_up=False),
    Measure("open_weighted", Unit.MONEY, adds_up=False),
)
_WEEKS = Blueprint("weeks", "day", _POINT, WEEKS, Chart(ChartKind.LINE, (2, 3)), periods=True)
_DAYS = Blueprint("days", "day", _POINT, DAYS, Chart(ChartKind.LINE, (2, 3)), periods=True)
_SLIPPAGE = Blueprint(
    "slippage",
    "month",
    (
        Measure("due_at_beginning", Unit.COUNT),
        Measure("due_amount", Unit.MONEY),
        Measure("due_won", Unit.COUNT),
        Measure("due_lost", Unit.COUNT),
        Measure("due_slipped", Unit.COUNT),
        Measure("slipped_rate", Unit.RATIO, interval=True),
        Measure("slipped_days", Unit.DAYS, adds_up=False),
    ),
    MONTHS,
    Chart(ChartKind.COLUMN, (3, 4, 5)),
    periods=True,
)
_ACCURACY = Blueprint(
    "accuracy",
    "month",
    (
        Measure("forecast_begin_low", Unit.MONEY, _LIKELY),
        Measure("forecast_begin", Unit.MONEY),
        Measure("forecast_begin_high", Unit.MONEY, _LIKELY),
        Measure("month_result", Unit.MONEY),
        Measure("forecast_hit", Unit.RATIO),
    ),
    MONTHS,
    Chart(ChartKind.COLUMN, (2, 4)),
    periods=True,
)


@dataclass(frozen=True, slots=True)
class _Month:
    """A month that is over, and whose beginning somebody saw."""

    name: str
    slippage: tuple[Number | Rate, ...]
    forecast: Expected
    result: Decimal | None

    @property
    def within(self) -> bool | None:
        """Whether it came as was forecast; None where the reader does not see both."""
        low, high = self.forecast.low, self.forecast.high
        if low is None or high is None or self.result is None:
            return None
        return low <= self.result <= high

    @property
    def hit(self) -> Decimal | None:
        return ratio(self.result, self.forecast.middle)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The trends as of today."""
    looked = [day for day in column(frames, PIPELINE_DAYS, "day") if isinstance(day, date)]
    lines = _lines(frames, context)
    points = {day: _point(lines, day) for day in _wanted(looked, context.today)}
    months = _months(frames, lines, looked, context)
    weeks, latest = _weekly(looked, context.today), looked[-DAYS:]
    return summary_of(
        KEY,
        context,
        headlines=_headlines(points, looked, months, context),
        blocks=(
            build(KEY, _WEEKS, [(day.isoformat(), points[day]) for day in weeks], context),
            build(KEY, _DAYS, [(day.isoformat(), points[day]) for day in latest], context),
            _accuracy(months, context),
            _slippage(months, context),
        ),
        conclusion=_conclusion(points, looked, months, context),
    )


def _lines(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    def day(name: str) -> "Days":
        return days(column(frames, PIPELINE, name), context)

    closes = day("close")
    return pd.DataFrame(
        {
            "deal": np.array(column(frames, PIPELINE, "deal"), dtype=object),
            "since": day("since"),
            "until": day("until"),
            "closes": closes,
            "month": period_names(closes, month_of),
            "open": np.ones(len(closes), dtype=np.int64),
            "open_amount": np.array(column(frames, PIPELINE, "amount"), dtype=np.int64),
            "open_weighted": np.array(column(frames, PIPELINE, "weighted"), dtype=np.int64),
        }
    )


def _on(lines: "DataFrame", day: date) -> "DataFrame":
    """The open deals as they stood when a day began."""
    found: DataFrame = lines[_holding(lines, day)]
    return found


def _holding(lines: "DataFrame", day: date) -> "Flags":
    import numpy as np

    at = np.datetime64(day)
    since, until = days_of(lines, "since"), days_of(lines, "until")
    holding: Flags = (since <= at) & (np.isnat(until) | (until > at))
    return holding


def _point(lines: "DataFrame", day: date) -> tuple[Number, ...]:
    holding = _holding(lines, day)
    worth, weighted = (int(lines[name].to_numpy()[holding].sum()) for name in ("open_amount", "open_weighted"))
    return int(holding.sum()), amount(worth), amount(weighted)


def _weekly(looked: list[date], today: date) -> list[date]:
    """The last day of each of the latest weeks on which somebody looked."""
    last: dict[date, date] = {}
    for day in looked:
        if day <= today:
            last[day - timedelta(days=day.weekday())] = day
    return list(last.values())[-WEEKS:]


def _wanted(looked: list[date], today: date) -> list[date]:
    month = [day for day in looked if day <= today - timedelta(days=28)][-1:]
    return sorted({*_weekly(looked, today), *looked[-DAYS:], *month})


def _beginnings(looked: list[date], today: date) -> dict[str, date]:
    """The first day on which somebody looked, of each month that is over and whose beginning was seen."""
    first: dict[str, date] = {}
    for day in looked:
        first.setdefault(month_of(day), day)
    return {month: day for month, day in first.items() if day.day <= LATEST_BEGINNING and month < month_of(today)}


def _months(frames: Frames, lines: "DataFrame", looked: list[date], context: SummaryContext) -> list[_Month]:
    import numpy as np
    import pandas as pd

    now = deals(frames, context)
    now["deal"] = pd.Series(np.array(column(frames, "opportunities", "id"), dtype=object), dtype=object)
    now["month_now"] = period_names(days_of(now, "closed"), month_of)
    found = []
    for month, day in _beginnings(looked, context.today).items():
        then = _on(lines, day)
        due = then[then["month"] == month]
        won_then = now[(now["won"] == 1) & (now["month_now"] == month)]
        won_before = won_then[days_of(won_then, "closed") < np.datetime64(day)]
        forecast = expected(due, won_before.assign(month=won_before["month_now"])).get(month, Expected())
        result = sum_of(won_then["won_amount"])
        found.append(_Month(month, _fate(due, now, month), forecast, result))
    return found


def _fate(due: "DataFrame", now: "DataFrame", month: str) -> tuple[Number | Rate, ...]:
    """What became of the deals that were to close in a month: won or lost in it; the others slipped."""
    import numpy as np

    columns_now = ["deal", "won", "lost", "closed", "month_now"]
    both = due[["deal", "closes", "open_amount"]].merge(now[columns_now], on="deal", how="inner")
    in_time = both["month_now"] <= month
    won = int((both["won"].eq(1) & in_time).sum())
    lost = int((both["lost"].eq(1) & in_time).sum())
    later = both[both["month_now"] > month]
    spans = (days_of(later, "closed") - days_of(later, "closes")).astype("timedelta64[D]").astype(np.int64)
    slipped = len(both) - won - lost
    mean = two_decimals(float(spans.mean())) if len(spans) else None
    return (
        len(both),
        amount(int(both["open_amount"].sum())),
        won,
        lost,
        slipped,
        Rate(slipped, len(both)),
        mean,
    )


def _accuracy(months: list[_Month], context: SummaryContext) -> Block:
    groups: list[Group] = [
        (each.name, (each.forecast.low, each.forecast.middle, each.forecast.high, each.result, each.hit))
        for each in months
    ]
    return build(KEY, _ACCURACY, groups[-MONTHS:], context, groups[:-MONTHS])


def _slippage(months: list[_Month], context: SummaryContext) -> Block:
    groups: list[Group] = [(each.name, each.slippage) for each in months]
    return build(KEY, _SLIPPAGE, groups[-MONTHS:], context, groups[:-MONTHS])


def _change(points: dict[date, tuple[Number, ...]], looked: list[date], today: date) -> Number:
    """How much more the open deals are worth than four weeks ago."""
    before = [day for day in looked if day <= today - timedelta(days=28)]
    if not before:
        return None
    return (points[looked[-1]][1] or 0) - (points[before[-1]][1] or 0)


def _headlines(
    points: dict[date, tuple[Number, ...]], looked: list[date], months: list[_Month], context: SummaryContext
) -> tuple[Figure, ...]:
    last = points[looked[-1]] if looked else (0, 0, 0)
    day = looked[-1].isoformat() if looked else context.today.isoformat()
    month = months[-1] if months else None
    slipped = month.slippage[5] if month else Rate(0, 0)
    name = month.name if month else month_of(context.today)
    return (
        headline(KEY, Measure("kept_open_amount", Unit.MONEY), last[1], context, day),
        headline(KEY, Measure("open_amount_change", Unit.MONEY), _change(points, looked, context.today), context, day),
        headline(KEY, Measure("slipped_rate", Unit.RATIO), slipped, context, name),
        headline(KEY, Measure("forecast_hit", Unit.RATIO), month.hit if month else None, context, name),
        headline(KEY, Measure("forecast_within", Unit.RATIO, _LIKELY), _within(months), context),
        headline(KEY, Measure("days_kept", Unit.COUNT), len(looked), context),
    )


def _within(months: list[_Month]) -> Rate:
    judged = [each.within for each in months if each.within is not None]
    return Rate(sum(judged), len(judged))


def _conclusion(
    points: dict[date, tuple[Number, ...]], looked: list[date], months: list[_Month], context: SummaryContext
) -> str:
    text, change = context.language.text, _change(points, looked, context.today)
    month = months[-1] if months else None
    slipped = month.slippage[5] if month else None
    last = points[looked[-1]][1] if looked else None
    way = "more" if (change or 0) >= 0 else "less"
    return sentence(
        context,
        (
            text("summary.conclusion.trends.none")
            if change == 0 and last == 0
            else text(
                f"summary.conclusion.trends.{way}",
                amount=money(last, context),
                change=money(max(change, -change), context),
            )
            if change is not None
            else text("summary.conclusion.trends.young", since=looked[0].isoformat())
            if looked
            else "",
            text(
                "summary.conclusion.trends.forecast",
                month=month.name,
                forecast=money(month.forecast.middle, context),
                result=money(month.result, context),
                hit=share(month.hit),
            )
            if month and month.forecast.middle
            else "",
            text("summary.conclusion.trends.slipped", count=str(slipped.whole), rate=share(slipped))
            if isinstance(slipped, Rate) and slipped.whole
            else "",
        ),
    )


TRENDS = SummaryRule(
    KEY,
    columns(opportunities="id stage amount weighted close_date owner"),
    compute,
    needs=frozenset({TabKey("opportunities")}),
    history=True,
)
