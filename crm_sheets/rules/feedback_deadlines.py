"""Until when feedback is to be handled, counted in the team's working time, and whom to remind of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from crm_sheets.changes import Outcome, Reminder, Severity
from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.moments import day_after, day_of, start_of
from crm_sheets.rules.naming import calling_name, customer_of, person_of
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.feedback import Feedback


def feedback_deadlines(row: Row, context: Context) -> Outcome:
    """Computes `due` from the date and what the dictionary gives the type; flags what is late, reminds of it."""
    feedback = record_of(row, Feedback)
    due = _due(feedback, context)
    values = cells(due=due)
    if due is None or is_finished(feedback, context):
        return Outcome(values=values)
    reminders = tuple(_reminders(row, feedback, due, context))
    if due >= context.today:
        return Outcome(values=values, reminders=reminders, wake_at=_next(due, context))
    issue = found("feedback-overdue", row, "due", Severity.WARNING, value=due.isoformat())
    return Outcome((issue,), values, reminders=reminders, wake_at=_next(due, context))


def silent_feedback_deadlines(row: Row, context: Context) -> Outcome:
    """The rule of a team that wants no reminders."""
    said = feedback_deadlines(row, context)
    return Outcome(said.issues, said.values, wake_at=said.wake_at)


def _due(feedback: Feedback, context: Context) -> date | None:
    """The last day: so many working days after that of the feedback (`days`), or the day on which so many working
    hours since its morning are over (`hours`); the earlier when the dictionary gives both."""
    entry = context.dictionaries.entry("feedback_type", feedback.type)
    if entry is None or feedback.date is None:
        return None
    days, hours = (whole(entry.attributes.get(name)) for name in ("days", "hours"))
    told = []
    if days is not None:
        told.append(context.calendar.workday_after(feedback.date, days))
    if hours is not None:
        end = context.calendar.after(start_of(feedback.date, context.zone), timedelta(hours=hours))
        told.append(day_of(end, context.zone))
    return min(told, default=None)


def _reminders(row: Row, feedback: Feedback, due: date, context: Context) -> Iterator[Reminder]:
    """To the person who handles it: when work begins on the last day, and on the first working day after it."""
    owner = person_of(feedback.owner, context)
    name = calling_name(owner, context) if owner is not None and owner.active is not False else None
    if name is None:
        return
    customer = customer_of(feedback.customer, context)
    parameters = {
        "subject": feedback.content or "",
        "customer": (customer.name if customer else None) or feedback.customer or "",
        "customer_phone": (customer.phone if customer else None) or "",
        "contact": (customer.contact if customer else None) or "",
        "type": feedback.type or "",
        "planned_at": due.isoformat(),  # a day, not an hour
        "due_at": context.calendar.opens(due).isoformat(),
    }
    late = context.calendar.next_workday(due)
    for kind, day in (("near", due), ("late", late)):
        instant = context.calendar.opens(day)
        yield Reminder(f"deadline-handling-{kind}", row.tab, row.key, name, instant, parameters)


def _next(due: date, context: Context) -> datetime | None:
    """The next instant at which something is to be said."""
    calendar = context.calendar
    instants = (
        calendar.opens(due),
        start_of(day_after(due), context.zone),
        calendar.opens(calendar.next_workday(due)),
    )
    return min((instant for instant in instants if instant > context.now), default=None)
