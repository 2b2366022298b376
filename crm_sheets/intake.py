"""What people did to one tab of a replica, taken into the draft: identity, brakes, merge, permissions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crm_sheets.cells import legible, same_value
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import CREATED_AT, UPDATED_AT
from crm_sheets.draft import Draft
from crm_sheets.guards import too_many_changed, too_many_deleted
from crm_sheets.identity import Ask, HeldRow, Identity, identify
from crm_sheets.journal import Journal, cell_text
from crm_sheets.merge import CellClash, RowMerge, merge_row
from crm_sheets.permissions import Level
from crm_sheets.reading import TabReading
from crm_sheets.replica import Intake, Means, Replica
from crm_sheets.schema.base import Kind
from crm_sheets.schema.codecs import display, parse
from crm_sheets.schema.validation import ValidatedRow, validate_rows
from crm_sheets.state import BaseRow, EntryKind, Finding, IssuedKey, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, RowKey, TabRow

TELLING_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.CREDIT_CODE, Kind.ID_NUMBER})
"""A row that shares such a cell with a missing one may be that row; a shared status or date says nothing."""

ID = ColumnKey("id")
LONGEST_OWN_KEY = 32
"""Characters of a number of the team's own that may become the key of its row."""

STAMPS = frozenset({CREATED_AT, UPDATED_AT})


def take_in(
    reading: TabReading, state: State, draft: Draft, replica: Replica, means: Means, journal: Journal
) -> Intake:
    """Takes the edits of a tab into the draft; with a brake pulled, nothing of it."""
    return _TabIntake(reading, state, draft, replica, means, journal).run()


