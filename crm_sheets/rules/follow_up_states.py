"""The column 状态 of a follow-up: pending, overdue, done, cancelled."""

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.moments import late_from
from crm_sheets.rules.standing import FollowUpState, follow_up_state
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp


def follow_up_states(row: Row, context: Context) -> Outcome:
    """Computes `state`; a pending follow-up becomes overdue by itself."""
    follow_up = record_of(row, FollowUp)
    state = follow_up_state(follow_up, context)
    wake_at = None
    if state is FollowUpState.PENDING and follow_up.planned_at is not None:
        wake_at = late_from(follow_up.planned_at, context.zone)
    return Outcome(values=cells(state=context.language.text(f"value.follow_up_state.{state}")), wake_at=wake_at)
