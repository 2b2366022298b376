"""The steps of taking in one tab of a conflict copy, where they differ from those of the workbook itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from crm_sheets.cells import legible, same_value
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.copied.outcomes import CopyOutcome
from crm_sheets.guards import too_many_changed
from crm_sheets.identity import Ask, HeldRow, Identity, identify
from crm_sheets.intake.edited_rows import EditedRows
from crm_sheets.intake.footing import Footing, Step
from crm_sheets.intake.missing_rows import MissingRows
from crm_sheets.intake.new_rows import NewRows
from crm_sheets.intake.tabs import TELLING_KINDS, TabIntake
from crm_sheets.merge import CellClash, RowMerge
from crm_sheets.permissions import Level
from crm_sheets.schema.storage import decode_values
from crm_sheets.schema.validation import ValidatedRow, validate_rows
from crm_sheets.state import BaseRow, EntryKind, Finding, Source
from crm_sheets.tables import ColumnKey, RowKey, TabRow

LONGEST_TOLD = 80
"""Characters of a file name in a message."""


class Telling(Step):
    """What the workbook's rows say of the copy."""

    def __init__(self, footing: Footing, name: str) -> None:
        super().__init__(footing)
        self.name = name[:LONGEST_TOLD]

    def values(self, key: RowKey) -> Mapping[ColumnKey, Value]:
        """Of a record, or of one that was deleted."""
        row_id = (self.tab.key, key)
        values = self.draft.values(row_id)
        return values if values is not None else self.draft.tombstone(row_id) or {}

    def tell(self, key: RowKey, notices: Iterable[Finding]) -> None:
        """Adds notices to what stands about a row."""
        row_id = (self.tab.key, key)
        there = self.draft.sticky.get(row_id, ())
        self.draft.stick(row_id, (*there, *(each for each in notices if each not in there)))
        self.out.touched.add(key)
        self.out.dirty.add(row_id)

    def say(self, code: str, key: RowKey, **shown: str) -> None:
        """Says something of the copy as a whole on a row."""
        issue = Issue(code, self.tab.key, key, severity=Severity.INFO, parameters={"copy": self.name, **shown})
        self.tell(key, [self.footing.finding(issue, Source.NOTICE)])


class CopiedEdits(EditedRows):
    """What was edited in the copy."""

    def __init__(self, footing: Footing, telling: Telling) -> None:
        super().__init__(footing)
        self.telling = telling

    def bases(self, keys: Sequence[RowKey]) -> dict[RowKey, BaseRow]:
        """What the copy held when it was parted. The base itself has advanced where the workbook was read at the same
        generation: what it took in then was typed after the two were parted, or in one of them only."""
        bases = super().bases(keys)
        for key in keys:
            before = bases.get(key)
            if before is None:
                witness = self.means.witness(self.tab.key, key)
                before = BaseRow(key, witness, "", "", self.telling.values(key))
            encoded = self.state.values_at(self.replica.key, self.replica.generation, self.tab.key, key)
            values = dict(before.values)
            for column, text in encoded.items():
                if column in self.tab.columns:
                    values[column] = decode_values(self.tab, text).get(column)
            bases[key] = replace(before, values=values)
        return bases

    def accept(self, key: RowKey, row: TabRow, base: BaseRow, merge: RowMerge) -> None:
        """A cell that cannot be read is a conflict here: the workbook's cell stays, and what was typed must not go."""
        rights, values = self.footing.rights(key), self.telling.values(key)
        unread = tuple(
            CellClash(column, legible(row.cells[self.reading.place[column]]), values.get(column), raw=True)
            for column in self.out.looked_at[key].flaws
            if rights.level(column) >= Level.EDIT and column not in base.flaws
        )
        super().accept(key, row, base, replace(merge, conflicts=merge.conflicts + unread))

    def stick(self, key: RowKey, merge: RowMerge) -> None:
        """What stands about the workbook's row stays, and what was put away of the copy is told beside it."""
        self.footing.journal_clashes(key, merge)
        notices = [self.footing.notice("cell-put-back", key, clash) for clash in merge.reverted]
        notices += [self.footing.notice("cell-conflict", key, clash) for clash in merge.conflicts]
        self.telling.tell(key, notices)


