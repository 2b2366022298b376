"""What the person who was reminded answers in the row: 知道了, or later. The cell is cleared once it was heeded.

What was heard of is a plan, by its time: when the plan moves, reminders begin anew. What was put off ends with it, too.
"""

from datetime import datetime, timedelta

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.moments import WORK_STARTS, at, day_after, shifted
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.schema.follow_ups import FollowUp

ACTIONS = "remind_action"
HEARD = "heard"


def remind_actions(row: Row, context: Context) -> Outcome:
    """Remembers until when reminders of a follow-up are put off, or of which plan the person knows."""
    follow_up = record_of(row, FollowUp)
    entry = context.dictionaries.entry(ACTIONS, follow_up.remind_action)
    if entry is not None and entry.code == HEARD:
        return Outcome(values=cells(remind_action=None, heard_of=follow_up.planned_at, snoozed_until=None))
    until = _until(entry, context) if entry is not None else None
    if until is not None:
        return Outcome(values=cells(remind_action=None, heard_of=None, snoozed_until=until))
    before = row.previous
    if not isinstance(before, FollowUp) or before.planned_at == follow_up.planned_at:
        return NOTHING
    put_off = before.snoozed_until == follow_up.snoozed_until is not None
    return Outcome(values=cells(snoozed_until=None)) if put_off else NOTHING


def _until(entry: DictionaryEntry, context: Context) -> datetime | None:
    """So many minutes from now, or when work begins so many days from today."""
    minutes, days = (whole(entry.attributes.get(name)) for name in ("minutes", "days"))
    if days:
        return at(day_after(context.today, days), WORK_STARTS, context.zone)
    return shifted(context.now, timedelta(minutes=minutes)) if minutes else None
