"""Targets add up: months to their quarter and year, people to their group, department and company."""

from collections.abc import Iterable
from decimal import Decimal

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import TARGETS
from crm_sheets.rules.scopes import largest_parts, scopes_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.periods import Period, period_of
from crm_sheets.schema.tallies import PEERS, SHORTER, scope_key
from crm_sheets.schema.targets import Target

MOST_PARTS = 6


def target_parts(row: Row, context: Context) -> Outcome:
    """Flags on a target that the targets inside of it are together another amount, and a target that stands twice.

    Of the targets inside only the largest count: the quarters of a year, and its months only where a quarter has no
    target; the departments of the company, and groups or people only where nothing between has one.
    """
    target = record_of(row, Target)
    period, scope = period_of(target.period or ""), scope_key(target.scope)
    if period is None or scope is None or target.value is None or not target.measure:
        return NOTHING
    measure = text_key(target.measure)
    same = context.book.counted(TARGETS, SHORTER, f"{period.text}|{scope}|{measure}")
    issues = _doubled(row, period, same)
    if told := _difference(target.value, _shorter(period, same), context):
        issues.append(found("target-periods-differ", row, "value", Severity.WARNING, **told))
    if told := _difference(target.value, _within(row, target, period, context), context):
        issues.append(found("target-parts-differ", row, "value", Severity.WARNING, **told))
    return Outcome(tuple(issues)) if issues else NOTHING


def _doubled(row: Row, period: Period, same: Iterable[Row]) -> list[Issue]:
    others = [each.key for each in same if each.key != row.key and _period(each) == period]
    return [found("target-doubled", row, "period", Severity.WARNING, ids=str(others[0]))] if others else []


def _shorter(period: Period, same: Iterable[Row]) -> dict[str, Decimal]:
    """The largest periods inside, with the sum of their targets."""
    inside = [(of, each) for each in same if (of := _period(each)) is not None and of != period]
    known = {of for of, _ in inside}
    return _sums((of.text, record_of(each, Target)) for of, each in inside if not known & set(of.around))


def _within(row: Row, target: Target, period: Period, context: Context) -> dict[str, Decimal]:
    """The largest scopes inside, with the sum of their targets."""
    scopes = scopes_of(target.scope or "", context)
    if len(scopes) != 1:
        return {}
    peers = context.book.counted(TARGETS, PEERS, f"{period.text}|{text_key(target.measure or '')}")
    others = [record_of(each, Target) for each in peers if each.key != row.key]
    keys = {key for other in others if (key := scope_key(other.scope))}
    parts = set(largest_parts(scopes[0], keys))
    return _sums((other.scope or "", other) for other in others if scope_key(other.scope) in parts)


def _difference(value: Decimal, parts: dict[str, Decimal], context: Context) -> dict[str, str]:
    """What a finding says of parts that are not the whole; nothing where they are, or where there are none."""
    total = sum(parts.values(), Decimal(0))
    if not parts or total == value:
        return {}
    named = context.language.text("list.and").join(sorted(parts)[:MOST_PARTS])
    more = context.language.text("list.more") if len(parts) > MOST_PARTS else ""
    return {"value": f"{total:,f}", "difference": f"{abs(value - total):,f}", "parts": named + more}


def _sums(parts: Iterable[tuple[str, Target]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for name, target in parts:
        sums[name] = sums.get(name, Decimal(0)) + (target.value or Decimal(0))
    return sums


def _period(row: Row) -> Period | None:
    return period_of(record_of(row, Target).period or "")
