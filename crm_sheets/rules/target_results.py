"""How far a target is: what was brought, the part of it, what is missing, and what part the calendar would expect."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.changes import Issue, Outcome
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.naming import PERFORMANCE
from crm_sheets.rules.scopes import Scope, scopes_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.performance import Performance
from crm_sheets.schema.periods import Period, period_of
from crm_sheets.schema.tallies import RESULTS, slot
from crm_sheets.schema.targets import Target

MEASURES = frozenset({"won_amount", "paid_amount", "new_customers", "follow_ups"})
"""Codes of 指标; each is the column of 业绩 that is added up."""

STEP = Decimal("0.0001")
MOST_MEANINGS = 5


def target_results(row: Row, context: Context) -> Outcome:
    """Computes actual, attainment, gap and pace; flags a scope that 组织 does not know, or knows as several."""
    target = record_of(row, Target)
    period = period_of(target.period or "")
    scopes = scopes_of(target.scope, context) if target.scope else ()
    issues = _issues(row, target, scopes, context)
    actual = _actual(target, period, scopes[0], context) if period and len(scopes) == 1 else None
    value = target.value
    values = cells(
        actual=actual,
        attainment=_share(actual, value) if actual is not None and value else None,
        gap=value - actual if actual is not None and value is not None else None,
        pace=_pace(period, context) if period else None,
    )
    return Outcome(issues, values, wake_at=_wake_at(period, context) if period else None)


def _actual(target: Target, period: Period, scope: Scope, context: Context) -> Decimal | None:
    measure = context.dictionaries.code("target_measure", target.measure)
    if measure not in MEASURES or PERFORMANCE not in context.tabs:
        return None
    rows = (
        row for month in period.months for row in context.book.counted(PERFORMANCE, RESULTS, slot(month, scope.key))
    )
    results = (record_of(row, Performance) for row in rows)
    figures = (getattr(result, measure) for result in results if scope.has(result))
    return sum((Decimal(figure) for figure in figures if figure is not None), Decimal(0))


def _pace(period: Period, context: Context) -> Decimal:
    """The part of the period's working days that has come, today included."""
    if context.today < period.first:
        return Decimal(0)
    days = context.calendar.workdays(period.first, period.last)
    if context.today >= period.last or not days:
        return Decimal(1)
    return _share(Decimal(context.calendar.workdays(period.first, context.today)), Decimal(days))


def _wake_at(period: Period, context: Context) -> datetime | None:
    """When another working day counts."""
    if context.today >= period.last:
        return None
    day = context.calendar.next_workday(max(context.today, day_after(period.first, -1)))
    return start_of(min(day, period.last), context.zone)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(STEP, ROUND_HALF_UP)


def _issues(row: Row, target: Target, scopes: tuple[Scope, ...], context: Context) -> tuple[Issue, ...]:
    if not target.scope or len(scopes) == 1:
        return ()
    if not scopes:
        return (found("scope-unknown", row, "scope", value=target.scope),)
    meanings = dict.fromkeys(_meaning(scope, context) for scope in scopes[:MOST_MEANINGS])
    choices = context.language.text("list.and").join(meanings)
    return (found("scope-ambiguous", row, "scope", value=target.scope, choices=choices),)


def _meaning(scope: Scope, context: Context) -> str:
    """How to write what one of several scopes means: 小组:销售部/一组, 人员:S001."""
    person = scope.people[0]
    name = {
        "department": person.department,
        "group": "/".join(part for part in (person.department, person.group) if part),
        "person": person.id or person.name,
    }[scope.kind]
    return f"{context.language.text(f'rules.scope.{scope.kind}').split('|')[0]}:{name or ''}"
