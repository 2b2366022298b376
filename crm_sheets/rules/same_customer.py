"""What names an opportunity names one of its own customer: a follow-up, an order, a contract."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import CUSTOMERS, OPPORTUNITIES, names, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.contracts import Contract
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.orders import Order


def same_customer(row: Row, context: Context) -> Outcome:
    """Warns where customer and opportunity do not belong together.

    Asks whether the opportunity's text names this customer, rather than looking it up: the row has no entry for
    what its opportunity names, and would not be asked again when that changes.
    """
    record = row.record
    if not isinstance(record, FollowUp | Order | Contract):
        return NOTHING
    customer = the_one(CUSTOMERS, record.customer, context)
    deal = the_one(OPPORTUNITIES, record.opportunity, context)
    if customer is None or deal is None:
        return NOTHING
    said = record_of(deal, Opportunity).customer
    if not said or names(said, customer):
        return NOTHING
    issue = found(
        "opportunity-of-another-customer",
        row,
        "opportunity",
        Severity.WARNING,
        value=str(record.opportunity),
        customer=said,
    )
    return Outcome((issue,))
