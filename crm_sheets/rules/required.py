"""What must be filled in, is."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, is_blank
from crm_sheets.schema import tab
from crm_sheets.schema.base import Row


def required(row: Row, context: Context) -> Outcome:
    """Flags blank required columns. A row in which staff typed nothing at all is no row yet."""
    columns = tab(row.tab).columns
    typed = [key for key, column in columns.items() if not column.system and not is_blank(getattr(row.record, key))]
    if not typed and not row.unreadable:
        return NOTHING
    missing = [
        key
        for key, column in columns.items()
        if column.required and not column.system and key not in typed and key not in row.unreadable
    ]
    return Outcome(tuple(found("required", row, key) for key in missing))
