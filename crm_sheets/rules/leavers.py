"""What somebody who left still holds: told in their row of 组织, and once to their manager."""

from collections import Counter

from crm_sheets.changes import NOTHING, Outcome, Reminder, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import PEOPLE, active_name
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Kind, Row
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.people import PersonRecord
from crm_sheets.tables import ColumnKey, TabKey

OWNER = ColumnKey("owner")
KIND = "notice-leaver"


def leavers(row: Row, context: Context) -> Outcome:
    """Flags somebody who no longer works here and still has customers or open work; tells the manager when they leave.

    What is closed stays theirs. The mail says how much it is and not what, for the manager may not be one to read it.
    """
    person = record_of(row, PersonRecord)
    if person.active is not False:
        return NOTHING
    held = held_by(row, context)
    if not held:
        return NOTHING
    counts = context.language.text("list.and").join(
        context.language.text("handover.count", tab=tab_label(tab, context.language), count=count)
        for tab, count in held.items()
    )
    issue = found("leaver-holds", row, "active", Severity.WARNING, rows=counts)
    return Outcome((issue,), reminders=_told(row, person, counts, context))


def held_by(row: Row, context: Context) -> dict[TabKey, int]:
    """How many rows of each tab are a person's and not closed, in the order of the tabs."""
    held: Counter[TabKey] = Counter()
    for tab in context.tabs.values():
        owner = tab.columns.get(OWNER)
        if owner is None or owner.kind is not Kind.PERSON or owner.system or not tab.record.passed_on:
            continue
        for each in context.book.referring(row, tab.key):
            named = context.book.named(PEOPLE, str(each.record.__dict__[OWNER] or ""))
            if [other.key for other in named] == [row.key] and not is_finished(each.record, context):
                held[tab.key] += 1
    return dict(held)


def _told(row: Row, person: PersonRecord, counts: str, context: Context) -> tuple[Reminder, ...]:
    before = row.previous
    if not isinstance(before, PersonRecord) or before.active is False:
        return ()
    lead = active_name(person.manager, context)
    if lead is None:
        return ()
    parameters = {"subject": person.name or person.id or row.key, "content": counts}
    return (Reminder(KIND, PEOPLE, row.key, lead, context.now, parameters),)
