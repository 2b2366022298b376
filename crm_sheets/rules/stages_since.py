"""When a deal came into its stage."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells
from crm_sheets.rules.moves import entered_stage
from crm_sheets.schema.base import Row


def stages_since(row: Row, context: Context) -> Outcome:
    """Keeps the instant of the last change of stage; it is now when the stage just moved."""
    if "stage" in row.unreadable:
        return NOTHING
    return Outcome(values=cells(stage_since=entered_stage(row, context)))
