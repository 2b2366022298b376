"""汇总_复盘: month by month the goal, the result and the gap, where the gap lies, what was decided and what followed.

Where a difference lies is no cause: it says which people, sources or stages make it up. The measures stand in the tab
复盘措施, where leads write them; what is told of their effect is the result of the month and of the one after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.cells import text_key
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Number,
    Shown,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.deals import deals, totals_by
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.periods import month_after, month_before, month_of
from crm_sheets.rules.summaries.staff import holders, members, owned
from crm_sheets.rules.summaries.vectors import days_of, grouped_sums, known_amount, known_values, period_names
from crm_sheets.rules.summaries.wording import money, share
from crm_sheets.schema.periods import period_of
from crm_sheets.schema.tallies import scope_key, scope_name
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

KEY, REVIEWS = "review", TabKey("reviews")
ENTRY_COLUMNS = tuple(map(ColumnKey, ("period", "scope", "responsible", "due", "measures")))
"""Columns of 复盘措施 that may be typed here, the long one last: it may stand over what is free beside it."""

NOTE, SPARE = ColumnKey("note"), 5
"""Our column of the block of entries, which says why a row was not taken in; rows of the block, if not more wait."""

MONTHS, UNIT_MONTHS, MEASURES_SHOWN = 12, 3, 24
ZERO = Decimal(0)

_RESULTS = (
    Measure("goal", Unit.MONEY, adds_up=False),
    Measure("goal_result", Unit.MONEY, adds_up=False),
    Measure("goal_attained", Unit.RATIO),
    Measure("goal_gap", Unit.MONEY, adds_up=False),
    Measure("result_change", Unit.MONEY, adds_up=False),
)
_MONTHS = Blueprint("months", "month", _RESULTS, MONTHS, Chart(ChartKind.COLUMN, (1, 2)), periods=True)
_UNITS = Blueprint("units", "unit_month", _RESULTS, 30)
_PART = (
    Measure("part_now", Unit.MONEY, adds_up=False),
    Measure("part_before", Unit.MONEY, adds_up=False),
    Measure("part_change", Unit.MONEY, adds_up=False),
)
_PARTS = {
    name: Blueprint(f"by_{name}", group, _PART, 8, Chart(ChartKind.BAR, (3,), signed=True))
    for name, group in (("person", "person"), ("source", "source"), ("reason", "reason"), ("stage", "stage"))
}
_MEASURE_COLUMNS = ("month", "scope", "responsible", "due", "before", "after", "change", "measures", "done")
_MEASURE_UNITS = (
    *(Unit.TEXT,) * 3,
    Unit.DATE,
    Unit.MONEY,
    Unit.MONEY,
    Unit.MONEY,
    Unit.TEXT,
    Unit.TEXT,
)


@dataclass(frozen=True, slots=True)
class _Year:
    """What was won and what was wanted, by (month, scope as text_key); "" is everything that the reader sees."""

    won: dict[tuple[str, str], Number] = field(default_factory=dict)
    goals: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    """Departments and groups, by their text_key."""
    scopes: set[str] = field(default_factory=set)
    """Everything that means somebody: what was won for any other text nobody knows, and it is not 0."""

    def result(self, month: str, scope: str) -> Decimal | None:
        """What was won; None where the reader may see none of it, and of a scope that means nobody."""
        found = self.won.get((month, scope), 0)
        return None if found is None or scope not in self.scopes else Decimal(found)

    def line(self, month: str, scope: str) -> tuple[Number, ...]:
        goal, result = self.goals.get((month, scope)), self.result(month, scope)
        before = self.result(month_before(month), scope)
        return goal, result, ratio(result, goal), _less(goal, result), _less(result, before)


def _less(number: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if number is None or other is None else number - other


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The review of the last month that is over."""
    rows = _rows(frames, context)
    year, month = _year(rows, frames, context), month_before(month_of(context.today))
    parts = {name: _parts(rows, name, month) for name in _PARTS}
    told = summary_of(
        KEY,
        context,
        headlines=_headlines(year, month, context),
        blocks=(
            _months(year, context),
            *_entry(context),
            _measures(frames, year, context),
            _units(year, month, context),
            *(_part_block(name, groups, month, context) for name, groups in parts.items()),
        ),
        conclusion=_conclusion(year, parts["person"], month, context),
    )
    return told if context.entries is None else replace(told, as_of_words="summary.as_of.entry")


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    rows = deals(frames, context)
    for name, texts in owned(frames, "opportunities", "owner", context).items():
        rows[name] = texts
    rows["holder"], _ = holders(frames, "opportunities", "owner", context)
    rows["month"] = period_names(days_of(rows, "closed"), month_of)
    rows["source"] = known_values(column(frames, "opportunities", "source"), "opportunity_source", context)
    rows["reason"] = known_values(column(frames, "opportunities", "loss_reason"), "loss_reason", context)
    return rows


