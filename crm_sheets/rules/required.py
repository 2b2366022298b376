"""What must be filled in, is."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, is_blank
from crm_sheets.schema.base import Row


def required(row: Row, context: Context) -> Outcome:
    """Flags blank required columns. A row in which staff typed nothing at all is no row yet."""
    columns, values = context.tabs[row.tab].staff_columns(), row.record.__dict__
    wanted = [column.key for column in columns if column.required and is_blank(values[column.key])]
    missing = [key for key in wanted if key not in row.unreadable]
    if not missing or not (row.unreadable or any(not is_blank(values[column.key]) for column in columns)):
        return NOTHING
    return Outcome(tuple(found("required", row, key) for key in missing))
