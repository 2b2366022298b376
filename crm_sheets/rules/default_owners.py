"""Whoever looks after the customer looks after its orders and contracts, unless the row says otherwise."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells
from crm_sheets.rules.naming import customer_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.contracts import Contract
from crm_sheets.schema.orders import Order


def default_owners(row: Row, context: Context) -> Outcome:
    """Fills a blank owner with the customer's."""
    record = row.record
    if not isinstance(record, Order | Contract) or record.owner or "owner" in row.unreadable:
        return NOTHING
    customer = customer_of(record.customer, context)
    return Outcome(defaults=cells(owner=customer.owner)) if customer and customer.owner else NOTHING
