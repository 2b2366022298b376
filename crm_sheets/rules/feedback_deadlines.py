"""Until when feedback is to be handled."""

from datetime import date

from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.feedback import Feedback


def feedback_deadlines(row: Row, context: Context) -> Outcome:
    """Computes `due` from the date and the days that the dictionary gives the type; flags what is late."""
    feedback = record_of(row, Feedback)
    due = _due(feedback, context)
    values = cells(due=due)
    if due is None or is_finished(feedback, context):
        return Outcome(values=values)
    if due >= context.today:
        return Outcome(values=values, wake_at=start_of(day_after(due), context.zone))
    issue = found("feedback-overdue", row, "due", Severity.WARNING, value=due.isoformat())
    return Outcome((issue,), values)


def _due(feedback: Feedback, context: Context) -> date | None:
    entry = context.dictionaries.entry("feedback_type", feedback.type)
    days = entry.attributes.get("days", "").strip() if entry else ""
    if feedback.date is None or not (days.isascii() and days.isdecimal() and len(days) <= 4):
        return None
    return day_after(feedback.date, int(days))
