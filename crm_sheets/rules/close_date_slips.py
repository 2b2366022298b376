"""How often the expected close of a deal was put off."""

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.moves import memory
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity

TELL_FROM = 3
"""A date that was moved so often is a hope, not a plan."""


def close_date_slips(row: Row, context: Context) -> Outcome:
    """Counts each move of the expected close to a later day while the deal is open; blank until the first."""
    deal = record_of(row, Opportunity)
    kept = memory(row, "slips")
    slips = (kept if isinstance(kept, int) else 0) + _slipped(row, context)
    issues: tuple[Issue, ...] = ()
    if slips >= TELL_FROM and not is_finished(deal, context):
        issues = (found("close-date-slips", row, "close_date", Severity.INFO, count=str(slips)),)
    return Outcome(issues, cells(slips=slips or None))


def _slipped(row: Row, context: Context) -> bool:
    now, before = record_of(row, Opportunity), row.previous
    if not isinstance(before, Opportunity) or before.close_date is None or now.close_date is None:
        return False
    return now.close_date > before.close_date and not is_finished(now, context)
