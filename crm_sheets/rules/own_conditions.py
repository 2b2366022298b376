"""What the team's own rules say of a row: under a condition, columns are required or forbidden, or it is flagged."""

from collections.abc import Iterator, Sequence

from crm_sheets.changes import NOTHING, Issue, Outcome, Severity
from crm_sheets.expressions import Type
from crm_sheets.rules.base import Context, is_blank
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.own_expressions import Expressions, here
from crm_sheets.rules.segments import scope
from crm_sheets.schema.base import Row
from crm_sheets.schema.custom import Condition
from crm_sheets.schema.team import said_in
from crm_sheets.tables import ColumnKey, TabKey

CODE = "custom"
"""What the codes of the findings begin with, before the name of the rule."""


class OwnConditions:
    """The conditions of a tab as one rule."""

    __name__ = "own_conditions"

    def __init__(self, tab: TabKey, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(conditions)
        self.expressions = Expressions(tab, [(each.when, Type.BOOLEAN) for each in self.conditions])

    def __call__(self, row: Row, context: Context) -> Outcome:
        """See Rule. A row in which staff typed nothing is no row yet."""
        staff = context.tabs[row.tab].staff_columns()
        if not row.unreadable and all(is_blank(getattr(row.record, column.key)) for column in staff):
            return NOTHING
        expressions = self.expressions.of(context)
        names = {name for expression in expressions.values() for name in expression.names}
        values, at = scope(row, names, context.book, context.tabs), here(context)
        issues = [
            issue
            for condition in self.conditions
            if condition.when in expressions and expressions[condition.when].holds(values, at)
            for issue in _said(condition, row, context)
        ]
        daily = any(expression.needs_today for expression in expressions.values())
        wake = start_of(day_after(context.today), context.zone) if daily else None
        return Outcome(tuple(issues), wake_at=wake)


def _said(condition: Condition, row: Row, context: Context) -> Iterator[Issue]:
    """What is found once the condition holds."""
    if not condition.required and not condition.forbidden:
        yield _issue(condition, row, None, "", context)
    for column in condition.required:
        if is_blank(getattr(row.record, column)) and column not in row.unreadable:
            yield _issue(condition, row, column, "rules.required_if", context)
    for column in condition.forbidden:
        if not is_blank(getattr(row.record, column)) or column in row.unreadable:
            yield _issue(condition, row, column, "rules.forbidden_if", context)


def _issue(condition: Condition, row: Row, column: ColumnKey | None, shipped: str, context: Context) -> Issue:
    message = said_in(context.language.locale, condition.message)
    message = message or context.language.text(shipped, when=condition.when)
    return Issue(
        f"{CODE}:{condition.name}", row.tab, row.key, column, Severity(condition.severity), {"message": message}
    )
