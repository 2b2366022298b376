"""What must be filled in, is."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, is_blank
from crm_sheets.schema.base import Row


def required(row: Row, context: Context) -> Outcome:
    """Flags blank required columns. A row in which staff typed nothing at all is no row yet."""
    columns = context.tabs[row.tab].staff_columns()
    filled = {column.key for column in columns if not is_blank(getattr(row.record, column.key))} | row.unreadable
    missing = [column.key for column in columns if column.required and column.key not in filled]
    if not missing or not filled:
        return NOTHING
    return Outcome(tuple(found("required", row, key) for key in missing))
