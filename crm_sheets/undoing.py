"""Undo as a plan of commands: what a run changed, set back where it still stands. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crm_sheets.cells import same_value
from crm_sheets.changes import Value
from crm_sheets.commands import UPDATED_AT, Act, Command
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import EntryKind, JournalEntry, JournalLine, RowId, State, Values
from crm_sheets.tables import ColumnKey, RowKey, TabKey

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
    return _Undo(state, tabs, author).run([line for line in lines if is_taken(line.entry, tabs)])


def is_taken(entry: JournalEntry, tabs: Mapping[TabKey, Tab]) -> bool:
    """Whether an entry tells what people made of a row: what undo and restore go by."""
    tab = tabs.get(entry.tab)
    if tab is None or tab.ours:  # made once for ever: what was taken away with an undo would never come again
        return False
    if entry.kind is not EntryKind.COMPUTED or entry.column is None:
        return entry.kind in TAKEN
    column = tab.columns.get(entry.column)
    return column is not None and not column.system


def command(tab: Tab, key: RowKey, now: Values | None, then: Values | None, author: str) -> Command | None:
    """What makes a row that is `now` what it was `then`; None when people would see no difference."""
    if then is None:
        return None if now is None else Command(Act.DELETE, tab.key, key, {}, author, forget=True)
    if now is None:
        # With what columns of ours remember: the waits of a service, how often a close date slipped.
        kept = {column: value for column, value in then.items() if column in tab.columns}
        kept.pop(UPDATED_AT, None)
        return Command(Act.CREATE, tab.key, key, kept, author)
    differ = {column for column in now.keys() | then.keys() if not same_value(now.get(column), then.get(column))}
    changed = {column.key: then.get(column.key) for column in tab.staff_columns() if column.key in differ}
    return Command(Act.SET, tab.key, key, changed, author) if changed else None


class _Undo:
    """Walks the journal backwards and keeps what every touched row was."""

    def __init__(self, state: State, tabs: Mapping[TabKey, Tab], author: str) -> None:
        self.state, self.tabs, self.author = state, tabs, author
        self.out = Undoing()
        self.now: dict[RowId, Values | None] = {}
        self.then: dict[RowId, Values | None] = {}

    def run(self, lines: Sequence[JournalLine]) -> Undoing:
        self.now = rows_now(self.state, [(line.entry.tab, line.entry.row) for line in lines])
        for line in lines:
            self._back(line)
        made = [
            command(self.tabs[tab], key, self.now[tab, key], then, self.author)
            for (tab, key), then in sorted(self.then.items())
        ]
        self.out.commands += [each for each in made if each is not None]
        return self.out

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
        if possible:
            self.then[line.entry.tab, line.entry.row] = then
        (self.out.undone if possible else self.out.kept).append(line)

    def _current(self, row: RowId) -> Values | None:
        """The row as it is, seen from as far back as the walk has come."""
        return self.then[row] if row in self.then else self.now[row]

    def _typed(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> Values:
        columns = self.tabs[tab].columns
        return {key: value for key, value in values.items() if key in columns and not columns[key].system}


def rows_now(state: State, rows: Iterable[RowId]) -> dict[RowId, Values | None]:
    """Rows as they are, None for those that are not there."""
    keys: dict[TabKey, dict[RowKey, None]] = {}
    for tab, key in rows:
        keys.setdefault(tab, {})[key] = None
    found: dict[RowId, Values | None] = {(tab, key): None for tab, of_tab in keys.items() for key in of_tab}
    for tab, of_tab in keys.items():
        for key, record in state.records(tab, of_tab).items():
            found[tab, key] = None if record.deleted else dict(record.values)
    return found
