"""What each command found and did, as plain data: `app` returns it, `cli` shows it as tables or as JSON.

Texts in a report are ready to be shown, in the language of the workbook; instants are aware. The names of the fields
are the names in the JSON that `--json` prints, so renaming one is a breaking change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told how far a long work is: what is being done (ready to be shown), how much is done, of how much (0: unknown)."""


def silent(step: str, done: int, total: int) -> None:
    """A Progress that tells nobody."""


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
class CycleReport:
    """One cycle: `crm-sheets sync`.

    Attributes:
        issues: every finding that stands now, not only new ones.
        summaries: keys of the summary tabs that were rewritten.
        cells: the cell diff of the workbook: what was written, in a dry run what would be.
        halted: None, or why nothing of the workbook was applied.
        waiting: None, or why writing was put off (somebody has the file open).
        written: files that were written; empty when nothing changed.
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
    written: tuple[Path, ...] = ()
    dry_run: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class InitReport:
    """`init`: what was made or, with --adopt, what was added to the workbook of the team.

    Attributes:
        tabs: label of each of our tabs -> rows found in it.
        added: what was added to an adopted workbook: tabs, columns, lists, in words.
        unknown: columns of the team that stay its own, as `tab!header`.
    """

    workbook: Path
    config: Path
    adopted: bool
    tabs: Mapping[str, int]
    added: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    issues: tuple[FoundIssue, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """`check`: every finding, nothing written anywhere."""

    issues: tuple[FoundIssue, ...]
    rows: Mapping[str, int]
    halted: str | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """`status`: what the daemon last told, and what stands in the way now.

    Attributes:
        running: whether a daemon holds the lock of the workbook.
        held: label of a held tab -> why.
        outbox: state of a message -> how many.
    """

    workbook: Path
    running: bool
    daemon: str
    last_success: datetime | None
    last_error: str
    cycle_seconds: float | None
    generation: int | None
    holder: str | None
    held: Mapping[str, str]
    rows: Mapping[str, int]
    issues: Mapping[str, int]
    outbox: Mapping[str, int]
    version: str


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing that `doctor` looked at; `remedy` is "" when all is well."""

    name: str
    passed: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """`doctor`."""

    examinations: tuple[Examination, ...]


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """One reason why a row of an import stays out.

    Attributes:
        column: key of our column; None for a reason about the row as a whole.
        header: what the source calls it.
        rule: code of the finding, as in docs/issues.md.
        message: what is wrong and what to do.
    """

    column: str | None
    header: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of an import that stays out; `line` is the line in the source as people count it, header 1.

    Attributes:
        reasons: the messages of its faults, each once.
        tab: that it was to go into.
    """

    source: str
    line: int
    reasons: tuple[str, ...]
    tab: str = ""
    faults: tuple[RefusedCell, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`import`.

    Attributes:
        read: rows read from each source.
        imported: tab -> rows made.
        skipped: tab -> rows left out because the tab or the file already has them, where that was asked for.
        flagged: how many findings imported rows have, which stand in their 检查 column.
        refused: rows that stay out, each in the error workbook too.
        error_workbook: None when nothing was refused.
        updated: tab -> rows of the book that were changed.
        unchanged: tab -> rows of the book that had everything already.
        taken_before: tab -> rows that an earlier import of the same source took in.
        merged: tab -> rows that were laid over an earlier row of the same import.
        findings: the findings that `flagged` counts.
        run: what to give to `undo`; None when nothing came in.
    """

    read: Mapping[str, int]
    imported: Mapping[str, int]
    skipped: Mapping[str, int]
    refused: tuple[RefusedRow, ...]
    flagged: int
    error_workbook: Path | None
    dry_run: bool = False
    updated: Mapping[str, int] = field(default_factory=dict)
    unchanged: Mapping[str, int] = field(default_factory=dict)
    taken_before: Mapping[str, int] = field(default_factory=dict)
    merged: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[FoundIssue, ...] = ()
    run: int | None = None


