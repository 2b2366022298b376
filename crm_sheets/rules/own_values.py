"""The team's computed fields: each holds what its expression gives."""

from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.changes import Issue, Outcome, Severity, Value
from crm_sheets.rules.base import Context, found
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.own_expressions import Expressions, here
from crm_sheets.rules.segments import scope
from crm_sheets.schema.base import Column, Kind, Row, Tab
from crm_sheets.schema.custom import in_order
from crm_sheets.schema.row_vocabularies import GIVES
from crm_sheets.schema.validation import takes
from crm_sheets.tables import ColumnKey


class OwnValues:
    """The rule that fills the computed fields of a tab, those first that others are computed from."""

    __name__ = "own_values"

    def __init__(self, tab: Tab) -> None:
        self.columns = {column.key: column for column in tab.columns.values() if column.formula}
        self.expressions = Expressions(tab.key, [(each.formula, GIVES[each.kind]) for each in self.columns.values()])

    def __call__(self, row: Row, context: Context) -> Outcome:
        """See Rule. What the column cannot hold is told of and stays blank, for the fields computed from it, too."""
        expressions = self.expressions.of(context)
        names = {name for expression in expressions.values() for name in expression.names}
        values = scope(row, names, context.book, context.tabs)
        computed: dict[ColumnKey, Value] = {}
        issues: list[Issue] = []
        needs = {
            key: expressions[each.formula].names for key, each in self.columns.items() if each.formula in expressions
        }
        for key in in_order(needs):
            column = self.columns[key]
            value = _as_held(expressions[column.formula].evaluate(values, here(context)), column)
            if value is not None and not takes(context.tabs[row.tab].record, column, value):
                issues.append(found("computed-not-held", row, key, Severity.WARNING))
                value = None
            computed[key] = values[key] = value
        daily = any(expression.needs_today for expression in expressions.values())
        wake = start_of(day_after(context.today), context.zone) if daily else None
        return Outcome(tuple(issues), computed, wake_at=wake)


def _as_held(value: Value, column: Column) -> Value:
    """What an expression gave, as a value of the column."""
    if column.kind is Kind.INTEGER and isinstance(value, Decimal):
        return int(value.to_integral_value(ROUND_HALF_UP))
    return value
