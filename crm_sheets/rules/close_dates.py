"""An open deal closes in the future, and a won one has closed."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.standing import WON, is_finished, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity


def close_dates(row: Row, context: Context) -> Outcome:
    """Warns from the day after the expected close on, as long as the deal is neither won nor lost.

    A won deal counts in the month of this day: one that lies ahead leaves it out of the results of today.
    """
    deal = record_of(row, Opportunity)
    if deal.close_date is not None and deal.close_date > context.today and stage_code(deal, context) == WON:
        early = found("date-in-future", row, "close_date", Severity.WARNING)
        return Outcome((early,), wake_at=start_of(deal.close_date, context.zone))
    if deal.close_date is None or is_finished(deal, context):
        return NOTHING
    if deal.close_date >= context.today:
        return Outcome(wake_at=start_of(day_after(deal.close_date), context.zone))
    issue = found("close-date-passed", row, "close_date", Severity.WARNING, value=deal.close_date.isoformat())
    return Outcome((issue,))
