"""The columns of a service that tell how it stands, the finding when it is late, and whom to remind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from crm_sheets.changes import Issue, Outcome, Reminder, Severity
from crm_sheets.rules.base import Context, Rule, cells, found, record_of
from crm_sheets.rules.moments import shown
from crm_sheets.rules.naming import calling_name, customer_of, person_of
from crm_sheets.rules.service_levels import (
    NEAR,
    RESOLUTION,
    RESPONSE,
    Promise,
    ServiceLevel,
    level_of,
    moments_of,
    pause_of,
    promises,
    service_state,
)
from crm_sheets.rules.standing import SOLVED
from crm_sheets.schema.base import Row
from crm_sheets.schema.services import Service

LATE: Mapping[str, tuple[str, str]] = {
    RESPONSE: ("response_due", "service-response-late"),
    RESOLUTION: ("solve_due", "service-resolution-late"),
}
"""Column and finding of a promise that was not kept in time."""


@dataclass(frozen=True, slots=True)
class ServiceWishes:
    """What a team may want otherwise.

    Attributes:
        near: share of the promised time below which it is nearly up.
        remind: whether the person who does it is reminded then, and when it is up.
    """

    near: Decimal = NEAR
    remind: bool = True


def service_deadlines_of(wishes: ServiceWishes) -> Rule:
    """The rule of a team with these wishes."""

    def service_deadlines(row: Row, context: Context) -> Outcome:
        return _judged(row, context, wishes)

    return service_deadlines


def service_deadlines(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise."""
    return _judged(row, context, ServiceWishes())


def _judged(row: Row, context: Context, wishes: ServiceWishes) -> Outcome:
    """Computes what was promised and how it stands; it wakes at the next instant at which it stands otherwise."""
    service = record_of(row, Service)
    pause = pause_of(row, context)
    made = promises(service, pause, moments_of(row, pause, context), context, wishes.near)
    level = level_of(service, pause, made, context)
    due = {promise.what: promise.due for promise in made}
    values = cells(
        response_due=due.get(RESPONSE),
        solve_due=None if pause.since else due.get(RESOLUTION),
        waiting_since=pause.since,
        waited=pause.minutes or None,
        sla_state=context.language.text(f"value.sla_state.{level}") if level else None,
    )
    running = () if pause.since or service_state(service, context) == SOLVED else made
    open_ones = tuple(promise for promise in running if promise.kept_at is None)
    ahead = [at for promise in open_ones for at in (promise.near, promise.due) if at > context.now]
    return Outcome(
        issues=tuple(_late(row, open_ones, context)) if level is ServiceLevel.LATE else (),
        values=values,
        reminders=tuple(_reminders(row, service, open_ones, context)) if wishes.remind else (),
        wake_at=min(ahead, default=None),
    )


def _late(row: Row, open_ones: tuple[Promise, ...], context: Context) -> Iterator[Issue]:
    for promise in open_ones:
        if promise.due <= context.now:
            column, code = LATE[promise.what]
            yield found(code, row, column, Severity.WARNING, value=shown(promise.due, context.zone))


def _reminders(row: Row, service: Service, open_ones: tuple[Promise, ...], context: Context) -> Iterator[Reminder]:
    """To the person who does it: when little time is left, and when none is."""
    owner = person_of(service.owner, context)
    name = calling_name(owner, context) if owner is not None and owner.active is not False else None
    if name is None:
        return
    for promise in open_ones:
        for kind, instant in (("near", promise.near), ("late", promise.due)):
            parameters = _parameters(service, promise.due, context)
            yield Reminder(f"deadline-{promise.what}-{kind}", row.tab, row.key, name, instant, parameters)


def _parameters(service: Service, due: datetime, context: Context) -> Mapping[str, str]:
    """What the mail shows."""
    customer = customer_of(service.customer, context)
    return {
        "subject": service.problem or "",
        "customer": (customer.name if customer else None) or service.customer or "",
        "customer_phone": (customer.phone if customer else None) or "",
        "contact": (customer.contact if customer else None) or "",
        "type": service.type or "",
        "priority": service.priority or "",
        "due_at": due.isoformat(),
    }
