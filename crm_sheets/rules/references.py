"""A reference names one row that exists."""

from crm_sheets.changes import Issue, Outcome
from crm_sheets.rules.base import Context, found
from crm_sheets.schema.base import Column, Kind, Row
from crm_sheets.schema.labels import tab_label
from crm_sheets.tables import TabKey

MOST_CANDIDATES = 5


def references(row: Row, context: Context) -> Outcome:
    """Flags references that name no row, or several."""
    judged = (_judge(row, column, context) for column in context.tabs[row.tab].staff_columns(Kind.REFERENCE))
    return Outcome(tuple(issue for issue in judged if issue is not None))


def _judge(row: Row, column: Column, context: Context) -> Issue | None:
    text = getattr(row.record, column.key)
    target = TabKey(column.refers_to or "")
    if not text or target not in context.tabs:  # in a book without that tab the cell is plain text
        return None
    named = context.book.named(target, text)
    if len(named) == 1:
        return None
    label = tab_label(target, context.language)
    if not named:
        return found("reference-not-found", row, column.key, value=text, target=label)
    ids = context.language.text("list.and").join(str(candidate.key) for candidate in named[:MOST_CANDIDATES])
    return found("reference-ambiguous", row, column.key, value=text, target=label, ids=ids)
