"""The records as one reader sees them: rows that are not theirs are not there, cells that are not theirs are blank.

Whatever is computed from such a book, a summary or a finding, is made of nothing else: a row is found by what the
reader may read of it, and by nothing that they may not.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Protocol

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.permissions import Level
from crm_sheets.rules.reads import RECOMPUTED, reads_of
from crm_sheets.schema.base import Entry, Record, Role, Row, Tab, unchecked
from crm_sheets.schema.entries import bears, entries_of, telling
from crm_sheets.schema.tallies import tally_columns
from crm_sheets.snapshots import PipelineHistory
from crm_sheets.state import Finding, RowId, Source, Values
from crm_sheets.tables import ColumnKey, RowKey, TabKey

REMARKS = frozenset({ColumnKey("check"), ColumnKey("duplicates")})
"""Columns that are made anew for each reader: what they hold for all is for nobody."""


_DEALS = TabKey("opportunities")
_TOLD = frozenset(map(ColumnKey, ("stage", "amount", "weighted", "close_date", "owner")))
"""What the pipeline of each day tells of a deal."""


class SeenRights(Protocol):
    """What a reader may do with one row."""

    @property
    def visible(self) -> bool:
        """Whether the reader sees it at all."""

    def level(self, column: ColumnKey) -> Level:
        """What the reader may do with a cell."""


class Sight(Protocol):
    """Whatever says what a reader may see: eyes.Eyes does."""

    def rights(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> SeenRights:
        """What the reader may do with a row of these values."""


class SeenBook:
    """Implements rules.base.Book, and figures.Records, over a draft and what one reader may see of it.

    The draft may not change meanwhile.

    Args:
        tabs: of the reader's workbook; rows of others are not there.
    """

    def __init__(self, draft: Draft, sight: Sight, tabs: Mapping[TabKey, Tab]) -> None:
        self.tabs = tabs
        self._draft, self._sight = draft, sight
        self._readable: dict[RowId, frozenset[ColumnKey] | None] = {}
        self._rows: dict[RowId, Row | None] = {}

    @property
    def provisional(self) -> Set[RowId]:
        """Rows that are not records yet."""
        return self._draft.provisional

    def readable(self, row: RowId) -> frozenset[ColumnKey] | None:
        """The columns of a row that the reader may read; None when they do not see the row."""
        if row not in self._readable:
            values = self._draft.values(row) if row[0] in self.tabs else None
            rights = None if values is None else self._sight.rights(row[0], values)
            seen = rights is not None and rights.visible
            columns = self.tabs[row[0]].columns.keys() - REMARKS if rights is not None and seen else ()
            found = frozenset(column for column in columns if rights is not None and rights.level(column) >= Level.READ)
            self._readable[row] = found if seen else None
        return self._readable[row]

    # -- figures.Records -------------------------------------------------------------------------------------------

    def keys(self, tab: TabKey) -> list[RowKey]:
        """The keys of the rows of a tab that the reader sees, ordered."""
        if tab not in self.tabs:
            return []
        return [key for key in self._draft.keys(tab) if self.readable((tab, key)) is not None]

    def record_keys(self, tab: TabKey) -> list[RowKey]:
        """The keys of the rows of `columns`."""
        return [key for key in self.keys(tab) if (tab, key) not in self.provisional]

    def columns(self, tab: TabKey, columns: Sequence[ColumnKey]) -> dict[ColumnKey, list[Value]]:
        """Some columns of the rows that the reader sees, in the order of their keys; blank where they may not read."""
        rows = [self.values((tab, key)) or {} for key in self.keys(tab) if (tab, key) not in self.provisional]
        return {column: [row.get(column) for row in rows] for column in columns}

    def values(self, row: RowId) -> Values | None:
        """The values of a row that the reader may read; None when there is no such row for them."""
        columns, values = self.readable(row), self._draft.values(row)
        if columns is None or values is None:
            return None
        return {column: value for column, value in values.items() if column in columns}

    def history(self) -> PipelineHistory:
        """The pipeline of each day, of those deals of which the reader may read now all that it tells."""
        found = self._draft.history()
        told = {line.deal for line in found.lines}
        seen = {deal for deal in told if (self.readable((_DEALS, deal)) or frozenset()) >= _TOLD}
        return PipelineHistory(tuple(line for line in found.lines if line.deal in seen), found.days)

    def findings(self, tab: TabKey) -> dict[RowKey, tuple[Finding, ...]]:
        """What rules find wrong with rows of a tab, as far as it follows from cells of that row which the reader may
        read: what needs other rows to be known is left out, so that its number tells nothing of them."""
        found: dict[RowKey, tuple[Finding, ...]] = {}
        for key, findings in self._draft.findings(tab).items():
            columns = self.readable((tab, key))
            if columns is not None:
                found[key] = tuple(each for each in findings if self._follows(each, (tab, key), columns))
        return found

    def _follows(self, finding: Finding, row: RowId, columns: frozenset[ColumnKey]) -> bool:
        if finding.source is not Source.RULE or finding.issue.code in RECOMPUTED:
            return False
        reads = reads_of(finding.issue, self.tabs, {})
        if reads is None or reads.others or not reads.own <= columns:
            return False
        return not reads.begun or self._is_begun(row)

    def _is_begun(self, row: RowId) -> bool:
        """Whether staff typed something into the row that the reader may read."""
        values, staff = self.values(row) or {}, (column.key for column in self.tabs[row[0]].staff_columns())
        return any(values.get(column) not in (None, "", ()) for column in staff)

    # -- rules.base.Book -------------------------------------------------------------------------------------------

    def row(self, tab: TabKey, key: RowKey) -> Row | None:
        """See rules.base.Book."""
        if (tab, key) not in self._rows:
            self._rows[tab, key] = self._seen((tab, key))
        return self._rows[tab, key]

    def named(self, tab: TabKey, text: str) -> tuple[Row, ...]:
        """See rules.base.Book."""
        rows = self._found({Entry(tab, text_key(text), Role.DEFINES)}, tab)
        return rows if len(rows) < 2 else tuple(row for row in rows if bears(row, text)) or rows

    def every(self, tab: TabKey) -> Sequence[Row]:
        """See rules.base.Book."""
        return self._all((tab, key) for key in self.keys(tab) if (tab, key) not in self.provisional)

    def referring(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        """See rules.base.Book."""
        names = {entry for entry in entries_of(row) if entry.role is Role.DEFINES and entry.name == row.tab}
        return self._found({Entry(each.name, each.value, Role.REFERS) for each in names}, tab)

    def meaning(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        """See rules.base.Book."""
        names = (entry for entry in entries_of(row) if entry.role is Role.DEFINES and entry.name == row.tab)
        alone = (each for each in names if [found.key for found in self.named(row.tab, each.value)] == [row.key])
        return self._found({Entry(each.name, each.value, Role.REFERS) for each in alone}, tab)

    def equal(self, row: Row, column: ColumnKey) -> tuple[Row, ...]:
        """See rules.base.Book."""
        told = telling(row, column)
        others = self._found({told}, row.tab) if told is not None else ()
        return tuple(each for each in others if each.key != row.key)

    def counted(self, tab: TabKey, index: str, value: str) -> tuple[Row, ...]:
        """See rules.base.Book. A row of which the reader may not read all that it is counted by is not among them:
        it would otherwise count under a blank."""
        by = frozenset(tally_columns(tab))
        rows = self._found({Entry(index, text_key(value), Role.COUNTS)}, tab)
        return tuple(row for row in rows if by <= (self.readable((tab, row.key)) or frozenset()))

    # -- within ------------------------------------------------------------------------------------------------------

    def _found(self, entries: set[Entry], tab: TabKey) -> tuple[Row, ...]:
        """Rows of a tab that have one of the entries by what the reader may read of them."""
        known = {row for entry in entries for row in self._draft.find(entry) if row[0] == tab}
        return tuple(row for row in self._all(known) if entries & entries_of(row))

    def _all(self, rows: Iterable[RowId]) -> tuple[Row, ...]:
        found = (self.row(*row) for row in sorted(rows))
        return tuple(row for row in found if row is not None)

    def _seen(self, row: RowId) -> Row | None:
        columns = self.readable(row)
        whole = None if columns is None else self._draft.row(*row)
        if columns is None or whole is None:
            return None
        before = None if whole.previous is None else _only(whole.previous, columns)
        return Row(whole.key, _only(whole.record, columns), whole.unreadable & columns, before)


def _only(record: Record, columns: frozenset[ColumnKey]) -> Record:
    values: dict[str, Value] = record.__dict__
    return unchecked(type(record), {column: values[column] for column in columns if column in values})
