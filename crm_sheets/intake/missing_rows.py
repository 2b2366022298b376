"""Rows that are gone from a sheet, and rows in it that nobody can place."""

from crm_sheets.approval_flows import Flow, ProposedChange
from crm_sheets.cells import same_value
from crm_sheets.changes import Issue, Severity
from crm_sheets.identity import Identity
from crm_sheets.intake.footing import Step
from crm_sheets.permissions import Level
from crm_sheets.schema.validation import validate_rows
from crm_sheets.state import BaseRow, EntryKind, Source, Values
from crm_sheets.tables import RowKey


class MissingRows(Step):
    """What identity could not match."""

    def drop(self, found: Identity) -> None:
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
            rights = self.footing.rights(key)
            if not rights.visible:
                continue
            may_delete = not self.tab.ours and rights.delete >= Level.EDIT
            changed = self._changed_since(key, values, base[key])
            flow = self.means.gate.flow(self.tab.key, None, (None, None), self.eyes.role, rights.delete)
            if flow is not None and not changed and not self.tab.ours:
                self._propose_deletion(key, flow)
                continue
            if may_delete and not changed:
                self.footing.look_at(key)
                self.journal.row(EntryKind.DELETE, self.footing.record_tab, key, values, {})
                self.draft.put(row_id, None)
                continue
            code = "row-restored-changed" if may_delete else "row-restored"
            self.footing.put_sticky(
                row_id, [self.footing.finding(Issue(code, self.tab.key, key, severity=Severity.INFO), Source.NOTICE)]
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

    def hold(self, found: Identity) -> None:
        """Rows that nobody can place. They stay as they are, are flagged in their own row, and kept in the journal."""
        parsed = validate_rows(self.tab, [held.row.cells for held in found.held], self.means.codec)
        for held, values in zip(found.held, parsed, strict=True):
            number, content = held.row.number, self.reading.content(held.row)
            if not all(self.footing.rights(key).visible for key in held.candidates):
                self.footing.keep_aside(held.row, values, held.code)
                self.out.evicted.append(number)
                continue
            name = RowKey(f"#{number}")
            ids = "、".join(held.candidates[:3])
            issue = Issue(held.code, self.tab.key, name, parameters={"number": str(number), "candidates": ids})
            self.out.loose[number] = issue
            self.footing.keep_aside(held.row, values, held.code)
            if held.code in {"row-new-in-old-file", "row-copied-in-old-file"}:
                self.out.held[content] = held.code
