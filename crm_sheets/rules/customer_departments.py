"""A customer belongs to the department of its owner."""

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.naming import person_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer


def customer_departments(row: Row, context: Context) -> Outcome:
    """Computes `department`; blank while the owner is blank, unknown or ambiguous."""
    owner = person_of(record_of(row, Customer).owner, context)
    return Outcome(values=cells(department=owner.department if owner else None))