@dataclass(frozen=True, slots=True)
class SampleReport:
    """`import --sample`.

    Attributes:
        size: rows drawn; population: good rows that they were drawn from; refused: rows that would stay out.
        bound: the share of wrong rows that is not exceeded, at 95 % confidence, when all of the sample are right.
    """

    path: Path
    size: int
    population: int
    refused: int
    seed: int
    bound: float


@dataclass(frozen=True, slots=True)
class SampleRemark:
    """A row of a sample that was not agreed to."""

    source: str
    line: int
    remark: str


@dataclass(frozen=True, slots=True)
class SignOffReport:
    """`import --signed-off`; `complete` when every row was agreed to."""

    file: Path
    size: int
    population: int
    agreed: int
    disagreed: int
    unanswered: int
    complete: bool
    bound: float
    remarks: tuple[SampleRemark, ...] = ()


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import that came in; `run` is what `undo` takes."""

    run: int
    at: str
    author: str
    sources: tuple[str, ...]
    made: int
    updated: int
    refused: int


@dataclass(frozen=True, slots=True)
class PastSample:
    """A sample as it was signed off."""

    at: str
    author: str
    file: str
    size: int
    population: int
    seed: int
    agreed: int
    disagreed: int


@dataclass(frozen=True, slots=True)
class ImportsReport:
    """`imports`, the newest last."""

    imports: tuple[PastImport, ...]
    samples: tuple[PastSample, ...]


@dataclass(frozen=True, slots=True)
class IntakeFile:
    """What became of one file of the intake folder.

    Attributes:
        outcome: `taken`, `known` (an earlier look took it in), or `unreadable`.
        moved: where it was put; None when it could not be moved yet.
        reason: why nothing of it could be read, or why the workbook must wait; else "".
        errors: the error workbook beside it.
        report: of the import; None when there was none.
    """

    file: str
    outcome: str
    moved: Path | None
    reason: str = ""
    errors: Path | None = None
    report: ImportReport | None = None


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """`intake`; `waiting` names files that somebody may still be writing."""

    folder: Path
    files: tuple[IntakeFile, ...]
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReport:
    """A command that made one file: `template`, `backup`."""

    path: Path
    size: int


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
    """`undo RUN` and `restore --at TIME`.

    Attributes:
        undone: cells and rows that were put back.
        kept: those that somebody changed since, which stay as they are.
    """

    undone: tuple[Change, ...]
    kept: tuple[Change, ...]
    cycle: CycleReport | None = None
    dry_run: bool = False


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
    """

    keep: str
    other: str
    taken_back: bool
    cells: tuple[MergedCell, ...]
    references: tuple[MovedReference, ...]
    kept: int
    cycle: CycleReport


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
class FigureReport:
    """A figure of a summary tab. `value` is None where there is nothing to count."""

    key: str
    value: Decimal | int | None
    unit: str
    definition: str
    period: str
    as_of: date


@dataclass(frozen=True, slots=True)
class SummaryReport:
    """`summary`."""

    figures: tuple[FigureReport, ...]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """`export`.

    Attributes:
        condition: as it was understood; None when all rows were wanted.
        columns: keys, with their headers.
        rows: values in the order of `columns`; none when they went into `file`.
        count: rows of which the condition holds, of `total` in the tab.
    """

    tab: str
    condition: str | None
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, object], ...]
    count: int
    total: int
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class DemoReport:
    """`demo`.

    Attributes:
        planted: kind of fault -> how many the generator planted, and how many of those were found.
        acts: what happened, act by act: title and its cycle.
        mails: subjects of the mails that arrived in the sink.
        open_first: files worth opening, each with a word about it.
    """

    folder: Path
    planted: Mapping[str, tuple[int, int]]
    acts: tuple[tuple[str, CycleReport], ...]
    mails: tuple[str, ...]
    open_first: Mapping[str, str]