def _year(rows: "DataFrame", frames: Frames, context: SummaryContext) -> _Year:
    won = rows[(rows["won"] == 1) & (rows["month"] != "")]  # one without a close date was won in no month
    year = _Year(goals=_goals(frames, context))
    blank = context.language.text("summary.blank")
    everything = totals_by(won, "month", ("won_amount",))
    year.won.update({(month, ""): sums["won_amount"] for month, sums in everything.items()})
    _, people = holders(frames, "opportunities", "owner", context)
    year.scopes.update({""}, *(member.scopes for member in (*people, *members(frames, context).values())))
    sums = grouped_sums(won, ["holder", "month"], ["won_amount"]).reset_index()
    for holder, month, value in zip(*(sums[each].tolist() for each in ("holder", "month", "won_amount")), strict=True):
        amount = known_amount(value)
        for scope in people[holder].scopes:
            sofar = year.won.get((month, scope))
            year.won[month, scope] = amount if sofar is None else sofar + (amount or 0)
    for by in ("groups", "departments"):
        year.units.update({text_key(name): name for name in sorted(set(rows[by]) - {blank})})
    return year


def _goals(frames: Frames, context: SummaryContext) -> dict[tuple[str, str], Decimal]:
    """Targets of months for won deals."""
    found: dict[tuple[str, str], Decimal] = {}
    for period, scope, measure, value in zip(
        *(column(frames, "targets", name) for name in ("period", "scope", "measure", "value")), strict=True
    ):
        known, key = period_of(str(period or "")), scope_key(str(scope or "") or None)
        is_won = context.dictionaries.code("target_measure", str(measure or "")) == "won_amount"
        if known and known.month and is_won and key is not None and isinstance(value, int | Decimal):
            found[known.text, key] = Decimal(value)
    return found


def _headlines(year: _Year, month: str, context: SummaryContext) -> tuple[Figure, ...]:
    values = year.line(month, "")
    return tuple(headline(KEY, each, value, context, month) for each, value in zip(_RESULTS, values, strict=True))


def _months(year: _Year, context: SummaryContext) -> Block:
    last = month_of(context.today)
    shown = [last]
    while len(shown) < MONTHS:
        shown.append(month_before(shown[-1]))
    known = {month for month, scope in (*year.won, *year.goals) if not scope and month <= last}
    unseen: list[Group] = [(month, year.line(month, "")) for month in sorted(known - set(shown))]
    return build(KEY, _MONTHS, [(month, year.line(month, "")) for month in reversed(shown)], context, unseen)


def _units(year: _Year, month: str, context: SummaryContext) -> Block:
    """Departments and groups in the latest months, the latest first."""
    months = [month]
    while len(months) < UNIT_MONTHS:
        months.append(month_before(months[-1]))
    groups: list[Group] = [
        (f"{each} {name}", line)
        for each in months
        for key, name in sorted(year.units.items(), key=lambda unit: unit[1])
        if any((line := year.line(each, key))[:2])
    ]
    return build(KEY, _UNITS, groups, context)


_Parts = Sequence[tuple[str, tuple[Number, Number, Number]]]


def _parts(rows: "DataFrame", name: str, month: str) -> _Parts:
    """What each person or source brought, each reason cost, each stage still holds: in the month and the one before."""
    by, what = {
        "person": ("people", "won_amount"),
        "source": ("source", "won_amount"),
        "reason": ("reason", "lost_amount"),
        "stage": ("stage", "open_amount"),
    }[name]
    sums = [
        totals_by(rows[(rows["month"] == each) & (rows[what] > 0)], by, (what,))
        for each in (month, month_before(month))
    ]
    found = []
    for group in {**sums[0], **sums[1]}:
        now, before = (Decimal(each[group][what] or 0) if group in each else ZERO for each in sums)
        found.append((group, (now, before, now - before)))
    return sorted(found, key=lambda part: (-abs(part[1][2]), part[0]))


