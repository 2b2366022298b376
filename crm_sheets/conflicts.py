"""Two people changed one cell: a row of 冲突 tells it once, both are told, and whoever leads the owner decides.

The value that was there first stays until somebody decides otherwise; the other one is in the journal. A decision for
it counts only while the cell still holds what it held then.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.deciders import conflicts_to_ask_anew, decider_of, person_named
from crm_sheets.involvement import author_told, name_in
from crm_sheets.journal import PROGRAM, cell_text
from crm_sheets.language import Language
from crm_sheets.permissions import Level
from crm_sheets.request import Request
from crm_sheets.schema.base import Row, Tab
from crm_sheets.schema.codecs import display
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import column_label, tab_label, words
from crm_sheets.schema.people import PEOPLE, PersonRecord
from crm_sheets.schema.pointing import is_sealed, pointing
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import EntryKind, Finding, JournalEntry, OutboxItem, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, ReplicaKey, TabKey
from crm_sheets.views import VIEW

CONFLICTS = TabKey("conflicts")
DECISION, DECIDED_AT, ENTRY = ColumnKey("decision"), ColumnKey("decided_at"), ColumnKey("entry")
PUT_AWAY_BY, KEPT_BY = ColumnKey("put_away_by"), ColumnKey("kept_by")
DECIDER = ColumnKey("decider")
DICTIONARY = "conflict_decision"
ADMIN = "admin"

LONGEST, LONGEST_NAME, LONGEST_AUTHOR = 32_000, 200, 128
NAMED = 20
"""Cells that a mail names; the rest it counts."""


class Verb(StrEnum):
    """What is decided."""

    KEEP = "keep"
    USE = "use"


class Fate(StrEnum):
    """What became of a conflict."""

    OPEN = "open"
    KEPT = "kept"
    USED = "used"
    CHANGED = "changed"


@dataclass(slots=True)
class Conflicting:
    """The step of a plan that is about conflicts.

    Attributes:
        origins: of rows that were made, so that they are made once.
        told: cells of which each person is told, by kind of mail and person.
    """

    desk: Desk
    state: State
    request: Request
    dictionaries: Callable[[], Dictionaries]
    origins: list[str] = field(default_factory=list)
    told: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def run(self) -> set[RowId]:
        """Carries out what was decided, and makes a row of each conflict that this cycle met; rows to look at then."""
        if CONFLICTS not in self.request.tabs:
            return set()
        met = [each for each in self.desk.journal.entries if each.kind is EntryKind.CONFLICT and each.column]
        dirty: set[RowId] = set()
        for row in [row for row in self.desk.draft.changed() if row[0] == CONFLICTS]:
            dirty |= self._heard(row)
        known = self.state.made_from([_origin(entry) for entry in met])
        for entry in met:
            if _origin(entry) not in known and _origin(entry) not in self.origins:
                self.origins.append(_origin(entry))
                dirty |= self._make(entry)
        return dirty

    def pass_on(self) -> set[RowId]:
        """Gives open conflicts to whoever is to decide them now: rows changed hands, or people their leads. To be
        called when all edits of the cycle are there. Rows to look at then."""
        if CONFLICTS not in self.request.tabs:
            return set()
        dirty: set[RowId] = set()
        for row in sorted(conflicts_to_ask_anew(self.desk.draft)):
            dirty |= self._ask_anew(row)
        return dirty

    def _ask_anew(self, row: RowId) -> set[RowId]:
        conflict = self.desk.draft.values(row) or {}
        entry = self.state.put_away(str(conflict.get(ENTRY) or "")) if conflict.get(DECIDED_AT) is None else None
        record = self.desk.draft.values((entry.tab, entry.row)) if entry is not None else None
        if entry is None or record is None:
            return set()  # decided, met in this very cycle, or about a row that is gone
        decider = decider_of(self.desk.draft, entry.tab, record)
        called = self._called(decider) if decider else None
        if called == conflict.get(DECIDER):
            return set()
        self._tell("notice-conflict", [decider], entry)
        return self.desk.carry_out(Command(Act.SET, CONFLICTS, row[1], {DECIDER: called}, PROGRAM))

    @property
    def outbox(self) -> Iterable[OutboxItem]:
        """One mail for each person and kind, however many cells it is about. It names cells and no values: what
        stands in them is read in the workbook, by whoever may."""
        now, text = self.request.means.now, self.request.language.text
        for (kind, person), cells in self.told.items():
            shown = [*cells[:NAMED], *([text("conflict.more", count=len(cells) - NAMED)] if cells[NAMED:] else [])]
            parameters = {"subject": text("conflict.count", count=len(cells)), "content": "\n".join(shown)}
            yield OutboxItem(f"{kind}|{self.request.run}|{person}", kind, person, now, CONFLICTS, None, parameters)

    # -- a conflict becomes a row --------------------------------------------------------------------------------------

    def _make(self, entry: JournalEntry) -> set[RowId]:
        tab, row = self.request.tabs[entry.tab], (entry.tab, entry.row)
        column = entry.column or ColumnKey("")
        record = self.desk.draft.values(row) or self.desk.draft.tombstone(row) or {}
        first = self._author_of_the_first(entry)
        decider = decider_of(self.desk.draft, entry.tab, record)
        values = pointing(tab, entry.row, record, column, self.request.language) | {
            ColumnKey("state"): self._word(Fate.OPEN),
            ColumnKey("kept"): self._shown(tab, column, entry.old),
            ColumnKey("put_away"): self._shown(tab, column, entry.new),
            KEPT_BY: author_told(first, self.request.language)[:LONGEST_NAME],
            PUT_AWAY_BY: author_told(entry.author, self.request.language)[:LONGEST_NAME],
            ColumnKey("at"): self.request.means.now,
            DECIDER: self._called(decider) if decider else None,
            ENTRY: entry.dedupe,
        }
        people = [self._person(name_in(first)), self._person(name_in(entry.author)), decider]
        self._tell("notice-conflict", people, entry)
        kept = {key: value for key, value in values.items() if value not in {None, ""}}
        return self.desk.carry_out(Command(Act.CREATE, CONFLICTS, None, kept, PROGRAM))

    def _author_of_the_first(self, entry: JournalEntry) -> str:
        """Who typed the value that stays: in this cycle, or before it."""
        just = (
            each.author
            for each in reversed(self.desk.journal.entries)
            if (each.tab, each.row, each.column) == (entry.tab, entry.row, entry.column)
            and each.kind in {EntryKind.EDIT, EntryKind.COMPUTED}
        )
        return next(just, None) or self.state.last_author(entry.tab, entry.row, entry.column or ColumnKey(""))

    def _shown(self, tab: Tab, column: ColumnKey, text: str) -> str:
        if is_sealed(column, tab):
            return self.request.language.text("conflict.sealed")
        return display(decode_values(tab, text).get(column), tab.columns[column], self.request.means.codec)[:LONGEST]

    # -- a decision is carried out -------------------------------------------------------------------------------------

    def _heard(self, row: RowId) -> set[RowId]:
        was, now = self.desk.draft.stored(row), self.desk.draft.values(row)
        if was is None or now is None or was.get(DECISION) == now.get(DECISION):
            return set()
        if was.get(DECIDED_AT) is not None:
            return self._refuse(row, "conflict-closed", was.get(DECISION), now)
        verb = self._verb(now.get(DECISION))
        if verb is None:
            return set()  # blank, or a word that the drop-down does not know: the rule of drop-downs says so
        entry = self.state.put_away(str(now.get(ENTRY) or ""))
        if entry is None or entry.tab not in self.request.tabs:
            return self._refuse(row, "conflict-lost", None, now)
        if not self._may_decide(entry):
            return self._refuse(row, "conflict-not-yours", None, now)
        return self._carry_out(row, entry, verb, self._said_by(row))

    def _carry_out(self, row: RowId, entry: JournalEntry, verb: Verb, author: str) -> set[RowId]:
        tab, target, column = self.request.tabs[entry.tab], (entry.tab, entry.row), entry.column or ColumnKey("")
        values = self.desk.draft.values(target)
        holds = None if values is None else cell_text(tab, column, values.get(column))
        became = Fate.KEPT
        dirty: set[RowId] = set()
        if verb is Verb.USE:
            became = Fate.USED if holds in {entry.old, entry.new} else Fate.CHANGED
            if holds == entry.old:
                value = decode_values(tab, entry.new).get(column)
                said = self.request.language.text("conflict.by", who=entry.author, decider=name_in(author))
                command = Command(Act.SET, entry.tab, entry.row, {column: value}, said[:LONGEST_AUTHOR])
                dirty |= self.desk.carry_out(command)
        told: Values = {
            ColumnKey("state"): self._word(became),
            ColumnKey("decided_by"): author_told(author, self.request.language)[:LONGEST_NAME],
            DECIDED_AT: self.request.means.now,
        }
        conflict = self.desk.draft.values(row) or {}
        people = [self._person(name_in(str(conflict.get(each) or ""))) for each in (KEPT_BY, PUT_AWAY_BY)]
        self._tell("notice-conflict-decided", people, entry)
        return dirty | self.desk.carry_out(Command(Act.SET, CONFLICTS, row[1], told, PROGRAM))

    def _refuse(self, row: RowId, code: str, stays: Value, now: Mapping[ColumnKey, Value]) -> set[RowId]:
        """A decision that does not count goes back; the row says why, and the journal has it."""
        draft, typed = self.desk.draft, str(now.get(DECISION) or "")
        replica = self.request.replica.key
        told = {"typed": typed[:60], "decider": str(now.get(DECIDER) or "—")}
        notice = Finding(Issue(code, CONFLICTS, row[1], DECISION, Severity.INFO, told), Source.NOTICE, replica)
        dirty = self.desk.carry_out(Command(Act.SET, CONFLICTS, row[1], {DECISION: stays}, PROGRAM))
        stands = draft.sticky.get(row, ())
        kept = (each for each in stands if each.source is not Source.NOTICE or each.replica != replica)
        draft.stick(row, (*kept, notice))
        return dirty

    def _verb(self, typed: Value) -> Verb | None:
        if not isinstance(typed, str):
            return None
        code = self.dictionaries().code(DICTIONARY, typed)
        known = (verb for verb in Verb if text_key(typed) in map(text_key, words(f"value.{DICTIONARY}.{verb}")))
        return Verb(code) if code in set(Verb) else next(known, None)

    def _said_by(self, row: RowId) -> str:
        said = (
            entry.author
            for entry in reversed(self.desk.journal.entries)
            if (entry.tab, entry.row, entry.column) == (*row, DECISION)
        )
        return next(said, self.request.replica.author)

    def _may_decide(self, entry: JournalEntry) -> bool:
        """In a view, only who is meant to, or an administrator. In the shared workbook whoever may edit the cell."""
        replica = self.request.replica.key
        if not replica.startswith(VIEW):
            return True
        decider = decider_of(self.desk.draft, entry.tab, self.desk.draft.values((entry.tab, entry.row)) or {})
        person = self._person(replica.removeprefix(VIEW))
        if person is None:
            return False
        is_admin = self.dictionaries().code("role", _of(person).role) == ADMIN
        return decider is None or decider.key == person.key or is_admin

    # -- people --------------------------------------------------------------------------------------------------------

    def _person(self, text: str) -> Row | None:
        return person_named(self.desk.draft, text)

    def _called(self, person: Row) -> str:
        """By name, or where several bear it by 工号."""
        record = _of(person)
        alone = record.name and len(self.desk.draft.named(PEOPLE, record.name)) == 1
        return (record.name if alone else record.id) or person.key

    def _tell(self, kind: str, people: Iterable[Row | None], entry: JournalEntry) -> None:
        for person in {each.key: each for each in people if each is not None}.values():
            if _of(person).active is not False and self._may_know(person, entry):
                cells = self.told.setdefault((kind, self._called(person)), [])
                cells.append(f"{self._label(entry.tab)} {entry.row} {self._label(entry.tab, entry.column)}")

    def _may_know(self, person: Row, entry: JournalEntry) -> bool:
        """Whether a person's own workbook shows the cell; where nobody has one, the shared one shows all."""
        eyes = self.request.others(self.desk.draft).get(ReplicaKey(f"{VIEW}{person.key}"))
        record = self.desk.draft.values((entry.tab, entry.row))
        if eyes is None or record is None:
            return eyes is None
        if entry.tab not in eyes.tabs:
            return False
        rights = eyes.rights(entry.tab, record)
        return rights.visible and rights.level(entry.column or ColumnKey("")) >= Level.READ

    def _label(self, tab: TabKey, column: ColumnKey | None = None) -> str:
        language = self.request.language
        return tab_label(tab, language) if column is None else column_label(tab, column, language)

    def _word(self, state: Fate) -> str:
        return self.request.language.text(f"conflict.state.{state}")


def decision_word(verb: Verb, dictionaries: Dictionaries, language: Language) -> str:
    """What the decision is called in the drop-down of the team, or in its language where it has none."""
    known = dictionaries.entries.get(DICTIONARY, ())
    shipped = language.text(f"value.{DICTIONARY}.{verb}")
    return next((entry.value for entry in known if dictionaries.code(DICTIONARY, entry.value) == verb), shipped)


def _origin(entry: JournalEntry) -> str:
    return f"conflict|{entry.dedupe}"


def _of(person: Row) -> PersonRecord:
    if not isinstance(person.record, PersonRecord):
        raise TypeError(f"{person.key} is no person")
    return person.record
