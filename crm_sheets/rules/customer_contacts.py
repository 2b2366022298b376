"""The columns 最近跟进 and 下次跟进 of a customer."""

from datetime import datetime

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.contacts import last_contact
from crm_sheets.rules.moments import late_from
from crm_sheets.rules.naming import FOLLOW_UPS
from crm_sheets.rules.standing import FollowUpState, follow_up_state
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp


def customer_contacts(row: Row, context: Context) -> Outcome:
    """Computes the last contact, and the next: the earliest plan that is not late, else the latest of the late ones.

    A reference that several customers share counts for each of them until it is mended.
    """
    records = [record_of(follow_up, FollowUp) for follow_up in context.book.referring(row, FOLLOW_UPS)]
    pending = _plans(records, FollowUpState.PENDING, context)
    late = _plans(records, FollowUpState.OVERDUE, context)
    next_contact = min(pending) if pending else max(late, default=None)
    wakes = [late_from(planned, context.zone) for planned in pending]
    values = cells(last_contact=last_contact(row, context), next_contact=next_contact)
    return Outcome(values=values, wake_at=min(wakes, default=None))


def _plans(records: list[FollowUp], state: FollowUpState, context: Context) -> list[datetime]:
    return [r.planned_at for r in records if r.planned_at is not None and follow_up_state(r, context) is state]
