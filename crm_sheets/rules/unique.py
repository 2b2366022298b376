"""A value that must be unique stands in one row only."""

from collections.abc import Iterator

from crm_sheets.changes import NOTHING, Issue, Outcome
from crm_sheets.rules.base import Context, found
from crm_sheets.schema.base import Row

MOST_OTHERS = 3
"""So many other rows are named in a message."""


def unique(row: Row, context: Context) -> Outcome:
    """Flags, in each of the rows, a value that others have too."""
    issues = tuple(_doubled(row, context))
    return Outcome(issues) if issues else NOTHING


def _doubled(row: Row, context: Context) -> Iterator[Issue]:
    for column in context.tabs[row.tab].columns.values():
        others = context.book.equal(row, column.key) if column.unique and column.key not in row.unreadable else ()
        if others:
            ids = context.language.text("list.and").join(str(other.key) for other in others[:MOST_OTHERS])
            more = context.language.text("list.more") if len(others) > MOST_OTHERS else ""
            value = "***" if column.sealed else str(getattr(row.record, column.key))
            yield found("not-unique", row, column.key, value=value, ids=ids + more)
