"""What a cycle found and did."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """A finding as people read it.

    Attributes:
        code: as in docs/issues.md.
        tab, column: keys, not labels; column is None for a finding about a row, row too for one about a tab.
        row: the 编号 of the row.
        message: says what is wrong and what to do.
        cell: where it stands now, `客户!F12`; "" when the workbook was not looked at.
    """

    code: str
    severity: str
    tab: str | None
    row: str | None
    column: str | None
    message: str
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a person did that was taken over, or what a rule computed.

    Attributes:
        kind: `create`, `edit`, `computed`, `delete` or `resurrect`.
        old, new: shown values; "" for a blank.
    """

    kind: str
    tab: str
    row: str
    column: str | None
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Reverted:
    """An edit that was put back; `typed` is what the person had typed, kept in the history."""

    tab: str
    row: str
    column: str | None
    typed: str
    restored: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people changed one cell: `kept` stays, `put_away` is in the history."""

    tab: str
    row: str
    column: str
    kept: str
    put_away: str


@dataclass(frozen=True, slots=True)
class FoundDuplicate:
    """Two rows that may be one customer; `keys` say what they agree in."""

    tab: str
    one: str
    other: str
    score: float
    keys: tuple[str, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A message that was put into the outbox (or would be, in a dry run)."""

    kind: str
    tab: str
    row: str
    person: str
    instant: datetime


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that was written, or would be."""

    cell: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ViewOutcome:
    """What a round did in the workbook of one person.

    Attributes:
        replica: its key in the store.
        waiting: None, or why writing was put off.
        halted: None, or why nothing of the workbook was applied.
        error: None, or why it could not be read or written.
        handled: what was done with the file beside: made, restored, replaced, extended, renewed, carried.
    """

    person: str
    path: Path | str
    written: bool
    waiting: str | None = None
    halted: str | None = None
    error: str | None = None
    handled: tuple[str, ...] = ()
    replica: str = ""


@dataclass(frozen=True, slots=True)
class ConflictCopy:
    """A conflict copy that a cloud drive left beside the workbook.

    Attributes:
        became: `merged`, `put-away`, `held`, `waits`, `busy`, `foreign`, `other-replica`, `generation-unknown` or
            `unreadable`.
        moved: where it lies now; None when it stayed.
        edited, created, conflicts, held: cells edited, rows made, cells in conflict, rows that a person must check.
        again: this was told before.
    """

    name: str
    became: str
    moved: Path | None = None
    edited: int = 0
    created: int = 0
    conflicts: int = 0
    held: int = 0
    reason: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One cycle: `crm-sheets sync`.

    Attributes:
        issues: every finding that stands now, not only new ones.
        summaries: keys of the summary tabs that were rewritten.
        cells: the cell diff of the workbook: what was written, in a dry run what would be.
        halted: None, or why nothing of the workbook was applied.
        waiting: None, or why writing was put off (somebody has the file open).
        written: files that were written; empty when nothing changed.
        views: the workbooks of people in which anything was done.
        copies: conflict copies that lay beside the workbook.
    """

    issues: tuple[FoundIssue, ...] = ()
    changes: tuple[Change, ...] = ()
    reverted: tuple[Reverted, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    duplicates: tuple[FoundDuplicate, ...] = ()
    reminders: tuple[PlannedReminder, ...] = ()
    summaries: tuple[str, ...] = ()
    cells: tuple[CellChange, ...] = ()
    halted: str | None = None
    waiting: str | None = None
    written: tuple[Path | str, ...] = ()
    views: tuple[ViewOutcome, ...] = ()
    copies: tuple[ConflictCopy, ...] = ()
    dry_run: bool = False
    seconds: float = 0.0
