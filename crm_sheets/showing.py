"""What a replica shows of the records, compared with what stands in it: which rows, which cells, which remarks."""

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, field

from crm_sheets.concern import in_reading_order
from crm_sheets.disclosure import Disclosure
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes, RowRights
from crm_sheets.permissions import Level
from crm_sheets.projection import Bounds, Projection, project
from crm_sheets.remarks import ReaderRemarks, Remarks
from crm_sheets.replica import Intake
from crm_sheets.request import Request
from crm_sheets.rules.base import Context
from crm_sheets.rules.duplicates.groups import by_member
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.seen import SeenBook
from crm_sheets.state import Finding, RowId, State, Values
from crm_sheets.suspects import CUSTOMERS, Suspects
from crm_sheets.tables import ColumnKey, RowKey, TabKey, TabRow


@dataclass
class Showing:
    """What is to be written into the sheets of a replica.

    Attributes:
        draft: the records as this cycle will leave them.
        intakes: the tabs that were read; one that must be written although it was not read joins them.
        remarks: what the shared workbook says of a row; `findings` those of this cycle, `suspects` the doubles.
        context: what a reader's own findings are judged by.
        waiting: rows of each tab that the replica may not show as they are now.
        leaving: a tab is held in which rows stand that the reader of the view may no longer see.
    """

    state: State
    request: Request
    draft: Draft
    intakes: MutableMapping[TabKey, Intake]
    remarks: Remarks
    findings: Mapping[RowId, tuple[Finding, ...]]
    suspects: Suspects
    context: Context
    waiting: dict[TabKey, set[RowKey]] = field(default_factory=dict)
    leaving: bool = False

    def __post_init__(self) -> None:
        self._eyes: Eyes = self.request.eyes(self.draft)  # who may see what may have changed
        self._lower: dict[tuple[TabKey, Level], tuple[RowRights, frozenset[ColumnKey]]] = {}

    def projections(self) -> dict[TabKey, Projection]:
        """Compares the sheets with the records, where the two may differ."""
        changed: dict[TabKey, set[RowKey]] = {}
        for tab, key in self.draft.changed():
            changed.setdefault(tab, set()).add(key)
        projections: dict[TabKey, Projection] = {}
        for tab in self._eyes.tabs:
            intake = self.intakes.get(tab)
            self.waiting[tab] = rows = self._may_differ(tab, changed.get(tab, set()), intake)
            if tab in self.request.held or (intake is not None and intake.halted):
                self.leaving = self.leaving or (not self._eyes.sees_all and self._leave(tab, rows))
                continue
            if not rows and not (intake is not None and (intake.loose or intake.evicted)):
                continue
            intake = intake or self._locate(tab, rows)
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
        if self._eyes.sees_all or not rows:
            return rows
        replica = self.request.replica.key
        held = self.state.holders([replica], tab, rows).get(replica, set())
        return {key for key in rows if key in held or self._visible(tab, key)}

    def _visible(self, tab: TabKey, key: RowKey) -> bool:
        values = self.draft.values((tab, key))
        return values is not None and self._eyes.rights(tab, values).visible

    def _locate(self, tab: TabKey, rows: set[RowKey]) -> Intake | None:
        """Where rows of a tab stand that did not change; None when the file has no such tab."""
        replica = self.request.replica
        bases = self.state.base_rows(replica.key, tab, replica.generation, rows)
        keys = {base.witness: key for key, base in bases.items()}
        reading = self.request.locate(tab, keys)
        if reading is None:
            return None
        places: dict[RowKey, TabRow] = {}
        for row in reading.rows:
            key = keys.get(row.witness)
            # A copy that is held bears the same hidden key: the row itself is the one that is as we left it.
            if key is not None and (key not in places or row.digest == bases[key].digest):
                places[key] = row
        self.intakes[tab] = intake = Intake(reading, places=places)
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
            in_reading_order(intake.reading.tab, self.draft.in_order(tab, rows), shown, self._eyes),
            shown,
            bases,
            {key: self.request.means.witness(tab, key) for key in rows},
            Bounds(
                lambda key: self._below(tab, key, Level.EDIT),
                lambda key: frozenset() if self._eyes.sees_all else self._below(tab, key, Level.READ),
            ),
            notes,
            self.request.means.codec,
        )

    def _shown(self, tab: TabKey, rows: set[RowKey]) -> dict[RowKey, Values | None]:
        """What the replica shows of rows; None for one that it does not show."""
        remarks = None if self._eyes.sees_all else self._reader_remarks(tab, rows)
        kept = {} if remarks is None else self.state.findings(tab, rows)
        shown: dict[RowKey, Values | None] = {}
        for key in rows:
            row, values = (tab, key), self.draft.values((tab, key))
            said = {} if remarks is None else remarks.of(row, self.findings.get(row, kept.get(key, ())))
            shown[key] = None if values is None else self._eyes.shown(row, values, said)
        return shown

    def _reader_remarks(self, tab: TabKey, rows: set[RowKey]) -> ReaderRemarks:
        request, eyes = self.request, self._eyes
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
        rights = self._eyes.rights(tab, self.draft.values((tab, key)) or {})
        known = self._lower.get((tab, level))
        if known is None or known[0] is not rights:  # of the shared workbook, all rows of a tab have the same
            columns = frozenset(each for each in self._eyes.tabs[tab].columns if rights.level(each) < level)
            known = self._lower[tab, level] = rights, columns
        return known[1]
