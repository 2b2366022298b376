"""Who else hears of a follow-up that stays open: the group's lead, later the head of the department.

Counted in working days after the day of the plan, and ended by anything that was done with the customer since.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Outcome, Reminder
from crm_sheets.rules.base import Context, Rule, record_of
from crm_sheets.rules.contacts import last_contact
from crm_sheets.rules.moments import day_of
from crm_sheets.rules.naming import CUSTOMERS, PEOPLE, calling_name, owner_of, person_of, the_one
from crm_sheets.rules.reminders import follow_up_parameters, overdue_instants
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.people import PersonRecord
from crm_sheets.schema.tallies import ORGANISATION

LEAD, MANAGER = "escalation-lead", "escalation-manager"
ROLES = {LEAD: "group_lead", MANAGER: "department_manager"}


@dataclass(frozen=True, slots=True)
class Ladder:
    """After how many working days who is told; None for never."""

    lead: int | None = 3
    manager: int | None = 7


def escalating(ladder: Ladder) -> Rule:
    """The rule of a team with its own ladder."""

    def escalations(row: Row, context: Context) -> Outcome:
        return _escalated(row, context, ladder)

    return escalations


def escalations(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise."""
    return _escalated(row, context, Ladder())


def _escalated(row: Row, context: Context, ladder: Ladder) -> Outcome:
    follow_up = record_of(row, FollowUp)
    owner = person_of(owner_of(row, context), context)
    if follow_up.planned_at is None or is_finished(follow_up, context) or owner is None:
        return NOTHING
    customer = the_one(CUSTOMERS, follow_up.customer, context)
    contact = last_contact(customer, context) if customer is not None else None
    if contact is not None and day_of(contact, context.zone) >= day_of(follow_up.planned_at, context.zone):
        return NOTHING
    told = {**follow_up_parameters(row, follow_up, context), "owner": calling_name(owner, context) or ""}
    steps = [(kind, step) for kind, step in ((LEAD, ladder.lead), (MANAGER, ladder.manager)) if step is not None]
    reminders: list[Reminder] = []
    for (kind, _), instant in zip(
        steps, overdue_instants(follow_up.planned_at, context, (step for _, step in steps)), strict=True
    ):
        name = superior(owner, kind, context)
        if name is not None:
            reminders.append(Reminder(kind, row.tab, row.key, name, instant, told))
    ahead = (each.instant for each in reminders if each.instant > context.now)
    return Outcome(reminders=tuple(reminders), wake_at=min(ahead, default=None))


def superior(person: PersonRecord, kind: str, context: Context) -> str | None:
    """Whom an escalation of somebody's work goes to: whoever has the role in the same group or department, else the
    manager, or the manager's; None for nobody who works here. Nobody is told of their own."""
    above = next(_superiors(person, kind, context), None)
    return calling_name(above, context) if above is not None else None


def _superiors(person: PersonRecord, kind: str, context: Context) -> Iterator[PersonRecord]:
    manager = person_of(person.manager, context)
    second = person_of(manager.manager, context) if manager is not None else None
    bearers = [each for each in _unit(person, kind, context) if _role(each, context) == ROLES[kind]]
    chain = [manager] if kind == LEAD else [second, manager]
    for each in (*bearers, *chain):
        if each is not None and each.active is not False and (each.id, each.name) != (person.id, person.name):
            yield each


def _unit(person: PersonRecord, kind: str, context: Context) -> list[PersonRecord]:
    """The people of the group, or of the department, in the order of their rows."""
    if not person.department or (kind == LEAD and not person.group):
        return []
    rows = context.book.counted(PEOPLE, ORGANISATION, text_key(person.department))
    people = [record_of(row, PersonRecord) for row in rows]
    group = text_key(person.group or "")
    return [
        each
        for each in people
        if text_key(each.department or "") == text_key(person.department)
        and (kind == MANAGER or text_key(each.group or "") == group)
    ]


def _role(person: PersonRecord, context: Context) -> str:
    return context.dictionaries.code("role", person.role) or person.role or ""