class _TabIntake:
    """The steps of take_in(), with what they share."""

    def __init__(
        self, reading: TabReading, state: State, draft: Draft, replica: Replica, means: Means, journal: Journal
    ) -> None:
        self.reading, self.state, self.draft = reading, state, draft
        self.replica, self.means, self.journal = replica, means, journal
        self.tab = reading.tab
        self.known = state.known_rows(replica.key, self.tab.key, replica.generation)
        self.issued = state.issued(replica.key, self.tab.key)
        policy, role = replica.policy, replica.role
        self.levels = {
            key: Level.READ if column.system else policy.decide(role, self.tab.key, key).level
            for key, column in self.tab.columns.items()
        }
        self.fresh = means.fresh.get(self.tab.key, frozenset())
        self.silent = self.fresh | ({self.tab.id_column} if self.tab.id_column else frozenset())
        closed = frozenset(key for key, level in self.levels.items() if level < Level.EDIT)
        self.out = Intake(reading, closed=closed)

    def run(self) -> Intake:
        found = self._identify()
        by_key = {row.key: row for row in self.known.values()}
        edited = [
            key
            for key, row in found.matched.items()
            if self.means.everything or row.digest != by_key[key].digest or self._lost_its_key(key, row)
        ]
        self._parse([(key, found.matched[key]) for key in edited])
        self._parse(list(found.arrived.items()))
        base = self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, edited)
        self.draft.prefetch(self.tab.key, [*edited, *found.arrived, *found.missing])
        merges = {key: self._merge(key, base[key]) for key in edited}
        self.out.halted = self._brake(found, merges)
        if self.out.halted is not None:
            return self.out
        self.out.places = dict(found.matched)
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
        return identify(self.reading.rows, self.known, self.issued, born, ask, stale=replica.stale)

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

    def _parse(self, rows: Sequence[tuple[RowKey, TabRow]]) -> None:
        parsed = validate_rows(self.tab, [row.cells for _, row in rows], self.means.codec)
        self.out.looked_at.update(zip((key for key, _ in rows), parsed, strict=True))

    # -- edited rows -----------------------------------------------------------------------------------------------

    def _lost_its_key(self, key: RowKey, row: TabRow) -> bool:
        """Whether the hidden cell of a row must be written again: the digest knows nothing of it."""
        base = self.known.get(row.witness)
        return base is None or base.key != key

    def _merge(self, key: RowKey, base: BaseRow) -> RowMerge:
        row_id = (self.tab.key, key)
        canonical = self.draft.values(row_id)
        if canonical is None:
            canonical = self.draft.tombstone(row_id) or {}
        return merge_row(base.values, self._sheet(key), canonical, self.levels.__getitem__, self._had_since(key))

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
                self._journal_clashes(key, merge)
                self.out.gone[key] = row.number
                return
            canonical = self._resurrect(row_id)
        for column, value in merge.accepted.items():
            self.journal.cell(self.tab, key, column, canonical.get(column), value)
        if merge.accepted:
            stamp = {UPDATED_AT: self.means.now} if UPDATED_AT in self.tab.columns else {}
            self.draft.update(row_id, {**merge.accepted, **stamp})
        self._stick(key, merge)
        self.out.put_back[key] = frozenset(clash.column for clash in (*merge.reverted, *merge.conflicts))
        self.out.observed[key] = self._observed(key, row, base.witness, {**base.values, **merge.observed})
        self.out.touched.add(key)
        self.out.dirty |= {row_id} | self.draft.neighbours(before | self.draft.entries(row_id))

    def _with_unreadable_system_cells(self, key: RowKey, row: TabRow, merge: RowMerge) -> RowMerge:
        """What stands unreadably in a column that the person may not edit is put back like any other edit."""
        canonical = self.draft.values((self.tab.key, key)) or {}
        more = tuple(
            CellClash(column, legible(row.cells[self.reading.place[column]]), canonical.get(column), raw=True)
            for column in self.out.looked_at[key].flaws
            if self.levels[column] < Level.EDIT
        )
        return RowMerge(merge.accepted, merge.observed, merge.reverted + more, merge.conflicts) if more else merge

    def _resurrect(self, row_id: RowId) -> Values:
        """An edit of a row that somebody deleted brings it back: the edit wins."""
        values = self.draft.tombstone(row_id) or {}
        self.draft.put(row_id, values)
        self.journal.row(EntryKind.RESURRECT, self.tab, row_id[1], {}, values)
        return values

    def _stick(self, key: RowKey, merge: RowMerge) -> None:
        """The findings of the row that no rule makes. Notices of an earlier edit go with the next one."""
        row_id = (self.tab.key, key)
        cells = self._flaw_findings(key)
        notices = [self._notice("cell-put-back", key, clash) for clash in merge.reverted]
        notices += [self._notice("cell-conflict", key, clash) for clash in merge.conflicts]
        self._journal_clashes(key, merge)
        if not notices and not merge.accepted:
            notices = [each for each in self.draft.sticky.get(row_id, ()) if each.source is Source.NOTICE]
        self.draft.stick(row_id, (*cells, *notices))

    def _journal_clashes(self, key: RowKey, merge: RowMerge) -> None:
        for kind, clashes in ((EntryKind.REVERT, merge.reverted), (EntryKind.CONFLICT, merge.conflicts)):
            for clash in clashes:
                self.journal.clash(kind, self.tab, key, clash, self.replica.generation)

    def _flaw_findings(self, key: RowKey) -> list[Finding]:
        return [
            Finding(Issue(flaw.code, self.tab.key, key, column, Severity.ERROR, flaw.parameters), Source.CELL)
            for column, flaw in self.out.looked_at[key].flaws.items()
            if self.levels[column] >= Level.EDIT
        ]

    def _notice(self, code: str, key: RowKey, clash: CellClash) -> Finding:
        column = self.tab.columns[clash.column]
        typed = str(clash.typed) if clash.raw else display(clash.typed, column, self.means.codec)
        shown = {"typed": _short(typed), "stays": _short(display(clash.stays, column, self.means.codec))}
        return Finding(Issue(code, self.tab.key, key, clash.column, Severity.INFO, shown), Source.NOTICE)

    def _observed(self, key: RowKey, row: TabRow, witness: str, values: Mapping[ColumnKey, Value]) -> BaseRow:
        flaws = {column: (flaw.code, flaw.parameters) for column, flaw in self.out.looked_at[key].flaws.items()}
        content = self.reading.content(row)
        kept = {column: value for column, value in values.items() if value is not None}
        return BaseRow(key, witness, row.digest, content, kept, flaws)

    # -- new rows ----------------------------------------------------------------------------------------------------

    def _issue(self, found: Identity) -> None:
        """Gives keys to new rows. They enter the records only when the key was read back: a crash in between must
        not make them twice."""
        if self.tab.ours or not self.replica.policy.may_create(self.replica.role, self.tab.key):
            found.held += [HeldRow(row, "row-may-not-be-made") for row in found.fresh]
            found.fresh = []
        if not found.fresh:
            return
        keyed = self._keyed(found)
        self._parse(keyed)
        for key, row in keyed:
            row_id = (self.tab.key, key)
            self.draft.provisional.add(row_id)
            self.draft.put(row_id, self._new_values(key, self.means.now))
            self.draft.stick(row_id, tuple(self._flaw_findings(key)))
            self.out.places[key] = row
            self.out.fresh.append(IssuedKey(key, self.means.witness(self.tab.key, key), self.means.now))
            self.out.put_back[key] = self.out.closed
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
        shown = {} if self.known else {row.number: self._own_key(row) for row in found.fresh}
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

    def _new_values(self, key: RowKey, made: datetime) -> Values:
        """What a new row is worth: what was typed in columns that its author may edit, and our stamps."""
        parsed = self.out.looked_at[key].values
        values: Values = {
            column: value for column, value in parsed.items() if value is not None and self.levels[column] >= Level.EDIT
        }
        if self.tab.id_column:
            values[self.tab.id_column] = key
        values.update({column: made for column in STAMPS if column in self.tab.columns})
        return values

    def _arrive(self, key: RowKey, row: TabRow) -> None:
        """A row whose key was read back is a record now."""
        row_id = (self.tab.key, key)
        self.out.places[key] = row
        self.out.touched.add(key)
        witness = self.means.witness(self.tab.key, key)
        issued = self.issued.get(witness)
        if self.draft.values(row_id) is None:
            values = self._new_values(key, issued.at if issued else self.means.now)
            self.draft.put(row_id, values)
            self.draft.stick(row_id, tuple(self._flaw_findings(key)))
            self.journal.row(EntryKind.CREATE, self.tab, key, {}, values)
            self.out.arrived.append(key)
        self.out.observed[key] = self._observed(key, row, witness, self.out.looked_at[key].values)
        self.out.dirty |= {row_id} | self.draft.neighbours(self.draft.entries(row_id))

    # -- missing and held rows ---------------------------------------------------------------------------------------

    def _drop(self, found: Identity) -> None:
        """Rows that are gone from the sheet: deleted, or back again where they may not go or have changed since."""
        may_delete = not self.tab.ours and self.replica.policy.may_delete(self.replica.role, self.tab.key)
        base = self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, found.missing)
        for key in found.missing:
            row_id = (self.tab.key, key)
            values = self.draft.values(row_id)
            self.out.observed[key] = None
            if key in found.emptied:
                self.out.gone[key] = found.emptied[key]
            if values is None:
                continue
            changed = any(
                not same_value(values.get(column), base[key].values.get(column))
                for column in self.reading.staff_columns
                if column not in base[key].flaws
            )
            if may_delete and not changed:
                self.out.dirty |= {row_id} | self.draft.neighbours(self.draft.entries(row_id))
                self.journal.row(EntryKind.DELETE, self.tab, key, values, {})
                self.draft.put(row_id, None)
                continue
            code = "row-restored-changed" if may_delete else "row-restored"
            notice = Finding(Issue(code, self.tab.key, key, severity=Severity.INFO), Source.NOTICE)
            self.draft.stick(row_id, (notice,))
            self.out.restored.append(key)
            self.out.touched.add(key)
            self.out.dirty.add(row_id)

    def _hold(self, found: Identity) -> None:
        """Rows that nobody can place. They stay as they are, are flagged in their own row, and kept in the journal."""
        parsed = validate_rows(self.tab, [held.row.cells for held in found.held], self.means.codec)
        for held, values in zip(found.held, parsed, strict=True):
            number, content = held.row.number, self.reading.content(held.row)
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
            left = len(found.matched) + len(found.held) + len(found.fresh)
            halt = too_many_deleted(tab, rows, len(found.missing), left, limits)
            if halt is not None:
                return halt
        if self.means.accept_changes:
            return None
        accepted = (column for merge in merges.values() for column in merge.accepted)
        changed = Counter(column for column in accepted if column not in self.fresh)
        return too_many_changed(tab, rows, changed, limits)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
