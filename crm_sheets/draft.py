"""The record set as this cycle is about to leave it: what is stored, under what has changed so far.

Rules see the book through it. Everything is fetched by key; a cycle that looks at much of a tab or an index fetches
it whole instead, once.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.schema.base import Entry, Role, Row, Tab, unchecked
from crm_sheets.schema.entries import bears, entries_of, telling, telling_columns
from crm_sheets.snapshots import PipelineChange, PipelineHistory
from crm_sheets.state import Finding, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, RowKey, TabKey, is_open

_DEALS = TabKey("opportunities")

WARM_AFTER = 40
"""Single look-ups after which the whole tab or index is fetched: about where one query costs as much as they did."""

MOST_NAMED = 1_000
"""Texts of each tab of which is remembered whom they name."""

MANY = 10
"""More rows than these, asked for together, are fetched together."""


class Draft:
    """Implements rules.base.Book over a State and the changes of one cycle."""

    def __init__(
        self,
        state: State,
        tabs: Mapping[TabKey, Tab],
    ) -> None:
        self.tabs = tabs
        self.provisional: set[RowId] = set()
        self.reindexed: set[RowId] = set()
        """Rows that did not change, and are found by other entries than those that were kept."""
        self.sticky: dict[RowId, tuple[Finding, ...]] = {}
        """Findings that no rule made: unreadable cells and notices."""
        self.pipeline_change: PipelineChange | None = None
        """What this cycle keeps of the pipeline."""
        self.told: Mapping[RowId, tuple[Finding, ...]] = {}
        """What stands about the rows that this cycle looked at; of others, what is stored."""
        self._state = state
        self._telling = {key: telling_columns(tab.record) for key, tab in tabs.items()}
        self._stored: dict[RowId, Values | None] = {}
        self._tombstones: dict[RowId, Values] = {}
        self._now: dict[RowId, Values | None] = {}
        self._last: dict[RowId, Values] = {}
        self._rows: dict[RowId, Row] = {}
        self._entries: dict[RowId, frozenset[Entry]] = {}
        """Of rows that were changed in this cycle: what the state says of them counts no more."""
        self._entries_before: dict[RowId, frozenset[Entry]] = {}
        self._index: dict[Entry, set[RowId]] = {}
        self._found: dict[Entry, tuple[RowId, ...]] = {}
        self._whole_index: dict[tuple[str, Role], Mapping[str, tuple[RowId, ...]]] = {}
        self._whole_tabs: set[TabKey] = set()
        self._lookups: Counter[object] = Counter()
        self._referrers: tuple[RowId, set[RowId]] | None = None
        """Who refers to the row that was asked about last: its rules ask again for each tab."""
        self._named: dict[TabKey, dict[str, tuple[Row, ...]]] = {}
        """Whom a text names, as long as no row of that tab changes: thousands of rows name the same few people."""

    # -- records ---------------------------------------------------------------------------------------------------

    def prefetch(self, tab: TabKey, keys: Iterable[RowKey]) -> None:
        """Fetches records that are going to be looked at."""
        wanted = [key for key in keys if (tab, key) not in self._stored]
        if wanted:  # of a tab that was fetched whole: rows that were deleted, and keys that nobody has
            self._keep(tab, wanted)

    def prefetch_tab(self, tab: TabKey) -> None:
        """Fetches all records of a tab."""
        if tab not in self._whole_tabs:
            self._whole_tabs.add(tab)
            for key, record in self._state.all_records(tab).items():
                self._stored.setdefault((tab, key), dict(record.values))
            for key, findings in self._state.findings(tab, None).items():
                self._keep_sticky((tab, key), findings)

    def stored(self, row: RowId) -> Values | None:
        """The values at the end of the last cycle; None when the row was not there."""
        if row not in self._stored:
            tab, key = row
            self._lookups[tab] += 1
            if self._lookups[tab] == WARM_AFTER:
                self.prefetch_tab(tab)
            if row not in self._stored:
                self._keep(tab, [key])
        return self._stored[row]

    def tombstone(self, row: RowId) -> Values | None:
        """The last values of a row that was deleted before this cycle; None when it is alive or unknown."""
        self.stored(row)
        return self._tombstones.get(row)

    def last(self, row: RowId) -> Values | None:
        """The values with which a row was taken out in this cycle: what was typed in the same cycle is among them."""
        last = self._last.get(row) if self.values(row) is None else None
        return None if last == self._stored.get(row) else last

    def values(self, row: RowId) -> Values | None:
        """The values now; None when there is no such row."""
        return self._now[row] if row in self._now else self.stored(row)

    def keys(self, tab: TabKey) -> list[RowKey]:
        """The keys of all rows of a tab now, ordered."""
        self.prefetch_tab(tab)
        rows = {key for (of, key), values in self._stored.items() if of == tab and values is not None}
        for (of, key), values in self._now.items():
            if of == tab:
                (rows.discard if values is None else rows.add)(key)
        return sorted(rows)

    def columns(self, tab: TabKey, columns: Sequence[ColumnKey]) -> dict[ColumnKey, list[Value]]:
        """Some columns of all rows of a tab that are records, in the order of their keys."""
        changed = {key: values for (of, key), values in self._now.items() if of == tab}
        if tab in self._whole_tabs or len(changed) > MANY:
            rows = [self.values((tab, key)) or {} for key in self.keys(tab) if (tab, key) not in self.provisional]
            return {column: [row.get(column) for row in rows] for column in columns}
        keys, found = self._state.columns(tab, columns)
        for key, values in changed.items():
            place = bisect_left(keys, key)
            there, counts = keys[place : place + 1] == [key], values is not None and (tab, key) not in self.provisional
            told: list[RowKey] = [key] if counts else []
            keys[place : place + there] = told
            for column, cells in found.items():
                cells[place : place + there] = [(values or {}).get(column)] if counts else []
        return found

    def put(self, row: RowId, values: Values | None) -> None:
        """Sets the values of a row, makes it, or takes it out (None)."""
        if values is None and (last := self.values(row)) is not None:
            self._last[row] = last
        self._index_before(row)
        self._now[row] = values
        self._looks_new(row)
        self._referrers = None
        entries = frozenset[Entry]()
        if values is not None:
            self._rows[row] = self._row(row, values)
            entries = entries_of(self._rows[row])
        self._entries[row] = entries
        for entry in entries:
            self._index.setdefault(entry, set()).add(row)

    def update(self, row: RowId, changes: Mapping[ColumnKey, Value]) -> None:
        """Changes some columns of a row that is there."""
        values = dict(self.values(row) or {})
        for column, value in changes.items():
            if value is None or value in {"", ()}:
                values.pop(column, None)
            else:
                values[column] = value
        if self._now.get(row) is not None and not changes.keys() & self._telling[row[0]]:
            self._now[row] = values  # it is found by what it was found by: most updates are of computed columns
            self._looks_new(row)
            return
        self.put(row, values)

    def index_anew(self, tab: TabKey) -> None:
        """Finds every row of a tab by what it is found by now: another version of the program may have kept less."""
        keys = [key for key in self.keys(tab) if (tab, key) not in self._entries]
        kept = self._state.entries_of(tab, keys)
        for key in keys:
            values, row = self.values((tab, key)), self.row(tab, key)
            if row is not None and entries_of(row) != kept.get(key, frozenset()):
                self.put((tab, key), values)
                self.reindexed.add((tab, key))

    def history(self) -> PipelineHistory:
        """The pipeline of each day, of deals that are still there; today's as this cycle keeps it."""
        found = self._state.pipeline().after(self.pipeline_change)
        there = set(self.record_keys(_DEALS)) if found.lines and _DEALS in self.tabs else set[RowKey]()
        return PipelineHistory(tuple(line for line in found.lines if line.deal in there), found.days)

    def stick(self, row: RowId, findings: tuple[Finding, ...]) -> None:
        """Sets the findings of a row that no rule makes."""
        self.sticky[row] = findings
        self._looks_new(row)

    def in_order(self, tab: TabKey, keys: Iterable[RowKey]) -> list[RowKey]:
        """Rows in the order in which this cycle first touched them, so that imported ones keep theirs; then by key."""
        turns = {row: turn for turn, row in enumerate(self._now)}
        return sorted(keys, key=lambda key: (turns.get((tab, key), -1), key))

    def changed(self) -> list[RowId]:
        """Rows that are not what they were at the end of the last cycle, ordered."""
        return sorted(row for row, values in self._now.items() if values != self._stored.get(row))

    def is_changed(self, row: RowId) -> bool:
        """Whether a row is not what it was; of one that nobody touched in this cycle nothing is fetched for it."""
        return row in self._now and self._now[row] != self._stored.get(row)

    def entries(self, row: RowId) -> frozenset[Entry]:
        """What a row can be found by now."""
        if row in self._entries:
            return self._entries[row]
        known = self._entries_before.get(row)
        if known is None:
            values = self.values(row)
            known = frozenset() if values is None else entries_of(self._row(row, values))
            self._entries_before[row] = known
        return known

    def former_entries(self, row: RowId) -> frozenset[Entry]:
        """What a row could be found by at the end of the last cycle."""
        values = self.stored(row)
        return frozenset() if values is None else entries_of(Row(row[1], unchecked(self.tabs[row[0]].record, values)))

    def neighbours(self, entries: Iterable[Entry]) -> set[RowId]:
        """Rows at the other end of entries: who names me, whom I name, who adds me up; and who else bears a name of
        mine that is used, for it means one of us only while there is one."""
        rows: set[RowId] = set()
        for entry in entries:
            if entry.role is Role.DEFINES:
                referring = self.find(Entry(entry.name, entry.value, Role.REFERS))
                rows.update(referring)
                if referring and entry.name in self.tabs:
                    rows.update(self.find(entry))
            elif entry.role is Role.REFERS:
                rows.update(self.find(Entry(entry.name, entry.value, Role.DEFINES)))
            elif entry.role is Role.COUNTS:
                rows.update(self.find(Entry(entry.name, entry.value, Role.GATHERS)))
        return rows

    def find(self, entry: Entry) -> set[RowId]:
        """Rows that have an entry now."""
        stored, own = self._stored_with(entry), self._index.get(entry, ())
        rows = {row for row in stored if row not in self._entries and row[0] in self.tabs} if stored else set()
        rows.update(own)
        return rows

    # -- rules.base.Book -------------------------------------------------------------------------------------------

    def row(self, tab: TabKey, key: RowKey) -> Row | None:
        """See rules.base.Book."""
        known = self._rows.get((tab, key))
        if known is None:
            values = self.values((tab, key))
            if values is None:
                return None
            known = self._rows[tab, key] = self._row((tab, key), values)
        return known

    def named(self, tab: TabKey, text: str) -> tuple[Row, ...]:
        """See rules.base.Book."""
        names = self._named.setdefault(tab, {})
        known = names.get(text)
        if known is None:
            rows = self._rows_of(self.find(Entry(tab, text_key(text), Role.DEFINES)), tab)
            known = rows if len(rows) < 2 else tuple(row for row in rows if bears(row, text)) or rows
            if len(names) >= MOST_NAMED:
                names.clear()
            names[text] = known
        return known

    def every(self, tab: TabKey) -> Sequence[Row]:
        """See rules.base.Book."""
        if tab not in self.tabs:
            return ()
        return self._rows_of(((tab, key) for key in self.keys(tab) if (tab, key) not in self.provisional), tab)

    def referring(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        """See rules.base.Book."""
        asked = (row.tab, row.key)
        if self._referrers is None or self._referrers[0] != asked:
            self._referrers = asked, self._referring(self._entries_naming(asked))
        return self._rows_of(self._referrers[1], tab) if self._referrers[1] else ()

    def meaning(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        """See rules.base.Book."""
        rows, named = self.referring(row, tab), self._entries_naming((row.tab, row.key))
        if not rows:
            return rows
        alone = [entry for entry in named if [each.key for each in self.named(row.tab, entry.value)] == [row.key]]
        return rows if len(alone) == len(named) else self._rows_of(self._referring(alone), tab)

    def equal(self, row: Row, column: ColumnKey) -> tuple[Row, ...]:
        """See rules.base.Book."""
        told = telling(row, column)
        rows = self.find(told) if told is not None else set()
        return self._rows_of(rows - {(row.tab, row.key)}, row.tab)

    def counted(self, tab: TabKey, index: str, value: str) -> tuple[Row, ...]:
        """See rules.base.Book."""
        return self._rows_of(self.find(Entry(index, text_key(value), Role.COUNTS)), tab)

    # -- figures.Records -------------------------------------------------------------------------------------------

    def record_keys(self, tab: TabKey) -> list[RowKey]:
        """The keys of the rows of `columns`."""
        changed = {key for of, key in self._now if of == tab}
        known = self._state.columns(tab, ())[0] if tab not in self._whole_tabs else self.keys(tab)
        if not changed:
            return known
        now = {key for key in changed if self._now[tab, key] is not None and (tab, key) not in self.provisional}
        return sorted((set(known) - changed) | now)

    def findings(self, tab: TabKey) -> dict[RowKey, tuple[Finding, ...]]:
        """What is wrong with the rows of a tab, as the sheet of the team says it."""
        found = {key: self.told.get((tab, key), each) for key, each in self._state.findings(tab, None).items()}
        found |= {key: each for (of, key), each in self.told.items() if of == tab}
        return {key: tuple(one for one in each if is_open(one.replica)) for key, each in found.items()}

    def let_go(self) -> None:
        """Nobody asks for more than values and notices any more."""
        self._rows.clear()
        self._entries.clear()
        self._entries_before.clear()
        self._index.clear()
        self._found.clear()
        self._whole_index.clear()
        self._named.clear()
        self._referrers = None

    # -- within ------------------------------------------------------------------------------------------------------

    def _looks_new(self, row: RowId) -> None:
        """What was made of a row says nothing any more."""
        self._rows.pop(row, None)
        self._named.pop(row[0], None)

    def _entries_naming(self, row: RowId) -> list[Entry]:
        return [entry for entry in self.entries(row) if entry.role is Role.DEFINES and entry.name == row[0]]

    def _referring(self, named: Iterable[Entry]) -> set[RowId]:
        return {row for entry in named for row in self.find(Entry(entry.name, entry.value, Role.REFERS))}

    def _rows_of(self, rows: Iterable[RowId], tab: TabKey) -> tuple[Row, ...]:
        keys = sorted(key for of, key in rows if of == tab)
        if len(keys) > MANY:
            self.prefetch(tab, keys)
        found = (self.row(tab, key) for key in keys)
        return tuple(row for row in found if row is not None)

    def _row(self, row: RowId, values: Mapping[ColumnKey, Value]) -> Row:
        record = self.tabs[row[0]].record
        before = None if row in self.provisional else self.stored(row)
        previous = None if before is None else unchecked(record, before)
        now = unchecked(record, values)
        unreadable = frozenset(
            finding.issue.column
            for finding in self.sticky.get(row, ())
            if finding.source is Source.CELL and finding.issue.column is not None
        )
        return Row(row[1], now, unreadable, previous)

    def _keep(self, tab: TabKey, keys: list[RowKey]) -> None:
        records = self._state.records(tab, keys)
        for key in keys:
            record = records.get(key)
            alive = record is not None and not record.deleted
            self._stored[tab, key] = dict(record.values) if record is not None and alive else None
            if record is not None and record.deleted:
                self._tombstones[tab, key] = dict(record.values)
        for key, findings in self._state.findings(tab, keys).items():
            self._keep_sticky((tab, key), findings)

    def _keep_sticky(self, row: RowId, findings: tuple[Finding, ...]) -> None:
        self.sticky.setdefault(row, tuple(each for each in findings if each.source is not Source.RULE))

    def _index_before(self, row: RowId) -> None:
        """Takes a row out of the index under what it was found by so far."""
        for entry in self._entries.get(row, ()):
            self._index[entry].discard(row)

    def _stored_with(self, entry: Entry) -> Iterable[RowId]:
        kind = (entry.name, entry.role)
        whole = self._whole_index.get(kind)
        if whole is None:
            if entry in self._found:
                return self._found[entry]
            self._lookups[kind] += 1
            if self._lookups[kind] <= WARM_AFTER:
                self._found[entry] = self._state.find(entry.name, entry.value, entry.role)
                return self._found[entry]
            whole = self._whole_index[kind] = self._state.find_all(entry.name, entry.role)
        return whole.get(entry.value, ())
