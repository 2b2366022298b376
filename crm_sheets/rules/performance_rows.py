"""Whoever brings something in a month has a row for it in 业绩."""

from crm_sheets.changes import NOTHING, NewRow, Outcome
from crm_sheets.rules.base import Context, cells
from crm_sheets.rules.naming import PERFORMANCE
from crm_sheets.rules.tallies import arrival, month_that_it_counts_in
from crm_sheets.schema.base import Row
from crm_sheets.schema.tallies import COUNTED, slot


def performance_rows(row: Row, context: Context) -> Outcome:
    """Asks for the row of the month and the owner that this row counts for; it is made once."""
    if PERFORMANCE not in context.tabs:
        return NOTHING
    month = month_that_it_counts_in(row.record, context)
    if month is None:
        return Outcome(wake_at=arrival(row.record, context))
    owner = getattr(row.record, COUNTED[row.tab].owner)
    values = cells(month=month, person=owner) if owner else cells(month=month)
    return Outcome(new_rows=(NewRow(PERFORMANCE, values, f"performance|{slot(month, owner)}"),))
