"""One round: a cycle of the shared workbook, then one of every view that it concerns, until nothing is left to do.

Each cycle takes in the edits of one workbook and marks the rows that others show; these follow in their own cycles. A
view that cannot be read or written stops no other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from crm_sheets.errors import BytesRemain, CrmSheetsError, ServiceError, WorkbookError
from crm_sheets.plan import WATERMARK, Plan
from crm_sheets.sync.copies import run_with_copies
from crm_sheets.sync.cycle import Cycle, whole_seconds
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey

MOST_TURNS = 5
"""How often the views are gone through in one round: an edit in one of them concerns others, which are done then."""

LOOKED_AT_LEAST = timedelta(minutes=10)
"""So often it is noted that all was looked at although nothing was to do: a plan that somebody enters for an hour that
has passed by then is no reminder that came late."""


class Handled(StrEnum):
    """What was done with the file of a view before its cycle."""

    MADE = "made"  # a person got one
    RESTORED = "restored"  # it was gone
    REPLACED = "replaced"  # another workbook lay in its place; that is kept among the conflicts
    EXTENDED = "extended"  # with columns or tabs that may now be seen
    RENEWED = "renewed"  # made anew, without what may no longer be seen
    CARRIED = "carried"  # the columns of its person's own were taken over into a new file


@dataclass(frozen=True, slots=True)
class OpenView:
    """The workbook of a person, ready for a cycle.

    Attributes:
        name: how messages call it: the path of the file.
        person: whose it is, by 工号.
        handled: what was done with the file, None for nothing.
        trouble: why the file could not be made ready; then there is no cycle.
    """

    key: ReplicaKey
    name: str
    person: str
    cycle: Cycle
    handled: Handled | None = None
    trouble: CrmSheetsError | None = None


@dataclass(slots=True)
class ViewResult:
    """What came of the cycles of one view in a round.

    Attributes:
        handled: what was done with the file beside, in order.
        error: why it could not be read or written; None when it could.
    """

    view: OpenView
    cycles: list[CycleResult] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    error: CrmSheetsError | None = None

    def took(self, view: OpenView) -> None:
        """What became of the file before a cycle."""
        self.handled += [view.handled] if view.handled is not None else []
        self.error = view.trouble

    @property
    def plans(self) -> list[Plan]:
        """All that was planned."""
        return [plan for cycle in self.cycles for plan in cycle.plans]

    @property
    def waits(self) -> bool:
        """Whether another cycle would do nothing: somebody holds the file, a brake is pulled, or it failed."""
        last = self.cycles[-1] if self.cycles else None
        return self.error is not None or (last is not None and (last.waiting is not None or bool(last.halted)))


@dataclass(slots=True)
class RoundResult:
    """What came of a round.

    Attributes:
        shared: of the shared workbook, all its cycles in one.
        views: of the views in which anything was done, by replica.
    """

    shared: CycleResult
    views: dict[ReplicaKey, ViewResult] = field(default_factory=dict)

    @property
    def cycles(self) -> tuple[CycleResult, ...]:
        """Of all workbooks."""
        return (self.shared, *(cycle for view in self.views.values() for cycle in view.cycles))


class Views(Protocol):
    """The workbooks of all people."""

    def look(self, now: datetime) -> None:
        """Finds out who has a view: the cycle of the shared workbook marks what concerns them."""

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """The views in which anything may be to do, ready for a cycle. What was done so far is told, since who has one
        may hang on it. A dry run makes and moves no file."""

    def renew(self, view: ReplicaKey) -> None:
        """The file of a view must be made anew: what may no longer be seen cannot be taken out of it."""


class NoViews:
    """A team that has none."""

    def look(self, now: datetime) -> None:
        """See Views."""

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views."""
        return ()

    def renew(self, view: ReplicaKey) -> None:
        """See Views."""


@dataclass
class Round:
    """Runs rounds."""

    state: SqlState
    shared: Cycle
    views: Views

    def run(self, wish: Wish) -> RoundResult:
        """One round.

        Raises:
            WorkbookUnreadable, WriteRefused, ServiceError: of the shared workbook, after the views had their turn.
        """
        since = self.state.note(WATERMARK)
        now = whole_seconds(wish.now)
        wish = replace(wish, since=datetime.fromisoformat(since)) if since is not None else wish
        failed: CrmSheetsError | None = None
        self.views.look(now)
        try:
            result = RoundResult(run_with_copies(self.shared, wish))
        except (WorkbookError, ServiceError) as error:
            failed, result = error, RoundResult(CycleResult())
        later = wish.without_asking()
        for _ in range(MOST_TURNS):
            with self.state.decoding.keeping():  # a new view is compared with all records, and so is the next one
                moved = self._turn(result, later)
            if not moved or wish.dry_run:
                break
            if failed is None and self.shared.follows:
                result.shared.follow(self.shared.run(later))
        planned = result.shared.plans or any(each.plans for each in result.views.values())
        stale = wish.since is not None and now - wish.since >= LOOKED_AT_LEAST and failed is None
        if (planned or stale) and not wish.dry_run:
            self.state.set_note(WATERMARK, now.isoformat())
        if failed is not None:
            raise failed
        return result

    def _turn(self, result: RoundResult, wish: Wish) -> bool:
        """Goes through the views once; whether that may have given others something to do."""
        moved = False
        done = [*result.shared.plans, *(plan for each in result.views.values() for plan in each.plans)]
        for view in self.views.open(wish, done):
            known = result.views.get(view.key)
            if known is not None and known.waits:
                continue
            if view.handled is not None or view.trouble is not None:
                result.views.setdefault(view.key, ViewResult(view)).took(view)
                moved = moved or view.handled is not None
            if view.trouble is not None:
                continue
            try:
                cycle = run_with_copies(view.cycle, wish)
            except BytesRemain:
                self.views.renew(view.key)
                moved = True
                continue
            except (WorkbookError, ServiceError) as error:
                result.views.setdefault(view.key, ViewResult(view)).error = error
                continue
            if cycle.plans and cycle.plans[-1].leaving and cycle.waiting is None and not wish.dry_run:
                self.views.renew(view.key)
                moved = True
            if cycle.plans or not all(copy.again for copy in cycle.copies):
                result.views.setdefault(view.key, ViewResult(view)).cycles.append(cycle)
            moved = moved or cycle.leads_on
        return moved
