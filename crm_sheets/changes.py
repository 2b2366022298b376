"""What the core says: a finding, a change to make, a reminder to send. All of them are values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from crm_sheets.tables import ColumnKey, RowKey, TabKey

Value: TypeAlias = object
"""A canonical value of a record's column: str, int, Decimal, bool, date, datetime (aware, UTC), tuple of str, or None.

What type a column has is said by its Kind and enforced by its Record; code that handles columns in general only
passes values on and compares them with cells.same_value.
"""


class Severity(StrEnum):
    """How much a finding matters: an error keeps the row from being right, a warning asks to look, info tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding about a tab, a row or a cell.

    Attributes:
        code: stable, kebab case, documented in docs/issues.md, message under `issue.<code>` in the catalogues.
        row: key of the record, None for a finding about a tab or the workbook.
        column: None for a finding about a row.
        parameters: what the message names. Values are texts ready to be shown; the value of `column` is added
            (as its label) by whoever renders the message.
    """

    code: str
    tab: TabKey | None = None
    row: RowKey | None = None
    column: ColumnKey | None = None
    severity: Severity = Severity.ERROR
    parameters: Mapping[str, str] = field(default_factory=dict)


class Route(StrEnum):
    """How somebody is told: by a mail of its own, in the daily digest, or not at all."""

    MAIL = "mail"
    DIGEST = "digest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message that a person should get once.

    Attributes:
        kind: `before_due`, `due`, `overdue`: names the template and the rule.
        instant: when it is to go out, aware. It is part of the identity: moving the due date earns a new reminder.
        person: name as in 组织.
        parameters: what the template shows.
        send_at: when it goes so that it does not disturb (rules.peace); None: at its instant. Not part of the identity.
    """

    kind: str
    tab: TabKey
    row: RowKey
    person: str
    instant: datetime
    parameters: Mapping[str, str] = field(default_factory=dict)
    send_at: datetime | None = None
    route: Route = Route.MAIL

    @property
    def starts(self) -> datetime:
        """When it goes into the outbox: at its instant, or as much earlier as it is to be sent."""
        return min(self.instant, self.send_at or self.instant)

    @property
    def key(self) -> str:
        """What makes it unique in the outbox."""
        return f"{self.kind}|{self.tab}|{self.row}|{self.person}|{self.instant.isoformat()}"


@dataclass(frozen=True, slots=True)
class NewRow:
    """A record that a rule asks for, once.

    Attributes:
        origin: names rule and source row; a second request under the same origin makes nothing.
    """

    tab: TabKey
    values: Mapping[ColumnKey, Value]
    origin: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule says about one row.

    Attributes:
        issues: findings, each about this row.
        values: computed columns of this row, and staff columns that must follow another one now (the probability
            when the stage moves); a column has at most one rule that computes it.
        defaults: staff columns to fill where they are blank; what a person typed always stays.
        new_rows: records to make.
        reminders: messages to send when their instant comes; instants in the past of the last cycle are ignored.
        wake_at: the first instant after `context.now` at which the answer may become another; None when only a
            changed row can change it. This is what lets a cycle look only at what changed.
    """

    issues: tuple[Issue, ...] = ()
    values: Mapping[ColumnKey, Value] = field(default_factory=dict)
    new_rows: tuple[NewRow, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    wake_at: datetime | None = None
    defaults: Mapping[ColumnKey, Value] = field(default_factory=dict)


NOTHING = Outcome()
