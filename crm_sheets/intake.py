"""What people did to one tab of a replica, taken into the draft: identity, brakes, merge, permissions."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm_sheets.approval_flows import Flow, ProposedChange
from crm_sheets.cells import legible, same_value
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import CREATED_AT, UPDATED_AT
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes, RowRights
from crm_sheets.guards import too_many_changed, too_many_deleted
from crm_sheets.identity import Ask, HeldRow, Identity, identify
from crm_sheets.journal import Journal, cell_text
from crm_sheets.merge import CellClash, RowMerge, merge_row
from crm_sheets.permissions import Level
from crm_sheets.reading import TabReading
from crm_sheets.replica import Intake, Means, Replica
from crm_sheets.schema.base import Kind
from crm_sheets.schema.codecs import display, parse
from crm_sheets.schema.sealed import MASK_FLAW
from crm_sheets.schema.storage import decode_values
from crm_sheets.schema.validation import ValidatedRow, unmasked, validate_rows
from crm_sheets.state import BaseRow, EntryKind, Finding, IssuedKey, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, RowKey, TabRow

TELLING_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.CREDIT_CODE, Kind.ID_NUMBER})
"""A row that shares such a cell with a missing one may be that row; a shared status or date says nothing."""

ID = ColumnKey("id")
LONGEST_OWN_KEY = 32
"""Characters of a number of the team's own that may become the key of its row."""

STAMPS = frozenset({CREATED_AT, UPDATED_AT})

REMARKS = frozenset({ColumnKey("check"), ColumnKey("duplicates")})
"""Columns in which the sheet explains itself, to each reader in words of their own."""


def take_in(
    reading: TabReading, state: State, draft: Draft, replica: Replica, eyes: Eyes, means: Means, journal: Journal
) -> Intake:
    """Takes the edits of a tab into the draft; with a brake pulled, nothing of it."""
    return TabIntake(reading, state, draft, replica, eyes, means, journal).run()


