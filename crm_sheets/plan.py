"""The idea: from what stands in a replica and what is remembered, one plan that a thin shell carries out.

Nothing here touches a file, a database or the clock; the same inputs give the same plan, and a plan that was carried
out leaves nothing to plan.
"""

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from crm_sheets.approval_flows import ApprovalTerms, Gate
from crm_sheets.approving import APPROVALS, Approving, gate_of
from crm_sheets.changes import Issue, Reminder
from crm_sheets.commands import FORM, UPDATED_AT, Desk
from crm_sheets.concern import concerned, in_reading_order
from crm_sheets.conflicts import Conflicting
from crm_sheets.copied import CopyOutcome, Taking, copy_note, take_in_copy
from crm_sheets.disclosure import Disclosure
from crm_sheets.draft import Draft
from crm_sheets.evaluate import Evaluation, evaluate
from crm_sheets.intake import Footing, take_in
from crm_sheets.journal import PROGRAM, Journal
from crm_sheets.keeping import Keeping
from crm_sheets.merging import Merge, merge_customers, wanted_merges
from crm_sheets.offers import offer
from crm_sheets.permissions import Level
from crm_sheets.projection import Bounds, Projection, TabEdits, project
from crm_sheets.ranking import NOTE as RFM_NOTE
from crm_sheets.ranking import todays_ranking
from crm_sheets.remarks import CHECK, DUPLICATES, ReaderRemarks, Remarks
from crm_sheets.replica import Intake, Places
from crm_sheets.request import Request
from crm_sheets.rules.base import Context
from crm_sheets.rules.calendar_days import own_days
from crm_sheets.rules.duplicates.groups import by_member
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.rules.level_policies import Method
from crm_sheets.schema.dictionaries import Dictionaries, dictionaries_of
from crm_sheets.seen import SeenBook
from crm_sheets.state import (
    Commit,
    EntryKind,
    Finding,
    JournalEntry,
    OutboxItem,
    RowId,
    State,
    Values,
)
from crm_sheets.suspects import CUSTOMERS, Suspects, find_suspects
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey

DICTIONARIES, PEOPLE, CALENDAR = TabKey("dictionaries"), TabKey("people"), TabKey("calendar")
WATERMARK = "watermark"
"""Note: up to which instant reminders were put into the outbox."""

