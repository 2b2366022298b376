"""Rows that people made: they get a key first, and are records once it was read back."""

from collections import Counter
from datetime import datetime

from crm_sheets.cells import legible
from crm_sheets.commands import CREATED_AT, UPDATED_AT
from crm_sheets.identity import HeldRow, Identity
from crm_sheets.intake.footing import Step
from crm_sheets.merge import CellClash
from crm_sheets.permissions import Level
from crm_sheets.schema.codecs import parse
from crm_sheets.state import EntryKind, IssuedKey, Values
from crm_sheets.tables import ColumnKey, RowKey, TabRow

LONGEST_OWN_KEY = 32
"""Characters of a number of the team's own that may become the key of its row."""

STAMPS = frozenset({CREATED_AT, UPDATED_AT})


class NewRows(Step):
    """Rows that are no records yet."""

    def issue(self, found: Identity) -> None:
        """Gives keys to new rows. They enter the records only when the key was read back: a crash in between must
        not make them twice."""
        if self.tab.ours or not self.eyes.may_create(self.tab.key):
            found.held += [HeldRow(row, "row-may-not-be-made") for row in found.fresh]
            found.fresh = []
        if not found.fresh:
            return
        keyed = self._keyed(found)
        self.footing.parse(keyed)
        for key, row in keyed:
            row_id = (self.tab.key, key)
            values = self.new_values(key, self.means.now)
            if values is None:
                found.held.append(HeldRow(row, "row-may-not-be-made"))
                continue
            self.draft.provisional.add(row_id)
            self.draft.put(row_id, values)
            self.footing.put_sticky(row_id, self.footing.flaw_findings(key))
            self.out.places[key] = row
            self.out.fresh.append(IssuedKey(key, self.means.witness(self.tab.key, key), self.means.now))
            self.out.put_back[key] = self.footing.closed(key, Level.PROPOSE) | self._forced(key, values)
            self.put_away_ours(key, row, found.copies.get(row.number))
            if self.footing.known:
                # Somebody may put an old file in the place of this one before the row is a record.
                self.footing.keep_aside(row, self.out.looked_at[key], "row-new")
            self.out.touched.add(key)
            self.footing.look_at(key)

    def put_away_ours(self, key: RowKey, row: TabRow, source: RowKey | None) -> None:
        """What was typed in columns of a new row that its author may not fill goes to the journal; what came along
        with a copied row was typed by nobody."""
        copied = self.draft.values((self.tab.key, source)) if source is not None else None
        for column in self.out.put_back[key]:
            raw = row.cells[self.reading.place[column]]
            if raw is None or raw == "" or column == self.tab.id_column:
                continue
            if copied is not None and self.out.looked_at[key].values.get(column) == copied.get(column):
                continue
            self._put_away(key, row, CellClash(column, legible(raw), None, raw=True))

    def _put_away_since(self, key: RowKey, row: TabRow, values: Values) -> None:
        """The same for what was typed there since the row got its key. What the row is made with was written then."""
        read = self.out.looked_at[key]
        closed = self.footing.closed(key, Level.PROPOSE)
        for column, place in self.reading.place.items():
            raw = row.cells[place] if column in closed else None
            if raw is None or raw == "" or (self.tab.columns[column].system and column not in STAMPS):
                continue
            if column in read.flaws or read.values.get(column) != values.get(column):
                self._put_away(key, row, CellClash(column, legible(raw), None, raw=True))

    def _put_away(self, key: RowKey, row: TabRow, clash: CellClash) -> None:
        content = self.reading.content(row)
        self.journal.clash(EntryKind.REVERT, self.tab, key, clash, self.replica.generation, content)

    def _keyed(self, found: Identity) -> list[tuple[RowKey, TabRow]]:
        """A key for each new row. In a tab that we never wrote, the team's own numbers are kept as keys."""
        # Elsewhere it would tell whether a number is taken, by a row that the author may not see.
        own_numbers = not self.footing.known and self.eyes.sees_all
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

    def new_values(self, key: RowKey, made: datetime) -> Values | None:
        """What a new row is worth: what was typed in columns that its author may fill, and our stamps; None when the
        author may not make it."""
        parsed = self.out.looked_at[key].values
        typed: Values = {column: value for column, value in parsed.items() if value is not None}
        given = self.eyes.made(self.tab.key, typed)
        if given is None:
            return None
        self.footing.judge(key, given)
        values = dict(given)
        if self.tab.id_column:
            values[self.tab.id_column] = key
        values.update({column: made for column in STAMPS if column in self.footing.record_tab.columns})
        return values

    def _forced(self, key: RowKey, values: Values) -> frozenset[ColumnKey]:
        """Columns of a new row in which its author typed something else than what it is made with."""
        typed = self.out.looked_at[key].values
        return frozenset(each for each, value in typed.items() if value is not None and values.get(each) != value)

    def _held_back(self, key: RowKey, values: Values) -> list[CellClash]:
        """The cells of a new row that somebody must approve: those that a move of their column leads to."""
        found: list[CellClash] = []
        if not self.means.gate.by_tab.get(self.tab.key):  # moves of a column are asked of flows only
            return found
        for column, value in values.items():
            flow = self.means.gate.flow(self.tab.key, column, (None, value), self.eyes.role, Level.EDIT)
            if flow is not None and flow.change is not None and flow.change.column == column:
                self.footing.flows[key, column] = flow
                found.append(CellClash(column, value, None))
        return found

    def arrive(self, key: RowKey, row: TabRow) -> None:
        """A row whose key was read back is a record now."""
        row_id = (self.tab.key, key)
        self.footing.unmask(key, row, {})
        self.out.places[key] = row
        self.out.touched.add(key)
        witness = self.means.witness(self.tab.key, key)
        issued = self.footing.issued.get(witness)
        if self.draft.values(row_id) is None:
            values = self.new_values(key, issued.at if issued else self.means.now)
            if values is None:  # since it got its key, its author lost the right, or edited it so
                self.footing.keep_aside(row, self.out.looked_at[key], "row-may-not-be-made")
                self.out.gone[key] = row.number
                self.out.arrived.append(key)
                return
            if issued is not None:
                self._put_away_since(key, row, values)
            waiting = self._held_back(key, values)
            for clash in waiting:
                del values[clash.column]
            self.draft.put(row_id, values)
            self.footing.put_sticky(row_id, self.footing.flaw_findings(key))
            self.journal.row(EntryKind.CREATE, self.footing.record_tab, key, {}, values)
            self.footing.propose(key, waiting)
            self.out.put_back[key] = frozenset(clash.column for clash in waiting)
            self.out.arrived.append(key)
        self.out.observed[key] = self.footing.observed(key, row, witness, self.out.looked_at[key].values)
        self.footing.look_at(key)
