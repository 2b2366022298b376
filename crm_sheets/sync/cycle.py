"""One cycle: read, plan, remember, write, confirm. The order of these steps is what makes a crash harmless.

1. read the file (its fingerprint is kept) and plan;
2. one transaction: what was merged, the journal, the outbox, and the generation that the write will carry;
3. write the file, if it still is what was read; otherwise plan anew;
4. one transaction: the file holds that generation.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, reduce

from crm_sheets.cells import Address
from crm_sheets.change_log import ChangeLog, LogWords
from crm_sheets.changes import Issue, Value
from crm_sheets.errors import WorkbookBusy, WorkbookChanged, WriteRefused
from crm_sheets.figures import compute, concerned, content_digest
from crm_sheets.identity import means_new
from crm_sheets.plan import WATERMARK, Plan, build_plan
from crm_sheets.reading import CutMemory, digest_of
from crm_sheets.replica import Means, Replica
from crm_sheets.request import Request
from crm_sheets.rules.summaries.base import Summary, SummaryContext
from crm_sheets.schema.base import Kind
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.schema.identifiers import new_row_key, witness
from crm_sheets.schema.labels import words
from crm_sheets.seen import SeenBook
from crm_sheets.state import Reading, RowId, Standing, note_of
from crm_sheets.sync.backends.base import Backend, Extension, Grid, ReplicaWrite, Written
from crm_sheets.sync.backends.copies import CopyTold
from crm_sheets.sync.backends.xlsx.lists import lists_content
from crm_sheets.sync.logbook import LOG_NOTE, Logbook
from crm_sheets.sync.setup import Setup, Wish
from crm_sheets.sync.store.commit import commit, confirm
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.structure import Fields, fresh_fields, lacking, not_added, noted, own_fields, remembered, without
from crm_sheets.sync.view import View
from crm_sheets.tables import SHARED, ColumnKey, RowKey, Snapshot, Stamp, TabKey

CUSTOMERS, PEOPLE = TabKey("customers"), TabKey("people")
MOST_PASSES = 6
"""Passes of one cycle: new rows take two, each save by somebody in between takes one more."""

LONGEST_NAME = 60
"""Characters of what a file says of who saved it: anything may stand there, and the journal's column has a limit."""

RULES_NOTE = "rules"
"""Note: the program and config under whose rules the rows were last looked at."""

LISTS_NOTE = "lists"
"""Note: digest of the contents of the drop-downs as they were last written, or that they are due."""

FIELDS_NOTE = "fields"
"""Note: the team's own fields that stand in the workbook and were taken in."""

SUMMARIES_NOTE, DUE = "summaries", "due"
"""Note: the day as of which the summary tabs stand, or that they are due to be rewritten."""

RIGHTS_NOTE = "rights"
"""Note: by which rights a replica was last compared with the records as a whole."""


STANDING_NOTES = (FIELDS_NOTE, SUMMARIES_NOTE, LISTS_NOTE, RIGHTS_NOTE, LOG_NOTE)
"""Notes that say whether anything is to do in a replica."""


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

    def place(self, row: RowId) -> Address | None:
        """Where a row stands, by the last pass that read its tab, and what was taken out above it since."""
        for number in reversed(range(len(self.plans))):
            place = self.plans[number].places.get(row)
            if place is not None:
                since = (rows for at, removed in self.removed if at >= number for rows in [removed.get(place.tab, ())])
                return replace(place, row=reduce(lambda at, rows: at - bisect_left(rows, at), since, place.row))
        return None

    def add(self, plan: Plan, view: View, summaries: tuple[Summary, ...]) -> None:
        """Another pass was planned."""
        self.plans.append(plan)
        self.view, self.halted, self.waiting = view, plan.halted, view.snapshot.holder
        self.summaries.update({summary.key: summary for summary in summaries})

    def follow(self, later: "CycleResult") -> None:
        """What another cycle of the same round did, after this one."""
        self.removed += [(at + len(self.plans), removed) for at, removed in later.removed]
        self.plans += later.plans
        self.written += later.written
        self.summaries |= later.summaries
        self.copies += later.copies
        if later.plans:
            self.view, self.waiting, self.halted = later.view, later.waiting, later.halted


