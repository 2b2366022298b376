"""Sending what is due in the outbox: a thin loop round the decisions of outbox.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from crm_sheets.errors import CrmSheetsError, ServiceUnavailable
from crm_sheets.sync.notifiers.base import Message, Notifier
from crm_sheets.sync.outbox import (
    OnUnknown,
    OutboxEntry,
    OutboxStore,
    Settlement,
    State,
    after_crash,
    after_failure,
    after_success,
    without_address,
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a person gets mail."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Content:
    """A message as rendered."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: keys by what became of them, and why it ended early, empty when it did not."""

    sent: tuple[str, ...] = ()
    retried: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs beside the store.

    Attributes:
        render: makes the text of an entry as of an instant; a CrmSheetsError from it counts as a failed attempt.
        recipient_of: where a person gets mail, None where that is not known.
        jitter: gives a number from 0 to 1 for each pause.
        stopping: asked before each message; True ends the round.
    """

    notifier: Notifier
    render: Callable[[OutboxEntry, datetime], Content]
    recipient_of: Callable[[str], Recipient | None]
    jitter: Callable[[], float]
    on_unknown: OnUnknown = OnUnknown.HOLD
    stopping: Callable[[], bool] = lambda: False
    limit: int = 500


def settle_interrupted(store: OutboxStore, now: datetime, on_unknown: OnUnknown) -> tuple[str, ...]:
    """Settles what a crash left in `sending`, and returns those keys. Called once, by the holder of the lock."""
    found = store.entries((State.SENDING,))
    for entry in found:
        store.settle(entry.key, after_crash(entry, now, on_unknown))
    return tuple(entry.key for entry in found)


def deliver(store: OutboxStore, post: Post, now: datetime) -> Delivery:
    """Sends what is due, one by one; the connection is closed at the end.

    A channel that is down ends the round: the others keep their turn and lose no attempt.
    """
    became: dict[State, list[str]] = {state: [] for state in State}
    stopped = ""
    try:
        for entry in store.due(now, post.limit):
            if post.stopping():
                stopped = "stopping"
                break
            if not store.claim(entry.key):
                continue
            settlement, stopped = _sent(entry, post, now)
            store.settle(entry.key, settlement)
            became[settlement.state].append(entry.key)
            if stopped:
                break
    finally:
        post.notifier.close()
    return Delivery(
        sent=tuple(became[State.SENT]),
        retried=tuple(became[State.RETRY]),
        dead=tuple(became[State.DEAD]),
        uncertain=tuple(became[State.UNCERTAIN]),
        stopped=stopped,
    )


def _sent(entry: OutboxEntry, post: Post, now: datetime) -> tuple[Settlement, str]:
    """What became of one claimed entry, and why the round must end, empty when it need not."""
    recipient = post.recipient_of(entry.person)
    if recipient is None or not recipient.address:
        return without_address(entry), ""
    try:
        content = post.render(entry, now)
        receipt = post.notifier.send(_message(entry, recipient, content, now))
    except CrmSheetsError as error:
        stopped = str(error) if isinstance(error, ServiceUnavailable) else ""
        return after_failure(entry, error, now, post.jitter(), post.on_unknown), stopped
    return after_success(entry, receipt, now), ""


def _message(entry: OutboxEntry, recipient: Recipient, content: Content, now: datetime) -> Message:
    return Message(
        key=entry.key,
        to_address=recipient.address,
        to_name=recipient.name,
        subject=content.subject,
        text=content.text,
        html=content.html,
        at=now,
        headers=content.headers,
    )
