"""A conflict copy taken in: one more reading of the same replica, at the generation that it descends from.

Nothing is ever written into a copy, and the base says what the workbook itself holds: so neither is changed here. What
was edited in the copy is merged like what was edited in the workbook; of the rest:

| in the copy | what happens |
|---|---|
| a row without a key, equal to one that was made since | it is that row, typed before the drive parted the two files |
| one that shares a telling cell with one that was made since | held: kept in the journal, told on that row |
| any other row without a key | a new record, once for each copy |
| a row that nobody can place | held, told on the rows that it may be |
| a row is missing | it stays, and says so: an old file deletes nothing |
| a cell that cannot be read | kept in the journal, told on the row |
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from crm_sheets.cells import legible, same_value
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.guards import too_many_changed
from crm_sheets.identity import Ask, HeldRow, Identity, identify
from crm_sheets.intake import TELLING_KINDS, TabIntake
from crm_sheets.journal import Journal
from crm_sheets.merge import CellClash, RowMerge
from crm_sheets.permissions import Level
from crm_sheets.reading import TabReading
from crm_sheets.replica import Means, Replica
from crm_sheets.schema.storage import decode_values
from crm_sheets.schema.validation import ValidatedRow, validate_rows
from crm_sheets.state import BaseRow, EntryKind, Finding, RowId, Source, State
from crm_sheets.tables import ColumnKey, RowKey, TabKey, TabRow

LONGEST_TOLD = 80
"""Characters of a file name in a message."""


def copy_note(digest: str) -> str:
    """Name of the note that says that a copy of this content, which names its replica, was taken in."""
    return f"copy:{digest[:32]}"


@dataclass(frozen=True, slots=True)
class CopyReading:
    """A conflict copy as it was read.

    Attributes:
        name: of the file.
        digest: of its content: what was taken in once is not taken in again.
        generation: that it carries.
        author: whom its edits are put down to.
        broken: tabs of it that cannot be made out, with the reason.
    """

    name: str
    digest: str
    generation: int
    author: str
    readings: Mapping[TabKey, TabReading]
    date1904: bool = False
    broken: tuple[Issue, ...] = ()


@dataclass(slots=True)
class CopyOutcome:
    """What came of a copy.

    Attributes:
        edited, created, conflicts, put_back, missing: cells and rows.
        held: rows that are kept in the journal, for somebody to decide.
        halted: brakes that were pulled; nothing of these tabs was taken in.
        waits: tabs that must wait: the workbook itself holds them, or has new rows that are not records yet.
    """

    name: str
    digest: str
    edited: int = 0
    created: int = 0
    conflicts: int = 0
    put_back: int = 0
    missing: int = 0
    held: int = 0
    halted: tuple[Issue, ...] = ()
    waits: tuple[TabKey, ...] = ()
    touched: set[RowId] = field(default_factory=set)

    @property
    def settled(self) -> bool:
        """Whether everything in it was taken in, so that it may be put away."""
        return not self.halted and not self.waits

    def kept(self) -> str:
        """What is remembered of it."""
        counts = {"edited": self.edited, "created": self.created, "conflicts": self.conflicts, "held": self.held}
        return json.dumps({"file": self.name, **counts}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Taking:
    """What taking copies in needs, the same for each."""

    state: State
    draft: Draft
    replica: Replica
    eyes: Eyes
    means: Means
    journal: Journal
    desk: Desk


def take_in_copy(copy: CopyReading, held: Collection[TabKey], taking: Taking) -> tuple[CopyOutcome, set[RowId]]:
    """Takes the edits of a copy into the draft; also the rows to look at then.

    Args:
        copy: as it was read.
        held: tabs that the workbook itself holds.
        taking: the workbook as it was taken in just before.
    """
    outcome = CopyOutcome(copy.name, copy.digest, halted=copy.broken)
    replica = replace(taking.replica, generation=copy.generation, stale=True, author=copy.author)
    codec = replace(taking.means.codec, date1904=copy.date1904)
    means = replace(taking.means, codec=codec, everything=False)
    dirty: set[RowId] = set()
    for tab, reading in copy.readings.items():
        if tab in held:
            outcome.waits += (tab,)
            continue
        journal = Journal(copy.author)
        its = replace(taking, replica=replica, means=means, journal=journal)
        intake = _CopyIntake(reading, its, outcome)
        found = intake.run()
        outcome.halted += (found.halted,) if found.halted is not None else ()
        outcome.touched |= {(tab, key) for key in found.touched}
        taking.journal.entries += journal.entries
        _count(outcome, journal)
        dirty |= found.dirty
    return outcome, dirty


def _count(outcome: CopyOutcome, journal: Journal) -> None:
    kinds = [entry.kind for entry in journal.entries]
    outcome.edited += kinds.count(EntryKind.EDIT)
    outcome.conflicts += kinds.count(EntryKind.CONFLICT)
    outcome.put_back += kinds.count(EntryKind.REVERT)


class _CopyIntake(TabIntake):
    """The steps of taking in one tab of a copy."""

    def __init__(self, reading: TabReading, taking: Taking, outcome: CopyOutcome) -> None:
        super().__init__(reading, taking.state, taking.draft, taking.replica, taking.eyes, taking.means, taking.journal)
        self.desk, self.outcome = taking.desk, outcome
        self.told_name = outcome.name[:LONGEST_TOLD]

    # -- identity --------------------------------------------------------------------------------------------------

    def _identify(self) -> Identity:
        """Rows of the base as ever; a row without a key is new unless it was made since the copy was parted."""
        ask = Ask(self.reading.content, self._resembles, self.means.means_new)
        found = identify(self.reading.rows, self.known, self.issued, {}, ask, stale=False)
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
        keys = sorted(later - self.known.by_key.keys())
        self.draft.prefetch(tab, keys)
        return [key for key in keys if self.eyes.sees_all or self.rights(key).visible]

    def _place(self, row: TabRow, parsed: ValidatedRow, later: Sequence[RowKey], found: Identity) -> None:
        """Decides about a row without a key of this generation."""
        named = self._named(row, later)
        if named is not None and named not in found.matched:
            found.matched[named] = row
            return
        twin = next((key for key in later if self._equals(parsed, key)), None)
        if twin is not None:
            self._put_ours_away(twin, row, parsed, twin)
            return
        alike = [] if self.means.means_new(row.shown) else [key for key in later if self._shares(parsed, key)]
        if alike:
            found.held.append(HeldRow(row, "row-new-in-old-file", tuple(alike)))
        else:
            found.fresh.append(row)

    def _named(self, row: TabRow, later: Iterable[RowKey]) -> RowKey | None:
        """The row that the hidden key names, where the base of the copy's generation knows it no longer: it was taken
        out when the workbook itself was read at that generation."""
        if not row.witness or row.witness in self.known.by_witness:
            return None
        asked = [RowKey(row.shown)] if row.shown else []
        keys = (key for key in (*asked, *later) if self.means.witness(self.tab.key, key) == row.witness)
        return next(keys, None)

    def _bases(self, keys: Sequence[RowKey]) -> dict[RowKey, BaseRow]:
        """What the copy held when it was parted. The base itself has advanced where the workbook was read at the same
        generation: what it took in then was typed after the two were parted, or in one of them only."""
        bases = super()._bases(keys)
        for key in keys:
            before = bases.get(key)
            if before is None:
                witness = self.means.witness(self.tab.key, key)
                before = BaseRow(key, witness, "", "", self._values(key))
            encoded = self.state.values_at(self.replica.key, self.replica.generation, self.tab.key, key)
            values = dict(before.values)
            for column, text in encoded.items():
                if column in self.tab.columns:
                    values[column] = decode_values(self.tab, text).get(column)
            bases[key] = replace(before, values=values)
        return bases

    def _put_ours_away(self, key: RowKey, row: TabRow, parsed: ValidatedRow, source: RowKey | None) -> None:
        """What was typed in columns that its author may not fill; what `source` holds as well was typed by nobody."""
        self.out.looked_at[key] = parsed
        self.out.put_back[key] = self._closed(key, Level.PROPOSE)
        self._put_away_ours(key, row, source)

    def _equals(self, parsed: ValidatedRow, key: RowKey) -> bool:
        """Whether everything that was typed is what a record holds, or held when it was deleted."""
        values = self._values(key)
        typed = [column for column in self.reading.staff_columns if parsed.values.get(column) is not None]
        if not typed or parsed.flaws.keys() & set(self.reading.staff_columns):
            return False
        return all(same_value(parsed.values[column], values.get(column)) for column in typed)

    def _shares(self, parsed: ValidatedRow, key: RowKey) -> bool:
        values = self._values(key)
        telling = (each for each in self.reading.staff_columns if self.tab.columns[each].kind in TELLING_KINDS)
        return any(
            values.get(each) is not None and same_value(parsed.values.get(each), values.get(each)) for each in telling
        )

    def _values(self, key: RowKey) -> Mapping[ColumnKey, Value]:
        row_id = (self.tab.key, key)
        values = self.draft.values(row_id)
        return values if values is not None else self.draft.tombstone(row_id) or {}

    # -- edited rows -----------------------------------------------------------------------------------------------

    def _accept(self, key: RowKey, row: TabRow, base: BaseRow, merge: RowMerge) -> None:
        """A cell that cannot be read is a conflict here: the workbook's cell stays, and what was typed must not go."""
        rights, values = self.rights(key), self._values(key)
        unread = tuple(
            CellClash(column, legible(row.cells[self.reading.place[column]]), values.get(column), raw=True)
            for column in self.out.looked_at[key].flaws
            if rights.level(column) >= Level.EDIT and column not in base.flaws
        )
        super()._accept(key, row, base, replace(merge, conflicts=merge.conflicts + unread))

    def _stick(self, key: RowKey, merge: RowMerge) -> None:
        """What stands about the workbook's row stays, and what was put away of the copy is told beside it."""
        self._journal_clashes(key, merge)
        notices = [self._notice("cell-put-back", key, clash) for clash in merge.reverted]
        notices += [self._notice("cell-conflict", key, clash) for clash in merge.conflicts]
        self._tell(key, notices)

    def _tell(self, key: RowKey, notices: Iterable[Finding]) -> None:
        row_id = (self.tab.key, key)
        there = self.draft.sticky.get(row_id, ())
        self.draft.stick(row_id, (*there, *(each for each in notices if each not in there)))
        self.out.touched.add(key)
        self.out.dirty.add(row_id)

    def _say(self, code: str, key: RowKey, **shown: str) -> None:
        issue = Issue(code, self.tab.key, key, severity=Severity.INFO, parameters={"copy": self.told_name, **shown})
        self._tell(key, [self._finding(issue, Source.NOTICE)])

    # -- rows that are new, missing, or held -----------------------------------------------------------------------

    def _arrive(self, key: RowKey, row: TabRow) -> None:
        """A row that got its key in a file of which only the copy is left."""
        values = self._new_values(key, self.issued[self.means.witness(self.tab.key, key)].at)
        if values is None:
            self._keep_aside(row, self.out.looked_at[key], "row-may-not-be-made")
            self.outcome.held += 1
            return
        row_id = (self.tab.key, key)
        self.draft.put(row_id, values)
        self.journal.row(EntryKind.CREATE, self.record_tab, key, {}, values)
        self.outcome.created += 1
        self._put_ours_away(key, row, self.out.looked_at[key], None)
        self._say("row-from-copy", key)
        self.out.dirty |= self.draft.neighbours(self.draft.entries(row_id))

    def _issue(self, found: Identity) -> None:
        """New rows become records at once, by their origin: there is no file in which a key could be read back."""
        if self.tab.ours or not self.eyes.may_create(self.tab.key):
            found.held += [HeldRow(row, "row-may-not-be-made") for row in found.fresh]
            return
        for row in found.fresh:
            name = RowKey(f"#{row.number}")
            self._parse([(name, row)])
            values = self._new_values(name, self.means.now)
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
            self._keep_aside(row, parsed, "row-new")
        self._put_ours_away(made[1], row, parsed, source)
        clashes = [
            CellClash(column, legible(row.cells[self.reading.place[column]]), None, raw=True) for column in parsed.flaws
        ]
        self._say("row-from-copy", made[1])
        self._tell(made[1], [self._notice("cell-conflict", made[1], clash) for clash in clashes])

    def _drop(self, found: Identity) -> None:
        """Rows that are missing in the copy stay; where it is not most of them, they say so."""
        there = [key for key in found.missing if self.draft.values((self.tab.key, key)) is not None]
        seen = [key for key in there if self.rights(key).visible]
        self.outcome.missing += len(seen)
        if len(seen) <= self.replica.limits.deletions(len(self.known)):
            for key in seen:
                self._say("row-missing-in-copy", key)

    def _hold(self, found: Identity) -> None:
        """Rows that nobody can place are kept in the journal and told on the rows that they may be."""
        parsed = validate_rows(self.tab, [held.row.cells for held in found.held], self.means.codec)
        for held, values in zip(found.held, parsed, strict=True):
            if any((self.tab.key, key) in self.draft.provisional for key in held.candidates):
                self.outcome.waits += (self.tab.key,)  # nobody could see it there: it is no record yet
                continue
            self.outcome.held += 1
            self._keep_aside(held.row, values, held.code)
            for key in held.candidates:
                if self.draft.values((self.tab.key, key)) is not None:
                    self._say("row-in-doubt-in-copy", key, number=str(held.row.number))

    def _brake(self, found: Identity, merges: Mapping[RowKey, RowMerge]) -> Issue | None:
        """As in the workbook, but for deletions, which a copy does not make. Where nothing is known of the rows that
        it had, all of them would seem new."""
        witnesses = {row.witness for row in self.reading.rows if row.witness}
        if witnesses - self.issued.keys() and not self.known:
            return Issue("generation-unknown", self.tab.key)
        if self.means.accept_changes:
            return None
        if found.scrambled:
            return Issue("ids-scrambled", self.tab.key, parameters={"rows": str(found.scrambled)})
        accepted = [column for merge in merges.values() for column in merge.accepted if column not in self.fresh]
        changed = {column: accepted.count(column) for column in set(accepted)}
        return too_many_changed(self.tab.key, len(self.known), changed, self.replica.limits)
