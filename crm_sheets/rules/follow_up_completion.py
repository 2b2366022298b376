"""A follow-up that took place says what came of it."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, is_blank, label, record_of
from crm_sheets.rules.standing import is_cancelled
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp

WANTED = ("result", "next_step", "reaction")


def follow_up_completion(row: Row, context: Context) -> Outcome:
    """Wants result, next step and reaction once the follow-up is done, and the time once there is a result."""
    follow_up = record_of(row, FollowUp)
    if is_cancelled(follow_up):
        return NOTHING
    if follow_up.done_at is None:
        if is_blank(follow_up.result) or "done_at" in row.unreadable:
            return NOTHING
        other = label(row, "result", context)
        return Outcome((found("result-without-time", row, "done_at", Severity.WARNING, other=other),))
    missing = [key for key in WANTED if key not in row.unreadable and is_blank(getattr(follow_up, key))]
    return Outcome(tuple(found("required-when-done", row, key) for key in missing))
