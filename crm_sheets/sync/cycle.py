"""One cycle: read, plan, remember, write, confirm. The order of these steps is what makes a crash harmless.

1. read the file (its fingerprint is kept) and plan;
2. one transaction: what was merged, the journal, the outbox, and the generation that the write will carry;
3. write the file, if it still is what was read; otherwise plan anew;
4. one transaction: the file holds that generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm_sheets.errors import WorkbookBusy, WorkbookChanged
from crm_sheets.plan import WATERMARK, Plan, build_plan
from crm_sheets.reading import CutMemory
from crm_sheets.state import Reading, Standing
from crm_sheets.sync.asking import Asking, author_of
from crm_sheets.sync.backends.base import Backend, ReplicaWrite, Skimmer, Written
from crm_sheets.sync.entered import Entered
from crm_sheets.sync.extending import Extending
from crm_sheets.sync.logbook import LOG_NOTE
from crm_sheets.sync.notes import (
    DUE,
    FIELDS_NOTE,
    LISTS_NOTE,
    MOVED_NOTE,
    RIGHTS_NOTE,
    RULES_NOTE,
    STANDING_NOTES,
    SUMMARIES_NOTE,
    Notes,
)
from crm_sheets.sync.outlining import Kept, outlines_of
from crm_sheets.sync.own_sheets import OwnSheets, Wanted
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Setup, Wish
from crm_sheets.sync.store.commit import commit, confirm, lies_as
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.structure import Fields, fresh_fields, noted, remembered
from crm_sheets.sync.view import View, skimmed
from crm_sheets.tables import SHARED, Snapshot, Stamp, TabKey

MOST_PASSES = 6
"""Passes of one cycle: new rows take two, each save by somebody in between takes one more."""

CLOCK_SLACK = timedelta(minutes=2)
"""By so much a clock that is set by the network may go back without that meaning anything."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a pass finds.

    Attributes:
        fields: the team's own fields that were taken in so far.
        everything: every row is looked at, since program, config or fields are not what they were.
        all_rows: every row of the view is compared, since its rights are not what they were.
        versions: how often the base of each tab had changed.
    """

    view: View
    fields: Fields
    everything: bool
    all_rows: bool
    versions: Mapping[TabKey, int]


def whole_seconds(now: datetime) -> datetime:
    """A cell holds whole seconds: so do our stamps."""
    return now.replace(microsecond=0)


def _went_back(wish: Wish) -> bool:
    """Whether the clock was put back since the last cycle: what the rules said of a time to come holds no longer."""
    return wish.since is not None and wish.since - wish.now > CLOCK_SLACK


class Cycle:
    """Runs cycles over one replica: the shared workbook, or the view of one person."""

    def __init__(self, state: SqlState, backend: Backend, setup: Setup) -> None:
        self.state, self.backend = state, backend
        self.cuts = CutMemory()
        self.replica = setup.replica.key
        self.notes = Notes(state, self.replica)
        self.setup = setup

    def run(self, wish: Wish) -> CycleResult:
        """One cycle: passes until nothing is left to do.

        Raises:
            WorkbookUnreadable: the file cannot be read; nothing was changed anywhere.
            WriteRefused: the file cannot be written without losing something; the records are up to date.
        """
        since = self.state.note(WATERMARK)
        told = wish.since if wish.since is not None or since is None else datetime.fromisoformat(since)
        alone = wish.since is None
        wish = replace(wish, now=whole_seconds(wish.now), since=told)
        result = CycleResult()
        nothing_new = self._nothing_new(wish)  # asked of every cycle: a look that a quiet one left may be old by now
        if nothing_new and not wish.asks:
            return result
        for _ in range(MOST_PASSES):
            this = wish.without_asking() if result.plans else wish
            try:
                done = self._pass(this, result)
            except WorkbookChanged:  # saved while its sheets were read one after the other: nothing was remembered yet
                continue
            finally:
                if result.plans:
                    result.plans[-1].let_go()
            if done or wish.dry_run:
                break
        if alone and result.plans and not wish.dry_run:
            self.state.set_note(WATERMARK, wish.now.isoformat())
        return result

    @property
    def setup(self) -> Setup:
        """What stays the same from run to run, unless somebody who knows the other workbooks gives it anew."""
        return self._setup

    @setup.setter
    def setup(self, setup: Setup) -> None:
        self._setup = setup
        self._sheets = OwnSheets(self.state, setup)
        self._asking = Asking(self.state, setup)
        self._extending = Extending(self.state, self.backend, setup)

    @property
    def workbook_id(self) -> str:
        """The random id of the book, issued with the state store."""
        return self._asking.workbook_id

    # -- looking -------------------------------------------------------------------------------------------------------

    def _nothing_new(self, wish: Wish) -> bool:
        """The file is the one of the last cycle, nothing waits to be written, and no row wakes up."""
        standing = self.state.standings([self.replica], STANDING_NOTES)[self.replica]
        known = standing.reading
        if known is None:
            return False
        found = self.backend.fingerprint()
        if found.digest != known.fingerprint.digest or not self.rests(wish.now, standing):
            return False
        if found != known.fingerprint and not wish.dry_run:
            lies_as(self.state, self.replica, known, found)
        return not (self.replica == SHARED and self._book_moves(wish))

    def rests(self, now: datetime, standing: Standing) -> bool:
        """Whether nothing is to do in a file that is as it was when it was last read; of the shared workbook, as long
        as no record changes by itself."""
        known, notes = standing.reading, standing.notes
        return (
            known is not None
            and set(known.sheets.values()) <= known.parts.keys()
            and self.setup.replica.tabs.keys() <= known.sheets.keys()
            and remembered(notes.get(FIELDS_NOTE)) == self._extending.own
            and notes.get(SUMMARIES_NOTE) == self._sheets.today(now).isoformat()
            and notes.get(LISTS_NOTE) != DUE
            and not notes.get(MOVED_NOTE)
            and notes.get(RIGHTS_NOTE) == self.setup.replica.rights
            and not self._sheets.logbook.is_old(notes.get(LOG_NOTE))
            and not standing.pending
            and not standing.unsure
        )

    @property
    def follows(self) -> bool:
        """Whether what others did is to be shown in this workbook: planned writes wait, or its summaries are due."""
        return self.state.has_pending(self.replica) or bool(self.notes.get(MOVED_NOTE))

    def _book_moves(self, wish: Wish) -> bool:
        """Whether records change although nobody edited them: time, or what the rules say."""
        waking = (tab for tab, _ in self.state.wakes(wish.now))
        moved = self.state.note(RULES_NOTE) != self.setup.rules_version or _went_back(wish)
        return moved or any(tab in self.setup.tabs for tab in waking)

    def _unsure_of_the_last_write(self) -> bool:
        """A generation was reserved and not confirmed: the process ended in between. What was known of the file says
        nothing now, for somebody may have put the old one back."""
        return self.state.latest_generation(self.replica) != self.state.confirmed_generation(self.replica)

    def _pass(self, wish: Wish, result: CycleResult) -> bool:
        """Plans and carries the plan out; True when nothing is left to do."""
        look = self._look(wish)
        view = look.view
        if wish.dry_run:
            view.expect(self._extending.wanted(view).tabs)
        elif self.replica == SHARED and self._extending.extend(view, look.fields):
            return False
        busy = result.waiting is not None  # in the pass before: what that left to the next must be judged now
        plan, wanted = self._plan(wish, look, goes_on=not wish.dry_run and not busy)
        result.add(plan, view, wanted.summaries)
        if wish.dry_run:
            return True
        outlines = self._commit(plan, wanted, wish, look)
        # Answers of a form that wait may be about what the records say only now.
        again = plan.again or bool(view.form.waiting and plan.changed)
        if plan.writes:
            return self._write(plan, view, wanted, result, outlines) and (not again or result.waiting is not None)
        self._remember_reading(plan, view, outlines)
        if wanted.log is None:
            self._sheets.logbook.is_written(None)
        return not again

    def _look(self, wish: Wish) -> _Look:
        """Reads what may have changed of the file, or all of it when nobody can say."""
        known = self.state.reading(self.replica)
        fields = remembered(self.notes.get(FIELDS_NOTE))
        shared = self.replica == SHARED
        rules_moved = shared and (self.state.note(RULES_NOTE) != self.setup.rules_version or _went_back(wish))
        everything = rules_moved or (shared and fields != self._extending.own)
        all_rows = not shared and self.notes.get(RIGHTS_NOTE) != self.setup.replica.rights
        whole = (
            known is None
            or everything
            or all_rows
            or not self.setup.replica.tabs.keys() <= known.sheets.keys()
            or self._unsure_of_the_last_write()
            or wish.accept_deletions
            or wish.accept_changes
        )
        outlined = self.state.outlined(self.replica)
        outlines = {} if whole else outlined.outlines
        snapshot = skimmed(self.backend, {} if whole or known is None else known.parts, outlines)
        outlines = outlines if self._is_newest(snapshot) else {}
        view = View(self.setup, self.backend, self.cuts, snapshot, {} if known is None else known.sheets, outlines)
        view.stranger = self._stranger(snapshot)
        return _Look(view, fields, everything, all_rows, outlined.versions)

    def _is_newest(self, snapshot: Snapshot) -> bool:
        """Whether the file is of the last generation: only then the base that it is merged with is the newest one."""
        return snapshot.stamp is not None and snapshot.stamp.generation == self.state.latest_generation(self.replica)

    def _stranger(self, snapshot: Snapshot) -> str | None:
        """Whether this is not our workbook, or one from a future that the state store does not know."""
        stamp = snapshot.stamp
        if stamp is None:
            return None
        if stamp.workbook != self.workbook_id or stamp.replica != self.replica:
            return "workbook-foreign"
        return "generation-unknown" if stamp.generation > self.state.latest_generation(self.replica) else None

    def _plan(self, wish: Wish, look: _Look, *, goes_on: bool) -> tuple[Plan, Wanted]:
        """What is to be done with the rows, and with the sheets that are written as a whole."""
        view, everything = look.view, look.everything
        form = view.form = self.setup.forms.look(view.snapshot)
        entered = self._entered(view, wish)
        wish = replace(wish, commands=(*wish.commands, *form.commands, *entered.commands))
        fresh = fresh_fields(self._extending.own, look.fields)
        request = self._asking.request(wish, view, fresh, self._sheets.today(wish.now), everything=everything)
        whole = look.all_rows or (self.replica != SHARED and request.must_stamp)
        plan = build_plan(self.state, replace(request, whole=whole, goes_on=goes_on and request.writable))
        wanted = self._sheets.wanted(plan, view, wish.now, everything=everything, entered=entered)
        told = form.edits(plan.commit.taken) if request.writable else ()
        if (wanted or told) and request.writable:
            plan = plan.writing(self.state.latest_generation(self.replica) + 1)
        return replace(plan, edits=(*plan.edits, *told)), wanted

    def _entered(self, view: View, wish: Wish) -> Entered:
        """What people typed into the summaries of a workbook of which every sheet is read."""
        if view.refused or not isinstance(self.backend, Skimmer):
            return Entered()
        author, writable = author_of(self.setup, view.snapshot), view.snapshot.holder is None
        entered = self._sheets.entered(view, author, wish.now, writable=writable)
        view.typed = entered.sheets
        return entered

    # -- carrying out --------------------------------------------------------------------------------------------------

    def _commit(self, plan: Plan, wanted: Wanted, wish: Wish, look: _Look) -> Kept:
        """One transaction with all that is remembered before anything is written; what is to be remembered of the
        sheets."""
        if look.everything:
            self.state.leave_out(self.setup.tabs.keys())
        if plan.writes:
            self._sheets.are_unsure(wanted)
        notes = {name.replace("{run}", str(plan.commit.run)): text for name, text in wish.notes.items()}
        notes |= {RULES_NOTE: self.setup.rules_version} if self.replica == SHARED else {}
        notes |= self._sheets.before(wanted, wish.now) | self._sheets.elsewhere(plan)
        taken_in = self._extending.taken_in(look.view, plan, look.fields)
        notes |= {
            self.notes.called(RIGHTS_NOTE): self.setup.replica.rights,
            self.notes.called(FIELDS_NOTE): noted(taken_in),
        }
        newest = self._is_newest(look.view.snapshot)
        moved = commit(self.state, replace(plan.commit, notes={**plan.commit.notes, **notes}))
        self.setup.checkpoint("committed")
        return outlines_of(plan, look.versions, moved, self.setup.head) if newest and not look.view.refused else {}

    def _write(self, plan: Plan, view: View, wanted: Wanted, result: CycleResult, outlines: Kept) -> bool:
        stamp = Stamp(self.workbook_id, self.replica, plan.commit.reserved or 0)
        own = wanted.summaries, wanted.lists, wanted.log
        try:
            written = self.backend.write(ReplicaWrite(view.snapshot.fingerprint, stamp, plan.edits, *own))
        except WorkbookChanged:
            return False
        except WorkbookBusy as busy:
            result.waiting = busy.holder or ""
            return not plan.deferred
        self.setup.checkpoint("written")
        result.wrote(written)
        self._confirm(plan, view, wanted, written, outlines)
        self.setup.checkpoint("confirmed")
        return True

    def _confirm(self, plan: Plan, view: View, wanted: Wanted, written: Written, outlines: Kept) -> None:
        """The file holds what was planned."""
        moved = {sheet for sheet, rows in written.removed.items() if rows}  # what is told of row 7 is read anew
        parts = {name: part for name, part in written.parts.items() if name not in moved}
        reading = Reading(written.fingerprint, view.settled_parts(plan, parts), view.sheets())
        confirm(self.state, plan.commit, plan.commit.now, reading, outlines)
        self._sheets.are_written(wanted, plan.commit.now)

    def _remember_reading(self, plan: Plan, view: View, outlines: Kept) -> None:
        """Nothing was to be written: what was read need not be read again, unless something waits."""
        if view.snapshot.holder is None and not view.refused:
            parts = view.settled_parts(plan, view.snapshot.part_digests)
            reading = Reading(view.snapshot.fingerprint, parts, view.sheets())
            confirm(self.state, plan.commit, plan.commit.now, reading, outlines)
