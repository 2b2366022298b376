"""What sales says about a customer goes with its deals."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import OPPORTUNITIES
from crm_sheets.rules.standing import WON, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.opportunities import Opportunity

BEFORE_A_DEAL = frozenset({"potential", "interested", "negotiating"})


def customer_statuses(row: Row, context: Context) -> Outcome:
    """Tells when a customer has bought already and its status still says that it might."""
    status = record_of(row, Customer).status
    if context.dictionaries.code("customer_status", status) not in BEFORE_A_DEAL:
        return NOTHING
    for deal in context.book.referring(row, OPPORTUNITIES):
        record = record_of(deal, Opportunity)
        if stage_code(record, context) == WON:
            issue = found(
                "status-behind-deals",
                row,
                "status",
                Severity.INFO,
                value=str(status),
                deal=record.name or str(deal.key),
            )
            return Outcome((issue,))
    return NOTHING
