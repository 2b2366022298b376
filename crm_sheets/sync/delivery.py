"""Sending what is due in the outbox: a thin loop round the decisions of outbox.py.

While one message is on the wire the next ones are put into words and claimed: with many due, that is most of the time.
Where notes are kept of whose turn has come (wire.py), a crash leaves one message of which nobody knows what became of
it; a machine that lost its power, as many as were claimed at a time. Without notes one is claimed at a time.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from crm_sheets.errors import CrmSheetsError, ServiceUnavailable
from crm_sheets.sync.notifiers.base import Attachment, CalendarPart, Message, Notifier, Receipt
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
    revived,
    suspended,
    untouched,
    without_address,
)
from crm_sheets.sync.wire import Handed, Notes, NotHandedOver, Wire

WIDTH = 16
"""Messages that are claimed at a time, where notes are kept."""

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
    files: tuple[Attachment, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: keys by what became of them, and why it ended early, empty when it did not."""

    sent: tuple[str, ...] = ()
    retried: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
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
        notes: of whose turn has come, for a channel that one process uses at a time; closed at the end.
        limit: of entries that are looked at at a time.
        barred: what becomes of an entry that must not go after all, asked when its turn comes; None for one that may.
    """

    notifier: Notifier
    render: Callable[[OutboxEntry, datetime], Content]
    recipient_of: Callable[[str], Recipient | None]
    jitter: Callable[[], float]
    on_unknown: OnUnknown = OnUnknown.HOLD
    stopping: Callable[[], bool] = lambda: False
    confirming: Confirming | None = None
    notes: Notes | None = None
    limit: int = 500
    barred: Callable[[OutboxEntry], Settlement | None] = lambda entry: None

    @property
    def settles(self) -> timedelta | None:
        """How long a copy may take to the archive; None where there is none."""
        return self.confirming.settles if self.confirming else None


def settle_interrupted(
    store: OutboxStore,
    now: datetime,
    on_unknown: OnUnknown,
    settles: timedelta | None = None,
    handed: Mapping[str, Handed] | None = None,
) -> tuple[str, ...]:
    """Settles what a crash left in `sending`, and returns those keys. Called once, by the holder of the lock.

    Args:
        store: of the entries.
        now: aware.
        on_unknown: what is done when nobody can tell, where there is no archive.
        settles: how long a copy may take to the archive; None where there is none.
        handed: what the last round noted (wire.noted); None where nobody can tell.
    """
    found = store.entries((State.SENDING,))
    for entry in found:
        fate = Handed() if handed is None else handed.get(entry.key, Handed(refused=True))
        if fate.receipt is not None:
            settlement = after_success(entry, fate.receipt, fate.address, now)
        elif fate.refused:
            settlement = revived(now, entry.attempts)
        else:
            settlement = after_crash(entry, now, on_unknown, settles)
        store.settle(entry.key, settlement)
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
    with Wire(post.notifier, post.stopping, post.notes) as wire:
        done = _Round(store, post, now, wire)
        try:
            done.run()
        finally:
            done.finish()
    became = done.became
    return Delivery(
        sent=tuple(became[State.SENT]),
        retried=tuple(became[State.RETRY]),
        dead=tuple(became[State.DEAD]),
        uncertain=tuple(became[State.UNCERTAIN]),
        unconfirmed=tuple(became[State.UNCONFIRMED]),
        withdrawn=tuple(became[State.WITHDRAWN]),
        stopped=done.stopped,
    )


class _Round:
    """One round of sending.

    Attributes:
        became: keys by what became of them.
        stopped: why the round must end, empty while it need not.
    """

    def __init__(self, store: OutboxStore, post: Post, now: datetime, wire: Wire) -> None:
        self.became: dict[State, list[str]] = {state: [] for state in State}
        self.stopped = ""
        self._store, self._post, self._now, self._wire = store, post, now, wire
        self._width = 1 if post.notes is None else WIDTH
        self._ready: list[tuple[OutboxEntry, Message]] = []
        self._under_way: deque[tuple[OutboxEntry, Message, Future[Receipt]]] = deque()

    def run(self) -> None:
        """Sends what is due, a page at a time; the last messages may still be on their way."""
        last: tuple[OutboxEntry, ...] = ()
        while (page := self._store.due(self._now, self._post.limit)) and page != last:
            for entry in page:
                if self._is_to_stop():
                    return
                self._take(entry)
            self._turn()
            last = page

    def finish(self) -> None:
        """Waits for the messages that are on their way."""
        self._turn(claiming=False, until=0)

    def _take(self, entry: OutboxEntry) -> None:
        prepared = self._prepared(entry)
        if isinstance(prepared, Settlement):
            if self._store.claim(entry.key):
                self._store.settle(entry.key, prepared)
                self.became[prepared.state].append(entry.key)
            return
        self._ready.append((entry, prepared))
        if 2 * len(self._ready) >= self._width or not self._under_way:
            self._turn()

    def _turn(self, *, claiming: bool = True, until: int | None = None) -> None:
        """Settles what is done and sends what is ready, once no more than `until` messages are on their way."""
        room = self._width - len(self._ready) if until is None else until
        settled: dict[str, Settlement] = {}
        try:
            while self._under_way and (len(self._under_way) > room or self._under_way[0][2].done()):
                entry, message, sending = self._under_way.popleft()
                settled[entry.key] = self._outcome(entry, message, sending)
        except BaseException:
            claiming = False
            raise
        finally:
            ready = self._ready if claiming and not self._is_to_stop() else []
            self._ready = []
            if settled or ready:
                claimed = self._store.turn(settled, [entry.key for entry, _ in ready])
                for key, settlement in settled.items():
                    self.became[settlement.state].append(key)
                sent = ((entry, message) for entry, message in ready if entry.key in claimed)
                self._under_way.extend((entry, message, self._wire.submit(message)) for entry, message in sent)

    def _is_to_stop(self) -> bool:
        if not self.stopped and self._post.stopping():
            self.stopped = "stopping"
        return bool(self.stopped)

    def _prepared(self, entry: OutboxEntry) -> Message | Settlement:
        """The message of an entry, or what becomes of one that cannot be sent."""
        barred = self._post.barred(entry)
        if barred is not None:
            return barred
        recipient = self._post.recipient_of(entry.person)
        if recipient is None or not recipient.address:
            return without_address(entry)
        if recipient.suspended:
            return suspended(entry)
        try:
            return _message(entry, recipient, self._post.render(entry, self._now), self._now)
        except CrmSheetsError as error:
            return self._failed(entry, error)

    def _outcome(self, entry: OutboxEntry, message: Message, sending: Future[Receipt]) -> Settlement:
        """What became of a message; waits until that is known."""
        try:
            return after_success(entry, sending.result(), message.to_address, self._now)
        except NotHandedOver:
            return untouched(entry)
        except CrmSheetsError as error:
            if isinstance(error, ServiceUnavailable):
                self.stopped = str(error)
            return self._failed(entry, error)

    def _failed(self, entry: OutboxEntry, error: CrmSheetsError) -> Settlement:
        post = self._post
        return after_failure(entry, error, self._now, post.jitter(), post.on_unknown, post.settles)


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
        files=content.files,
        private=content.private,
    )
