"""The idea: from what stands in a replica and what is remembered, one plan that a thin shell carries out.

Nothing here touches a file, a database or the clock; the same inputs give the same plan, and a plan that was carried
out leaves nothing to plan.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_sheets.approval_flows import ApprovalTerms, Gate, ProposedChange
from crm_sheets.approving import APPROVALS, Approving, gate_of
from crm_sheets.changes import Issue, Reminder
from crm_sheets.commands import FORM, UPDATED_AT, Desk
from crm_sheets.concern import concerned
from crm_sheets.conflicts import Conflicting
from crm_sheets.copied import CopyOutcome, Taking, copy_note, take_in_copy
from crm_sheets.draft import Draft
from crm_sheets.evaluate import Evaluation, evaluate
from crm_sheets.intake import Footing, take_in
from crm_sheets.journal import PROGRAM, Journal
from crm_sheets.keeping import Keeping
from crm_sheets.ledger import Entries, entries
from crm_sheets.lookups import LookingUp
from crm_sheets.merge_permits import GRANTED, Granted, Permits
from crm_sheets.merging import MERGE_INTO, Merge, wanted_merges
from crm_sheets.pipeline import todays_pipeline
from crm_sheets.premises import DICTIONARIES, Premises
from crm_sheets.projection import TabEdits
from crm_sheets.remarks import CHECK, DUPLICATES, Remarks
from crm_sheets.renaming import follow_new_names, keep_former_names
from crm_sheets.replica import Intake, Places
from crm_sheets.request import Request
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.showing import Showing
from crm_sheets.state import (
    Commit,
    EntryKind,
    Finding,
    JournalEntry,
    RowId,
    State,
    TabCommit,
)
from crm_sheets.suspects import CUSTOMERS, Suspects, find_suspects
from crm_sheets.tables import SHARED, ColumnKey, ReplicaKey, RowKey, TabKey

WATERMARK = "watermark"
"""Note: up to which instant reminders were put into the outbox."""

SILENT = frozenset({CHECK, DUPLICATES, UPDATED_AT})
"""Computed columns that only repeat what the journal says elsewhere."""

MANY_NEW = 1_000
"""New rows from which on the rules are asked about them only when they are records: a whole book that comes in would be
judged twice otherwise. Of fewer, all that is to be written is written at once, and the file but once."""

MOST_GENERATED = 3
"""How many rounds of new rows that ask for new rows one cycle follows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cycle is going to do.

    Attributes:
        commit: what is remembered, before anything is written.
        edits: what is written into sheets.
        issues: findings about rows that are not records yet and about tabs that were read; all others are in the state.
        journal: what happened, for the report.
        halted: brakes that were pulled.
        merges: what was merged; asked: what of merges waits for an approval.
        pairs: suspected duplicates that were compared in this cycle.
        changed: columns of each tab in which a record changed, was made or went: what summaries go by.
        dictionaries: as they stand now, and whether they are not what they were.
        places: the sheet row of each row of the tabs that were read.
        copies: what came of conflict copies.
        again: keys were given out: another pass takes in the rows that have them.
        deferred: what the rules say of those rows was left to that pass.
        leaving: a tab is held in which rows stand that the reader of the view may no longer see.
    """

    commit: Commit
    edits: tuple[TabEdits, ...]
    issues: tuple[Issue, ...]
    journal: tuple[JournalEntry, ...]
    halted: tuple[Issue, ...]
    reminders: tuple[Reminder, ...]
    merges: tuple[Merge, ...]
    asked: tuple[ProposedChange, ...]
    pairs: tuple[Pair, ...]
    changed: Mapping[TabKey, frozenset[ColumnKey]]
    dictionaries: Dictionaries
    lists_changed: bool
    places: Places
    again: bool
    draft: Draft
    copies: tuple[CopyOutcome, ...] = ()
    leaving: bool = False
    deferred: bool = False

    def let_go(self) -> None:
        """It was carried out: what was only needed to make it goes. Of a whole book, that is most of the memory."""
        self.draft.let_go()
        for intake in self.places.intakes.values():
            intake.let_go()

    @property
    def unsettled(self) -> frozenset[TabKey]:
        """Tabs that have rows without a record yet, or writes that must wait: to be read again."""
        fresh = {tab for tab, _ in self.draft.provisional}
        waiting = {tab for tab, change in self.commit.tabs.items() if change.pending and not self.writes}
        return frozenset(fresh | waiting)

    def writing(self, generation: int) -> "Plan":
        """The same plan, written as `generation` even if no cell of a tab has to be."""
        return self if self.writes else replace(self, commit=replace(self.commit, reserved=generation))

    @property
    def writes(self) -> bool:
        """Whether the file has to be written."""
        return self.commit.reserved is not None


def build_plan(state: State, request: Request) -> Plan:
    """Merges what people changed, runs the rules on what that concerns, and says what to remember and to write."""
    return _Planning(state, request).build()


class _Planning:
    """The steps of build_plan(), with what they share."""

    def __init__(self, state: State, request: Request) -> None:
        self.state, self.request = state, request
        self.draft = Draft(state, request.tabs)
        self.eyes = request.eyes(self.draft)
        self.journal = Journal(request.replica.author)
        self.desk = Desk(self.draft, self.journal, request.means.new_key, request.means.now, state.taken)
        self.remarks = Remarks(self.draft, request.language)
        self.intakes: dict[TabKey, Intake] = {}
        self.evaluation = Evaluation()
        self.findings: dict[RowId, tuple[Finding, ...]] = {}
        self.origins: list[str] = []
        self.merges: list[Merge] = []
        self.asked: list[ProposedChange] = []
        self.notes: dict[str, str] = {}
        self.premises = Premises(state, request, self.draft, self.desk)
        self.conflicting = Conflicting(self.desk, state, request, self.premises.kept)
        self.approving = Approving(self.desk, state, request)
        self.looking_up = LookingUp(self.desk, state, request)
        self.copies: list[CopyOutcome] = []
        self.suspects = Suspects()
        self.deferred = False

    def build(self) -> Plan:
        dirty = self.desk.obey(self.request.commands) | self._take_in()
        dirty |= self._settle_conflicts()
        dirty |= self._approve(dirty)
        dirty |= self._merge(dirty)
        dirty |= self._rename(dirty)
        dirty |= self.conflicting.pass_on()
        self._index_anew()
        dirty |= self._settle_premises() | set(self.state.wakes(self.request.means.now))
        looking = self._to_look_at(dirty)
        self.deferred = self.request.goes_on and len(looking) >= MANY_NEW and looking <= self.draft.provisional
        if not self.deferred:
            self._judge(looking)
        return self._plan(self._showing())

    def _judge(self, looking: set[RowId]) -> None:
        """Asks the rules, and says what they found."""
        self._evaluate(looking)
        self.approving.bind()
        self.evaluation.wakes |= self.approving.wakes(self.evaluation.wakes)
        self.suspects = find_suspects(self.draft, self.state, self.request.compare, self.request.threshold)
        self.looking_up.run(self.suspects)
        self.remarks.duplicates(self.suspects)
        self._remark()
        self._journal_computed()

    def _index_anew(self) -> None:
        if self.request.means.everything:
            for tab in self.request.tabs:
                self.draft.index_anew(tab)

    # -- what changed --------------------------------------------------------------------------------------------

    def _take_in(self) -> set[RowId]:
        """Merges every tab that changed."""
        dirty: set[RowId] = set()
        means = replace(self.request.means, gate=self._gate())
        for tab, reading in self.request.readings.items():
            replica = self.request.replica
            footing = Footing(reading, self.state, self.draft, replica, self.eyes, means, self.journal)
            self.intakes[tab] = take_in(footing)
            dirty |= self.intakes[tab].dirty
        return dirty | self._take_in_copies()

    def _take_in_copies(self) -> set[RowId]:
        """Merges conflict copies, after the workbook itself: what it holds was committed first."""
        dirty: set[RowId] = set()
        request = self.request
        held = request.held.keys() | {tab for tab, intake in self.intakes.items() if intake.halted is not None}
        taking = Taking(self.state, self.draft, request.replica, self.eyes, request.means, self.journal, self.desk)
        for copy in request.copies:
            outcome, found = take_in_copy(copy, held, taking)
            self.copies.append(outcome)
            self.notes |= {copy_note(copy.digest): outcome.kept()} if outcome.settled else {}
            dirty |= found
        return dirty

    def _settle_conflicts(self) -> set[RowId]:
        """Makes a row of each conflict that was met, and carries out what was decided about others."""
        found = self.conflicting.run()
        self.origins += self.conflicting.origins
        return found

    def _gate(self) -> Gate:
        """Which edits are requests."""
        terms = self.request.approvals
        return gate_of(terms, self.request.tabs, self.premises.kept()) if terms != ApprovalTerms() else Gate()

    def _approve(self, dirty: set[RowId]) -> set[RowId]:
        """Makes requests of edits that need an approval, and carries out what was decided."""
        changes = [change for intake in self.intakes.values() for change in intake.proposed]
        if APPROVALS not in self.request.tabs:
            return set()
        return self.approving.run(changes, dirty, self.premises.kept())

    def _merge(self, dirty: set[RowId]) -> set[RowId]:
        """Merges customers as commands and the sheet ask for it, after the edits of both rows were taken in."""
        request, looking = self.request, set[RowId]()
        if CUSTOMERS not in request.tabs:
            return looking
        held = request.held.get(CUSTOMERS) or (intake.halted if (intake := self.intakes.get(CUSTOMERS)) else None)
        before, approved = self.state.note(GRANTED), self.approving.granted(MERGE_INTO)
        granted = Granted.of(self.draft, request.replica.key, before, approved)
        if held is None:
            permits = Permits(self.desk, self.state, self.eyes, self._gate(), request.replica, granted)
            wishes = [*request.merges, *wanted_merges(self.draft, dirty | granted.here, self.journal.author)]
            self.merges, looking = permits.merge(wishes, request.merge_rules, request.means.codec)
            self.asked = permits.asked
        self.notes |= {GRANTED: granted.note()} if granted.note() != (before or "") else {}
        return looking | self.approving.ask(self.asked)

    def _rename(self, dirty: set[RowId]) -> set[RowId]:
        """Whoever named a row by its former name still means it; the rows to look at because of it."""
        draft, codec = self.draft, self.request.means.codec
        kept = keep_former_names(draft, dirty, codec)
        return kept | follow_new_names(draft, self.state, dirty, (self.eyes, self.request.others), codec)

    def _settle_premises(self) -> set[RowId]:
        """What the rules are to take as given, after people's edits; the rows to look at because of it."""
        intake = self.intakes.get(DICTIONARIES)
        found = self.premises.settle(may_offer=intake is not None and intake.halted is None)
        self.origins += self.premises.origins
        return found

    # -- what ought to be --------------------------------------------------------------------------------------------

    def _to_look_at(self, dirty: Iterable[RowId]) -> set[RowId]:
        """The rows that the rules are asked about, now that it is settled what they take as given."""
        self.context, moved = self.premises.ranked(self.premises.context(self._author()))
        return {row for row in {*dirty, *moved} if row[0] in self.request.tabs}

    def _evaluate(self, looking: set[RowId]) -> None:
        """Runs the rules, makes the rows that they ask for, and looks at those too."""
        request = self.request
        for tab in request.tabs:
            self.draft.prefetch(tab, [key for of, key in looking if of == tab])
        for _ in range(MOST_GENERATED):
            evaluate(self.draft, looking, request.rules, self.context, request.means.codec, self.evaluation)
            looking = self._generate()
            if not looking:
                return

    def _author(self) -> str:
        """Whom the stage history names: who gave a command, or else who saved the file."""
        told = (command.author for command in self.request.commands if not command.author.startswith(FORM))
        return next(told, self.request.replica.author)

    def _generate(self) -> set[RowId]:
        """Makes rows that rules asked for, each once; none in a tab that the team leaves out."""
        asked = {
            row.origin: row
            for rows in self.evaluation.new_rows.values()
            for row in rows
            if row.tab in self.request.tabs
        }
        known = self.state.made_from(sorted(asked)) | set(self.origins)
        dirty: set[RowId] = set()
        for origin in sorted(asked.keys() - known):
            asks = asked[origin]
            dirty |= self.desk.create(self.request.tabs[asks.tab], asks.values, PROGRAM)
            self.origins.append(origin)
        return dirty

    def _remark(self) -> None:
        """Says in the sheet what is found."""
        edited = {(tab, key) for tab, intake in self.intakes.items() for key in intake.touched}
        edited |= {row for copy in self.copies for row in copy.touched}
        for row in sorted(self.evaluation.findings.keys() | edited):
            issues = self.evaluation.findings.get(row, ())
            self.findings[row] = self.remarks.findings(row, issues) if self.draft.values(row) is not None else ()
            self.remarks.check(row, self.findings[row])
        self.draft.told = self.findings

    def _journal_computed(self) -> None:
        """Every version of every computed cell; what people typed is journalled where it was taken in."""
        told = {(entry.tab, entry.row, entry.column) for entry in self.journal.entries}
        for row in self.draft.changed():
            now, was = self.draft.values(row), self.draft.stored(row)
            if now is None or was is None or row in self.draft.provisional:
                continue
            tab = self.request.tabs[row[0]]
            for column in tab.columns:
                if column in SILENT or (*row, column) in told or now.get(column) == was.get(column):
                    continue
                self.journal.cell(tab, row[1], column, was.get(column), now.get(column), PROGRAM)

    # -- what to write -------------------------------------------------------------------------------------------------

    def _showing(self) -> Showing:
        """Compares the sheets with the records, where the two may differ."""
        said = self.remarks, self.findings, self.suspects
        return Showing(self.state, self.request, self.draft, self.intakes, *said, self.context)

    def _marks(self) -> dict[ReplicaKey, dict[TabKey, frozenset[RowKey]]]:
        """Rows that other replicas have to compare with their records, since those changed here."""
        changed = [row for row in self.draft.changed() if row not in self.draft.provisional]
        others = self.request.others(self.draft) if changed else {}
        return concerned(self.draft, changed, others, self.state.holders) if others else {}

    # -- the plan ----------------------------------------------------------------------------------------------------

    def _plan(self, showing: Showing) -> Plan:
        request, replica = self.request, self.request.replica
        projections = showing.projections()
        keeping = Keeping(request, self.draft, self.intakes, self.evaluation, self.findings, showing.waiting)
        edits = tuple(projection.edits for projection in projections.values() if projection.edits)
        write = request.writable and bool(edits or request.must_stamp or self._took_edits())
        reserved = self.state.latest_generation(replica.key) + 1 if write else None
        again = write and any(intake.fresh for intake in self.intakes.values())
        if replica.key == SHARED and not again:  # deals that were just typed are there in the next pass only
            self.draft.pipeline_change = todays_pipeline(self.draft, self.state, self.context)
        ledger = entries(self.evaluation.reminders, self.state, request.since, self.context)
        commit = self._commit(keeping.tab_commits(self.suspects, projections), ledger, reserved)
        fresh = [(tab, issued.key) for tab, intake in self.intakes.items() for issued in intake.fresh]
        loose = [issue for intake in self.intakes.values() for issue in intake.loose.values()]
        issues = [finding.issue for row in fresh for finding in self.findings.get(row, ())] + loose
        halted = [intake.halted for intake in self.intakes.values() if intake.halted is not None]
        return Plan(
            commit=commit,
            edits=edits if write else (),
            issues=(*issues, *(issue for found in request.loose.values() for issue in found)),
            journal=tuple(self.journal.entries),
            halted=(*request.held.values(), *halted),
            reminders=ledger.fired,
            merges=tuple(self.merges),
            asked=tuple(self.asked),
            pairs=tuple(self.suspects.pairs),
            changed=keeping.changed_columns(),
            dictionaries=self.premises.dictionaries,
            lists_changed=self.premises.lists_changed,
            places=Places(self.intakes),
            again=again,
            leaving=showing.leaving,
            deferred=self.deferred,
            draft=self.draft,
            copies=tuple(self.copies),
        )

    def _commit(self, tabs: Mapping[TabKey, TabCommit], ledger: Entries, reserved: int | None) -> Commit:
        """All that is remembered, in one transaction."""
        request, replica = self.request, self.request.replica
        return Commit(
            run=request.run,
            now=request.means.now,
            replica=replica.key,
            read=replica.generation,
            reserved=reserved,
            tabs=tabs,
            journal=tuple(self.journal.entries),
            origins=(*self.origins, *self.approving.origins),
            taken=self.desk.taken,
            forgotten=tuple(self.desk.forgotten),
            outbox=(*ledger.items, *request.messages, *self.conflicting.outbox, *self.approving.outbox),
            withdrawn=ledger.withdrawn,
            notes={**self.notes, **self.approving.notes, **self.premises.notes, **self.looking_up.notes},
            marks=self._marks(),
            pipeline=self.draft.pipeline_change,
        )

    def _took_edits(self) -> bool:
        """Whether the file was edited since its generation: it gets a new one, so that a copy that somebody opened
        before those edits is known as old when it is saved over them."""
        edits = (EntryKind.EDIT, EntryKind.DELETE, EntryKind.RESURRECT)
        return any(entry.kind in edits and entry.author == self.journal.author for entry in self.journal.entries)
