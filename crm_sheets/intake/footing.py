"""What the steps of taking in one tab share: the tab as it was read, what is remembered of it, and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from crm_sheets.approval_flows import Flow, ProposedChange
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes, RowRights
from crm_sheets.journal import Journal, cell_text
from crm_sheets.known import KnownRow, KnownRows
from crm_sheets.merge import CellClash, RowMerge
from crm_sheets.permissions import Level
from crm_sheets.reading import TabReading
from crm_sheets.replica import Intake, Means, Replica
from crm_sheets.schema.base import Entry
from crm_sheets.schema.codecs import display
from crm_sheets.schema.sealed import MASK_FLAW
from crm_sheets.schema.storage import decode_values
from crm_sheets.schema.validation import ValidatedRow, unmasked, validate_rows
from crm_sheets.state import BaseRow, EntryKind, Finding, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, RowKey, TabRow


class Footing:
    """A tab while it is taken in.

    Attributes:
        tab: with the columns that the replica shows; `record_tab` has all columns of the records.
        known: the base at the generation that was read; `issued`: keys that were given out and not read back yet.
        rows: those that are to be looked at: all that were read, and those that one of them names.
        fresh: columns of which the base knows nothing yet; `silent`: those whose blank cells say nothing.
        flows: which approval an edit needs, once it was asked.
        out: what came of the tab so far.
    """

    def __init__(
        self,
        reading: TabReading,
        state: State,
        draft: Draft,
        replica: Replica,
        eyes: Eyes,
        means: Means,
        journal: Journal,
    ) -> None:
        self.reading, self.state, self.draft = reading, state, draft
        self.replica, self.eyes, self.means, self.journal = replica, eyes, means, journal
        self.tab = reading.tab
        self.record_tab = draft.tabs[reading.key]
        self.rows: Sequence[TabRow] = reading.rows
        self.known = self._known()
        self.issued = state.issued(replica.key, self.tab.key)
        self.fresh = means.fresh.get(self.tab.key, frozenset())
        self.silent = self.fresh | ({self.tab.id_column} if self.tab.id_column else frozenset())
        self.flows: dict[tuple[RowKey, ColumnKey], Flow] = {}
        self.out = Intake(reading)
        self._rights: dict[RowKey, RowRights] = {}
        self._closed: dict[Level, tuple[RowRights, frozenset[ColumnKey]]] = {}

    def _known(self) -> KnownRows:
        """The base; where not all rows were read, as much of it as they name. A row that one of them names, copied
        most likely, is read with its neighbours: which of the two is the row is not beyond doubt."""
        unread = self.reading.unread
        if unread is not None and self.means.everything:
            self.rows = sorted([*self.rows, *unread.take_all()], key=attrgetter("number"))
        if unread is None or not unread:
            return self._kept()
        known = KnownRows(self._named(self.rows), self._all, unread.size)
        more = unread.take(row.witness for row in known.by_key.values())
        if more:
            self.rows = sorted([*self.rows, *more], key=attrgetter("number"))
            known.add(self._named(more))
        return known

    def _all(self) -> Iterable[KnownRow]:
        return self._kept().by_key.values()

    def _kept(self) -> KnownRows:
        return self.state.known_rows(self.replica.key, self.tab.key, self.replica.generation)

    def _named(self, rows: Sequence[TabRow]) -> Iterable[KnownRow]:
        names = {name for row in rows for name in (row.shown, row.witness) if name}
        return self.state.known_among(self.replica.key, self.tab.key, self.replica.generation, names)

    # -- what stands in rows -------------------------------------------------------------------------------------------

    def parse(self, rows: Sequence[tuple[RowKey, TabRow]]) -> None:
        """Reads the cells of rows, which are known by these keys from now on."""
        parsed = validate_rows(self.tab, [row.cells for _, row in rows], self.means.codec)
        self.out.looked_at.update(zip((key for key, _ in rows), parsed, strict=True))

    def unmask(self, key: RowKey, row: TabRow, known: Mapping[ColumnKey, Value]) -> None:
        """A mask stands for the sealed value that the cell held, that the record has, or had since the file was
        written: somebody may have opened it before."""
        parsed = self.out.looked_at[key]
        if not any(why.code == MASK_FLAW for why in parsed.flaws.values()):
            return
        row_id, rights = (self.tab.key, key), self.rights(key)
        canonical = self.draft.values(row_id) or self.draft.tombstone(row_id) or {}
        seen = {column: value for column, value in canonical.items() if rights.level(column) >= Level.READ}
        parsed = unmasked(parsed, self.tab, row.cells, known, seen)
        had = self.state.values_since(self.replica.key, self.replica.generation, self.tab.key, key)
        masks = [column for column, why in parsed.flaws.items() if why.code == MASK_FLAW]
        for column in masks:  # of a cell that its author may not read nothing is told, not even that a mask is right
            if rights.level(column) < Level.READ:
                continue
            for text in sorted(had.get(column, ())):
                parsed = unmasked(parsed, self.tab, row.cells, decode_values(self.record_tab, text))
        self.out.looked_at[key] = parsed

    # -- what may be done ------------------------------------------------------------------------------------------

    def rights(self, key: RowKey) -> RowRights:
        """What the author may do with a row as it was before this cycle's edits of it."""
        if key not in self._rights:
            row_id = (self.tab.key, key)
            values = self.draft.values(row_id)
            if values is None:
                values = self.draft.tombstone(row_id) or {}
            self.judge(key, values)
        return self._rights[key]

    def judge(self, key: RowKey, values: Values) -> None:
        """From now on the author has the rights that these values of a row give."""
        self._rights[key] = self.eyes.rights(self.tab.key, values)

    def closed(self, key: RowKey, least: Level = Level.EDIT) -> frozenset[ColumnKey]:
        """Columns of a row that its author may not fill."""
        rights = self.rights(key)
        known = self._closed.get(least)
        if known is None or known[0] is not rights:  # in the shared workbook, all rows have the same
            known = rights, frozenset(column for column in self.tab.columns if rights.level(column) < least)
            self._closed[least] = known
        return known[1]

    # -- what is said and kept -----------------------------------------------------------------------------------------

    def look_at(self, key: RowKey, before: frozenset[Entry] = frozenset()) -> None:
        """The rules are to look at a row, and at those at the other end of its index entries, now and `before`."""
        row_id = (self.tab.key, key)
        self.out.dirty |= {row_id} | self.draft.neighbours(before | self.draft.entries(row_id))

    def put_sticky(self, row_id: RowId, findings: Iterable[Finding]) -> None:
        """Sets what stands about a row in this replica; another workbook may have it otherwise."""
        others = (each for each in self.draft.sticky.get(row_id, ()) if each.replica != self.replica.key)
        self.draft.stick(row_id, (*others, *findings))

    def journal_clashes(self, key: RowKey, merge: RowMerge) -> None:
        """Keeps what was put back and what conflicts in the journal, and asks for what must be approved."""
        for kind, clashes in ((EntryKind.REVERT, merge.reverted), (EntryKind.CONFLICT, merge.conflicts)):
            for clash in clashes:
                self.journal.clash(kind, self.tab, key, clash, self.replica.generation)
        self.propose(key, merge.proposed)

    def propose(self, key: RowKey, clashes: Iterable[CellClash]) -> None:
        """Edits that wait for an approval: kept in the journal, and made requests of once they all are known."""
        for clash in clashes:
            seen = self.journal.clash(EntryKind.PROPOSE, self.tab, key, clash, self.replica.generation)
            old, new = (cell_text(self.tab, clash.column, value) for value in (clash.stays, clash.typed))
            flow, origin = self.flows[key, clash.column], f"approval|{self.replica.key}|{seen}"
            self.out.proposed.append(ProposedChange(self.tab.key, key, clash.column, old, new, flow, origin))

    def flaw_findings(self, key: RowKey) -> list[Finding]:
        """Says of which cells of a row nobody can make anything, where its author may fill them."""
        return [
            self.finding(Issue(flaw.code, self.tab.key, key, column, Severity.ERROR, flaw.parameters), Source.CELL)
            for column, flaw in self.out.looked_at[key].flaws.items()
            if self.rights(key).level(column) >= Level.EDIT
        ]

    def finding(self, issue: Issue, source: Source) -> Finding:
        """Says something in this replica."""
        return Finding(issue, source, self.replica.key)

    def notice(self, code: str, key: RowKey, clash: CellClash) -> Finding:
        """Says that another value stands in a cell than was typed."""
        column = self.tab.columns[clash.column]
        typed = str(clash.typed) if clash.raw else display(clash.typed, column, self.means.codec)
        shown = {"typed": _short(typed), "stays": _short(display(clash.stays, column, self.means.codec))}
        return self.finding(Issue(code, self.tab.key, key, clash.column, Severity.INFO, shown), Source.NOTICE)

    def observed(self, key: RowKey, row: TabRow, witness: str, values: Mapping[ColumnKey, Value]) -> BaseRow:
        """What the file holds in a row from now on, as it was read."""
        flaws = {column: (flaw.code, flaw.parameters) for column, flaw in self.out.looked_at[key].flaws.items()}
        content = self.reading.content(row)
        kept = {column: value for column, value in values.items() if value is not None}
        return BaseRow(key, witness, row.digest, content, kept, flaws)

    def keep_aside(self, row: TabRow, parsed: ValidatedRow, code: str) -> None:
        """What is typed in a row that is no record goes to the journal, cells that cannot be read as the texts that
        they are."""
        unread = {column: str(row.cells[self.reading.place[column]]) for column in parsed.flaws}
        self.journal.hold(self.tab, RowKey(f"#{row.number}"), parsed.values, unread, (code, row.digest))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


class Step:
    """A step of taking in, with what all of them share at hand."""

    def __init__(self, footing: Footing) -> None:
        self.footing = footing
        self.tab, self.reading, self.out = footing.tab, footing.reading, footing.out
        self.state, self.draft, self.replica = footing.state, footing.draft, footing.replica
        self.eyes, self.means, self.journal = footing.eyes, footing.means, footing.journal
