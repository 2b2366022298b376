"""Commands about the workbook as a whole: init, check, status, doctor, demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crm_sheets.reports.cycles import CycleReport, FoundIssue


@dataclass(frozen=True, slots=True)
class InitReport:
    """`init`: what was made or, with --adopt, what was added to the workbook of the team.

    Attributes:
        tabs: label of each of our tabs -> rows found in it.
        added: what was added to an adopted workbook: tabs, columns, lists, in words.
        unknown: columns of the team that stay its own, as `tab!header`.
    """

    workbook: Path | str
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
        views: how many workbooks of people there are, wait, and are in trouble; empty without any.
        suspended: addresses to which nothing is sent, since mails came back.
    """

    workbook: Path | str
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
    views: Mapping[str, int] = field(default_factory=dict)
    suspended: tuple[str, ...] = ()


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
class LaunchReport:
    """`doctor --launch`; `checklist` is the workbook to sign, None when none was asked for."""

    examinations: tuple[Examination, ...]
    checklist: Path | None = None


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
