"""What was wrong with a text when it was sealed is said until another one is typed: nobody can look at it again."""

from crm_sheets.changes import NOTHING, Issue, Outcome
from crm_sheets.rules.base import Context
from crm_sheets.schema.base import Row
from crm_sheets.schema.sealed import flaw_in, is_sealed


def sealed_values(row: Row, context: Context) -> Outcome:
    """Flags sealed values that are not what their column asks for. The message never names the value."""
    issues = []
    for column in context.tabs[row.tab].sealed_columns:
        value = row.record.__dict__.get(column.key)
        if isinstance(value, str) and is_sealed(value):
            code, told = flaw_in(value)
            shown = {"found": "***", "example": column.example, **told}
            issues += [Issue(code, row.tab, row.key, column.key, parameters=shown)] if code else []
    return Outcome(tuple(issues)) if issues else NOTHING
