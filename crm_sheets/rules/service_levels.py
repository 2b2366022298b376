"""What a service was promised: within which working hours it is answered and solved, and how that stands.

The hours are attributes in 字典, `response` and `resolution`: of a priority, of a type, or of a type for one priority
(`urgent.response=0.5`), which goes before both; of type and priority the stricter counts. While the customer is waited
for, the clock of the solution stands still.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.standing import SOLVED
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.schema.services import Service

STATES, TYPES, PRIORITIES = "service_state", "service_type", "service_priority"
WAITING = "waiting"
RESPONSE, RESOLUTION = "response", "resolution"
NEAR = Decimal("0.25")
"""The share of the promised time below which what is left of it is little."""

MOST_HOURS = 10_000
MOST_MINUTES = 10_000_000


class ServiceLevel(StrEnum):
    """What the column SLA says."""

    NORMAL = "normal"
    NEAR = "near"
    LATE = "late"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Pause:
    """How long the customer was waited for.

    Attributes:
        since: when the wait began that still lasts; None when the clock runs.
        minutes: working minutes of all waits that are over.
    """

    since: datetime | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Moments:
    """When a service was answered and solved; None for not yet, or not told."""

    answered: datetime | None
    solved: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised time.

    Attributes:
        what: RESPONSE or RESOLUTION.
        near: the instant from which little is left.
        kept_at: when it was answered or solved; None for not yet.
    """

    what: str
    near: datetime
    due: datetime
    kept_at: datetime | None

    @property
    def is_missed(self) -> bool:
        """Whether it was kept too late."""
        return self.kept_at is not None and self.kept_at > self.due


def service_state(service: Service, context: Context) -> str:
    """The code of a service's state; "" when it is blank, unknown or the team's own."""
    return context.dictionaries.code(STATES, service.state)


def pause_of(row: Row, context: Context) -> Pause:
    """The waits of a service as they stand now: one begins and ends when the state says so."""
    service = record_of(row, Service)
    minutes = service.waited or 0
    if "state" in row.unreadable:
        return Pause(service.waiting_since, minutes)
    if service_state(service, context) == WAITING:
        return Pause(service.waiting_since or context.now.replace(microsecond=0), minutes)
    if service.waiting_since is None:
        return Pause(None, minutes)
    end = context.now
    if service.solved_at is not None and service_state(service, context) == SOLVED:
        end = min(end, service.solved_at)  # one that was opened again still has the time of its first solution
    waited = context.calendar.between(service.waiting_since, end)
    return Pause(None, min(minutes + round(waited / timedelta(minutes=1)), MOST_MINUTES))


def moments_of(row: Row, pause: Pause, context: Context) -> Moments:
    """When a service was answered and solved, with what its state says where nobody typed it.

    Whoever waits for the customer has answered before, and so has who solved what is opened again. A state that became
    已解决 in this cycle did so now.
    """
    service = record_of(row, Service)
    answered, solved = service.first_response_at, service.solved_at
    if answered is None and "first_response_at" not in row.unreadable:
        waits = service_state(service, context) == WAITING
        answered = solved_before(row, context) or (pause.since if waits else None)
    if solved is None and "solved_at" not in row.unreadable and _was_solved_now(row, context):
        solved = context.now.replace(microsecond=0)
    return Moments(answered, solved)


def _was_solved_now(row: Row, context: Context) -> bool:
    now, before = record_of(row, Service), row.previous
    was_open = isinstance(before, Service) and service_state(before, context) != SOLVED
    return was_open and service_state(now, context) == SOLVED


def solved_before(row: Row, context: Context) -> datetime | None:
    """When a service had been solved that was opened again in this cycle; None for one whose time somebody has typed
    anew. A team's own state opens nothing: what comes after 已解决 may be 已关闭.
    """
    now, before = record_of(row, Service), row.previous
    if not isinstance(before, Service) or service_state(before, context) != SOLVED or "state" in row.unreadable:
        return None
    is_open = service_state(now, context) not in {"", SOLVED}
    return before.solved_at if is_open and now.solved_at in {before.solved_at, None} else None


def promises(service: Service, pause: Pause, moments: Moments, context: Context, near: Decimal) -> tuple[Promise, ...]:
    """What was promised for a service, the answer first; nothing without a beginning or hours.

    Solved without a word on the first response: the solution was the answer.
    """
    if service.opened_at is None:
        return ()
    solved_at = moments.solved if service_state(service, context) == SOLVED else None
    kept = {RESPONSE: moments.answered or solved_at, RESOLUTION: solved_at}
    after, made = context.calendar.after, []
    for what, kept_at in kept.items():
        hours = hours_of(service, what, context)
        if hours is None:
            continue
        waited = timedelta(minutes=pause.minutes if what == RESOLUTION else 0)
        whole = timedelta(seconds=round(hours * 3600))
        early = timedelta(seconds=round(hours * 3600 * (1 - near)))
        nearly, due = (after(service.opened_at, span + waited) for span in (early, whole))
        made.append(Promise(what, nearly, due, kept_at))
    return tuple(made)


def level_of(service: Service, pause: Pause, made: tuple[Promise, ...], context: Context) -> ServiceLevel | None:
    """How a service stands; while the customer is waited for, as it stood when the wait began."""
    if service_state(service, context) == SOLVED:
        if not made or any(promise.kept_at is None for promise in made):
            return None
        return ServiceLevel.MISSED if any(promise.is_missed for promise in made) else ServiceLevel.MET
    now = pause.since or context.now
    if any(promise.is_missed or (promise.kept_at is None and promise.due <= now) for promise in made):
        return ServiceLevel.LATE
    if any(promise.kept_at is None and promise.near <= now for promise in made):
        return ServiceLevel.NEAR
    return ServiceLevel.NORMAL if made else None


def hours_of(service: Service, what: str, context: Context) -> Decimal | None:
    """The working hours that 字典 allows for the answer or the solution; None when it says none."""
    kind = context.dictionaries.entry(TYPES, service.type)
    priority = context.dictionaries.entry(PRIORITIES, service.priority)
    if kind and priority:
        for name in (priority.code, text_key(priority.value)):
            both = _hours(kind, f"{name}.{what}")
            if both is not None:
                return both
    told = [hours for entry in (kind, priority) if entry and (hours := _hours(entry, what)) is not None]
    return min(told, default=None)


def _hours(entry: DictionaryEntry, name: str) -> Decimal | None:
    try:
        hours = Decimal(entry.attributes.get(name, "").strip())
    except InvalidOperation:
        return None
    return hours if hours.is_finite() and 0 < hours <= MOST_HOURS else None
