"""Deals that are past the limit of their stage: a mail to their person, once for each stay in a stage."""

from crm_sheets.changes import NOTHING, Outcome, Reminder
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.moments import day_after, day_of
from crm_sheets.rules.moves import entered_stage
from crm_sheets.rules.naming import active_name
from crm_sheets.rules.stage_times import times_of
from crm_sheets.rules.standing import STAGES, is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity

KIND = "nudge-stage"


def stage_reminders(row: Row, context: Context) -> Outcome:
    """When work begins on the first working day after the limit (limit_days in 字典)."""
    deal = record_of(row, Opportunity)
    since = entered_stage(row, context)
    limit = times_of(context.dictionaries.entry(STAGES, deal.stage)).limit_days
    name = active_name(deal.owner, context)
    if since is None or limit is None or name is None or is_finished(deal, context):
        return NOTHING
    last = day_after(day_of(since, context.zone), limit)
    instant = context.calendar.opens(context.calendar.next_workday(last))
    parameters = {
        "subject": deal.name or "",
        "customer": deal.customer or "",
        "stage": deal.stage or "",
        "days": str(limit),
        "planned_at": last.isoformat(),
        "due_at": context.calendar.opens(last).isoformat(),
    }
    reminder = Reminder(KIND, row.tab, row.key, name, instant, parameters)
    return Outcome(reminders=(reminder,), wake_at=instant if instant > context.now else None)
