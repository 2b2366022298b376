"""Rows that people edited: merged, judged by what their author may do, and taken into the draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from crm_sheets.cells import legible
from crm_sheets.changes import Value
from crm_sheets.commands import UPDATED_AT
from crm_sheets.intake.footing import Step
from crm_sheets.journal import cell_text
from crm_sheets.merge import CellClash, RowMerge, merge_row
from crm_sheets.permissions import Level
from crm_sheets.state import BaseRow, EntryKind, RowId, Source, Values
from crm_sheets.tables import ColumnKey, RowKey, TabRow

REMARKS = frozenset({ColumnKey("check"), ColumnKey("duplicates")})
"""Columns in which the sheet explains itself, to each reader in words of their own."""


class EditedRows(Step):
    """What people did to rows that are records."""

    def bases(self, keys: Sequence[RowKey]) -> dict[RowKey, BaseRow]:
        """What the file held in these rows when it was written."""
        return self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, keys)

    def lost_its_key(self, key: RowKey, row: TabRow) -> bool:
        """Whether the hidden cell of a row must be written again: the digest knows nothing of it."""
        base = self.footing.known.by_witness.get(row.witness)
        return base is None or base.key != key

    def merge(self, key: RowKey, base: BaseRow) -> RowMerge:
        """What is to become of each cell of a row, by the base, the record and the rights of the author."""
        row_id = (self.tab.key, key)
        canonical = self.draft.values(row_id)
        if canonical is None:
            canonical = self.draft.tombstone(row_id) or {}
        shown = self._shown(key, canonical, base)
        level = self.footing.rights(key).level
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
            self.footing.flows[key, column] = flow
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
            if column not in parsed.flaws
            and (column not in self.footing.silent or parsed.values.get(column) is not None)
        }

    def _had_since(self, key: RowKey) -> Callable[[ColumnKey, Value], bool] | None:
        if not (self.replica.stale or self.replica.overtaken):
            return None
        had = self.state.values_since(self.replica.key, self.replica.generation, self.tab.key, key)
        return lambda column, value: cell_text(self.tab, column, value) in had.get(column, ())

    def accept(self, key: RowKey, row: TabRow, base: BaseRow, merge: RowMerge) -> None:
        """Takes one row's accepted cells into the draft, journals them, and says what is put back."""
        row_id = (self.tab.key, key)
        merge = self._with_unreadable_system_cells(key, row, merge)
        before = self.draft.entries(row_id)
        canonical = self.draft.values(row_id)
        if canonical is None:
            if not merge.accepted:
                self.footing.journal_clashes(key, replace(merge, reverted=merge.reverted + merge.proposed, proposed=()))
                self.out.gone[key] = row.number
                return
            canonical = self._resurrect(row_id)
        for column, value in merge.accepted.items():
            self.journal.cell(self.tab, key, column, canonical.get(column), value)
        if merge.accepted:
            stamp = {UPDATED_AT: self.means.now} if UPDATED_AT in self.footing.record_tab.columns else {}
            self.draft.update(row_id, {**merge.accepted, **stamp})
        self.stick(key, merge)
        self.out.put_back[key] = frozenset(
            clash.column for clash in (*merge.reverted, *merge.conflicts, *merge.proposed)
        )
        self.out.observed[key] = self.footing.observed(key, row, base.witness, {**base.values, **merge.observed})
        self.out.touched.add(key)
        self.footing.look_at(key, before)

    def _with_unreadable_system_cells(self, key: RowKey, row: TabRow, merge: RowMerge) -> RowMerge:
        """What stands unreadably in a column that the person may not edit is put back like any other edit."""
        canonical, rights = self.draft.values((self.tab.key, key)) or {}, self.footing.rights(key)
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
        self.journal.row(EntryKind.RESURRECT, self.footing.record_tab, row_id[1], {}, values)
        return values

    def stick(self, key: RowKey, merge: RowMerge) -> None:
        """The findings of the row that no rule makes. Notices of an earlier edit go with the next one."""
        row_id = (self.tab.key, key)
        cells = self.footing.flaw_findings(key)
        notices = [self.footing.notice("cell-put-back", key, clash) for clash in merge.reverted]
        notices += [self.footing.notice("cell-conflict", key, clash) for clash in merge.conflicts]
        self.footing.journal_clashes(key, merge)
        if not notices and not merge.accepted:
            mine = (each for each in self.draft.sticky.get(row_id, ()) if each.replica == self.replica.key)
            notices = [each for each in mine if each.source is Source.NOTICE]
        self.footing.put_sticky(row_id, (*cells, *notices))
