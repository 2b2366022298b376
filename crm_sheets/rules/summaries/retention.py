"""汇总_留存: who buys again, by the month and the quarter of the first purchase, and who stays away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    Shown,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, interval_text, sentence, summary_of
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.periods import month_of, quarter_of, window
from crm_sheets.rules.summaries.trade import CUSTOMERS, DEALS, ORDERS, Trade, trade
from crm_sheets.rules.summaries.units import PEOPLE, UNITS, units
from crm_sheets.rules.summaries.wording import share

if TYPE_CHECKING:
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Counts

KEY = "retention"

_BUYERS, _AGAIN = Measure("buyers", Unit.COUNT), Measure("repeat_buyers", Unit.COUNT)
_REPEAT = Measure("repeat_rate", Unit.RATIO, interval=True)
_CHURNED = Measure("churn_rate", Unit.RATIO, interval=True)
_MOVES = (
    Measure("active_buyers", Unit.COUNT, adds_up=False),
    Measure("new_buyers", Unit.COUNT),
    Measure("kept_buyers", Unit.COUNT),
    Measure("returned_buyers", Unit.COUNT),
    Measure("lost_buyers", Unit.COUNT),
    _CHURNED,
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A length of period.

    Attributes:
        key: of its words: `month` or `quarter`.
        months: how many make one.
        cohorts, ahead: how many cohorts a table shows, and how many periods after the first.
    """

    key: str
    months: int
    cohorts: int
    ahead: int

    def number(self, rows: "DataFrame") -> "Counts":
        """The period of each day, counted from January 1970."""
        import numpy as np

        return rows["day"].to_numpy().astype("datetime64[M]").astype(np.int64) // self.months

    def now(self, context: SummaryContext) -> int:
        """The period of today, which is not over."""
        return ((context.today.year - 1970) * 12 + context.today.month - 1) // self.months

    def name(self, number: int) -> str:
        """As periods are called: 2026-11, 2026Q4."""
        year, part = divmod(number, 12 // self.months)
        return f"{1970 + year:04}-{part + 1:02}" if self.months == 1 else f"{1970 + year:04}Q{part + 1}"

    def of(self, name: str) -> int:
        """The period that is called so."""
        return (int(name[:4]) - 1970) * (12 // self.months) + int(name[5:]) - 1

    def today(self, context: SummaryContext) -> str:
        """What the period of today is called."""
        return (month_of if self.months == 1 else quarter_of)(context.today)


MONTHS, QUARTERS = Calendar("month", 1, 12, 11), Calendar("quarter", 3, 8, 7)


@dataclass(frozen=True, slots=True)
class Bought:
    """Who bought in which period.

    Attributes:
        pairs: one row for each customer and period in which it bought: period, and first, that of its first purchase.
        now: the period of today.
    """

    pairs: "DataFrame"
    now: int

    @property
    def sizes(self) -> dict[int, int]:
        """Customers that bought for the first time in each period."""
        return self.counts(self.pairs[self.pairs["period"] == self.pairs["first"]], "first")

    @staticmethod
    def counts(rows: "DataFrame", by: str) -> dict[int, int]:
        """Rows for each value of a column of whole numbers."""
        found = rows[by].value_counts(sort=False)
        return {int(key): int(value) for key, value in zip(found.index, found.to_numpy(), strict=True)}

    def again(self, ahead: int) -> dict[int, int]:
        """Of each cohort, those that bought so many periods after their first purchase."""
        return self.counts(self.pairs[self.pairs["period"] == self.pairs["first"] + ahead], "first")


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Who came back as of today; a period that is not over is not judged."""
    sold = trade(frames, context)
    rows = sold.dated(context)
    months, quarters = (_bought(rows, each, context) for each in (MONTHS, QUARTERS))
    buyers = _buyers(frames, sold, rows, context)
    heads = _headlines(rows, buyers, quarters, context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            _curve(months, MONTHS, context),
            _curve(quarters, QUARTERS, context),
            *_cohorts(months, MONTHS, context),
            *_cohorts(quarters, QUARTERS, context),
            _churn(quarters, QUARTERS, Chart(ChartKind.COLUMN, (2, 3, 5)), context),
            _churn(months, MONTHS, Chart(ChartKind.LINE, (1,)), context),
            *(_by(buyers, unit, context) for unit in UNITS),
        ),
        conclusion=_conclusion(heads, months, context),
    )


def _bought(rows: "DataFrame", calendar: Calendar, context: SummaryContext) -> Bought:
    pairs = rows[["customer"]].assign(period=calendar.number(rows)).drop_duplicates()
    pairs["first"] = pairs.groupby("customer")["period"].transform("min")
    return Bought(pairs, calendar.now(context))


# -- people -----------------------------------------------------------------------------------------------------------


def _buyers(frames: Frames, sold: Trade, rows: "DataFrame", context: SummaryContext) -> "DataFrame":
    """A row for each customer that bought: how often, and whose it is."""
    import numpy as np
    import pandas as pd

    found = rows.groupby("customer").size()
    blank = context.language.text("summary.blank")
    places, known = found.index.to_numpy(dtype=np.int64), len(column(frames, "customers", "name"))
    own = units(frames, "customers", "owner", context)
    at = np.where(places < known, places, known)
    named = {unit: np.append(names, np.array([blank], dtype=object))[at] for unit, names in own.items()}
    return pd.DataFrame({**named, "buyers": 1, "again": (found.to_numpy() > 1).astype(np.int64)})


def _by(buyers: "DataFrame", unit: str, context: SummaryContext) -> Block:
    sums = buyers.groupby(unit, sort=False)[["buyers", "again"]].sum()
    found = [(str(name), int(all_), int(again)) for name, all_, again in sums.itertuples(name=None)]
    groups: list[Group] = [
        (name, (all_, again, Rate(again, all_))) for name, all_, again in sorted(found, key=_largest)
    ]
    plan = Blueprint(f"by_{unit}", unit, (_BUYERS, _AGAIN, _REPEAT), 15, Chart(ChartKind.BAR, (3,)))
    return build(KEY, plan, groups, context)


def _largest(group: tuple[str, int, int]) -> tuple[int, str]:
    return -group[1], group[0]


def _headlines(rows: "DataFrame", buyers: "DataFrame", quarters: Bought, context: SummaryContext) -> tuple[Figure, ...]:
    everybody, again = len(buyers), int(buyers["again"].sum())
    last = quarters.now - 1
    return (
        headline(KEY, _BUYERS, everybody, context),
        headline(KEY, _AGAIN, again, context),
        headline(KEY, _REPEAT, Rate(again, everybody), context),
        headline(KEY, Measure("days_between", Unit.DAYS), _days_between(rows), context),
        headline(KEY, _CHURNED, _moves(quarters)(last)[-1], context, QUARTERS.name(last)),
    )


def _days_between(rows: "DataFrame") -> Decimal | None:
    """The median of the days between two purchases of a customer; several on one day are one."""
    days = rows[["customer", "day"]].drop_duplicates().sort_values(["customer", "day"])
    gaps = days.groupby("customer")["day"].diff().dropna().dt.days
    return None if gaps.empty else Decimal(f"{gaps.median():.2f}")


# -- cohorts ----------------------------------------------------------------------------------------------------------


def _share(part: int, of: int, judged: bool) -> Counted:
    return Rate(part, of) if judged and of else None


def _cohorts(bought: Bought, calendar: Calendar, context: SummaryContext) -> tuple[Block, Block]:
    """The cohorts with the share that bought again in each later period, and how sure that is of small ones."""
    sizes, ahead = bought.sizes, range(1, calendar.ahead + 1)
    again = {number: bought.again(number) for number in ahead}

    def group(name: str) -> Group:
        first = calendar.of(name)
        size = sizes.get(first, 0)
        shares = (_share(again[n].get(first, 0), size, first + n < bought.now) for n in ahead)
        return name, (size, *shares)

    shown, unseen = _shown(sizes, calendar, calendar.cohorts, context)
    words = tuple(Measure("retained", Unit.RATIO, _place(n, calendar, context), place=f".{n}") for n in ahead)
    plan = Blueprint(
        f"{calendar.key}s",
        f"first_{calendar.key}",
        (Measure("cohort", Unit.COUNT), *words),
        calendar.cohorts,
        periods=True,
    )
    groups = [group(name) for name in shown]
    table = build(KEY, plan, groups, context, [group(name) for name in unseen])
    any_place = context.language.text(f"retention.place.{calendar.key}", number="n")
    # One line tells of all the columns: they differ by their number only.
    table = replace(table, definitions=(table.definitions[0], (any_place, table.definitions[1][1])))
    return table, _ranges(table, groups, calendar, context)


def _place(number: int, calendar: Calendar, context: SummaryContext) -> dict[str, str]:
    return {"place": context.language.text(f"retention.place.{calendar.key}", number=number)}


def _ranges(table: Block, groups: list[Group], calendar: Calendar, context: SummaryContext) -> Block:
    """Beside the shares of small cohorts: how sure they are."""
    rows: list[tuple[Shown, ...]] = []
    for name, (_, *shares) in groups:
        told = [interval_text(share) or None for share in shares]
        if any(told):
            rows.append((name, *told))
    return Block(
        key=f"{calendar.key}_ranges",
        title=context.language.text(f"summary.block.{KEY}.{calendar.key}_ranges"),
        header=(table.header[0], *table.header[2:]),
        rows=tuple(rows),
        units=(Unit.TEXT,) * (len(table.header) - 1),
        capacity=calendar.cohorts,
    )


def _curve(bought: Bought, calendar: Calendar, context: SummaryContext) -> Block:
    """All cohorts together, each as far as its periods are over."""
    groups: list[Group] = []
    for number in range(1, calendar.ahead + 1):
        over = [first for first in bought.sizes if first + number < bought.now]
        again = bought.again(number)
        size, part = sum(bought.sizes[first] for first in over), sum(again.get(first, 0) for first in over)
        if size:
            groups.append((_place(number, calendar, context)["place"], (size, part, Rate(part, size))))
    measures = (
        Measure("judged_buyers", Unit.COUNT, adds_up=False),
        Measure("bought_again", Unit.COUNT),
        Measure("retention", Unit.RATIO, interval=True),
    )
    plan = Blueprint(
        f"{calendar.key}_curve", f"after_{calendar.key}", measures, calendar.ahead, Chart(ChartKind.LINE, (3,))
    )
    return build(KEY, plan, groups, context)


# -- who stays away ---------------------------------------------------------------------------------------------------


def _moves(bought: Bought) -> Callable[[int], tuple[Counted, ...]]:
    """What became of the buyers of the period before: the numbers of _MOVES by period."""
    pairs = bought.pairs
    active, new = bought.counts(pairs, "period"), bought.sizes
    before = pairs.assign(period=pairs["period"] + 1)
    kept = bought.counts(pairs.merge(before[["customer", "period"]], on=["customer", "period"]), "period")

    def numbers(period: int) -> tuple[Counted, ...]:
        now, were, stayed = active.get(period, 0), active.get(period - 1, 0), kept.get(period, 0)
        came = (now, new.get(period, 0), stayed, now - new.get(period, 0) - stayed)
        over = period < bought.now
        lost: Number = were - stayed if over else None
        return (*came, lost, _share(were - stayed, were, over))

    return numbers


def _churn(bought: Bought, calendar: Calendar, chart: Chart, context: SummaryContext) -> Block:
    active, moves = bought.counts(bought.pairs, "period"), _moves(bought)
    shown, unseen = _shown(active, calendar, calendar.cohorts, context)
    plan = Blueprint(f"{calendar.key}_churn", calendar.key, _MOVES, calendar.cohorts, chart, periods=True)
    groups = [(name, moves(calendar.of(name))) for name in shown]
    return build(KEY, plan, groups, context, [(name, moves(calendar.of(name))) for name in unseen])


def _shown(
    numbers: dict[int, int], calendar: Calendar, length: int, context: SummaryContext
) -> tuple[list[str], list[str]]:
    """The periods that a table shows, and those that are figures all the same: from the first one to the last."""
    seen = [calendar.name(number) for number in range(min(numbers, default=0), max(numbers, default=-1) + 1)]
    shown = window(seen, calendar.today(context), length)
    return shown, [name for name in seen if name not in shown]


def _conclusion(heads: tuple[Figure, ...], months: Bought, context: SummaryContext) -> str:
    text = context.language.text
    buyers, again, repeat, gap, churn = heads
    if not buyers.value:
        return ""
    return sentence(
        context,
        (
            text(
                "retention.conclusion.repeat",
                buyers=f"{buyers.value:,}",
                again=f"{again.value or 0:,}",
                rate=share(repeat.value),
            ),
            text("retention.conclusion.gap", days=f"{gap.value:.0f}") if gap.value is not None else "",
            text("retention.conclusion.churn", period=churn.period, rate=share(churn.value), cases=f"{churn.cases:,}")
            if churn.value is not None
            else "",
        ),
    )


RETENTION = SummaryRule(
    KEY,
    columns(customers=f"{CUSTOMERS} owner", orders=ORDERS, opportunities=DEALS, people=PEOPLE),
    compute,
    decisive=columns(orders="state", opportunities="stage"),
)
