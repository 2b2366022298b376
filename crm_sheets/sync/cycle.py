"""One cycle: read, plan, remember, write, confirm. The order of these steps is what makes a crash harmless.

1. read the file (its fingerprint is kept) and plan;
2. one transaction: what was merged, the journal, the outbox, and the generation that the write will carry;
3. write the file, if it still is what was read; otherwise plan anew;
4. one transaction: the file holds that generation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from crm_sheets.cells import Address
from crm_sheets.changes import Issue, Severity
from crm_sheets.commands import Command
from crm_sheets.errors import WorkbookBusy, WorkbookChanged, WriteRefused
from crm_sheets.figures import compute, concerned, content_digest
from crm_sheets.guards import Limits
from crm_sheets.identity import means_new
from crm_sheets.intake import Means, Replica
from crm_sheets.language import Language
from crm_sheets.merging import MergeRules, MergeWish
from crm_sheets.permissions import Policy
from crm_sheets.plan import Plan, build_plan
from crm_sheets.reading import CutMemory, TabReading, cut_tab, digest_of
from crm_sheets.request import Request
from crm_sheets.rules.base import Rule
from crm_sheets.rules.duplicates.groups import TOGETHER
from crm_sheets.rules.files import FileFacts
from crm_sheets.rules.level_policies import LevelPolicy
from crm_sheets.rules.summaries.base import Summary, SummaryContext, SummaryRule
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.dictionaries import Dictionaries, default_dictionaries
from crm_sheets.schema.identifiers import new_row_key, witness
from crm_sheets.schema.labels import words
from crm_sheets.schema.layout import Layout, find_tabs
from crm_sheets.state import OutboxItem, Reading, RowId
from crm_sheets.sync.backends.base import Backend, Extension, Grid, ReplicaWrite, Written
from crm_sheets.sync.backends.xlsx.lists import lists_content
from crm_sheets.sync.forms import FormLook, Forms, NoForms
from crm_sheets.sync.store.commit import commit, confirm
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.structure import Fields, fresh_fields, lacking, not_added, noted, own_fields, remembered, without
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, Sheet, Snapshot, Stamp, TabKey

CUSTOMERS = TabKey("customers")
SHARED = ReplicaKey("shared")
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


@dataclass(frozen=True)
class Setup:
    """What stays the same from cycle to cycle.

    Attributes:
        random: gives bytes for new ids.
        merge_rules: how the values of merged customers are chosen.
        threshold: likeness from which customers are told as possible duplicates; None for never.
        rules_version: of program and config: when it changes, every row is looked at anew.
        dictionaries: that a book of the team begins with; None for the shipped ones.
        checkpoint: called after each durable step with its name; a test may stop the process there.
        forms: sheets to which forms append answers.
    """

    tabs: Mapping[TabKey, Tab]
    rules: Mapping[TabKey, tuple[Rule, ...]]
    summaries: tuple[SummaryRule, ...]
    language: Language
    zone: ZoneInfo
    policy: Policy
    limits: Limits
    role: str
    codec: CodecContext
    random: Callable[[int], bytes]
    threshold: float | None = TOGETHER
    merge_rules: MergeRules = field(default_factory=MergeRules)
    rules_version: str = ""
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    files: FileFacts = FileFacts()
    levels: LevelPolicy = LevelPolicy()
    dictionaries: Dictionaries | None = None
    checkpoint: Callable[[str], None] = lambda step: None
    forms: Forms = NoForms()


@dataclass(frozen=True, slots=True)
class Wish:
    """What one run of the cycle is asked for.

    Attributes:
        dry_run: plan, and write nothing anywhere.
        accept_deletions, accept_changes: let through what a brake holds.
        notes: small facts to be kept in the same transaction as the commands; `{run}` in a name becomes the number of
            the run.
    """

    now: datetime
    dry_run: bool = False
    accept_deletions: bool = False
    accept_changes: bool = False
    commands: tuple[Command, ...] = ()
    merges: tuple[MergeWish, ...] = ()
    messages: tuple[OutboxItem, ...] = ()
    compare: frozenset[RowKey] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether there is something to do although nobody edited the workbook."""
        return bool(self.commands or self.merges or self.messages or self.compare)

    def without_asking(self) -> "Wish":
        """The wish of a later pass: what was asked for is done."""
        return replace(self, commands=(), merges=(), messages=(), compare=frozenset(), notes={})


