"""What came of a cycle."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from crm_sheets.cells import Address
from crm_sheets.changes import Issue, Severity
from crm_sheets.plan import Plan
from crm_sheets.rules.summaries.base import Summary
from crm_sheets.state import RowId
from crm_sheets.sync.backends.base import Written
from crm_sheets.sync.backends.copies import CopyTold
from crm_sheets.sync.view import View


@dataclass
class CycleResult:
    """What came of it.

    Attributes:
        plans: one per pass, in order; empty when there was nothing to do.
        summaries: those that were computed anew because a figure changed.
        written: how often the file was replaced.
        waiting: who holds the file, when writing had to wait.
        halted: the brakes that are pulled.
        copies: what became of conflict copies that lie beside the file.
        removed: rows that were taken out of each sheet when a plan was carried out, with the place of that plan.
    """

    plans: list[Plan] = field(default_factory=list)
    view: View | None = None
    summaries: dict[str, Summary] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    waiting: str | None = None
    halted: tuple[Issue, ...] = ()
    copies: tuple[CopyTold, ...] = ()
    removed: list[tuple[int, Mapping[str, tuple[int, ...]]]] = field(default_factory=list)

    @property
    def leads_on(self) -> bool:
        """Whether this or another workbook may have more to do because of it: a record changed, copies were met, or
        rows were taken out of a sheet, which is read anew then."""
        changed = any(plan.changed or plan.commit.marks for plan in self.plans)
        return changed or bool(self.copies) or any(any(removed.values()) for _, removed in self.removed)

    def place(self, row: RowId) -> Address | None:
        """Where a row stands, by the last pass that read its tab, and what was taken out above it since."""
        for number in reversed(range(len(self.plans))):
            place = self.plans[number].places.get(row)
            if place is not None:
                since = (rows for at, removed in self.removed if at >= number for rows in [removed.get(place.tab, ())])
                return replace(place, row=reduce(lambda at, rows: at - bisect_left(rows, at), since, place.row))
        return None

    @property
    def date1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        return self.view is not None and self.view.snapshot.date1904

    def add(self, plan: Plan, view: View, summaries: tuple[Summary, ...]) -> None:
        """Another pass was planned."""
        self.plans.append(plan)
        self.view, self.waiting = view, view.snapshot.holder
        self.halted = tuple(issue for issue in plan.halted if issue.severity is not Severity.INFO)
        self.summaries.update({summary.key: summary for summary in summaries})

    def wrote(self, written: Written) -> None:
        """The last plan was carried out."""
        self.written.append(written)
        self.removed.append((len(self.plans) - 1, written.removed))

    def follow(self, later: "CycleResult") -> None:
        """What another cycle of the same round did, after this one."""
        self.removed += [(at + len(self.plans), removed) for at, removed in later.removed]
        self.plans += later.plans
        self.written += later.written
        self.summaries |= later.summaries
        self.copies += later.copies
        if later.plans:
            self.view, self.waiting, self.halted = later.view, later.waiting, later.halted
