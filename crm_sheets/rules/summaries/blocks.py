"""Turns groups of numbers into blocks and figures, with the words of the catalogue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import (
    ALL_TIME,
    FEW,
    Block,
    Chart,
    Figure,
    Measure,
    Number,
    Rate,
    Shown,
    Summary,
    SummaryContext,
    Unit,
)

Group = tuple[str, tuple[Number | Rate, ...]]
"""Name of a group, and one number per measure."""

_ADDS_UP = (Unit.COUNT, Unit.MONEY)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A block before its numbers. Its words: `summary.block.<summary>.<key>`, first header `summary.group.<group>`.

    Attributes:
        periods: the groups are periods (2026-11), so each figure covers its own.

    Why it may have no rows is `summary.nothing.<summary>.<key>`, for those that have such words.
    """

    key: str
    group: str
    measures: tuple[Measure, ...]
    capacity: int
    chart: Chart | None = None
    periods: bool = False
    period: str = ALL_TIME


def summary_of(
    key: str, context: SummaryContext, headlines: tuple[Figure, ...], blocks: Iterable[Block], conclusion: str = ""
) -> Summary:
    """What a summary tells, as of today, under the name of its tab."""
    title = context.language.text(f"tab.summary_{key}")
    return Summary(key, title, context.today, headlines, tuple(blocks), conclusion)


def build(
    summary: str, plan: Blueprint, groups: Sequence[Group], context: SummaryContext, unseen: Sequence[Group] = ()
) -> Block:
    """The block of `groups`, in their order; what exceeds its capacity is summed up as "others" in the last row.

    `unseen` groups have figures but no row: months longer ago than the block shows.
    """
    words = context.language
    labels = [_label(measure, words) for measure in plan.measures]
    return Block(
        key=plan.key,
        title=words.text(f"summary.block.{summary}.{plan.key}"),
        header=(words.text(f"summary.group.{plan.group}"), *labels, *_interval_headers(plan, context)),
        rows=tuple(_row(name, numbers, plan) for name, numbers in _fitted(plan, groups, words.text("summary.others"))),
        units=(Unit.TEXT, *(each.unit for each in plan.measures), *(Unit.INTERVAL for _ in _with_interval(plan))),
        capacity=plan.capacity,
        chart=plan.chart,
        nothing=words.messages.get(f"summary.nothing.{summary}.{plan.key}", ""),
        figures=tuple(_figures(summary, plan, [*unseen, *groups], context)),
        definitions=tuple(
            (label, words.text(f"summary.definition.{measure.key}", **measure.parameters))
            for label, measure in zip(labels, plan.measures, strict=True)
        )
        + _interval_definitions(plan, context),
    )


def hidden_block(block: Block, context: SummaryContext) -> Block:
    """The block without rows: the reader may not see what they are made from."""
    return replace(block, rows=(), figures=(), nothing=context.language.text("summary.nothing.hidden"))


def headline(
    summary: str, measure: Measure, value: Number | Rate, context: SummaryContext, period: str = ALL_TIME
) -> Figure:
    """A figure of its own, shown large at the top of the tab."""
    key, label = f"{summary}.{measure.key}{measure.place}", _label(measure, context.language)
    return _figure(key, label, measure, value, period, context)


def _figure(
    key: str, label: str, measure: Measure, value: Number | Rate, period: str, context: SummaryContext
) -> Figure:
    """A figure; a rate of few cases says in its definition how sure it is."""
    return _told(key, label, measure, value, period, _definition(measure, context.language), context)


def _told(
    key: str,
    label: str,
    measure: Measure,
    value: Number | Rate,
    period: str,
    definition: str,
    context: SummaryContext,
) -> Figure:
    if not isinstance(value, Rate):
        return Figure(key, label, value, measure.unit, definition, period, context.today)
    low, high = value.interval or (None, None)
    if low is not None:
        definition += context.language.text("summary.interval.beside", interval=interval_text(value))
    return Figure(key, label, value.value, measure.unit, definition, period, context.today, value.whole, low, high)