class CopiedRows(NewRows):
    """Rows of the copy that are no records yet."""

    def __init__(self, footing: Footing, telling: Telling, desk: Desk, outcome: CopyOutcome) -> None:
        super().__init__(footing)
        self.telling, self.desk, self.outcome = telling, desk, outcome

    def arrive(self, key: RowKey, row: TabRow) -> None:
        """A row that got its key in a file of which only the copy is left."""
        values = self.new_values(key, self.footing.issued[self.means.witness(self.tab.key, key)].at)
        if values is None:
            self.footing.keep_aside(row, self.out.looked_at[key], "row-may-not-be-made")
            self.outcome.held += 1
            return
        self.draft.put((self.tab.key, key), values)
        self.journal.row(EntryKind.CREATE, self.footing.record_tab, key, {}, values)
        self.outcome.created += 1
        self.put_ours_away(key, row, self.out.looked_at[key], None)
        self.telling.say("row-from-copy", key)
        self.footing.look_at(key)

    def issue(self, found: Identity) -> None:
        """New rows become records at once, by their origin: there is no file in which a key could be read back."""
        if self.tab.ours or not self.eyes.may_create(self.tab.key):
            found.held += [HeldRow(row, "row-may-not-be-made") for row in found.fresh]
            return
        for row in found.fresh:
            name = RowKey(f"#{row.number}")
            self.footing.parse([(name, row)])
            values = self.new_values(name, self.means.now)
            if values is None:
                found.held.append(HeldRow(row, "row-may-not-be-made"))
            else:
                given = {column: value for column, value in values.items() if column != self.tab.id_column}
                self._make(row, given, found.copies.get(row.number))

    def _make(self, row: TabRow, values: Mapping[ColumnKey, Value], source: RowKey | None) -> None:
        tab, name = self.tab.key, RowKey(f"#{row.number}")
        place = f"{self.outcome.digest}|{tab}|{row.number}"
        origin = f"copy:{blake2b(place.encode(), digest_size=16).hexdigest()}"
        command = Command(Act.CREATE, tab, None, values, self.replica.author, origin)
        self.out.dirty |= self.desk.obey([command])
        made = self.desk.taken.get(origin)
        if made is None:  # an earlier cycle has made it, and could not put the copy away
            return
        self.outcome.created += 1
        parsed = self.out.looked_at[name]
        if parsed.flaws:
            self.footing.keep_aside(row, parsed, "row-new")
        self.put_ours_away(made[1], row, parsed, source)
        clashes = [
            CellClash(column, legible(row.cells[self.reading.place[column]]), None, raw=True) for column in parsed.flaws
        ]
        self.telling.say("row-from-copy", made[1])
        self.telling.tell(made[1], [self.footing.notice("cell-conflict", made[1], clash) for clash in clashes])

    def put_ours_away(self, key: RowKey, row: TabRow, parsed: ValidatedRow, source: RowKey | None) -> None:
        """What was typed in columns that its author may not fill; what `source` holds as well was typed by nobody."""
        self.out.looked_at[key] = parsed
        self.out.put_back[key] = self.footing.closed(key, Level.PROPOSE)
        self.put_away_ours(key, row, source)


class CopiedGaps(MissingRows):
    """Rows that the copy lacks, and rows in it that nobody can place."""

    def __init__(self, footing: Footing, telling: Telling, outcome: CopyOutcome) -> None:
        super().__init__(footing)
        self.telling, self.outcome = telling, outcome

    def drop(self, found: Identity) -> None:
        """Rows that are missing in the copy stay; where it is not most of them, they say so."""
        there = [key for key in found.missing if self.draft.values((self.tab.key, key)) is not None]
        seen = [key for key in there if self.footing.rights(key).visible]
        self.outcome.missing += len(seen)
        if len(seen) <= self.replica.limits.deletions(len(self.footing.known)):
            for key in seen:
                self.telling.say("row-missing-in-copy", key)

    def hold(self, found: Identity) -> None:
        """Rows that nobody can place are kept in the journal and told on the rows that they may be."""
        parsed = validate_rows(self.tab, [held.row.cells for held in found.held], self.means.codec)
        for held, values in zip(found.held, parsed, strict=True):
            if any((self.tab.key, key) in self.draft.provisional for key in held.candidates):
                self.outcome.waits += (self.tab.key,)  # nobody could see it there: it is no record yet
                continue
            self.outcome.held += 1
            self.footing.keep_aside(held.row, values, held.code)
            for key in held.candidates:
                if self.draft.values((self.tab.key, key)) is not None:
                    self.telling.say("row-in-doubt-in-copy", key, number=str(held.row.number))


