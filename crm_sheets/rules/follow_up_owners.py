"""Whoever looks after the customer does the follow-up, unless the row says otherwise."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.naming import owner_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp


def follow_up_owners(row: Row, context: Context) -> Outcome:
    """Fills a blank person with the customer's owner."""
    if record_of(row, FollowUp).owner:
        return NOTHING
    owner = owner_of(row, context)
    return Outcome(defaults=cells(owner=owner)) if owner else NOTHING
