"""汇总_目标达成: how far the targets of the running periods are, against the working days that have passed."""

from dataclasses import dataclass
from decimal import Decimal

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
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
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.frames import choices, column
from crm_sheets.rules.summaries.wording import share
from crm_sheets.schema.periods import Period, period_of
from crm_sheets.schema.tallies import scope_key, scope_kind, scope_name, unit_keys
from crm_sheets.tables import TabKey

KEY = "attainment"
KINDS = ("company", "department", "group", "person")

_MEASURES = (
    Measure("target", Unit.MONEY, adds_up=False),
    Measure("target_actual", Unit.MONEY, adds_up=False),
    Measure("attained", Unit.RATIO),
    Measure("target_pace", Unit.RATIO),
    Measure("target_gap", Unit.MONEY, adds_up=False),
)
_PLANS = {
    kind: Blueprint(f"{kind}_targets", "target", _MEASURES, capacity, Chart(ChartKind.BAR, (3, 4)))
    for kind, capacity in zip(KINDS, (8, 10, 14, 30), strict=True)
}


@dataclass(frozen=True, slots=True)
class _Target:
    period: Period
    scope: str
    kind: str
    measure: str
    numbers: tuple[Number, ...]

    @property
    def attained(self) -> Number:
        return self.numbers[2]

    @property
    def pace(self) -> Number:
        return self.numbers[3]

    @property
    def behind(self) -> bool:
        """Whether less is there than the part of the working days that has passed."""
        return self.attained is not None and self.pace is not None and self.attained < self.pace

    @property
    def name(self) -> str:
        return f"{self.scope} {self.measure} {self.period.text}"


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The targets whose period is running."""
    found = [each for each in _targets(frames, context) if each.period.first <= context.today <= each.period.last]
    return summary_of(
        KEY,
        context,
        headlines=_headlines(found, context),
        blocks=tuple(_block(kind, found, context) for kind in KINDS),
        conclusion=_conclusion(found, context),
    )


def _targets(frames: Frames, context: SummaryContext) -> list[_Target]:
    """All targets with a readable period; tens or hundreds of rows."""
    kinds = _kinds(frames)
    found = []
    for period, scope, measure, *numbers in zip(
        column(frames, "targets", "period"),
        column(frames, "targets", "scope"),
        choices(frames, "targets", "measure", "target_measure", context),
        *(column(frames, "targets", name) for name in ("value", "actual", "attainment", "pace", "gap")),
        strict=True,
    ):
        known = period_of(str(period or ""))
        if known is not None and scope:
            told = tuple(map(_number, numbers))
            found.append(_Target(known, str(scope), _kind(str(scope), kinds), measure, told))
    return found


def _kinds(frames: Frames) -> dict[str, str]:
    """What each scope is, by its text_key; whoever is called like a unit is one."""
    found: dict[str, str] = {}
    names, numbers = (column(frames, "people", name) for name in ("name", "id"))
    for name in (*names, *numbers):
        if name:
            found[text_key(str(name))] = "person"
    for department, group in zip(
        column(frames, "people", "department"), column(frames, "people", "group"), strict=True
    ):
        units = unit_keys(str(department or "") or None, str(group or "") or None)
        found |= dict.fromkeys(units, "group")
    for department in column(frames, "people", "department"):
        if department:
            found[text_key(str(department))] = "department"
    return found


def _kind(scope: str, kinds: dict[str, str]) -> str:
    if scope_key(scope) == "":
        return "company"
    return scope_kind(scope) or kinds.get(text_key(scope_name(scope)), "person")


def _number(value: Value) -> Number:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _headlines(found: list[_Target], context: SummaryContext) -> tuple[Figure, ...]:
    known = [each for each in found if each.attained is not None]
    told = bool(known) or not found  # where no result is known, nobody knows how many were reached: that is not 0
    behind = sum(each.behind for each in known) if told else None
    reached = sum((each.attained or 0) >= 1 for each in known) if told else None
    figures = (("targets", len(found)), ("targets_reached", reached), ("targets_behind", behind))
    return tuple(headline(KEY, Measure(key, Unit.COUNT), value, context) for key, value in figures)


def _block(kind: str, found: list[_Target], context: SummaryContext) -> Block:
    mine = sorted(
        (each for each in found if each.kind == kind),
        key=lambda each: (len(each.period.months), each.measure, -(each.attained or 0), each.scope),
    )
    groups: list[Group] = [(each.name, each.numbers) for each in mine]
    return build(KEY, _PLANS[kind], groups, context)


def _conclusion(found: list[_Target], context: SummaryContext) -> str:
    text = context.language.text
    company = [each for each in found if each.kind == "company" and each.attained is not None]
    first = min(company, key=lambda each: (len(each.period.months), each.measure), default=None)
    known = [each for each in found if each.attained is not None]
    unknown = len(found) - len(known)
    late = sorted((each for each in found if each.behind), key=lambda each: (each.attained or 0) - (each.pace or 0))
    return sentence(
        context,
        (
            text(
                "summary.conclusion.attainment.company",
                name=first.name,
                attained=share(first.attained),
                pace=share(first.pace),
            )
            if first
            else "",
            text(
                "summary.conclusion.attainment.behind",
                count=str(len(late)),
                targets=str(len(known)),
                name=late[0].name,
                attained=share(late[0].attained),
            )
            if late
            else text("summary.conclusion.attainment.fine", targets=str(len(known)))
            if known
            else "",
            text("summary.conclusion.attainment.unknown", count=str(unknown)) if unknown else "",
        ),
    )


ATTAINMENT = SummaryRule(
    KEY,
    columns(targets="period scope measure value actual attainment pace gap", people="id name department group"),
    compute,
    needs=frozenset({TabKey("targets")}),
)
