"""Sending what is due in the outbox: a thin loop round the decisions of outbox.py.

While one message is on the wire the next one is put into words: with many due, that is half of the time. It is claimed
only when the one before is done, so a crash leaves one message of which nobody knows what became of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, TypeAlias

from crm_sheets.errors import CrmSheetsError, ServiceUnavailable
from crm_sheets.sync.notifiers.base import CalendarPart, Message, Notifier, Receipt
from crm_sheets.sync.outbox import (
    OnUnknown,
    OutboxEntry,
    OutboxStore,
    Settlement,
    State,
    after_crash,
    after_failure,
    after_look,
    after_success,
    suspended,
    without_address,
)

KEPT = timedelta(days=7)
"""What was kept for longer, because its address was suspended, stays where it is."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a person gets mail; `suspended` when mails to the address came back."""

    name: str
    address: str
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A message as rendered."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    calendar: CalendarPart | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: keys by what became of them, and why it ended early, empty when it did not."""

    sent: tuple[str, ...] = ()
    retried: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    stopped: str = ""


class Archive(Protocol):
    """A mailbox in which a copy of every mail lies."""

    def find(self, identity: str) -> str | None:
        """The address to which the mail of a Message-ID went, as its copy says; None when there is no copy.

        Raises:
            ServiceError: nobody can look now.
        """

    def close(self) -> None:
        """Ends the connection; looking again opens a new one."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """How it is found out whether a mail went out.

    Attributes:
        settles: how long a copy may take to the archive.
        identity_of: the Message-ID of an outbox key.
    """

    archive: Archive
    settles: timedelta
    identity_of: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs beside the store.

    Attributes:
        render: makes the text of an entry as of an instant; a CrmSheetsError from it counts as a failed attempt.
        recipient_of: where a person gets mail, None where that is not known.
        jitter: gives a number from 0 to 1 for each pause.
        stopping: asked before each message; True ends the round.
        confirming: None for a team without an archive.
        limit: of entries that are looked at at a time.
    """

    notifier: Notifier
    render: Callable[[OutboxEntry, datetime], Content]
    recipient_of: Callable[[str], Recipient | None]
    jitter: Callable[[], float]
    on_unknown: OnUnknown = OnUnknown.HOLD
    stopping: Callable[[], bool] = lambda: False
    confirming: Confirming | None = None
    limit: int = 500

    @property
    def settles(self) -> timedelta | None:
        """How long a copy may take to the archive; None where there is none."""
        return self.confirming.settles if self.confirming else None


def settle_interrupted(
    store: OutboxStore, now: datetime, on_unknown: OnUnknown, settles: timedelta | None = None
) -> tuple[str, ...]:
    """Settles what a crash left in `sending`, and returns those keys. Called once, by the holder of the lock."""
    found = store.entries((State.SENDING,))
    for entry in found:
        store.settle(entry.key, after_crash(entry, now, on_unknown, settles))
    return tuple(entry.key for entry in found)


def confirm(store: OutboxStore, confirming: Confirming, now: datetime) -> str:
    """Looks in the archive for what nobody knows of; why it could not, empty when it could."""
    try:
        for entry in store.entries((State.UNCONFIRMED,)):
            if entry.next_try <= now:
                identity = confirming.identity_of(entry.key)
                store.settle(entry.key, after_look(entry, identity, confirming.archive.find(identity), now))
    except CrmSheetsError as error:
        return str(error)
    finally:
        confirming.archive.close()
    return ""


def revivable(
    entries: Iterable[OutboxEntry], recipient_of: Callable[[str], Recipient | None], now: datetime
) -> Iterator[OutboxEntry]:
    """Of the messages that were kept since their address was suspended, those that can go again and still help."""
    for entry in entries:
        recipient = recipient_of(entry.person)
        fresh = now - entry.not_before < KEPT
        if fresh and recipient is not None and recipient.address and not recipient.suspended:
            yield entry