class CopyIntake(TabIntake):
    """The steps of taking in one tab of a copy."""

    def __init__(self, footing: Footing, desk: Desk, outcome: CopyOutcome) -> None:
        super().__init__(footing)
        self.telling = Telling(footing, outcome.name)
        self.edited = CopiedEdits(footing, self.telling)
        self.new = self._newcomers = CopiedRows(footing, self.telling, desk, outcome)
        self.missing = CopiedGaps(footing, self.telling, outcome)

    def _identify(self) -> Identity:
        """Rows of the base as ever; a row without a key is new unless it was made since the copy was parted."""
        ask = Ask(self.reading.content, self._resembles, self.means.means_new)
        found = identify(self.reading.rows, self.footing.known, self.footing.issued, {}, ask, stale=False)
        later = self._made_since()
        for key in [key for key in found.arrived if self.draft.values((self.tab.key, key)) is not None]:
            found.matched[key] = found.arrived.pop(key)
        fresh, found.fresh = found.fresh, []
        parsed = validate_rows(self.tab, [row.cells for row in fresh], self.means.codec)
        for row, values in zip(fresh, parsed, strict=True):
            self._place(row, values, later, found)
        return found

    def _made_since(self) -> list[RowKey]:
        """Records that came into this replica after the copy's generation, those of this very cycle too."""
        replica, tab = self.replica, self.tab.key
        later = self.state.moved_since(replica.key, tab, replica.generation) | self.state.pending(replica.key, tab)
        later |= self.state.made_since(replica.key, replica.generation, tab)
        later |= {key for of, key in self.draft.changed() if of == tab}
        keys = sorted(later - self.footing.known.by_key.keys())
        self.draft.prefetch(tab, keys)
        return [key for key in keys if self.eyes.sees_all or self.footing.rights(key).visible]

    def _place(self, row: TabRow, parsed: ValidatedRow, later: Sequence[RowKey], found: Identity) -> None:
        """Decides about a row without a key of this generation."""
        named = self._named(row, later)
        if named is not None and named not in found.matched:
            found.matched[named] = row
            return
        twin = next((key for key in later if self._equals(parsed, key)), None)
        if twin is not None:
            self._newcomers.put_ours_away(twin, row, parsed, twin)
            return
        alike = [] if self.means.means_new(row.shown) else [key for key in later if self._shares(parsed, key)]
        if alike:
            found.held.append(HeldRow(row, "row-new-in-old-file", tuple(alike)))
        else:
            found.fresh.append(row)

    def _named(self, row: TabRow, later: Iterable[RowKey]) -> RowKey | None:
        """The row that the hidden key names, where the base of the copy's generation knows it no longer: it was taken
        out when the workbook itself was read at that generation."""
        if not row.witness or row.witness in self.footing.known.by_witness:
            return None
        asked = [RowKey(row.shown)] if row.shown else []
        keys = (key for key in (*asked, *later) if self.means.witness(self.tab.key, key) == row.witness)
        return next(keys, None)

    def _equals(self, parsed: ValidatedRow, key: RowKey) -> bool:
        """Whether everything that was typed is what a record holds, or held when it was deleted."""
        values = self.telling.values(key)
        typed = [column for column in self.reading.staff_columns if parsed.values.get(column) is not None]
        if not typed or parsed.flaws.keys() & set(self.reading.staff_columns):
            return False
        return all(same_value(parsed.values[column], values.get(column)) for column in typed)

    def _shares(self, parsed: ValidatedRow, key: RowKey) -> bool:
        values = self.telling.values(key)
        telling = (each for each in self.reading.staff_columns if self.tab.columns[each].kind in TELLING_KINDS)
        return any(
            values.get(each) is not None and same_value(parsed.values.get(each), values.get(each)) for each in telling
        )

    def _brake(self, found: Identity, merges: Mapping[RowKey, RowMerge]) -> Issue | None:
        """As in the workbook, but for deletions, which a copy does not make. Where nothing is known of the rows that
        it had, all of them would seem new."""
        witnesses = {row.witness for row in self.reading.rows if row.witness}
        if witnesses - self.footing.issued.keys() and not self.footing.known:
            return Issue("generation-unknown", self.tab.key)
        if self.means.accept_changes:
            return None
        if found.scrambled:
            return Issue("ids-scrambled", self.tab.key, parameters={"rows": str(found.scrambled)})
        accepted = [
            column for merge in merges.values() for column in merge.accepted if column not in self.footing.fresh
        ]
        changed = {column: accepted.count(column) for column in set(accepted)}
        return too_many_changed(self.tab.key, len(self.footing.known), changed, self.replica.limits)
