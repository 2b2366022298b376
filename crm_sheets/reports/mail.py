"""Commands about mails: outbox, remind."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message in the outbox."""

    key: str
    kind: str
    person: str
    address: str
    state: str
    not_before: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class OutboxReport:
    """`outbox`."""

    items: tuple[OutboxItem, ...]


@dataclass(frozen=True, slots=True)
class RemindReport:
    """`remind`: what was sent just now, put off, or given up."""

    sent: tuple[OutboxItem, ...]
    retried: tuple[OutboxItem, ...]
    dead: tuple[OutboxItem, ...]
