"""The command about conflicts."""

from dataclasses import dataclass
from datetime import datetime

from crm_sheets.reports.cycles import CycleReport


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """A cell that two people changed.

    Attributes:
        tab, row, subject, column: where, as the sheet says it.
        kept: the value that stays, typed by `kept_by`; put_away: the other one, typed by `put_away_by`.
        state: in words; `decided_at` is None while it is open.
    """

    id: str
    state: str
    tab: str
    row: str
    subject: str
    column: str
    kept: str
    kept_by: str
    put_away: str
    put_away_by: str
    at: datetime | None
    decider: str
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConflictsReport:
    """`conflicts list`: the open ones first, then the newest."""

    conflicts: tuple[ConflictLine, ...]


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """`conflicts keep` and `conflicts use`."""

    conflict: ConflictLine
    cycle: CycleReport
    dry_run: bool = False
