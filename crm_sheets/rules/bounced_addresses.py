"""A customer whose address takes no mails needs another one."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.customer_mail import address_key
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer


def bounced_addresses(row: Row, context: Context) -> Outcome:
    """Warns of an address from which a mail came back, until there is another one."""
    customer = record_of(row, Customer)
    if not customer.email or address_key(customer.email) != address_key(customer.bounced_email):
        return NOTHING
    return Outcome((found("customer-email-bounced", row, "email", Severity.WARNING, value=customer.email),))
