"""The outbox: what is to be sent, what became of it, and when it is tried again.

Entries are added in the transaction of the change that caused them (state.OutboxItem), under a unique key, so each
message is enqueued exactly once. Sending an entry:

    pending, retry --claim--> sending --+--> sent
                                        +--> retry       refused for now: 1, 5, 25, 120 minutes later
                                        +--> dead        refused for good, no address, or refused five times
                                        +--> uncertain   handed over, or just about to be, when the answer was lost

What is not sent by itself waits in `digest` and is `digested` with the next one; a reminder of what changed meanwhile
is `withdrawn`, and comes back if the change does; what its person does not want is `muted`.

SMTP cannot be asked what became of a message, so an uncertain one is never sent again by itself (a reminder comes
never twice), unless the team would rather have it twice than not at all: `OnUnknown.RESEND`.
A team that keeps an archive, a mailbox in which a copy of every mail lies, need not choose: such a message is
`unconfirmed`, and after a while, when its copy must have arrived, it is looked for there: found, it was sent; not
found, it is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from crm_sheets.errors import CrmSheetsError, OutcomeUnknown, ServiceUnavailable, Undeliverable
from crm_sheets.sync.notifiers.base import Receipt

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 25, 120))
JITTER = 0.2
"""By how much of itself a pause is lengthened at most, so that what failed together does not come back together."""

NO_ADDRESS = "no-address"
INTERRUPTED = "interrupted"
SUSPENDED = "address-suspended"
DROPPED = "dropped"


class State(StrEnum):
    """Where an entry stands; the module's docstring draws the transitions."""

    PENDING = "pending"
    SENDING = "sending"
    RETRY = "retry"
    SENT = "sent"
    DEAD = "dead"
    UNCERTAIN = "uncertain"
    UNCONFIRMED = "unconfirmed"
    DIGEST = "digest"  # waits for the next digest of its person
    DIGESTED = "digested"  # was told in a digest
    MUTED = "muted"  # its person does not want it
    WITHDRAWN = "withdrawn"  # what it is about changed before it was sent


class OnUnknown(StrEnum):
    """What is done when nobody can tell whether a message went out."""

    HOLD = "hold"
    RESEND = "resend"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message to be sent.

    Attributes:
        key: unique for ever.
        kind: names the template.
        person: name as in 组织; the address is looked up when it is sent, so a mended one counts.
        not_before: when it is to go out, aware.
        next_try: when it is tried next, aware; `not_before` at first.
        parameters: what the template shows. The text is made when it is sent, so a mended template counts.
        tab: what it is about, with `row`; both empty where it is about no single row.
        attempts: how often sending it failed for a reason of its own.
        error: why it is not sent; for the administrator.
        identity: under which the channel knows it, once sent.
        address: where it went, once sent.
    """

    key: str
    kind: str
    person: str
    not_before: datetime
    next_try: datetime
    created_at: datetime
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tab: str = ""
    row: str = ""
    state: State = State.PENDING
    attempts: int = 0
    error: str = ""
    sent_at: datetime | None = None
    identity: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of an entry: written over its columns of the same names; a None leaves that column as it is."""

    state: State
    attempts: int
    error: str = ""
    next_try: datetime | None = None
    sent_at: datetime | None = None
    identity: str | None = None
    address: str | None = None


class OutboxStore(Protocol):
    """What sending asks of the store. Each method is one transaction, durable when it returns."""

    def due(self, now: datetime, limit: int) -> tuple[OutboxEntry, ...]:
        """Entries that are pending or to be retried and whose `next_try` has come, by (next_try, key)."""

    def claim(self, key: str) -> bool:
        """Moves a pending or retry entry to `sending`; False when it was not there to be had."""

    def settle(self, key: str, settlement: Settlement) -> None:
        """Records what became of an entry."""

    def turn(self, settlements: Mapping[str, Settlement], keys: Iterable[str]) -> frozenset[str]:
        """Settles some entries and claims others, in one transaction; those that were to be had."""

    def entries(self, states: Iterable[State]) -> tuple[OutboxEntry, ...]:
        """All entries in one of `states`, by (not_before, key)."""


def due(entries: Iterable[OutboxEntry], now: datetime) -> tuple[OutboxEntry, ...]:
    """Those that may be sent at `now`, in the order in which they are; what OutboxStore.due has to answer."""
    ready = (entry for entry in entries if entry.state in (State.PENDING, State.RETRY) and entry.next_try <= now)
    return tuple(sorted(ready, key=lambda entry: (entry.next_try, entry.key)))


