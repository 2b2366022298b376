"""A choice is one of its drop-down's values."""

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found
from crm_sheets.rules.choices import unknown_choice
from crm_sheets.schema.base import Kind, Row


def dictionary_values(row: Row, context: Context) -> Outcome:
    """Flags values that the dictionary does not know, or that were taken out of use.

    A dictionary without any value is not kept by the team: everything is allowed.
    """
    issues = []
    for column in context.tabs[row.tab].staff_columns(Kind.CHOICE):
        key, value = column.key, getattr(row.record, column.key)
        entries = context.dictionaries.entries.get(column.dictionary or "", ())
        if not value or not entries:
            continue
        entry = context.dictionaries.entry(column.dictionary or "", value)
        if entry is None:
            code, said = unknown_choice(value, entries, context.language)
            issues.append(Issue(code, row.tab, row.key, key, parameters=said))
        elif not entry.active:
            issues.append(found("dictionary-value-retired", row, key, Severity.WARNING, value=value))
    return Outcome(tuple(issues))
