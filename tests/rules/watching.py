"""Books that tell what was read of them, and books that lie about some columns: what a value is made from is seen by
the first, and what it is not made from by the second.

Rules are given real rows, with records of a class that is made for the purpose: it notes every attribute that is a
column, and every look into `__dict__`, column by column. What a look-up goes by is noted too: whoever asks which rows
refer to a customer has read what customers are called, and the references of those rows.

字典 and 工作日历 are given to rules as a whole (Context.dictionaries, Context.calendar), and are not noted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from crm_sheets.changes import Outcome, Value
from crm_sheets.rules.base import Context, Rule
from crm_sheets.schema import tab as tab_called
from crm_sheets.schema.base import Column, Kind, Record, Row, Tab, unchecked
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.entries import naming_columns
from crm_sheets.schema.tallies import COUNTED, FACTS, tally_columns
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.rules.books import pool
from tests.rules.tables import TextBook

Lie = Callable[[Source], Value]
"""What a column is said to hold, in every row."""


@dataclass(slots=True)
class Reads:
    """What was read, and what is lied about.

    Attributes:
        own: columns of the row that is looked at.
        others: columns of any other row.
    """

    own: set[Source] = field(default_factory=set)
    others: set[Source] = field(default_factory=set)
    hidden: frozenset[Source] = frozenset()
    lie: Lie = lambda source: None


class Judged(NamedTuple):
    """What a rule said of a row, and what it had read for that."""

    outcome: Outcome
    own: frozenset[Source]
    others: frozenset[Source]

    @property
    def read(self) -> frozenset[Source]:
        """All of it."""
        return self.own | self.others


def blank(source: Source) -> Value:
    """The lie that nothing stands there."""
    return None


def another(source: Source) -> Value:
    """The lie that something stands there that may stand there."""
    tab, column = source
    known: Sequence[Value] = pool(tab, tab_called(tab).columns.get(column, Column()))
    return known[len(column) % len(known)]


class _Values(Mapping[str, Value]):
    """The `__dict__` of a record: a look at a key is noted, and nothing else. No dict, so that no copy of it goes by
    unseen: `dict(...)` and `{**...}` of a mapping take its items one by one."""

    def __init__(self, values: Mapping[str, Value], tab: TabKey, reads: Reads, into: set[Source]) -> None:
        self._values, self._tab, self._reads, self._into = values, tab, reads, into

    def __getitem__(self, name: str) -> Value:
        source = (self._tab, ColumnKey(name))
        self._into.add(source)
        return self._reads.lie(source) if source in self._reads.hidden else self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _Unreadable(frozenset[ColumnKey]):
    """Unreadable columns of a row: asking for one of them tells of its cell."""

    tab: TabKey
    reads: Reads
    into: set[Source]

    def __contains__(self, column: object) -> bool:
        if not isinstance(column, str):
            return False
        source = (self.tab, ColumnKey(column))
        self.into.add(source)
        lied_about = source in self.reads.hidden
        return self.reads.lie(source) is not None if lied_about else super().__contains__(column)

    def __bool__(self) -> bool:
        self.into |= {(self.tab, column) for column in self}
        return len(self) > 0


def _watched_class(record: type[Record], reads: Reads, into: set[Source]) -> type[Record]:
    columns, tab = frozenset(record.model_fields), record.tab

    def look(self: Record, name: str) -> object:
        if name == "__dict__":
            return _Values(object.__getattribute__(self, name), tab, reads, into)
        if name in columns:
            source = (tab, ColumnKey(name))
            into.add(source)
            if source in reads.hidden:
                return reads.lie(source)
        return object.__getattribute__(self, name)

    return type(record.__name__, (record,), {"__getattribute__": look, "__module__": record.__module__})


class WatchedBook:
    """Implements rules.base.Book over the rows of another book."""

    def __init__(self, book: TextBook, tabs: Mapping[TabKey, Tab]) -> None:
        self.reads = Reads()
        self._book, self._tabs = book, tabs
        self._own = {key: _watched_class(tab.record, self.reads, self.reads.own) for key, tab in tabs.items()}
        self._others = {key: _watched_class(tab.record, self.reads, self.reads.others) for key, tab in tabs.items()}
        self._real = {(row.tab, row.key): row for row in book.rows}
        self._known: dict[tuple[TabKey, RowKey], Row] = {}
        self._looked_at: Row | None = None

    def judged(self, rule: Rule, row: Row, context: Context, hidden: Iterable[Source] = (), lie: Lie = blank) -> Judged:
        """What a rule says of a row of the book.

        Args:
            hidden: columns that are lied about, in all rows; rows are not found by them.
            lie: what stands in them.
        """
        self._looked_at = self._watch(row, self._own[row.tab], self.reads.own)
        self.reads.own.clear()
        self.reads.others.clear()
        self.reads.hidden, self.reads.lie = frozenset(hidden), lie
        outcome = rule(self._looked_at, replace(context, book=self))
        return Judged(outcome, frozenset(self.reads.own), frozenset(self.reads.others))

    # -- rules.base.Book -------------------------------------------------------------------------------------------

    def row(self, tab: TabKey, key: RowKey) -> Row | None:
        found = self._real.get((tab, key))
        return self._shown(found) if found else None

    def named(self, tab: TabKey, text: str) -> tuple[Row, ...]:
        names = self._others_of(tab, naming_columns(self._tabs[tab].record) if tab in self._tabs else ())
        return self._found(self._book.named(tab, text), names)

    def every(self, tab: TabKey) -> Sequence[Row]:
        return self._found(self._book.every(tab), frozenset())

    def referring(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        if tab not in self._tabs:
            return ()
        names = {(row.tab, column) for column in naming_columns(self._tabs[row.tab].record)}
        (self.reads.own if self._is_looked_at(row) else self.reads.others).update(names)
        columns = self._tabs[tab].columns.values()
        kinds = (Kind.REFERENCE, Kind.PERSON)
        named = self._others_of(tab, (each.key for each in columns if each.refers_to == row.tab and each.kind in kinds))
        return self._found(self._book.referring(self._real[row.tab, row.key], tab), named | names)

    def meaning(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        meant = {each.key for each in self._book.meaning(self._real[row.tab, row.key], tab)}
        return tuple(each for each in self.referring(row, tab) if each.key in meant)

    def equal(self, row: Row, column: ColumnKey) -> tuple[Row, ...]:
        self.reads.own.add((row.tab, column))
        return self._found(self._book.equal(self._real[row.tab, row.key], column), self._others_of(row.tab, (column,)))

    def counted(self, tab: TabKey, index: str, value: str) -> tuple[Row, ...]:
        columns = COUNTED[tab] if index == FACTS else tally_columns(tab)
        return self._found(
            self._book.counted(tab, index, value), self._others_of(tab, columns if tab in self._tabs else ())
        )

    # -- within ------------------------------------------------------------------------------------------------------

    def _others_of(self, tab: TabKey, columns: Iterable[ColumnKey]) -> frozenset[Source]:
        noted = frozenset((tab, column) for column in columns)
        self.reads.others |= noted
        return noted

    def _found(self, rows: Iterable[Row], by: Iterable[Source]) -> tuple[Row, ...]:
        found = () if self.reads.hidden & set(by) else rows
        return tuple(self._shown(row) for row in found)

    def _shown(self, row: Row) -> Row:
        if self._looked_at is not None and self._is_looked_at(row):
            return self._looked_at
        if (row.tab, row.key) not in self._known:
            self._known[row.tab, row.key] = self._watch(row, self._others[row.tab], self.reads.others)
        return self._known[row.tab, row.key]

    def _is_looked_at(self, row: Row) -> bool:
        at = self._looked_at
        return at is not None and (at.tab, at.key) == (row.tab, row.key)

    def _watch(self, row: Row, record: type[Record], into: set[Source]) -> Row:
        unreadable = _Unreadable(row.unreadable)
        unreadable.tab, unreadable.reads, unreadable.into = row.tab, self.reads, into
        previous = unchecked(record, _plain(row.previous)) if row.previous is not None else None
        return Row(row.key, unchecked(record, _plain(row.record)), unreadable, previous)


def _plain(record: Record) -> dict[ColumnKey, Value]:
    return {ColumnKey(name): value for name, value in record.__dict__.items()}