@dataclass
class CycleResult:
    """What came of it.

    Attributes:
        plans: one per pass, in order; empty when there was nothing to do.
        summaries: those that were computed anew because a figure changed.
        written: how often the file was replaced.
        waiting: who holds the file, when writing had to wait.
        halted: the brakes that are pulled.
    """

    plans: list[Plan] = field(default_factory=list)
    view: "_View | None" = None
    summaries: dict[str, Summary] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    waiting: str | None = None
    halted: tuple[Issue, ...] = ()
    places: dict[RowId, Address] = field(default_factory=dict)

    def add(self, plan: Plan, view: "_View", summaries: tuple[Summary, ...]) -> None:
        """Another pass was planned."""
        self.plans.append(plan)
        self.view, self.halted, self.waiting = view, plan.halted, view.snapshot.holder
        self.places.update(plan.places)
        self.summaries.update({summary.key: summary for summary in summaries})


class Cycle:
    """Runs cycles over one replica."""

    def __init__(self, state: SqlState, backend: Backend, setup: Setup) -> None:
        self.state, self.backend, self.setup = state, backend, setup
        self.cuts = CutMemory()
        self._secret = state.secret("witness")
        self._own = own_fields(setup.tabs)

    def run(self, wish: Wish) -> CycleResult:
        """One cycle: passes until nothing is left to do.

        Raises:
            WorkbookUnreadable: the file cannot be read; nothing was changed anywhere.
            WriteRefused: the file cannot be written without losing something; the records are up to date.
        """
        wish = replace(wish, now=wish.now.replace(microsecond=0))  # a cell holds whole seconds: so do our stamps
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
        return result

    @cached_property
    def workbook_id(self) -> str:
        """The random id of the book, issued with the state store."""
        return self.state.secret("workbook").hex()[:16]

    # -- looking -------------------------------------------------------------------------------------------------------

    def _nothing_new(self, wish: Wish) -> bool:
        """The file is the one of the last cycle, nothing waits to be written, and no row wakes up."""
        known = self.state.reading(SHARED)
        return (
            known is not None
            and known.fingerprint.digest == self.backend.fingerprint().digest
            and set(known.sheets.values()) <= known.parts.keys()
            and self.setup.tabs.keys() <= known.sheets.keys()
            and self.state.note(RULES_NOTE) == self.setup.rules_version
            and remembered(self.state.note(FIELDS_NOTE)) == self._own
            and self.state.note(SUMMARIES_NOTE) == self._today(wish.now).isoformat()
            and self.state.note(LISTS_NOTE) != DUE
            and not self.state.has_pending(SHARED)
            and not self._unsure_of_the_last_write()
            and not any(tab in self.setup.tabs for tab, _ in self.state.wakes(wish.now))
        )

    def _unsure_of_the_last_write(self) -> bool:
        """A generation was reserved and not confirmed: the process ended in between. What was known of the file says
        nothing now, for somebody may have put the old one back."""
        return self.state.latest_generation(SHARED) != self.state.confirmed_generation(SHARED)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self.setup.zone).date()

    def _pass(self, wish: Wish, result: CycleResult) -> bool:
        """Plans and carries the plan out; True when nothing is left to do."""
        known = self.state.reading(SHARED)
        fields = remembered(self.state.note(FIELDS_NOTE))
        everything = self.state.note(RULES_NOTE) != self.setup.rules_version or fields != self._own
        whole = (
            known is None
            or everything
            or not self.setup.tabs.keys() <= known.sheets.keys()
            or self._unsure_of_the_last_write()
            or wish.accept_deletions
            or wish.accept_changes
        )
        snapshot = self.backend.read({} if whole or known is None else known.parts)
        view = _View(self, snapshot, {} if known is None else known.sheets)
        if not wish.dry_run and self._extend(view, fields):
            return False
        fresh = fresh_fields(self._own, fields)
        form = view.form = self.setup.forms.look(snapshot)
        wish = replace(wish, commands=(*wish.commands, *form.commands))
        plan = build_plan(self.state, self._request(wish, view, fresh, everything=everything))
        summaries, due = self._summaries(plan, wish)
        lists_due = plan.lists_changed or everything or self.state.note(LISTS_NOTE) == DUE
        lists = self._lists(plan) if lists_due else None
        if lists is not None and self.state.note(LISTS_NOTE) == digest_of(lists):
            lists = None
        told = form.edits(plan.commit.taken) if snapshot.holder is None and not view.refused else ()
        if (summaries or lists or told) and snapshot.holder is None and not view.refused:
            plan = plan.writing(self.state.latest_generation(SHARED) + 1)
        plan = replace(plan, edits=(*plan.edits, *told))
        result.add(plan, view, summaries)
        if wish.dry_run:
            return True
        if everything:
            self.state.leave_out(self.setup.tabs.keys())
        notes = {name.replace("{run}", str(plan.commit.run)): text for name, text in wish.notes.items()}
        notes |= {} if lists is None else {LISTS_NOTE: DUE}
        notes |= {
            RULES_NOTE: self.setup.rules_version,
            FIELDS_NOTE: noted(self._taken_in(view, plan, fields)),
            SUMMARIES_NOTE: DUE if due else self._today(wish.now).isoformat(),
        }
        if plan.writes:  # what the file holds is unknown until the write is confirmed
            self.state.keep_summaries({summary.key: "" for summary in summaries})
        commit(self.state, replace(plan.commit, notes={**plan.commit.notes, **notes}))
        self.setup.checkpoint("committed")
        if not plan.writes:
            self._remember_reading(plan, view)
            return not plan.again
        return self._write(plan, view, summaries, lists, result)

    def _extend(self, view: "_View", fields: Fields) -> bool:
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
        self.state.set_note(FIELDS_NOTE, noted(without(fields, wanted.columns)))
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

    def _taken_in(self, view: "_View", plan: Plan, fields: Fields) -> Fields:
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
        self, wish: Wish, view: "_View", fresh: Mapping[TabKey, frozenset[ColumnKey]], *, everything: bool
    ) -> Request:
        """Everything that the plan is made from."""
        snapshot, setup = view.snapshot, self.setup
        generation = snapshot.stamp.generation if snapshot.stamp is not None else 0
        author = f"{setup.role} ({snapshot.saved_by[:LONGEST_NAME]})" if snapshot.saved_by else setup.role
        stale = generation < self.state.confirmed_generation(SHARED)
        overtaken = generation < self.state.latest_generation(SHARED)
        codec = replace(setup.codec, date1904=snapshot.date1904)
        return Request(
            run=self.state.next_run(),
            today=self._today(wish.now),
            zone=setup.zone,
            replica=Replica(SHARED, generation, stale, overtaken, setup.role, author, setup.policy, setup.limits),
            means=Means(
                now=wish.now,
                codec=codec,
                new_key=lambda tab: new_row_key(tab.id_prefix, setup.random),
                witness=lambda tab, key: witness(self._secret, self.workbook_id, SHARED, tab, key),
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
            held=view.held(self.state.latest_generation(SHARED), accept=wish.accept_deletions),
            commands=wish.commands,
            merges=wish.merges,
            merge_rules=setup.merge_rules,
            messages=wish.messages,
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
        view: "_View",
        summaries: tuple[Summary, ...],
        lists: "Grid | None",
        result: CycleResult,
    ) -> bool:
        reserved = plan.commit.reserved or 0
        stamp = Stamp(self.workbook_id, SHARED, reserved)
        write = ReplicaWrite(view.snapshot.fingerprint, stamp, plan.edits, summaries, lists)
        try:
            written = self.backend.write(write)
        except WorkbookChanged:
            return False
        except WorkbookBusy as busy:
            result.waiting = busy.holder or ""
            return True
        self.setup.checkpoint("written")
        result.written.append(written)
        reading = Reading(written.fingerprint, view.settled_parts(plan, written.parts), view.sheets())
        confirm(self.state, plan.commit, plan.commit.now, reading)
        self.state.keep_summaries({summary.key: content_digest(summary) for summary in summaries})
        self.state.set_note(SUMMARIES_NOTE, self._today(plan.commit.now).isoformat())
        if lists is not None:
            self.state.set_note(LISTS_NOTE, digest_of(lists))
        self.setup.checkpoint("confirmed")
        return not plan.again

    def _remember_reading(self, plan: Plan, view: "_View") -> None:
        """Nothing was to be written: what was read need not be read again, unless something waits."""
        if view.snapshot.holder is None and not view.refused:
            parts = view.settled_parts(plan, view.snapshot.part_digests)
            confirm(self.state, plan.commit, plan.commit.now, Reading(view.snapshot.fingerprint, parts, view.sheets()))

    def _summaries(self, plan: Plan, wish: Wish) -> tuple[tuple[Summary, ...], bool]:
        """Summaries that must be rewritten, and whether any must be."""
        setup, today = self.setup, self._today(wish.now)
        current = self.state.note(SUMMARIES_NOTE) == today.isoformat()
        if not setup.summaries or (current and not concerned(setup.summaries, plan.changed) and not plan.lists_changed):
            return (), False
        context = SummaryContext(today, setup.zone, plan.dictionaries, setup.language)
        known = self.state.summaries()
        found = compute(setup.summaries, plan.draft, context)
        changed = tuple(summary for summary in found if known.get(summary.key) != content_digest(summary))
        return changed, bool(changed)

    def _lists(self, plan: Plan) -> Grid:
        people = TabKey("people")
        rows = (plan.draft.values((people, key)) or {} for key in plan.draft.keys(people))
        active = [row for row in rows if row.get(ColumnKey("active")) is not False and row.get(ColumnKey("name"))]
        names = sorted({str(row[ColumnKey("name")]) for row in active})
        return lists_content(self.setup.tabs.values(), plan.dictionaries, names)


class _View:
    """A snapshot as tabs: which sheet is which, what is wrong with its header, its rows cut into columns."""

    def __init__(self, cycle: Cycle, snapshot: Snapshot, sheets: Mapping[TabKey, str]) -> None:
        self.cycle, self.snapshot = cycle, snapshot
        tabs = cycle.setup.tabs
        known = {tab: name for tab, name in sheets.items() if name in snapshot.unchanged}
        forms = cycle.setup.forms.sheets
        self.form: FormLook = NoForms()
        found = find_tabs(
            {name: sheet for name, sheet in snapshot.sheets.items() if name not in forms},
            [tab for key, tab in tabs.items() if key not in known],
            words_of=cycle.setup.language,
        )
        self.layouts: dict[TabKey, Layout] = dict(found.layouts)
        self.loose: dict[TabKey, tuple[Issue, ...]] = dict(found.issues)
        self.unchanged = known
        self._readings: dict[TabKey, TabReading] = {}
        self.never: dict[TabKey, frozenset[ColumnKey]] = {}
        """Columns that it lacks, and that are not to be added to it."""
        for issues in found.issues.values():
            for issue in issues:
                if issue.code == "header-unknown-similar" and issue.tab and issue.column:
                    self.never[issue.tab] = self.never.get(issue.tab, frozenset()) | {issue.column}

    def refuse(self, issues: Mapping[TabKey, Issue]) -> None:
        """Tabs and columns that it lacks cannot be added."""
        for key, issue in issues.items():
            kept = [each for each in self.loose.get(key, ()) if each.code != "tab-missing"]
            self.loose[key] = (*kept, issue)
            self.never[key] = frozenset(each.key for each in self.cycle.setup.tabs[key].columns.values() if each.own)

    @property
    def refused(self) -> bool:
        """Whether this is not our workbook, or one from a future that the state store does not know."""
        stamp = self.snapshot.stamp
        if stamp is None:
            return False
        return stamp.workbook != self.cycle.workbook_id or stamp.generation > self.cycle.state.latest_generation(SHARED)

    def sheets(self) -> dict[TabKey, str]:
        """Which sheet is which tab."""
        return {**self.unchanged, **{tab: layout.sheet for tab, layout in self.layouts.items()}}

    def readings(self) -> dict[TabKey, TabReading]:
        """The tabs that changed, in the order of the book."""
        tabs = [key for key in self.cycle.setup.tabs if key in self.layouts]
        return {key: reading for key in tabs if (reading := self.reading(key)) is not None}

    def reading(self, key: TabKey) -> TabReading | None:
        """A tab, read now if it was not; None when there is no such tab."""
        if key not in self._readings:
            tab = self.cycle.setup.tabs[key]
            sheets = self.snapshot.sheets
            if key in self.unchanged:
                sheets = self._read_sheet(self.unchanged[key])
                layout = find_tabs(sheets, [tab]).layouts.get(key)
            else:
                layout = self.layouts.get(key)
            if layout is None:
                return None
            self._readings[key] = cut_tab(tab, layout, sheets[layout.sheet].rows, self.cycle.cuts)
        return self._readings[key]

    def _read_sheet(self, name: str) -> Mapping[str, Sheet]:
        others = {sheet: digest for sheet, digest in self.snapshot.part_digests.items() if sheet != name}
        again = self.cycle.backend.read(others)
        if again.fingerprint.digest != self.snapshot.fingerprint.digest:
            raise WorkbookChanged(f"{self.snapshot.name} was saved while it was being read")
        return again.sheets

    def held(self, latest: int, *, accept: bool) -> dict[TabKey, Issue]:
        """Tabs that are neither read nor written, with the reason."""
        if self.refused:
            ours = self.snapshot.stamp is not None and self.snapshot.stamp.workbook == self.cycle.workbook_id
            code = "generation-unknown" if ours else "workbook-foreign"
            return {key: Issue(code, key) for key in self.cycle.setup.tabs}
        held: dict[TabKey, Issue] = {}
        for key in self.cycle.setup.tabs:
            if key not in self.layouts and key not in self.unchanged:
                broken = [issue for issue in self.loose.get(key, ()) if issue.severity is Severity.ERROR]
                held[key] = broken[0] if broken else Issue("tab-missing", key)
        return held

    def settled_parts(self, plan: Plan, parts: Mapping[str, str]) -> dict[str, str]:
        """Sheets that need not be read again: those of tabs that are held, or have new rows, must be."""
        halted = {issue.tab for issue in plan.halted} | plan.unsettled
        found = self.sheets()
        open_sheets = {name for tab, name in found.items() if tab in halted} | self.form.waiting
        if found.keys() != self.cycle.setup.tabs.keys():  # a tab was not made out: any sheet may be it
            open_sheets |= parts.keys() - set(found.values())
        return {name: digest for name, digest in parts.items() if name not in open_sheets}