class TabIntake:
    """The steps of take_in(), with what they share."""

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
        """With all columns of the records; `tab` has those that the replica shows."""
        self.known = state.known_rows(replica.key, self.tab.key, replica.generation)
        self.issued = state.issued(replica.key, self.tab.key)
        self.fresh = means.fresh.get(self.tab.key, frozenset())
        self.silent = self.fresh | ({self.tab.id_column} if self.tab.id_column else frozenset())
        self._rights: dict[RowKey, RowRights] = {}
        self._flows: dict[tuple[RowKey, ColumnKey], Flow] = {}
        self.out = Intake(reading)

    def run(self) -> Intake:
        """Takes the tab in; with a brake pulled, nothing of it."""
        found = self._identify()
        by_key = self.known.by_key
        edited = [
            key
            for key, row in found.matched.items()
            if self.means.everything or self._lost_its_key(key, row) or row.digest != by_key[key].digest
        ]
        self._parse([(key, found.matched[key]) for key in edited])
        self._parse(list(found.arrived.items()))
        self.draft.prefetch(self.tab.key, [*edited, *found.arrived, *found.missing])
        base = self._bases(edited)
        for key in edited:
            self._unmask(key, found.matched[key], base[key].values)
        merges = {key: self._merge(key, base[key]) for key in edited}
        self.out.halted = self._brake(found, merges)
        if self.out.halted is not None:
            return self.out
        self.out.places = found.placed()
        for key, merge in merges.items():
            self._accept(key, found.matched[key], base[key], merge)
        for key, row in found.arrived.items():
            self._arrive(key, row)
        self._drop(found)
        self._issue(found)
        self._hold(found)
        return self.out

    # -- identity --------------------------------------------------------------------------------------------------

    def _identify(self) -> Identity:
        replica, tab = self.replica, self.tab.key
        ask = Ask(
            self.reading.content,
            self._resembles,
            self.means.means_new,
            self.state.held(replica.key, tab),
        )
        born = self.state.born_since(replica.key, tab, replica.generation) if replica.stale else {}
        rows: Sequence[TabRow] = self.reading.rows
        standing: dict[RowKey, TabRow] = {}
        if not self.means.everything:
            standing, rows = self.known.sort_out(rows)
        return identify(rows, self.known, self.issued, born, ask, stale=replica.stale, standing=standing)

    def _resembles(self, row: TabRow, missing: Sequence[RowKey]) -> tuple[RowKey, ...]:
        """Missing rows that share a telling cell with a row."""
        telling = [key for key in self.reading.staff_columns if self.tab.columns[key].kind in TELLING_KINDS]
        typed = {key: str(row.cells[self.reading.place[key]] or "").strip() for key in telling}
        bases = self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, missing)
        return tuple(
            key
            for key in missing
            if any(typed[column] and typed[column] == str(bases[key].values.get(column) or "") for column in telling)
        )

    def _bases(self, keys: Sequence[RowKey]) -> dict[RowKey, BaseRow]:
        """What the file held in these rows when it was written."""
        return self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, keys)

    def _parse(self, rows: Sequence[tuple[RowKey, TabRow]]) -> None:
        parsed = validate_rows(self.tab, [row.cells for _, row in rows], self.means.codec)
        self.out.looked_at.update(zip((key for key, _ in rows), parsed, strict=True))

    def _unmask(self, key: RowKey, row: TabRow, known: Mapping[ColumnKey, Value]) -> None:
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
            self._rights[key] = self.eyes.rights(self.tab.key, values)
        return self._rights[key]

    def _closed(self, key: RowKey, least: Level = Level.EDIT) -> frozenset[ColumnKey]:
        """Columns of a row that its author may not fill."""
        rights = self.rights(key)
        return frozenset(column for column in self.tab.columns if rights.level(column) < least)

    # -- edited rows -----------------------------------------------------------------------------------------------

    def _lost_its_key(self, key: RowKey, row: TabRow) -> bool:
        """Whether the hidden cell of a row must be written again: the digest knows nothing of it."""
        base = self.known.by_witness.get(row.witness)
        return base is None or base.key != key

    def _merge(self, key: RowKey, base: BaseRow) -> RowMerge:
        row_id = (self.tab.key, key)
        canonical = self.draft.values(row_id)
        if canonical is None:
            canonical = self.draft.tombstone(row_id) or {}
        shown = self._shown(key, canonical, base)
        level = self.rights(key).level
        merge = merge_row(
            base.values,
            self._sheet(key),
            shown,
            level,
            self._had_since(key),
            lambda column, old, new: self._asks(key, column, (old, new), level(column)),
        )
        return self._within_rights(key, canonical, merge)

    def _asks(self, key: RowKey, column: ColumnKey, change: tuple[Value, Value], level: Level) -> bool:
        """Whether somebody must approve an edit."""
        values = self.draft.values((self.tab.key, key)) or {}
        by = self.eyes.approve_by(self.tab.key, values, column, change[1]) if level is Level.PROPOSE else ()
        flow = self.means.gate.flow(self.tab.key, column, change, self.eyes.role, level, by)
        if flow is not None:
            self._flows[key, column] = flow
        return flow is not None

    def _shown(self, key: RowKey, canonical: Values, base: BaseRow) -> Values:
        """The record as the author may see it; what the sheet explains of it was made for that author as well."""
        if self.eyes.sees_all:
            return canonical
        shown = dict(self.eyes.shown((self.tab.key, key), canonical, {}) or {})
        return shown | {column: base.values[column] for column in REMARKS if column in base.values}

    def _within_rights(self, key: RowKey, canonical: Values, merge: RowMerge) -> RowMerge:
        """An edit must be allowed of the row that it leads to as well: whoever gives a row away may not do so to gain
        sight of another, nor edit it with the rights of whom it went to. What may only be asked for so is."""
        if self.eyes.sees_all or not (merge.accepted or merge.proposed):
            return merge
        judged = dict(self._judged(canonical, merge.accepted))
        for clash in merge.proposed:
            judged |= self._judged(canonical, {clash.column: clash.typed})
        clashes = {each: CellClash(each, merge.accepted[each], canonical.get(each)) for each in merge.accepted}
        clashes |= {clash.column: clash for clash in merge.proposed}
        asked = {clash.column for clash in merge.proposed if judged[clash.column] >= Level.PROPOSE}
        for column, value in merge.accepted.items():
            level = judged[column]
            if level is Level.PROPOSE and self._asks(key, column, (canonical.get(column), value), level):
                asked.add(column)
        kept = {column: value for column, value in merge.accepted.items() if judged[column] is Level.EDIT}
        refused = [clashes[column] for column in sorted(clashes.keys() - kept.keys() - asked)]
        return replace(
            merge,
            accepted=kept,
            observed={each: value for each, value in merge.observed.items() if each in kept or each not in clashes},
            reverted=(*merge.reverted, *refused),
            proposed=tuple(clashes[column] for column in sorted(asked)),
        )

    def _judged(self, canonical: Values, edits: Mapping[ColumnKey, Value]) -> Mapping[ColumnKey, Level]:
        return self.eyes.judged(self.tab.key, canonical, {**canonical, **edits}, edits.keys()) if edits else {}

    def _sheet(self, key: RowKey) -> dict[ColumnKey, Value]:
        """The readable cells of a row; blank ones too, for blanking a cell is an edit. A blank id is none: it is
        written again, and nobody need be told; nor is a blank cell of a column that has just become ours."""
        parsed = self.out.looked_at[key]
        return {
            column: parsed.values.get(column)
            for column in self.reading.columns
            if column not in parsed.flaws and (column not in self.silent or parsed.values.get(column) is not None)
        }

    def _had_since(self, key: RowKey) -> Callable[[ColumnKey, Value], bool] | None:
        if not (self.replica.stale or self.replica.overtaken):
            return None
        had = self.state.values_since(self.replica.key, self.replica.generation, self.tab.key, key)
        return lambda column, value: cell_text(self.tab, column, value) in had.get(column, ())

    def _accept(self, key: RowKey, row: TabRow, base: BaseRow, merge: RowMerge) -> None:
        """Takes one row's accepted cells into the draft, journals them, and says what is put back."""
        row_id = (self.tab.key, key)
        merge = self._with_unreadable_system_cells(key, row, merge)
        before = self.draft.entries(row_id)
        canonical = self.draft.values(row_id)
        if canonical is None:
            if not merge.accepted:
                self._journal_clashes(key, replace(merge, reverted=merge.reverted + merge.proposed, proposed=()))
                self.out.gone[key] = row.number
                return
            canonical = self._resurrect(row_id)
        for column, value in merge.accepted.items():
            self.journal.cell(self.tab, key, column, canonical.get(column), value)
        if merge.accepted:
            stamp = {UPDATED_AT: self.means.now} if UPDATED_AT in self.record_tab.columns else {}
            self.draft.update(row_id, {**merge.accepted, **stamp})
        self._stick(key, merge)
        self.out.put_back[key] = frozenset(
            clash.column for clash in (*merge.reverted, *merge.conflicts, *merge.proposed)
        )
        self.out.observed[key] = self._observed(key, row, base.witness, {**base.values, **merge.observed})
        self.out.touched.add(key)
        self.out.dirty |= {row_id} | self.draft.neighbours(before | self.draft.entries(row_id))

    def _with_unreadable_system_cells(self, key: RowKey, row: TabRow, merge: RowMerge) -> RowMerge:
        """What stands unreadably in a column that the person may not edit is put back like any other edit."""
        canonical, rights = self.draft.values((self.tab.key, key)) or {}, self.rights(key)
        shown = canonical if self.eyes.sees_all else self.eyes.shown((self.tab.key, key), canonical, {}) or {}
        more = tuple(
            CellClash(column, legible(row.cells[self.reading.place[column]]), shown.get(column), raw=True)
            for column in self.out.looked_at[key].flaws
            if rights.level(column) < Level.EDIT
        )
        return replace(merge, reverted=merge.reverted + more) if more else merge

    def _resurrect(self, row_id: RowId) -> Values:
        """An edit of a row that somebody deleted brings it back: the edit wins."""
        values = self.draft.tombstone(row_id) or {}
        self.draft.put(row_id, values)
        self.journal.row(EntryKind.RESURRECT, self.record_tab, row_id[1], {}, values)
        return values

    def _stick(self, key: RowKey, merge: RowMerge) -> None:
        """The findings of the row that no rule makes. Notices of an earlier edit go with the next one."""
        row_id = (self.tab.key, key)
        cells = self._flaw_findings(key)
        notices = [self._notice("cell-put-back", key, clash) for clash in merge.reverted]
        notices += [self._notice("cell-conflict", key, clash) for clash in merge.conflicts]
        self._journal_clashes(key, merge)
        if not notices and not merge.accepted:
            mine = (each for each in self.draft.sticky.get(row_id, ()) if each.replica == self.replica.key)
            notices = [each for each in mine if each.source is Source.NOTICE]
        self._put_sticky(row_id, (*cells, *notices))

    def _put_sticky(self, row_id: RowId, findings: Iterable[Finding]) -> None:
        """Sets what stands about a row in this replica; another workbook may have it otherwise."""
        others = (each for each in self.draft.sticky.get(row_id, ()) if each.replica != self.replica.key)
        self.draft.stick(row_id, (*others, *findings))

    def _journal_clashes(self, key: RowKey, merge: RowMerge) -> None:
        for kind, clashes in ((EntryKind.REVERT, merge.reverted), (EntryKind.CONFLICT, merge.conflicts)):
            for clash in clashes:
                self.journal.clash(kind, self.tab, key, clash, self.replica.generation)
        self._propose(key, merge.proposed)

    def _propose(self, key: RowKey, clashes: Iterable[CellClash]) -> None:
        """Edits that wait for an approval: kept in the journal, and made requests of once they all are known."""
        for clash in clashes:
            seen = self.journal.clash(EntryKind.PROPOSE, self.tab, key, clash, self.replica.generation)
            old, new = (cell_text(self.tab, clash.column, value) for value in (clash.stays, clash.typed))
            flow, origin = self._flows[key, clash.column], f"approval|{self.replica.key}|{seen}"
            self.out.proposed.append(ProposedChange(self.tab.key, key, clash.column, old, new, flow, origin))

    def _flaw_findings(self, key: RowKey) -> list[Finding]:
        return [
            self._finding(Issue(flaw.code, self.tab.key, key, column, Severity.ERROR, flaw.parameters), Source.CELL)
            for column, flaw in self.out.looked_at[key].flaws.items()
            if self.rights(key).level(column) >= Level.EDIT
        ]

    def _finding(self, issue: Issue, source: Source) -> Finding:
        return Finding(issue, source, self.replica.key)

    def _notice(self, code: str, key: RowKey, clash: CellClash) -> Finding:
        column = self.tab.columns[clash.column]
        typed = str(clash.typed) if clash.raw else display(clash.typed, column, self.means.codec)
        shown = {"typed": _short(typed), "stays": _short(display(clash.stays, column, self.means.codec))}
        return self._finding(Issue(code, self.tab.key, key, clash.column, Severity.INFO, shown), Source.NOTICE)

    def _observed(self, key: RowKey, row: TabRow, witness: str, values: Mapping[ColumnKey, Value]) -> BaseRow:
        flaws = {column: (flaw.code, flaw.parameters) for column, flaw in self.out.looked_at[key].flaws.items()}
        content = self.reading.content(row)
        kept = {column: value for column, value in values.items() if value is not None}
        return BaseRow(key, witness, row.digest, content, kept, flaws)

    # -- new rows ----------------------------------------------------------------------------------------------------

    def _issue(self, found: Identity) -> None:
        """Gives keys to new rows. They enter the records only when the key was read back: a crash in between must
        not make them twice."""
        if self.tab.ours or not self.eyes.may_create(self.tab.key):
            found.held += [HeldRow(row, "row-may-not-be-made") for row in found.fresh]
            found.fresh = []
        if not found.fresh:
            return
        keyed = self._keyed(found)
        self._parse(keyed)
        for key, row in keyed:
            row_id = (self.tab.key, key)
            values = self._new_values(key, self.means.now)
            if values is None:
                found.held.append(HeldRow(row, "row-may-not-be-made"))
                continue
            self.draft.provisional.add(row_id)
            self.draft.put(row_id, values)
            self._put_sticky(row_id, self._flaw_findings(key))
            self.out.places[key] = row
            self.out.fresh.append(IssuedKey(key, self.means.witness(self.tab.key, key), self.means.now))
            self.out.put_back[key] = self._closed(key, Level.PROPOSE) | self._forced(key, values)
            self._put_away_ours(key, row, found.copies.get(row.number))
            if self.known:
                # Somebody may put an old file in the place of this one before the row is a record.
                self._keep_aside(row, self.out.looked_at[key], "row-new")
            self.out.touched.add(key)
            self.out.dirty |= {row_id} | self.draft.neighbours(self.draft.entries(row_id))

    def _put_away_ours(self, key: RowKey, row: TabRow, source: RowKey | None) -> None:
        """What was typed in columns of a new row that its author may not fill goes to the journal; what came along
        with a copied row was typed by nobody."""
        copied = self.draft.values((self.tab.key, source)) if source is not None else None
        content = self.reading.content(row)
        for column in self.out.put_back[key]:
            raw = row.cells[self.reading.place[column]]
            if raw is None or raw == "" or column == self.tab.id_column:
                continue
            if copied is not None and self.out.looked_at[key].values.get(column) == copied.get(column):
                continue
            clash = CellClash(column, legible(raw), None, raw=True)
            self.journal.clash(EntryKind.REVERT, self.tab, key, clash, self.replica.generation, content)

    def _keyed(self, found: Identity) -> list[tuple[RowKey, TabRow]]:
        """A key for each new row. In a tab that we never wrote, the team's own numbers are kept as keys."""
        # Elsewhere it would tell whether a number is taken, by a row that the author may not see.
        own_numbers = not self.known and self.eyes.sees_all
        shown = {row.number: self._own_key(row) for row in found.fresh} if own_numbers else {}
        own = Counter(shown.values())
        wanted = {number: key for number, key in shown.items() if own[key] == 1 and 0 < len(key) <= LONGEST_OWN_KEY}
        made = {row.number: self.means.new_key(self.tab) for row in found.fresh}
        self.draft.prefetch(self.tab.key, [*wanted.values(), *made.values()])
        keyed: dict[RowKey, TabRow] = {}
        for row in found.fresh:
            key = wanted.get(row.number, made[row.number])
            while key in keyed or not self._free(key):
                key = self.means.new_key(self.tab)
            keyed[key] = row
        return list(keyed.items())

    def _own_key(self, row: TabRow) -> RowKey:
        """The number that the team gave a row, in the form in which an id comes back from its cell."""
        column = self.tab.id_column
        if column is None or self.means.means_new(row.shown):
            return RowKey("")
        return RowKey(str(parse(row.shown, self.tab.columns[column], self.means.codec) or ""))

    def _free(self, key: RowKey) -> bool:
        row_id = (self.tab.key, key)
        return self.draft.values(row_id) is None and self.draft.tombstone(row_id) is None

    def _new_values(self, key: RowKey, made: datetime) -> Values | None:
        """What a new row is worth: what was typed in columns that its author may fill, and our stamps; None when the
        author may not make it."""
        parsed = self.out.looked_at[key].values
        typed: Values = {column: value for column, value in parsed.items() if value is not None}
        given = self.eyes.made(self.tab.key, typed)
        if given is None:
            return None
        self._rights[key] = self.eyes.rights(self.tab.key, given)
        values = dict(given)
        if self.tab.id_column:
            values[self.tab.id_column] = key
        values.update({column: made for column in STAMPS if column in self.record_tab.columns})
        return values

    def _forced(self, key: RowKey, values: Values) -> frozenset[ColumnKey]:
        """Columns of a new row in which its author typed something else than what it is made with."""
        typed = self.out.looked_at[key].values
        return frozenset(each for each, value in typed.items() if value is not None and values.get(each) != value)

    def _held_back(self, key: RowKey, values: Values) -> list[CellClash]:
        """The cells of a new row that somebody must approve: those that a move of their column leads to."""
        found = []
        for column, value in values.items():
            flow = self.means.gate.flow(self.tab.key, column, (None, value), self.eyes.role, Level.EDIT)
            if flow is not None and flow.change is not None and flow.change.column == column:
                self._flows[key, column] = flow
                found.append(CellClash(column, value, None))
        return found

    def _arrive(self, key: RowKey, row: TabRow) -> None:
        """A row whose key was read back is a record now."""
        row_id = (self.tab.key, key)
        self._unmask(key, row, {})
        self.out.places[key] = row
        self.out.touched.add(key)
        witness = self.means.witness(self.tab.key, key)
        issued = self.issued.get(witness)
        if self.draft.values(row_id) is None:
            values = self._new_values(key, issued.at if issued else self.means.now)
            if values is None:  # since it got its key, its author lost the right, or edited it so
                self._keep_aside(row, self.out.looked_at[key], "row-may-not-be-made")
                self.out.gone[key] = row.number
                self.out.arrived.append(key)
                return
            waiting = self._held_back(key, values)
            for clash in waiting:
                del values[clash.column]
            self.draft.put(row_id, values)
            self._put_sticky(row_id, self._flaw_findings(key))
            self.journal.row(EntryKind.CREATE, self.record_tab, key, {}, values)
            self._propose(key, waiting)
            self.out.put_back[key] = frozenset(clash.column for clash in waiting)
            self.out.arrived.append(key)
        self.out.observed[key] = self._observed(key, row, witness, self.out.looked_at[key].values)
        self.out.dirty |= {row_id} | self.draft.neighbours(self.draft.entries(row_id))

    # -- missing and held rows ---------------------------------------------------------------------------------------

    def _drop(self, found: Identity) -> None:
        """Rows that are gone from the sheet: deleted, or back again where they may not go or have changed since."""
        base = self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, found.missing)
        for key in found.missing:
            row_id = (self.tab.key, key)
            values = self.draft.values(row_id)
            self.out.observed[key] = None
            if key in found.emptied:
                self.out.gone[key] = found.emptied[key]
            if values is None:
                continue
            rights = self.rights(key)
            if not rights.visible:
                continue
            may_delete = not self.tab.ours and rights.delete >= Level.EDIT
            changed = self._changed_since(key, values, base[key])
            flow = self.means.gate.flow(self.tab.key, None, (None, None), self.eyes.role, rights.delete)
            if flow is not None and not changed and not self.tab.ours:
                self._propose_deletion(key, flow)
                continue
            if may_delete and not changed:
                self.out.dirty |= {row_id} | self.draft.neighbours(self.draft.entries(row_id))
                self.journal.row(EntryKind.DELETE, self.record_tab, key, values, {})
                self.draft.put(row_id, None)
                continue
            code = "row-restored-changed" if may_delete else "row-restored"
            self._put_sticky(
                row_id, [self._finding(Issue(code, self.tab.key, key, severity=Severity.INFO), Source.NOTICE)]
            )
            self.out.restored.append(key)
            self.out.touched.add(key)
            self.out.dirty.add(row_id)

    def _changed_since(self, key: RowKey, values: Values, base: BaseRow) -> bool:
        """Whether somebody else has edited a row since the author's file was written, in columns that are not in it
        too: an edit beats a deletion."""
        shown = values if self.eyes.sees_all else self.eyes.shown((self.tab.key, key), values, {}) or {}
        if any(
            not same_value(shown.get(column), base.values.get(column))
            for column in self.reading.staff_columns
            if column not in base.flaws
        ):
            return True
        return not self.eyes.sees_all and self.state.edited_since(
            self.replica.key, self.replica.generation, self.tab.key, key
        )

    def _propose_deletion(self, key: RowKey, flow: Flow) -> None:
        """A row whose deletion must be approved comes back, and a request is made."""
        origin = f"approval|{self.replica.key}|{self.tab.key}|{key}|{self.replica.generation}"
        self.out.proposed.append(ProposedChange(self.tab.key, key, None, "", "", flow, origin))
        self.out.restored.append(key)
        self.out.touched.add(key)
        self.out.dirty.add((self.tab.key, key))

    def _hold(self, found: Identity) -> None:
        """Rows that nobody can place. They stay as they are, are flagged in their own row, and kept in the journal."""
        parsed = validate_rows(self.tab, [held.row.cells for held in found.held], self.means.codec)
        for held, values in zip(found.held, parsed, strict=True):
            number, content = held.row.number, self.reading.content(held.row)
            if not all(self.rights(key).visible for key in held.candidates):
                self._keep_aside(held.row, values, held.code)
                self.out.evicted.append(number)
                continue
            name = RowKey(f"#{number}")
            ids = "、".join(held.candidates[:3])
            issue = Issue(held.code, self.tab.key, name, parameters={"number": str(number), "candidates": ids})
            self.out.loose[number] = issue
            self._keep_aside(held.row, values, held.code)
            if held.code in {"row-new-in-old-file", "row-copied-in-old-file"}:
                self.out.held[content] = held.code

    def _keep_aside(self, row: TabRow, parsed: ValidatedRow, code: str) -> None:
        """What is typed in a row that is no record goes to the journal, cells that cannot be read as the texts that
        they are."""
        unread = {column: str(row.cells[self.reading.place[column]]) for column in parsed.flaws}
        self.journal.hold(self.tab, RowKey(f"#{row.number}"), parsed.values, unread, (code, row.digest))

    def _brake(self, found: Identity, merges: Mapping[RowKey, RowMerge]) -> Issue | None:
        tab, rows = self.tab.key, len(self.known)
        limits = self.replica.limits
        if found.scrambled and not self.means.accept_changes:
            return Issue("ids-scrambled", tab, parameters={"rows": str(found.scrambled)})
        if not self.means.accept_deletions:
            left = len(found.standing) + len(found.matched) + len(found.held) + len(found.fresh)
            halt = too_many_deleted(tab, rows, len(found.missing), left, limits)
            if halt is not None:
                return halt
        if self.means.accept_changes:
            return None
        accepted = (column for merge in merges.values() for column in _changed(merge))
        changed = Counter(column for column in accepted if column not in self.fresh)
        return too_many_changed(tab, rows, changed, limits)


def _changed(merge: RowMerge) -> list[ColumnKey]:
    return [*merge.accepted, *(clash.column for clash in merge.proposed)]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