def pause_after(failures: int, jitter: float) -> timedelta:
    """How long to wait after so many failures, at least one; `jitter` is a number from 0 to 1."""
    return BACK_OFF[min(failures, len(BACK_OFF)) - 1] * (1 + JITTER * jitter)


def after_success(entry: OutboxEntry, receipt: Receipt, address: str, now: datetime) -> Settlement:
    """What becomes of an entry that the channel took."""
    return Settlement(State.SENT, entry.attempts, sent_at=now, identity=receipt.identity, address=address)


def after_failure(
    entry: OutboxEntry,
    error: CrmSheetsError,
    now: datetime,
    jitter: float,
    on_unknown: OnUnknown,
    settles: timedelta | None = None,
) -> Settlement:
    """What becomes of an entry whose sending failed.

    A channel that is down says nothing about the message, so such a failure does not count: a reminder survives a
    weekend without the mail server, arrives late and says so.

    Args:
        entry: that was to be sent.
        error: why it was not.
        now: aware.
        jitter: a number from 0 to 1.
        on_unknown: what is done when nobody can tell, where there is no archive.
        settles: how long a copy may take to its archive; None where there is none.
    """
    failed = entry.attempts + 1
    match error:
        case ServiceUnavailable():
            return Settlement(State.RETRY, entry.attempts, str(error), next_try=now + pause_after(1, jitter))
        case OutcomeUnknown() if settles is not None:
            return Settlement(State.UNCONFIRMED, entry.attempts, str(error), next_try=now + settles)
        case OutcomeUnknown() if on_unknown is OnUnknown.HOLD:
            return Settlement(State.UNCERTAIN, failed, str(error))
        case Undeliverable():
            return Settlement(State.DEAD, failed, str(error))
        case _ if failed > len(BACK_OFF):
            return Settlement(State.DEAD, failed, str(error))
        case _:
            return Settlement(State.RETRY, failed, str(error), next_try=now + pause_after(failed, jitter))


def without_address(entry: OutboxEntry) -> Settlement:
    """What becomes of an entry for somebody whose address nobody knows."""
    return Settlement(State.DEAD, entry.attempts, NO_ADDRESS)


def suspended(entry: OutboxEntry) -> Settlement:
    """What becomes of an entry for an address from which mails came back: it is kept until that is mended."""
    return Settlement(State.DEAD, entry.attempts, SUSPENDED)


def withdrawn(entry: OutboxEntry, why: str) -> Settlement:
    """What becomes of an entry that must not go any more; it may come back."""
    return Settlement(State.WITHDRAWN, entry.attempts, why)


def untouched(entry: OutboxEntry) -> Settlement:
    """What becomes of a claimed entry whose turn never came: it waits as it did before."""
    return Settlement(entry.state, entry.attempts, entry.error)


def dropped(entry: OutboxEntry) -> Settlement:
    """What an administrator's order not to send an entry makes of it; it stays on record."""
    return Settlement(State.DEAD, entry.attempts, DROPPED)


def after_look(entry: OutboxEntry, identity: str, address: str | None, now: datetime) -> Settlement:
    """What becomes of an unconfirmed entry that was looked for in the archive: `address` is where its copy says that it
    went, None when there is no copy."""
    if address is not None:
        return Settlement(State.SENT, entry.attempts, sent_at=now, identity=identity, address=address)
    return Settlement(State.RETRY, entry.attempts, entry.error, next_try=now)


def after_crash(
    entry: OutboxEntry, now: datetime, on_unknown: OnUnknown, settles: timedelta | None = None
) -> Settlement:
    """What becomes of an entry that was found in `sending` at the start; `settles` as for after_failure."""
    if settles is not None:
        return Settlement(State.UNCONFIRMED, entry.attempts, INTERRUPTED, next_try=now + settles)
    if on_unknown is OnUnknown.HOLD:
        return Settlement(State.UNCERTAIN, entry.attempts, INTERRUPTED)
    return Settlement(State.RETRY, entry.attempts, INTERRUPTED, next_try=now)


def revived(now: datetime, attempts: int = 0) -> Settlement:
    """What an order to send an entry once more makes of it."""
    return Settlement(State.RETRY, attempts, next_try=now)
