"""The column 合并到: staff say of a customer that it is another one."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer


def merge_decisions(row: Row, context: Context) -> Outcome:
    """Says why a customer is not merged as its row asks; a merge that is possible is carried out before rules run."""
    wanted = record_of(row, Customer).merge_into
    named = context.book.named(CUSTOMERS, wanted) if wanted else ()
    if not wanted or len(named) != 1:
        return NOTHING
    if named[0].key == row.key:
        return Outcome((found("merge-into-itself", row, "merge_into", value=wanted),))
    if row.unreadable:
        return Outcome((found("merge-unreadable", row, "merge_into", value=wanted),))
    return NOTHING