def _definition(measure: Measure, words: Language) -> str:
    return words.text(f"summary.definition.{measure.key}", **measure.parameters)


def _label(measure: Measure, words: Language) -> str:
    return words.text(f"summary.measure.{measure.key}", **measure.parameters)


def interval_text(rate: Number | Rate) -> str:
    """How sure a rate of few cases is, `n=12: 27–73%`; "" for any other number."""
    found = rate.interval if isinstance(rate, Rate) else None
    return f"n={rate.whole}: {100 * found[0]:.0f}–{found[1]:.0%}" if isinstance(rate, Rate) and found else ""


def covers(figure: Figure, words: Language) -> str:
    """What a figure covers; beside a rate, of how many cases it is one, and how sure it is where they are few."""
    period = words.text("summary.period.all") if figure.period == ALL_TIME else figure.period.replace("/", " – ")
    if figure.cases is None:
        return period
    interval = "" if figure.low is None or figure.high is None else f": {100 * figure.low:.0f}–{figure.high:.0%}"
    return f"{period} · n={figure.cases:,}{interval}"


def _with_interval(plan: Blueprint) -> list[tuple[int, Measure]]:
    return [(place, measure) for place, measure in enumerate(plan.measures) if measure.interval]


def _interval_headers(plan: Blueprint, context: SummaryContext) -> list[str]:
    words, found = context.language, _with_interval(plan)
    if len(found) == 1:
        return [words.text("summary.interval")]
    return [words.text("summary.interval.of", label=words.text(f"summary.measure.{each.key}")) for _, each in found]


def _interval_definitions(plan: Blueprint, context: SummaryContext) -> tuple[tuple[str, str], ...]:
    text = context.language.text("summary.definition.interval", few=str(FEW))
    return tuple((label, text) for label in _interval_headers(plan, context))


def _row(name: str, numbers: Sequence[Number | Rate], plan: Blueprint) -> tuple[Shown, ...]:
    """A row as it is shown: the values of rates, and behind all the intervals of those that are of few cases."""
    values = tuple(number.value if isinstance(number, Rate) else number for number in numbers)
    return (name, *values, *(interval_text(numbers[place]) or None for place, _ in _with_interval(plan)))


def sentence(context: SummaryContext, parts: Iterable[str]) -> str:
    """What stands in the first line of a tab: its parts in one sentence; "" when all are blank."""
    words = context.language
    told = words.text("summary.sentence.join").join(part for part in parts if part)
    return words.text("summary.sentence", parts=told[0].upper() + told[1:]) if told else ""


def _figures(summary: str, plan: Blueprint, groups: Sequence[Group], context: SummaryContext) -> list[Figure]:
    """There may be a group for each customer: what the figures of a measure have in common is worked out once."""
    words = context.language
    measures = [
        (each, f"{summary}.{plan.key}.{each.key}{each.place}[", f" · {_label(each, words)}", _definition(each, words))
        for each in plan.measures
    ]
    return [
        _told(
            f"{begin}{name}]",
            f"{name}{label}",
            measure,
            number,
            name if plan.periods else plan.period,
            definition,
            context,
        )
        for name, numbers in groups
        for (measure, begin, label, definition), number in zip(measures, numbers, strict=True)
    ]


def _fitted(plan: Blueprint, groups: Sequence[Group], others: str) -> Sequence[Group]:
    if len(groups) <= plan.capacity:
        return groups
    shown, rest = groups[: plan.capacity - 1], groups[plan.capacity - 1 :]
    sums = tuple(
        _sum([numbers[place] for _, numbers in rest]) if measure.adds_up and measure.unit in _ADDS_UP else None
        for place, measure in enumerate(plan.measures)
    )
    return [*shown, (others.format(count=len(rest)), sums)]


def _sum(numbers: Sequence[Number | Rate]) -> Decimal | None:
    """Of those that are known; None where none is."""
    known = [Decimal(number) for number in numbers if not isinstance(number, Rate) and number is not None]
    return sum(known, Decimal(0)) if known else None
