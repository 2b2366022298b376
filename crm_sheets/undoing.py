"""Undo and restore as plans of commands: what the journal says was, set again. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crm_sheets.cells import same_value
from crm_sheets.changes import Value
from crm_sheets.commands import UPDATED_AT, Act, Command
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import EntryKind, JournalEntry, JournalLine, RowId, State, Values
from crm_sheets.tables import ColumnKey, TabKey

TAKEN = frozenset({EntryKind.CREATE, EntryKind.EDIT, EntryKind.DELETE, EntryKind.RESURRECT})
"""Entries that changed what people typed. Computed columns follow by themselves; a column of the staff that a rule
moved along (the probability with the stage) does not."""


@dataclass(slots=True)
class Undoing:
    """What is put back, and what is not since somebody changed it in the meantime (journal lines, newest first)."""

    commands: list[Command] = field(default_factory=list)
    undone: list[JournalLine] = field(default_factory=list)
    kept: list[JournalLine] = field(default_factory=list)


def undo(lines: Iterable[JournalLine], state: State, tabs: Mapping[TabKey, Tab], author: str) -> Undoing:
    """Puts back what `lines` (newest first) did, cell by cell, where it still is what they left.

    Several changes of one cell are put back to what was before the first of them.
    """
    return _Undo(state, tabs, author, only_unchanged=True).run(lines)


def restore(lines: Iterable[JournalLine], state: State, tabs: Mapping[TabKey, Tab], author: str) -> Undoing:
    """Puts everything that `lines` (newest first) changed back to what it was before them."""
    return _Undo(state, tabs, author, only_unchanged=False).run(lines)


class _Undo:
    """Walks the journal backwards and keeps what every touched row was."""

    def __init__(self, state: State, tabs: Mapping[TabKey, Tab], author: str, *, only_unchanged: bool) -> None:
        self.state, self.tabs, self.author, self.only_unchanged = state, tabs, author, only_unchanged
        self.out = Undoing()
        self.now: dict[RowId, Values | None] = {}
        self.then: dict[RowId, Values | None] = {}

    def run(self, lines: Iterable[JournalLine]) -> Undoing:
        for line in lines:
            if line.entry.tab in self.tabs and self._is_taken(line.entry):
                self._back(line)
        for row, then in sorted(self.then.items()):
            self._command(row, then)
        return self.out

    def _is_taken(self, entry: JournalEntry) -> bool:
        if self.tabs[entry.tab].ours:  # made once for ever: what was taken away with an undo would never come again
            return False
        if entry.kind is not EntryKind.COMPUTED or entry.column is None:
            return entry.kind in TAKEN
        column = self.tabs[entry.tab].columns.get(entry.column)
        return column is not None and not column.system

    def _back(self, line: JournalLine) -> None:
        entry = line.entry
        row = (entry.tab, entry.row)
        current = self._current(row)
        old = decode_values(self.tabs[entry.tab], entry.old) if entry.old else {}
        new = decode_values(self.tabs[entry.tab], entry.new) if entry.new else {}
        match entry.kind:
            case EntryKind.CREATE | EntryKind.RESURRECT:
                untouched = current is not None and all(
                    same_value(current.get(column), value) for column, value in self._typed(entry.tab, new).items()
                )
                self._settle(line, None, possible=untouched)
            case EntryKind.DELETE:
                self._settle(line, old, possible=current is None)
            case _:
                column = entry.column or ColumnKey("")
                untouched = current is not None and same_value(current.get(column), new.get(column))
                changed = {**(current or {}), column: old.get(column)}
                self._settle(line, changed, possible=untouched)

    def _settle(self, line: JournalLine, then: Values | None, *, possible: bool) -> None:
        row = (line.entry.tab, line.entry.row)
        if self.only_unchanged and not possible:
            self.out.kept.append(line)
            return
        if not self.only_unchanged and line.entry.column is not None and self._current(row) is None:
            self.out.kept.append(line)
            return
        self.then[row] = then
        self.out.undone.append(line)

    def _current(self, row: RowId) -> Values | None:
        """The row as it is, seen from as far back as the walk has come."""
        if row in self.then:
            return self.then[row]
        if row not in self.now:
            record = self.state.records(row[0], [row[1]]).get(row[1])
            self.now[row] = None if record is None or record.deleted else dict(record.values)
        return self.now[row]

    def _typed(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> Values:
        columns = self.tabs[tab].columns
        return {key: value for key, value in values.items() if key in columns and not columns[key].system}

    def _command(self, row: RowId, then: Values | None) -> None:
        now = self.now.get(row)
        tab, key = row
        if then is None:
            if now is not None:
                self.out.commands.append(Command(Act.DELETE, tab, key, {}, self.author, forget=True))
            return
        if now is None:
            # With what columns of ours remember: the waits of a service, how often a close date slipped.
            kept = {column: value for column, value in then.items() if column in self.tabs[tab].columns}
            kept.pop(UPDATED_AT, None)
            self.out.commands.append(Command(Act.CREATE, tab, key, kept, self.author))
            return
        columns = [key for key, column in self.tabs[tab].columns.items() if not column.system]
        changed = {column: then.get(column) for column in columns if not same_value(now.get(column), then.get(column))}
        if changed:
            self.out.commands.append(Command(Act.SET, tab, key, changed, self.author))
