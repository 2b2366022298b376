"""Who was in contact when: done follow-ups, cancelled ones apart."""

from datetime import datetime

from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.naming import FOLLOW_UPS
from crm_sheets.rules.standing import is_cancelled
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp


def last_contact(row: Row, context: Context) -> datetime | None:
    """When the last follow-up of a customer, or about a deal, took place.

    A reference that several rows share counts for each of them until it is mended.
    """
    records = (record_of(follow_up, FollowUp) for follow_up in context.book.referring(row, FOLLOW_UPS))
    held = [record.done_at for record in records if record.done_at is not None and not is_cancelled(record)]
    return max(held, default=None)
