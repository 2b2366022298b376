"""Whom and what a row names, looked up through the entries that the row itself has."""

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context, record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.people import PersonRecord
from crm_sheets.tables import TabKey

CUSTOMERS = TabKey("customers")
FOLLOW_UPS = TabKey("follow_ups")
OPPORTUNITIES = TabKey("opportunities")
FEEDBACK = TabKey("feedback")
ORDERS = TabKey("orders")
ORDER_LINES = TabKey("order_lines")
PAYMENTS = TabKey("payments")
CONTRACTS = TabKey("contracts")
PERFORMANCE = TabKey("performance")
TARGETS = TabKey("targets")
PEOPLE = TabKey("people")
DICTIONARIES = TabKey("dictionaries")
CAMPAIGNS = TabKey("campaigns")
CAMPAIGN_MEMBERS = TabKey("campaign_members")
STAGE_HISTORY = TabKey("stage_history")


def the_one(tab: TabKey, text: str | None, context: Context) -> Row | None:
    """The row that `text` names; None when it names none, or several."""
    rows = context.book.named(tab, text) if text else ()
    return rows[0] if len(rows) == 1 else None


def customer_of(text: str | None, context: Context) -> Customer | None:
    """The customer that a reference names, if it is one."""
    row = the_one(CUSTOMERS, text, context)
    return record_of(row, Customer) if row else None


def person_of(text: str | None, context: Context) -> PersonRecord | None:
    """The person that a 工号 or a name stands for, if it is one."""
    row = the_one(PEOPLE, text, context)
    return record_of(row, PersonRecord) if row else None


def owner_of(row: Row, context: Context) -> str | None:
    """Who does a follow-up, as typed: its own person, else the customer's; nobody while the cell cannot be read."""
    follow_up = record_of(row, FollowUp)
    if follow_up.owner or "owner" in row.unreadable:
        return follow_up.owner
    customer = customer_of(follow_up.customer, context)
    return customer.owner if customer else None


def calling_name(person: PersonRecord, context: Context) -> str | None:
    """What a person is called so that nobody else is meant: the name, or the 工号 where two have that name."""
    if person.name and len(context.book.named(PEOPLE, person.name)) == 1:
        return person.name
    return person.id


def active_name(text: str | None, context: Context) -> str | None:
    """What a named person is called in mails; None for nobody, somebody unknown, and somebody who has left."""
    person = person_of(text, context)
    return calling_name(person, context) if person is not None and person.active is not False else None


def names(text: str | None, row: Row) -> bool:
    """Whether `text` names a customer, by its key, its name or a former one."""
    customer = record_of(row, Customer)
    known = (row.key, customer.name or "", *(customer.merged_from or ()))
    return bool(text) and text_key(text or "") in map(text_key, known)