def whole_seconds(now: datetime) -> datetime:
    """A cell holds whole seconds: so do our stamps."""
    return now.replace(microsecond=0)


class Cycle:
    """Runs cycles over one replica: the shared workbook, or the view of one person."""

    def __init__(self, state: SqlState, backend: Backend, setup: Setup) -> None:
        self.state, self.backend, self.setup = state, backend, setup
        self.cuts = CutMemory()
        self._secret = state.secret("witness")
        self.replica = setup.replica.key
        self._own = own_fields(setup.replica.tabs)

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
        if not wish.asks and self._nothing_new(wish):
            return result
        for _ in range(MOST_PASSES):
            this = wish.without_asking() if result.plans else wish
            try:
                done = self._pass(this, result)
            except WorkbookChanged:  # saved while its sheets were read one after the other: nothing was remembered yet
                continue
            if done or wish.dry_run:
                break
        if alone and result.plans and not wish.dry_run:
            self.state.set_note(WATERMARK, wish.now.isoformat())
        return result

    @cached_property
    def workbook_id(self) -> str:
        """The random id of the book, issued with the state store."""
        return self.state.secret("workbook").hex()[:16]

    # -- looking -------------------------------------------------------------------------------------------------------

    def _nothing_new(self, wish: Wish) -> bool:
        """The file is the one of the last cycle, nothing waits to be written, and no row wakes up."""
        standing = self.state.standings([self.replica], STANDING_NOTES)[self.replica]
        return (
            standing.reading is not None
            and standing.reading.fingerprint.digest == self.backend.fingerprint().digest
            and self.rests(wish.now, standing)
            and not (self.replica == SHARED and self._book_moves(wish))
        )

    def rests(self, now: datetime, standing: Standing) -> bool:
        """Whether nothing is to do in a file that is as it was when it was last read; of the shared workbook, as long
        as no record changes by itself."""
        known, notes = standing.reading, standing.notes
        return (
            known is not None
            and set(known.sheets.values()) <= known.parts.keys()
            and self.setup.replica.tabs.keys() <= known.sheets.keys()
            and remembered(notes.get(FIELDS_NOTE)) == self._own
            and notes.get(SUMMARIES_NOTE) == self._today(now).isoformat()
            and notes.get(LISTS_NOTE) != DUE
            and notes.get(RIGHTS_NOTE) == self.setup.replica.rights
            and not self._logbook.is_old(notes.get(LOG_NOTE))
            and not standing.pending
            and not standing.unsure
        )

    def _book_moves(self, wish: Wish) -> bool:
        """Whether records change although nobody edited them: time, or what the rules say."""
        waking = (tab for tab, _ in self.state.wakes(wish.now))
        return self.state.note(RULES_NOTE) != self.setup.rules_version or any(tab in self.setup.tabs for tab in waking)

    def _name(self, note: str) -> str:
        """A note of this replica."""
        return note_of(note, self.replica)

    def _note(self, name: str) -> str | None:
        return self.state.note(self._name(name))

    def _set_note(self, name: str, text: str) -> None:
        self.state.set_note(self._name(name), text)

    def _unsure_of_the_last_write(self) -> bool:
        """A generation was reserved and not confirmed: the process ended in between. What was known of the file says
        nothing now, for somebody may have put the old one back."""
        return self.state.latest_generation(self.replica) != self.state.confirmed_generation(self.replica)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self.setup.zone).date()

    def _pass(self, wish: Wish, result: CycleResult) -> bool:
        """Plans and carries the plan out; True when nothing is left to do."""
        known = self.state.reading(self.replica)
        fields = remembered(self._note(FIELDS_NOTE))
        shared = self.replica == SHARED
        everything = shared and (self.state.note(RULES_NOTE) != self.setup.rules_version or fields != self._own)
        all_rows = not shared and self._note(RIGHTS_NOTE) != self.setup.replica.rights
        whole = (
            known is None
            or everything
            or all_rows
            or not self.setup.replica.tabs.keys() <= known.sheets.keys()
            or self._unsure_of_the_last_write()
            or wish.accept_deletions
            or wish.accept_changes
        )
        snapshot = self.backend.read({} if whole or known is None else known.parts)
        sheets = {} if known is None else known.sheets
        view = View(self.setup, self.backend, self.cuts, snapshot, sheets)
        view.stranger = self._stranger(snapshot)
        if shared and not wish.dry_run and self._extend(view, fields):
            return False
        fresh = fresh_fields(self._own, fields)
        form = view.form = self.setup.forms.look(snapshot)
        wish = replace(wish, commands=(*wish.commands, *form.commands))
        request = self._request(wish, view, fresh, everything=everything)
        plan = build_plan(self.state, replace(request, whole=all_rows or (not shared and request.must_stamp)))
        summaries, due = self._summaries(plan, view, wish)
        lists_due = plan.lists_changed or everything or not shared or self._note(LISTS_NOTE) == DUE
        lists = self._lists(plan) if lists_due else None
        if lists is not None and self._note(LISTS_NOTE) == digest_of(lists):
            lists = None
        log = self._log(plan, view)
        told = form.edits(plan.commit.taken) if snapshot.holder is None and not view.refused else ()
        if (summaries or lists or told or log) and snapshot.holder is None and not view.refused:
            plan = plan.writing(self.state.latest_generation(self.replica) + 1)
        plan = replace(plan, edits=(*plan.edits, *told))
        result.add(plan, view, summaries)
        if wish.dry_run:
            return True
        if everything:
            self.state.leave_out(self.setup.tabs.keys())
        notes = {name.replace("{run}", str(plan.commit.run)): text for name, text in wish.notes.items()}
        notes |= {self._name(LISTS_NOTE): DUE} if lists is not None else {}
        notes |= {RULES_NOTE: self.setup.rules_version} if shared else {}
        notes |= {
            self._name(RIGHTS_NOTE): self.setup.replica.rights,
            self._name(FIELDS_NOTE): noted(self._taken_in(view, plan, fields)),
            self._name(SUMMARIES_NOTE): DUE if due else self._today(wish.now).isoformat(),
        }
        if plan.writes:  # what the file holds is unknown until the write is confirmed
            self.state.keep_summaries({self._name(summary.key): "" for summary in summaries})
        commit(self.state, replace(plan.commit, notes={**plan.commit.notes, **notes}))
        self.setup.checkpoint("committed")
        if not plan.writes:
            self._remember_reading(plan, view)
            if log is None:
                self._logbook.is_written(None)
            return not plan.again
        return self._write(plan, view, summaries, lists, log, result)

    def _stranger(self, snapshot: Snapshot) -> str | None:
        """Whether this is not our workbook, or one from a future that the state store does not know."""
        stamp = snapshot.stamp
        if stamp is None:
            return None
        if stamp.workbook != self.workbook_id or stamp.replica != self.replica:
            return "workbook-foreign"
        return "generation-unknown" if stamp.generation > self.state.latest_generation(self.replica) else None

    def _extend(self, view: View, fields: Fields) -> bool:
        """Adds what the workbook lacks of the team's book; True when it did, and the workbook is to be read again.

        A workbook that nobody may write now, or that is not known to be ours yet, gets it later.
        """
        snapshot = view.snapshot
        if snapshot.stamp is None or snapshot.holder is not None or view.refused:
            return False
        wanted = lacking(self.setup.tabs, view.layouts, view.loose, lambda tab: self.state.count(tab) > 0)
        if not wanted:
            return False
        # What is in those columns from now on was typed by nobody: it must not be taken for the values' having gone.
        self._set_note(FIELDS_NOTE, noted(without(fields, wanted.columns)))
        default = self.setup.dictionaries or default_dictionaries(self.setup.language)
        try:
            self.backend.extend(Extension(snapshot, view.layouts, wanted.columns, wanted.tabs, default))
        except WorkbookBusy:
            return False
        except WriteRefused as error:
            view.refuse(not_added(wanted, str(error)))
            return False
        self.setup.checkpoint("extended")
        return True

    def _taken_in(self, view: View, plan: Plan, fields: Fields) -> Fields:
        """The team's fields that stand in the workbook and were taken in, or cannot be added to it."""
        halted = {issue.tab for issue in plan.halted}
        found: dict[TabKey, Mapping[ColumnKey, Kind]] = {}
        for tab, own in self._own.items():
            layout = view.layouts.get(tab)
            settled = {column: kind for column, kind in fields.get(tab, {}).items() if own.get(column) is kind}
            if layout is not None and tab not in halted and not view.refused:
                there = layout.columns.keys() | view.never.get(tab, frozenset())
                settled = {column: kind for column, kind in own.items() if column in there}
            found[tab] = settled
        return found

    def _request(
        self, wish: Wish, view: View, fresh: Mapping[TabKey, frozenset[ColumnKey]], *, everything: bool
    ) -> Request:
        """Everything that the plan is made from."""
        snapshot, setup = view.snapshot, self.setup
        generation = snapshot.stamp.generation if snapshot.stamp is not None else 0
        author = setup.replica.author
        if snapshot.saved_by and not setup.replica.known:
            author = f"{author} ({snapshot.saved_by[:LONGEST_NAME]})"
        stale = generation < self.state.confirmed_generation(self.replica)
        overtaken = generation < self.state.latest_generation(self.replica)
        codec = replace(setup.codec, date1904=snapshot.date1904)
        return Request(
            run=self.state.next_run(),
            today=self._today(wish.now),
            zone=setup.zone,
            replica=Replica(self.replica, generation, stale, overtaken, author, setup.limits),
            eyes=setup.replica.eyes,
            others=setup.replica.others,
            since=wish.since,
            own_reads=setup.own_reads,
            means=Means(
                now=wish.now,
                codec=codec,
                new_key=lambda tab: new_row_key(tab.id_prefix, setup.random),
                witness=lambda tab, key: witness(self._secret, self.workbook_id, self.replica, tab, key),
                means_new=means_new(words("word.new_row")),
                accept_deletions=wish.accept_deletions,
                accept_changes=wish.accept_changes,
                everything=everything,
                fresh=fresh,
            ),
            language=setup.language,
            tabs=setup.tabs,
            rules=setup.rules,
            readings={} if view.refused else view.readings(),
            read=view.reading,
            loose=view.loose,
            held=view.held(),
            commands=wish.commands,
            copies=() if view.refused else wish.copies,
            merges=wish.merges,
            merge_rules=setup.merge_rules,
            messages=wish.messages,
            decisions=wish.decisions,
            approvals=setup.approvals,
            compare=wish.compare | (self._customers() if everything else frozenset()),
            threshold=setup.threshold,
            writable=snapshot.holder is None and not view.refused,
            must_stamp=generation == 0 or stale,
            calendar=setup.calendar,
            files=setup.files,
            levels=setup.levels,
            default_dictionaries=setup.dictionaries or default_dictionaries(setup.language),
        )

    def _customers(self) -> frozenset[RowKey]:
        """All of them: what counts as a duplicate may have been configured otherwise."""
        return frozenset(self.state.all_records(CUSTOMERS)) if CUSTOMERS in self.setup.tabs else frozenset()

    # -- carrying out --------------------------------------------------------------------------------------------------

    def _write(
        self,
        plan: Plan,
        view: View,
        summaries: tuple[Summary, ...],
        lists: Grid | None,
        log: ChangeLog | None,
        result: CycleResult,
    ) -> bool:
        reserved = plan.commit.reserved or 0
        stamp = Stamp(self.workbook_id, self.replica, reserved)
        write = ReplicaWrite(view.snapshot.fingerprint, stamp, plan.edits, summaries, lists, log)
        try:
            written = self.backend.write(write)
        except WorkbookChanged:
            return False
        except WorkbookBusy as busy:
            result.waiting = busy.holder or ""
            return True
        self.setup.checkpoint("written")
        result.written.append(written)
        result.removed.append((len(result.plans) - 1, written.removed))
        moved = {sheet for sheet, rows in written.removed.items() if rows}  # what is told of row 7 is read anew
        parts = {name: part for name, part in written.parts.items() if name not in moved}
        reading = Reading(written.fingerprint, view.settled_parts(plan, parts), view.sheets())
        confirm(self.state, plan.commit, plan.commit.now, reading)
        self.state.keep_summaries({self._name(summary.key): content_digest(summary) for summary in summaries})
        self._set_note(SUMMARIES_NOTE, self._today(plan.commit.now).isoformat())
        if lists is not None:
            self._set_note(LISTS_NOTE, digest_of(lists))
        self._logbook.is_written(log)
        self.setup.checkpoint("confirmed")
        return not plan.again

    def _remember_reading(self, plan: Plan, view: View) -> None:
        """Nothing was to be written: what was read need not be read again, unless something waits."""
        if view.snapshot.holder is None and not view.refused:
            parts = view.settled_parts(plan, view.snapshot.part_digests)
            confirm(self.state, plan.commit, plan.commit.now, Reading(view.snapshot.fingerprint, parts, view.sheets()))

    def _summaries(self, plan: Plan, view: View, wish: Wish) -> tuple[tuple[Summary, ...], bool]:
        """Summaries that must be rewritten, and whether any must be."""
        setup, today = self.setup, self._today(wish.now)
        current = self._note(SUMMARIES_NOTE) == today.isoformat()
        moved = concerned(setup.summaries, plan.changed)
        lacking: set[str] = set()
        if self.replica != SHARED:  # what it shows changes by way of other workbooks, too: then cells of it are written
            names, text = view.snapshot.sheet_names, setup.language.text
            lacking = {rule.key for rule in setup.summaries if text(f"tab.summary_{rule.key}") not in names}
            moved = bool(plan.edits or lacking)
        if not setup.summaries or (current and not moved and not plan.lists_changed):
            return (), False
        eyes = setup.replica.eyes(plan.draft)
        context = SummaryContext(today, setup.zone, plan.dictionaries, setup.language)
        known = self.state.summaries()
        records = plan.draft if eyes.sees_all else SeenBook(plan.draft, eyes, eyes.tabs)
        found = compute(setup.summaries, records, context)
        changed = tuple(
            each for each in found if each.key in lacking or known.get(self._name(each.key)) != content_digest(each)
        )
        return changed, bool(changed)

    @property
    def _logbook(self) -> Logbook:
        return Logbook(self.state, self._name(LOG_NOTE), self.setup.replica.log)

    def _log(self, plan: Plan, view: View) -> ChangeLog | None:
        """The change log, when it must be written."""
        setup, title = self.setup, self.setup.language.text("tab.change_log")
        words = LogWords(setup.tabs, setup.language, setup.codec)
        there = title in view.snapshot.sheet_names
        return self._logbook.wanted(plan, lambda: setup.replica.eyes(plan.draft), words, there=there)

    def _lists(self, plan: Plan) -> Grid:
        """What the drop-downs offer; in a view, only people whom its reader may see in 组织."""
        eyes, name = self.setup.replica.eyes(plan.draft), ColumnKey("name")
        people: list[Mapping[ColumnKey, Value]] = []
        for key in plan.draft.keys(PEOPLE) if PEOPLE in eyes.tabs else ():
            values = plan.draft.values((PEOPLE, key)) or {}
            if values.get(ColumnKey("active")) is not False:
                people.append(eyes.shown((PEOPLE, key), dict(values), {}) or {})
        names = {str(row[name]) for row in people if row.get(name)}
        names |= set() if eyes.sees_all else {self.setup.replica.author}
        return lists_content(self.setup.replica.tabs.values(), plan.dictionaries, sorted(names))