def deliver(store: OutboxStore, post: Post, now: datetime) -> Delivery:
    """Sends what is due, one by one; the connection is closed at the end.

    A channel that is down ends the round: the others keep their turn and lose no attempt.
    """
    try:
        with ThreadPoolExecutor(1, "mail") as wire:
            done = _Round(store, post, now, wire)
            try:
                done.run()
            finally:
                done.finish()
    finally:
        post.notifier.close()
    became = done.became
    return Delivery(
        sent=tuple(became[State.SENT]),
        retried=tuple(became[State.RETRY]),
        dead=tuple(became[State.DEAD]),
        uncertain=tuple(became[State.UNCERTAIN]),
        unconfirmed=tuple(became[State.UNCONFIRMED]),
        stopped=done.stopped,
    )


_UnderWay: TypeAlias = tuple[OutboxEntry, str, Future[Receipt]]
"""A message that is being sent, with its address."""


class _Round:
    """One round of sending.

    Attributes:
        became: keys by what became of them.
        stopped: why the round must end, empty while it need not.
    """

    def __init__(self, store: OutboxStore, post: Post, now: datetime, wire: ThreadPoolExecutor) -> None:
        self.became: dict[State, list[str]] = {state: [] for state in State}
        self.stopped = ""
        self._store, self._post, self._now, self._wire = store, post, now, wire
        self._under_way: _UnderWay | None = None

    def run(self) -> None:
        """Sends what is due; the last message may still be on its way."""
        for entry in self._due():
            if self._is_to_stop():
                return
            prepared = self._prepared(entry)
            if isinstance(prepared, Settlement):
                if self._store.claim(entry.key):
                    self._settle(entry, prepared)
            elif not self._follows(entry, prepared):
                return

    def finish(self) -> None:
        """Waits for the message that is on its way."""
        if self._under_way is not None:
            self._settle(*self._outcome(self._under_way))

    def _due(self) -> Iterator[OutboxEntry]:
        """What is due, a page at a time: whatever had its turn is due no longer."""
        last: tuple[OutboxEntry, ...] = ()
        while (page := self._store.due(self._now, self._post.limit)) and page != last:
            yield from page
            last = page

    def _is_to_stop(self) -> bool:
        if not self.stopped and self._post.stopping():
            self.stopped = "stopping"
        return bool(self.stopped)

    def _prepared(self, entry: OutboxEntry) -> Message | Settlement:
        """The message of an entry, or what becomes of one that cannot be sent."""
        recipient = self._post.recipient_of(entry.person)
        if recipient is None or not recipient.address:
            return without_address(entry)
        if recipient.suspended:
            return suspended(entry)
        try:
            return _message(entry, recipient, self._post.render(entry, self._now), self._now)
        except CrmSheetsError as error:
            return self._failed(entry, error)

    def _follows(self, entry: OutboxEntry, message: Message) -> bool:
        """Sends a message after the one that is on its way; False when the round must end instead."""
        if self._under_way is None:
            claimed = self._store.claim(entry.key)
        else:
            before, settlement = self._outcome(self._under_way)
            if self._is_to_stop():
                self._settle(before, settlement)
                return False
            claimed = self._store.settle_and_claim(before.key, settlement, entry.key)
            self.became[settlement.state].append(before.key)
        if claimed:
            sending = self._wire.submit(self._post.notifier.send, message)
            self._under_way = entry, message.to_address, sending
        return True

    def _outcome(self, under_way: _UnderWay) -> tuple[OutboxEntry, Settlement]:
        """What became of the message that is on its way."""
        entry, address, sending = under_way
        self._under_way = None
        try:
            return entry, after_success(entry, sending.result(), address, self._now)
        except CrmSheetsError as error:
            if isinstance(error, ServiceUnavailable):
                self.stopped = str(error)
            return entry, self._failed(entry, error)

    def _failed(self, entry: OutboxEntry, error: CrmSheetsError) -> Settlement:
        post = self._post
        return after_failure(entry, error, self._now, post.jitter(), post.on_unknown, post.settles)

    def _settle(self, entry: OutboxEntry, settlement: Settlement) -> None:
        self._store.settle(entry.key, settlement)
        self.became[settlement.state].append(entry.key)


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
        calendar=content.calendar,
    )
