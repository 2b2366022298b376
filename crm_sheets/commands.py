"""Edits that no replica made: what an administrator's command, an import or an undo does to records, in the draft."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.journal import Journal
from crm_sheets.schema.base import Tab
from crm_sheets.state import EntryKind, RowId, Values
from crm_sheets.tables import ColumnKey, RowKey, TabKey

FORM = "form"
"""Beginning of the author of what answers of forms made: the cycle is still that of whoever saved the file."""

CREATED_AT, UPDATED_AT = ColumnKey("created_at"), ColumnKey("updated_at")


class Act(StrEnum):
    """What a command does to a record."""

    CREATE = "create"
    SET = "set"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Command:
    """An edit that does not come from a replica: import, undo, restore, hand-over.

    Attributes:
        key: of the record; None for one that is to be made.
        values: columns to set; None blanks a column.
        origin: of a row that an import makes: a second one of the same origin makes nothing.
        forget: the row that goes was made by an import, which may make it again.
    """

    act: Act
    tab: TabKey
    key: RowKey | None
    values: Mapping[ColumnKey, Value]
    author: str
    origin: str = ""
    forget: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Where commands are carried out.

    Attributes:
        new_key: makes a row key of a tab; asked again when the key is taken.
        taken_before: which of the origins of imported rows have made their row.
        taken: rows that were made just now, by their origin; forgotten: rows that imports may make again.
    """

    draft: Draft
    journal: Journal
    new_key: Callable[[Tab], RowKey]
    now: datetime
    taken_before: Callable[[Sequence[str]], Mapping[str, RowId]]
    taken: dict[str, RowId] = field(default_factory=dict)
    forgotten: list[RowId] = field(default_factory=list)
    _drawn: dict[TabKey, deque[RowKey]] = field(default_factory=dict, repr=False)

    def obey(self, commands: Sequence[Command]) -> set[RowId]:
        """Carries out commands in their order; the rows to look at then."""
        dirty: set[RowId] = set()
        known = self.taken_before([command.origin for command in commands if command.origin])
        wanted = [command for command in commands if command.origin not in known]
        self._draw(wanted)
        for command in wanted:
            dirty |= self.carry_out(command)
        return dirty

    def _draw(self, commands: Sequence[Command]) -> None:
        """Draws the keys of rows to be made, and asks in one go which of them are taken."""
        for command in commands:
            if command.key is None:
                self._drawn.setdefault(command.tab, deque()).append(self.new_key(self.draft.tabs[command.tab]))
        for tab, keys in self._drawn.items():
            self.draft.prefetch(tab, keys)

    def carry_out(self, command: Command) -> set[RowId]:
        """Carries out one command; the rows to look at then."""
        tab = self.draft.tabs[command.tab]
        key = command.key if command.key is not None else self.free_key(tab)
        row = (command.tab, key)
        before, now = self.draft.entries(row), self.draft.values(row)
        if command.origin:
            self.taken[command.origin] = row
        if command.forget:
            self.forgotten.append(row)
        if command.act is Act.DELETE:
            self._delete(tab, key, command.author)
        elif now is None:
            kind = EntryKind.CREATE if self.draft.tombstone(row) is None else EntryKind.RESURRECT
            self._make(kind, tab, key, command.values, command.author)
        else:
            for column, value in command.values.items():
                if now.get(column) != value and column != UPDATED_AT:
                    self.journal.cell(tab, key, column, now.get(column), value, command.author)
            stamp = {UPDATED_AT: self.now} if UPDATED_AT in tab.columns else {}
            self.draft.update(row, {**stamp, **command.values})
        return {row} | self.draft.neighbours(before | self.draft.entries(row))

    def create(self, tab: Tab, values: Mapping[ColumnKey, Value], author: str) -> set[RowId]:
        """Makes a row under a new key."""
        key = self.free_key(tab)
        self._make(EntryKind.CREATE, tab, key, values, author)
        return {(tab.key, key)} | self.draft.neighbours(self.draft.entries((tab.key, key)))

    def _make(self, kind: EntryKind, tab: Tab, key: RowKey, given: Mapping[ColumnKey, Value], author: str) -> None:
        values: Values = {column: value for column, value in given.items() if value is not None}
        if tab.id_column:
            values[tab.id_column] = key
        if CREATED_AT in tab.columns:  # a row that comes back was made when it was made
            before = self.draft.tombstone((tab.key, key)) or {}
            values.setdefault(CREATED_AT, before.get(CREATED_AT) or self.now)
        if UPDATED_AT in tab.columns:
            values.setdefault(UPDATED_AT, self.now)
        self.draft.put((tab.key, key), values)
        self.journal.row(kind, tab, key, {}, values, author)

    def _delete(self, tab: Tab, key: RowKey, author: str) -> None:
        values = self.draft.values((tab.key, key))
        if values is not None:
            self.journal.row(EntryKind.DELETE, tab, key, values, {}, author)
            self.draft.put((tab.key, key), None)

    def free_key(self, tab: Tab) -> RowKey:
        """A key that no row of a tab has or had."""
        while True:
            drawn = self._drawn.get(tab.key)
            key = drawn.popleft() if drawn else self.new_key(tab)
            row = (tab.key, key)
            if self.draft.values(row) is None and self.draft.tombstone(row) is None:
                return key
