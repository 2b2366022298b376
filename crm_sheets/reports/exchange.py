"""What goes out: files, rows, figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileReport:
    """A command that made one file: `template`, `backup`."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class FilesReport:
    """A command that made several files: `report`. `notes` say what they lack, and how to have it."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureReport:
    """A figure of a summary tab. `value` is None where there is nothing to count; a rate has the number of its cases,
    and the ends of its 95 % interval where they are few."""

    key: str
    label: str
    value: Decimal | int | None
    unit: str
    definition: str
    period: str
    as_of: date
    cases: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None


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
        strange: tags in the condition that no row has, each with the nearest one that some row has, or "".
    """

    tab: str
    condition: str | None
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, object], ...]
    count: int
    total: int
    file: Path | None = None
    strange: Mapping[str, str] = field(default_factory=dict)
