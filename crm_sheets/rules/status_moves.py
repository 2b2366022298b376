"""What a customer's status was before, and since when it is what it is."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells
from crm_sheets.rules.moves import STATUS, came_from, moved_at
from crm_sheets.schema.base import Row


def status_moves(row: Row, context: Context) -> Outcome:
    """Remembers the last move; blank until the first one."""
    if "status" in row.unreadable:
        return NOTHING
    values = cells(
        status_was=came_from(row, "status", "status_was"),
        status_since=moved_at(row, STATUS, context),
    )
    return Outcome(values=values)
