"""Commands about single rows: history, undo, explain, duplicates, handover."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from crm_sheets.reports.cycles import Change, CycleReport, FoundDuplicate, FoundIssue


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the journal; `column` is None for what happened to the row as a whole."""

    at: datetime
    run: int
    kind: str
    tab: str
    row: str
    column: str | None
    old: str
    new: str
    author: str


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """`history ROW`, newest first."""

    entries: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class UndoReport:
    """`undo RUN`.

    Attributes:
        undone: cells and rows that were put back.
        kept: those that somebody changed since, which stay as they are.
    """

    undone: tuple[Change, ...]
    kept: tuple[Change, ...]
    cycle: CycleReport | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class RestoredCell:
    """A cell that becomes what it was, or a row that goes or comes back (`column` is None).

    Attributes:
        kind: `edit` of a cell, `delete` or `resurrect` of a row.
        old: what it is; new: what it was and becomes.
        by, at: the latest change of it, which is put aside.
    """

    kind: str
    tab: str
    row: str
    column: str | None
    old: str
    new: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """`restore`.

    Attributes:
        kept: changes of a run that stay, since somebody changed the same cell or row again.
        cycle: None when nothing was done.
    """

    restored: tuple[RestoredCell, ...]
    kept: tuple[Change, ...] = ()
    cycle: CycleReport | None = None
    dry_run: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A column in which two merged customers differed; `rule` is `not_empty`, `newest`, `longest` or `join`."""

    column: str
    keep: str
    other: str
    result: str
    rule: str


@dataclass(frozen=True, slots=True)
class MovedReference:
    """A cell that named the one customer and names the other now."""

    tab: str
    row: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MergeReport:
    """`duplicates merge` and `duplicates unmerge`.

    Attributes:
        taken_back: whether the merge was taken back.
        kept: cells and references that were changed since and therefore stay.
        asked: nothing was merged yet, since somebody must approve that `other` goes.
    """

    keep: str
    other: str
    taken_back: bool
    cells: tuple[MergedCell, ...]
    references: tuple[MovedReference, ...]
    kept: int
    cycle: CycleReport
    asked: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A row that changed hands; `title` is what people would call it."""

    tab: str
    row: str
    title: str


@dataclass(frozen=True, slots=True)
class HandoverReport:
    """`handover FROM TO`.

    Attributes:
        kept: closed rows by tab, which stay with the person who gave.
        cycle: None when there was nothing to hand over.
    """

    giver: str
    taker: str
    rows: tuple[HandedOver, ...]
    kept: Mapping[str, int]
    dry_run: bool
    cycle: CycleReport | None


@dataclass(frozen=True, slots=True)
class ExplainedCell:
    """A cell and why it is as it is.

    Attributes:
        source: who says what stands here: `staff`, `system`, or `computed` by a rule.
        level: what the role `shared` may do with it.
        changed: the last change, or None.
        why: findings, each with its code, rule and remedy.
    """

    column: str
    label: str
    value: str
    source: str
    level: str
    reason: str
    changed: HistoryEntry | None
    why: tuple[FoundIssue, ...]


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """`explain ROW [COLUMN]`."""

    tab: str
    row: str
    title: str
    cells: tuple[ExplainedCell, ...]
    issues: tuple[FoundIssue, ...]
    duplicates: tuple[FoundDuplicate, ...]


@dataclass(frozen=True, slots=True)
class ExplainedPair:
    """Why two customers have their score.

    Attributes:
        met: how many customers share each key that both have, by what is shared.
        compared: whether one of these keys is shared by so few that the two are compared at all.
        reasons: what was looked at, what was found, and its weight (natural logarithm of odds, they add up).
    """

    one: str
    other: str
    score: float
    certain: bool
    compared: bool
    met: Mapping[str, int]
    reasons: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True)
class DuplicatesReport:
    """`duplicates`: pairs, the surest first; `dismissed` counts those of which somebody said "not a duplicate"."""

    pairs: tuple[FoundDuplicate, ...]
    dismissed: int = 0
