"""Turns groups of numbers into blocks and figures, with the words of the catalogue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_sheets.rules.summaries.base import ALL_TIME, Block, Chart, Figure, Measure, Number, SummaryContext, Unit

Group = tuple[str, tuple[Number, ...]]
"""Name of a group, and one number per measure."""

_ADDS_UP = (Unit.COUNT, Unit.MONEY)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A block before its numbers. Its words: `summary.block.<summary>.<key>`, first header `summary.group.<group>`.

    Attributes:
        periods: the groups are periods (2026-11), so each figure covers its own.
    """

    key: str
    group: str
    measures: tuple[Measure, ...]
    capacity: int
    chart: Chart | None = None
    periods: bool = False
    period: str = ALL_TIME


def build(
    summary: str, plan: Blueprint, groups: Sequence[Group], context: SummaryContext, unseen: Sequence[Group] = ()
) -> Block:
    """The block of `groups`, in their order; what exceeds its capacity is summed up as "others" in the last row.

    `unseen` groups have figures but no row: months longer ago than the block shows.
    """
    words = context.language
    labels = [words.text(f"summary.measure.{measure.key}") for measure in plan.measures]
    return Block(
        key=plan.key,
        title=words.text(f"summary.block.{summary}.{plan.key}"),
        header=(words.text(f"summary.group.{plan.group}"), *labels),
        rows=tuple((name, *numbers) for name, numbers in _fitted(plan, groups, words.text("summary.others"))),
        units=(Unit.TEXT, *(measure.unit for measure in plan.measures)),
        capacity=plan.capacity,
        chart=plan.chart,
        figures=tuple(_figures(summary, plan, [*unseen, *groups], context)),
        definitions=tuple(
            (label, words.text(f"summary.definition.{measure.key}", **measure.parameters))
            for label, measure in zip(labels, plan.measures, strict=True)
        ),
    )


def headline(summary: str, measure: Measure, value: Number, context: SummaryContext, period: str = ALL_TIME) -> Figure:
    """A figure of its own, shown large at the top of the tab."""
    words = context.language
    return Figure(
        key=f"{summary}.{measure.key}",
        label=words.text(f"summary.measure.{measure.key}"),
        value=value,
        unit=measure.unit,
        definition=words.text(f"summary.definition.{measure.key}", **measure.parameters),
        period=period,
        as_of=context.today,
    )


def sentence(context: SummaryContext, parts: Iterable[str]) -> str:
    """What stands in the first line of a tab: its parts in one sentence; "" when all are blank."""
    words = context.language
    told = [part for part in parts if part]
    return words.text("summary.sentence", parts=words.text("summary.sentence.join").join(told)) if told else ""


def _figures(summary: str, plan: Blueprint, groups: Sequence[Group], context: SummaryContext) -> list[Figure]:
    words = context.language
    return [
        Figure(
            key=f"{summary}.{plan.key}.{measure.key}[{name}]",
            label=f"{name} · {words.text(f'summary.measure.{measure.key}')}",
            value=number,
            unit=measure.unit,
            definition=words.text(f"summary.definition.{measure.key}", **measure.parameters),
            period=name if plan.periods else plan.period,
            as_of=context.today,
        )
        for name, numbers in groups
        for measure, number in zip(plan.measures, numbers, strict=True)
    ]


def _fitted(plan: Blueprint, groups: Sequence[Group], others: str) -> Sequence[Group]:
    if len(groups) <= plan.capacity:
        return groups
    shown, rest = groups[: plan.capacity - 1], groups[plan.capacity - 1 :]
    sums = tuple(
        sum((Decimal(numbers[place] or 0) for _, numbers in rest), Decimal(0))
        if measure.adds_up and measure.unit in _ADDS_UP
        else None
        for place, measure in enumerate(plan.measures)
    )
    return [*shown, (others.format(count=len(rest)), sums)]
