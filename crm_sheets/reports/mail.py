"""Commands about mails: outbox, remind, inbox."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


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


@dataclass(frozen=True, slots=True)
class ArrivedMail:
    """A mail that answered one of ours, or told that it did not arrive.

    Attributes:
        sender: who answered; of a bounce, the address at which the mail failed.
        person: to whom ours went.
        kind: of ours.
        row: what ours was about; "" where it was about no single row.
        outcome: what came of it: `taken`, `not-understood`, `suspended` …
        said: its first words.
    """

    sender: str
    person: str
    kind: str
    row: str
    outcome: str
    said: str


@dataclass(frozen=True, slots=True)
class InboxReport:
    """`inbox`: what arrived since the last time."""

    mails: tuple[ArrivedMail, ...]


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A reminder that will go.

    Attributes:
        at: when, in the team's zone.
        rule: that asks for it, in words.
        subject: customer and subject of what it is about.
        state: `planned`, `digest` or `none` of one that is not in the outbox yet; otherwise its state there.
    """

    key: str
    at: datetime
    person: str
    address: str
    kind: str
    rule: str
    tab: str
    row: str
    subject: str
    state: str


@dataclass(frozen=True, slots=True)
class UpcomingReport:
    """`remind --dry-run`."""

    reminders: tuple[Upcoming, ...]


@dataclass(frozen=True, slots=True)
class PreviewedMail:
    """A mail as it would be sent, with the files in which it was put."""

    reminder: Upcoming
    subject: str
    text: str
    html_file: Path
    text_file: Path


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """`remind --preview`."""

    mails: tuple[PreviewedMail, ...]