def _part_block(name: str, parts: _Parts, month: str, context: SummaryContext) -> Block:
    plan = _PARTS[name]
    plan = Blueprint(plan.key, plan.group, plan.measures, plan.capacity, plan.chart, period=month)
    return build(KEY, plan, list(parts), context)


def entry_header(words: Language) -> dict[ColumnKey, str]:
    """The header of the block of entries, by column of 复盘措施, in its order."""
    names = {"period": "month"}
    columns = (*ENTRY_COLUMNS[:-1], NOTE, ENTRY_COLUMNS[-1])
    return {key: words.text(f"summary.review.{names.get(key, key)}") for key in columns}


def _entry(context: SummaryContext) -> Iterator[Block]:
    """Where leads type what they decide; the cycle takes it into 复盘措施 and shows it among the measures."""
    if context.entries is not None:
        header = entry_header(context.language)
        yield Block(
            key="entry",
            title=context.language.text(f"summary.block.{KEY}.entry"),
            header=tuple(header.values()),
            rows=context.entries,
            units=tuple(Unit.DATE if key == "due" else Unit.TEXT for key in header),
            capacity=max(SPARE, len(context.entries)),  # somebody may have pasted more: none of it is lost
            entry=True,
        )


def _measures(frames: Frames, year: _Year, context: SummaryContext) -> Block:
    text = context.language.text
    return Block(
        key="measures",
        title=text(f"summary.block.{KEY}.measures"),
        header=tuple(text(f"summary.review.{name}") for name in _MEASURE_COLUMNS),
        rows=tuple(_measure_rows(frames, year, context))[:MEASURES_SHOWN],
        units=_MEASURE_UNITS,
        capacity=MEASURES_SHOWN,
        nothing=text("summary.nothing.review.measures"),
        definitions=(
            (text("summary.review.before"), text("summary.review.definition.before")),
            (text("summary.review.after"), text("summary.review.definition.after")),
            (text("summary.review.change"), text("summary.review.definition")),
        ),
    )


def _measure_rows(frames: Frames, year: _Year, context: SummaryContext) -> Iterator[tuple[Shown, ...]]:
    """What leads wrote down, the latest month first, with the result of that month and of the one after it."""
    names = ("period", "scope", "responsible", "due", "measures", "done")
    lines = list(zip(*(column(frames, "reviews", name) for name in names), strict=True))
    for period, scope, who, due, what, done in sorted(lines, key=lambda line: str(line[0] or ""), reverse=True):
        known = period_of(str(period or ""))
        key = scope_key(scope_name(str(scope or "")) or None)
        before = after = None
        if known is not None and known.month is not None and key is not None:
            following = month_after(known.text)
            before = year.result(known.text, key)
            after = year.result(following, key) if following < month_of(context.today) else None
        change = _less(after, before)
        shown = (str(period or ""), str(scope or ""), str(who or ""), context.day(due), before, after, change)
        yield (*shown, str(what or ""), str(done or ""))


def _conclusion(year: _Year, people: _Parts, month: str, context: SummaryContext) -> str:
    text = context.language.text
    goal, result, attained, _, change = year.line(month, "")
    down = next(((name, part[2]) for name, part in people if (part[2] or 0) < 0), None)
    up = next(((name, part[2]) for name, part in people if (part[2] or 0) > 0), None)
    return sentence(
        context,
        (
            text(
                "summary.conclusion.review.goal",
                month=month,
                result=money(result, context),
                goal=money(goal, context),
                attained=share(attained),
            )
            if goal
            else text("summary.conclusion.review.result", month=month, result=money(result, context))
            if result
            else "",
            text(
                f"summary.conclusion.review.{'more' if (change or 0) > 0 else 'less'}",
                change=money(max(change, -change), context),
            )
            if change
            else "",
            text("summary.conclusion.review.up", name=up[0], change=money(up[1], context)) if up else "",
            text("summary.conclusion.review.down", name=down[0], change=money(-(down[1] or 0), context))
            if down
            else "",
        ),
    )


REVIEW = SummaryRule(
    KEY,
    columns(
        opportunities="stage amount weighted close_date started_on owner source loss_reason",
        people="id name department group",
    ),
    compute,
    decisive=columns(opportunities="stage"),
    needs=frozenset({TabKey("opportunities"), REVIEWS}),
    also=columns(targets="period scope measure value", reviews="period scope measures responsible due done"),
)
