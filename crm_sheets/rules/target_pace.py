"""Targets that fall behind the calendar: a mail at the beginning of the week, as long as they do."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from crm_sheets.changes import NOTHING, Outcome, Reminder
from crm_sheets.rules.base import Context, Rule, record_of
from crm_sheets.rules.escalations import LEAD, MANAGER, superior
from crm_sheets.rules.moments import day_after
from crm_sheets.rules.naming import calling_name
from crm_sheets.rules.scopes import Scope, ScopeKind, scopes_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.periods import period_of
from crm_sheets.schema.targets import Target

KIND = "nudge-pace"
BEHIND = Decimal("0.2")


def pacing(behind: Decimal) -> Rule:
    """The rule of a team that wants to know when so large a part of what the calendar expects is missing."""

    def target_pace(row: Row, context: Context) -> Outcome:
        return _paced(row, context, behind)

    return target_pace


def target_pace(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise: a fifth."""
    return _paced(row, context, BEHIND)


def _paced(row: Row, context: Context, behind: Decimal) -> Outcome:
    """Judged by the columns 达成率 and 时间进度 when the week begins; what they are later in it asks for nothing."""
    target = record_of(row, Target)
    period = period_of(target.period or "")
    scopes = scopes_of(target.scope, context) if target.scope else ()
    if period is None or len(scopes) != 1 or context.today > period.last:
        return NOTHING
    this, following = (_begins(day_after(context.today, days), context) for days in (0, 7))
    wake_at = this if this > context.now else following
    name = _told(scopes[0], context)
    attainment, pace = target.attainment, target.pace
    if name is None or attainment is None or pace is None or attainment >= pace * (1 - behind):
        return Outcome(wake_at=wake_at)
    parameters = {
        "subject": " ".join(text for text in (target.scope, target.measure, period.text) if text),
        "attainment": f"{attainment:.1%}",
        "pace": f"{pace:.1%}",
    }
    return Outcome(reminders=(Reminder(KIND, row.tab, row.key, name, this, parameters),), wake_at=wake_at)


def _begins(day: date, context: Context) -> datetime:
    """When work begins in the week of a day; in one without work, on the next working day."""
    monday = day - timedelta(days=day.weekday())
    return context.calendar.opens(context.calendar.workday_from(monday))


def _told(scope: Scope, context: Context) -> str | None:
    """The person, the lead of the group, the head of the department; nobody for the company."""
    active = [person for person in scope.people if person.active is not False]
    if scope.kind is ScopeKind.COMPANY or not active:
        return None
    if scope.kind is ScopeKind.PERSON:
        return calling_name(active[0], context)
    role = "group_lead" if scope.kind is ScopeKind.GROUP else "department_manager"
    heads = [each for each in active if (context.dictionaries.code("role", each.role) or each.role) == role]
    if heads:
        return calling_name(heads[0], context)
    return superior(active[0], LEAD if scope.kind is ScopeKind.GROUP else MANAGER, context)