SILENT = frozenset({CHECK, DUPLICATES, UPDATED_AT})
"""Computed columns that only repeat what the journal says elsewhere."""

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
        merges: what was merged.
        pairs: suspected duplicates that were compared in this cycle.
        changed: columns of each tab in which a record changed, was made or went: what summaries go by.
        dictionaries: as they stand now, and whether they are not what they were.
        places: the sheet row of each row of the tabs that were read.
        copies: what came of conflict copies.
        again: keys were given out: another pass takes in the rows that have them.
        leaving: a tab is held in which rows stand that the reader of the view may no longer see.
    """

    commit: Commit
    edits: tuple[TabEdits, ...]
    issues: tuple[Issue, ...]
    journal: tuple[JournalEntry, ...]
    halted: tuple[Issue, ...]
    reminders: tuple[Reminder, ...]
    merges: tuple[Merge, ...]
    pairs: tuple[Pair, ...]
    changed: Mapping[TabKey, frozenset[ColumnKey]]
    dictionaries: Dictionaries
    lists_changed: bool
    places: Places
    again: bool
    draft: Draft
    copies: tuple[CopyOutcome, ...] = ()
    leaving: bool = False

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
        self.dictionaries = Dictionaries({})
        self.calendar = request.calendar
        self.notes: dict[str, str] = {}
        self.lists_changed = False
        self.conflicting = Conflicting(self.desk, state, request, self._dictionaries_kept)
        self.waiting: dict[TabKey, set[RowKey]] = {}
        self.approving = Approving(self.desk, state, request)
        self.copies: list[CopyOutcome] = []
        self.suspects = Suspects()
        self.leaving = False

    def build(self) -> Plan:
        dirty = self.desk.obey(self.request.commands) | self._take_in()
        dirty |= self._settle_conflicts()
        dirty |= self._approve(dirty)
        dirty |= self._merge(dirty)
        self._index_anew()
        dirty |= self._read_dictionaries() | self._read_calendar() | set(self.state.wakes(self.request.means.now))
        self._evaluate(dirty)
        self.evaluation.wakes |= self.approving.wakes(self.evaluation.wakes)
        self.suspects = find_suspects(self.draft, self.state, self.request.compare, self.request.threshold)
        self.remarks.duplicates(self.suspects)
        self._remark()
        self._journal_computed()
        projections = self._project()
        return self._plan(self.suspects, projections)

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
            intake = take_in(footing)
            self.intakes[tab] = intake
            dirty |= intake.dirty
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
        return gate_of(terms, self.request.tabs, self._dictionaries_kept()) if terms != ApprovalTerms() else Gate()

    def _approve(self, dirty: set[RowId]) -> set[RowId]:
        """Makes requests of edits that need an approval, and carries out what was decided."""
        changes = [change for intake in self.intakes.values() for change in intake.proposed]
        if APPROVALS not in self.request.tabs:
            return set()
        self.approving.dictionaries = self._dictionaries_kept()
        found = self.approving.run(changes, dirty)
        self.origins += self.approving.origins
        self.notes |= self.approving.notes
        return found

    def _merge(self, dirty: set[RowId]) -> set[RowId]:
        """Merges customers as commands and the sheet ask for it, after the edits of both rows were taken in."""
        held = self.request.held.get(CUSTOMERS) or (intake.halted if (intake := self.intakes.get(CUSTOMERS)) else None)
        if CUSTOMERS not in self.request.tabs or held is not None:
            return set()
        rules, codec = self.request.merge_rules, self.request.means.codec
        wishes = [*self.request.merges, *wanted_merges(self.draft, dirty, self.journal.author)]
        concerned: set[RowId] = set()
        while wishes:  # a merge may show whom the row of another means
            merges, looked_at = merge_customers(self.desk, wishes, rules, self._edited, codec)
            self.merges += merges
            concerned |= looked_at
            wishes = wanted_merges(self.draft, looked_at, self.journal.author) if merges else []
        return concerned

    def _edited(self, customer: RowKey) -> dict[ColumnKey, datetime]:
        """When people edited each column of a customer last, in this cycle or before it."""
        known = self.state.edited_at(CUSTOMERS, customer)
        made = known.get(None, datetime.min.replace(tzinfo=UTC))
        times = {column: known.get(column, made) for column in self.request.tabs[CUSTOMERS].columns}
        just = [entry.column for entry in self.journal.entries if (entry.tab, entry.row) == (CUSTOMERS, customer)]
        return times | {column: self.request.means.now for column in just if column is not None}

    def _read_dictionaries(self) -> set[RowId]:
        """The drop-downs as they are now. When one changed, or everything is to be looked at, every row is dirty."""
        request = self.request
        self.dictionaries = self._dictionaries_kept()
        self._offer_dictionaries()
        changed = {tab for tab, _ in self.draft.changed()}
        self.lists_changed = bool(changed & {DICTIONARIES, PEOPLE})
        if DICTIONARIES in changed or request.means.everything:
            return self._every_row()
        if PEOPLE in changed and PEOPLE in request.tabs:  # who manages whom, and who stands there twice, concerns all
            return {(PEOPLE, key) for key in self.draft.keys(PEOPLE)}
        return set()

    def _dictionaries_kept(self) -> Dictionaries:
        request = self.request
        if DICTIONARIES not in request.tabs:
            return request.default_dictionaries
        keys = self.draft.keys(DICTIONARIES)
        rows = [row for key in keys if (row := self.draft.row(DICTIONARIES, key)) is not None]
        return dictionaries_of(rows, request.default_dictionaries.own)

    def _offer_dictionaries(self) -> None:
        """After a change of config or program: the dictionaries that are new get their first values."""
        request = self.request
        if not request.means.everything or DICTIONARIES not in self.intakes or self.intakes[DICTIONARIES].halted:
            return
        desk, tab, wanted = self.desk, request.tabs[DICTIONARIES], request.default_dictionaries
        made, origins = offer(desk, tab, self.dictionaries, wanted, self.state, request.language)
        self.origins += origins
        if made:
            rows = [row for key in self.draft.keys(DICTIONARIES) if (row := self.draft.row(DICTIONARIES, key))]
            self.dictionaries = dictionaries_of(rows, wanted.own)

    def _read_calendar(self) -> set[RowId]:
        """The days that the team entered. When one changed, so may every deadline: every row is dirty."""
        if CALENDAR not in self.request.tabs:
            return set()
        rows = [row for key in self.draft.keys(CALENDAR) if (row := self.draft.row(CALENDAR, key)) is not None]
        self.calendar = replace(self.calendar, own=own_days(rows, self.dictionaries))
        return self._every_row() if any(tab == CALENDAR for tab, _ in self.draft.changed()) else set()

    def _every_row(self) -> set[RowId]:
        return {(tab, key) for tab in self.request.tabs for key in self.draft.keys(tab)}

    # -- what ought to be --------------------------------------------------------------------------------------------

    def _evaluate(self, dirty: Iterable[RowId]) -> None:
        """Runs the rules, makes the rows that they ask for, and looks at those too."""
        request = self.request
        self.context = context = Context(
            now=request.means.now,
            today=request.today,
            zone=request.zone,
            book=self.draft,
            dictionaries=self.dictionaries,
            language=request.language,
            tabs=request.tabs,
            author=self._author(),
            calendar=self.calendar,
            files=request.files,
        )
        if request.levels.method is Method.RFM and CUSTOMERS in request.tabs:
            ranking = todays_ranking(self.draft, self.state.note(RFM_NOTE), context, request.levels)
            self.context = context = replace(context, rfm=ranking.borders)
            self.notes |= {RFM_NOTE: ranking.note} if ranking.note else {}
            dirty = {*dirty, *((CUSTOMERS, key) for key in self.draft.keys(CUSTOMERS) if ranking.moved)}
        looking = {row for row in dirty if row[0] in request.tabs}
        for tab in request.tabs:
            self.draft.prefetch(tab, [key for of, key in looking if of == tab])
        for _ in range(MOST_GENERATED):
            evaluate(self.draft, looking, request.rules, context, request.means.codec, self.evaluation)
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

    def _project(self) -> dict[TabKey, Projection]:
        """Compares the sheets with the records, where the two may differ."""
        self.eyes = self.request.eyes(self.draft)  # who may see what may have changed
        changed: dict[TabKey, set[RowKey]] = {}
        for tab, key in self.draft.changed():
            changed.setdefault(tab, set()).add(key)
        projections: dict[TabKey, Projection] = {}
        for tab in self.eyes.tabs:
            intake = self.intakes.get(tab)
            self.waiting[tab] = rows = self._may_differ(tab, changed.get(tab, set()), intake)
            if tab in self.request.held or (intake is not None and intake.halted):
                self.leaving = self.leaving or (not self.eyes.sees_all and self._leave(tab, rows))
                continue
            if not rows and not (intake is not None and (intake.loose or intake.evicted)):
                continue
            intake = intake or self._locate(tab)
            if intake is not None:
                projections[tab] = self._project_tab(intake, rows)
        return projections

    def _may_differ(self, tab: TabKey, changed: set[RowKey], intake: Intake | None) -> set[RowKey]:
        """Rows that the replica may not show as they are now."""
        replica = self.request.replica
        rows = self._of_concern(tab, changed) | self.state.pending(replica.key, tab)
        if replica.stale:  # an old file lacks what we wrote since
            rows |= self.state.moved_since(replica.key, tab, replica.generation)
        if self.request.whole:
            rows |= self.state.known_rows(replica.key, tab, replica.generation).by_key.keys()
            rows |= self._of_concern(tab, set(self.draft.keys(tab)))
        return rows if intake is None else rows | intake.touched | intake.gone.keys()

    def _leave(self, tab: TabKey, rows: set[RowKey]) -> bool:
        """Whether a view holds any of the rows although its reader may no longer see them."""
        replica = self.request.replica.key
        held = self.state.holders([replica], tab, rows).get(replica, set())
        return any(not self._visible(tab, key) for key in held)

    def _of_concern(self, tab: TabKey, rows: set[RowKey]) -> set[RowKey]:
        """Those rows that the replica shows, or did so far."""
        if self.eyes.sees_all or not rows:
            return rows
        replica = self.request.replica.key
        held = self.state.holders([replica], tab, rows).get(replica, set())
        return {key for key in rows if key in held or self._visible(tab, key)}

    def _visible(self, tab: TabKey, key: RowKey) -> bool:
        values = self.draft.values((tab, key))
        return values is not None and self.eyes.rights(tab, values).visible

    def _locate(self, tab: TabKey) -> Intake | None:
        """Where the rows of a tab stand that did not change; None when the file has no such tab."""
        reading = self.request.read(tab)
        if reading is None:
            return None
        replica = self.request.replica
        known = self.state.known_rows(replica.key, tab, replica.generation)
        standing, others = known.sort_out(reading.rows)
        places = {known.by_witness[row.witness].key: row for row in others if row.witness in known.by_witness}
        self.intakes[tab] = intake = Intake(reading, places=ChainMap(places, standing))
        return intake

    def _project_tab(self, intake: Intake, rows: set[RowKey]) -> Projection:
        tab, replica = intake.reading.key, self.request.replica
        self.draft.prefetch(tab, rows)
        bases = self.state.base_rows(replica.key, tab, replica.generation, rows)
        bases.update({key: row for key, row in intake.observed.items() if row is not None})
        notes = {number: self.remarks.text(intake.reading.tab, [issue]) for number, issue in intake.loose.items()}
        shown = self._shown(tab, rows)
        return project(
            intake,
            in_reading_order(intake.reading.tab, self.draft.in_order(tab, rows), shown, self.eyes),
            shown,
            bases,
            {key: self.request.means.witness(tab, key) for key in rows},
            Bounds(
                lambda key: self._below(tab, key, Level.EDIT),
                lambda key: frozenset() if self.eyes.sees_all else self._below(tab, key, Level.READ),
            ),
            notes,
            self.request.means.codec,
        )

    def _shown(self, tab: TabKey, rows: set[RowKey]) -> dict[RowKey, Values | None]:
        """What the replica shows of rows; None for one that it does not show."""
        remarks = None if self.eyes.sees_all else self._reader_remarks(tab, rows)
        kept = {} if remarks is None else self.state.findings(tab, rows)
        shown: dict[RowKey, Values | None] = {}
        for key in rows:
            row, values = (tab, key), self.draft.values((tab, key))
            said = {} if remarks is None else remarks.of(row, self.findings.get(row, kept.get(key, ())))
            shown[key] = None if values is None else self.eyes.shown(row, values, said)
        return shown

    def _reader_remarks(self, tab: TabKey, rows: set[RowKey]) -> ReaderRemarks:
        request, eyes = self.request, self.eyes
        seen = SeenBook(self.draft, eyes, eyes.tabs)
        disclosure = Disclosure(seen, self.context, request.rules, request.own_reads, eyes.everywhere)
        links: Mapping[str, Collection[Pair]] = {}
        if tab == CUSTOMERS:
            again = self.suspects.compared
            kept = (each for each in self.state.pairs_of(CUSTOMERS, rows) if not {each.one, each.other} & again)
            links = by_member([*self.suspects.links, *kept])
        return ReaderRemarks(disclosure, links, request.threshold, request.replica.key)

    def _below(self, tab: TabKey, key: RowKey, level: Level) -> frozenset[ColumnKey]:
        """Columns of a row with which less may be done in this replica."""
        rights = self.eyes.rights(tab, self.draft.values((tab, key)) or {})
        return frozenset(each for each in self.eyes.tabs[tab].columns if rights.level(each) < level)

    def _marks(self) -> dict[ReplicaKey, dict[TabKey, frozenset[RowKey]]]:
        """Rows that other replicas have to compare with their records, since those changed here."""
        changed = [row for row in self.draft.changed() if row not in self.draft.provisional]
        others = self.request.others(self.draft) if changed else {}
        return concerned(self.draft, changed, others, self.state.holders) if others else {}

    # -- the plan ----------------------------------------------------------------------------------------------------

    def _plan(self, suspects: Suspects, projections: Mapping[TabKey, Projection]) -> Plan:
        request, replica = self.request, self.request.replica
        keeping = Keeping(request, self.draft, self.intakes, self.evaluation, self.findings, self.waiting)
        edits = tuple(projection.edits for projection in projections.values() if projection.edits)
        write = request.writable and bool(edits or request.must_stamp or self._took_edits())
        reserved = self.state.latest_generation(replica.key) + 1 if write else None
        reminders = self._reminders()
        commit = Commit(
            run=request.run,
            now=request.means.now,
            replica=replica.key,
            read=replica.generation,
            reserved=reserved,
            tabs=keeping.tab_commits(suspects, projections),
            journal=tuple(self.journal.entries),
            origins=tuple(self.origins),
            taken=self.desk.taken,
            forgotten=tuple(self.desk.forgotten),
            outbox=(
                *(_outbox_item(reminder) for reminder in reminders),
                *request.messages,
                *self.conflicting.outbox,
                *self.approving.outbox,
            ),
            notes=self.notes,
            marks=self._marks(),
        )
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
            reminders=reminders,
            merges=tuple(self.merges),
            pairs=tuple(suspects.pairs),
            changed=keeping.changed_columns(),
            dictionaries=self.dictionaries,
            lists_changed=self.lists_changed,
            places=Places(self.intakes),
            again=bool(fresh) and write,
            leaving=self.leaving,
            draft=self.draft,
            copies=tuple(self.copies),
        )

    def _took_edits(self) -> bool:
        """Whether the file was edited since its generation: it gets a new one, so that a copy that somebody opened
        before those edits is known as old when it is saved over them."""
        edits = (EntryKind.EDIT, EntryKind.DELETE, EntryKind.RESURRECT)
        return any(entry.kind in edits and entry.author == self.journal.author for entry in self.journal.entries)

    def _reminders(self) -> tuple[Reminder, ...]:
        """Reminders whose instant came since the last cycle; the first cycle has no past."""
        after, now = self.request.since, self.request.means.now
        if after is None:
            return ()
        due = (each for reminders in self.evaluation.reminders.values() for each in reminders)
        return tuple(sorted((each for each in due if after < each.instant <= now), key=lambda each: each.key))


def _outbox_item(reminder: Reminder) -> OutboxItem:
    return OutboxItem(
        key=reminder.key,
        kind=reminder.kind,
        person=reminder.person,
        not_before=reminder.instant,
        tab=reminder.tab,
        row=reminder.row,
        parameters=reminder.parameters,
    )
