"""A new row gets the defaults of the team's own fields where staff left them blank."""

from datetime import UTC, datetime, tzinfo

from crm_sheets.changes import NOTHING, Outcome, Value
from crm_sheets.rules.base import Context
from crm_sheets.schema.base import Row


def own_defaults(row: Row, context: Context) -> Outcome:
    """Fills blank cells of a new row. A cell that is blanked later stays blank: somebody meant it."""
    if row.previous is not None:
        return NOTHING
    columns = context.tabs[row.tab].staff_columns()
    defaults = {column.key: _instant(column.default, context.zone) for column in columns if column.default is not None}
    return Outcome(defaults=defaults) if defaults else NOTHING


def _instant(value: Value, zone: tzinfo) -> Value:
    """A default that is written as a time on the wall of the office, as an instant; any other as it is."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone).astimezone(UTC)
    return value
