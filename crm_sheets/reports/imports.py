"""Commands that bring rows in: import, imports, intake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_sheets.reports.cycles import FoundIssue


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
class LeftColumn:
    """A column of a source that holds something and goes nowhere; its letters, its header, in how many rows."""

    source: str
    column: str
    header: str
    rows: int


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
        left_over: columns that hold something and that the mapping does not name.
        other_sheets: sheets of the given workbooks that the mapping does not name.
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
    left_over: tuple[LeftColumn, ...] = ()
    other_sheets: tuple[str, ...] = ()


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
