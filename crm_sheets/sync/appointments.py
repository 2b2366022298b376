"""Follow-ups in people's calendars: what ought to stand there, and what must be sent that it does (pure).

Each person has an event of their own for a follow-up, under one UID for ever. What was sent last is remembered with its
SEQUENCE, so that a moved plan moves the event and a dropped one takes it out (RFC 5546, 3.2.2 and 3.2.5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from hashlib import blake2b

from crm_sheets.rules.moments import is_whole_day
from crm_sheets.rules.standing import is_cancelled
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.state import OutboxItem
from crm_sheets.tables import RowKey

REQUEST, CANCEL = "calendar-request", "calendar-cancel"
KINDS = (REQUEST, CANCEL)
"""Of messages in the outbox."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """An event in somebody's calendar.

    Attributes:
        person: name as in 组织.
        starts: when the follow-up is planned, aware.
        content: digest of what it says; another one when it says something else.
    """

    row: RowKey
    person: str
    starts: datetime
    content: str


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as it was sent last.

    Attributes:
        sequence: how often it was changed, from 0.
        stands: it was not cancelled since.
    """

    appointment: Appointment
    sequence: int
    stands: bool = True


def wanted(row: RowKey, follow_up: FollowUp, person: str, zone: tzinfo) -> Appointment | None:
    """The event of a follow-up for a person; None of one that names no hour, is over or was called off."""
    planned = follow_up.planned_at
    if planned is None or is_whole_day(planned, zone) or follow_up.done_at is not None or is_cancelled(follow_up):
        return None
    told = (follow_up.customer, follow_up.subject, follow_up.content, follow_up.method, follow_up.participants)
    content = blake2b("\x1f".join(each or "" for each in told).encode("utf-8", "replace"), digest_size=8)
    return Appointment(row, person, planned, content.hexdigest())


def steps(
    row: RowKey, ought: Appointment | None, known: Iterable[Sent], now: datetime, opted: bool = True
) -> tuple[Sent, ...]:
    """What must be sent about a follow-up, as it will then stand.

    Nothing enters a calendar when its time is over, and what took place stays there.

    Args:
        row: of the follow-up.
        ought: what should stand in the calendar of whoever is to do it.
        known: what was sent of it, one for each person.
        now: aware.
        opted: whether that person wants it.
    """
    found: Mapping[str, Sent] = {sent.appointment.person: sent for sent in known}
    made: list[Sent] = []
    for person, sent in sorted(found.items()):
        if sent.stands and sent.appointment.starts > now and (ought is None or not opted or ought.person != person):
            made.append(replace(sent, sequence=sent.sequence + 1, stands=False))
    if ought is None or not opted:
        return tuple(made)
    last = found.get(ought.person)
    if last is None or not last.stands:
        if ought.starts > now:
            made.append(Sent(ought, 0 if last is None else last.sequence + 1))
    elif last.appointment != ought and max(ought.starts, last.appointment.starts) > now:
        made.append(Sent(ought, last.sequence + 1))
    return tuple(made)


def item_of(sent: Sent, now: datetime) -> OutboxItem:
    """The message by which an event gets into a calendar or out of it. What it says is looked up when it goes."""
    appointment = sent.appointment
    kind = REQUEST if sent.stands else CANCEL
    return OutboxItem(
        key=f"{kind}|follow_ups|{appointment.row}|{appointment.person}|{sent.sequence}",
        kind=kind,
        person=appointment.person,
        not_before=now,
        tab=FollowUp.tab,
        row=appointment.row,
        parameters={"starts": appointment.starts.isoformat(), "sequence": str(sent.sequence)},
    )
