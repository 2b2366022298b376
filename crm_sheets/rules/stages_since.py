"""When a deal came into its stage."""

from datetime import datetime

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.moments import start_of
from crm_sheets.rules.standing import LOST, WON, stage_code, stage_moved
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity


def stages_since(row: Row, context: Context) -> Outcome:
    """Keeps the instant of the last change of stage; it is now when the stage just moved."""
    deal = record_of(row, Opportunity)
    if "stage" in row.unreadable:
        return NOTHING
    if deal.stage is None:
        return Outcome(values=cells(stage_since=None))
    if stage_moved(row):
        return Outcome(values=cells(stage_since=context.now.replace(microsecond=0)))
    return Outcome(values=cells(stage_since=deal.stage_since or _first_seen(deal, context)))


def _first_seen(deal: Opportunity, context: Context) -> datetime:
    """Now; or, for a deal that was over before it came into the book, the day on which it closed."""
    now = context.now.replace(microsecond=0)
    if deal.close_date is not None and stage_code(deal, context) in {WON, LOST}:
        return min(start_of(deal.close_date, context.zone), now)
    return now
