"""A small book in memory, and people who work on it: what the tests of the cycle share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from crm_sheets.cells import CellValue
from crm_sheets.guards import Limits
from crm_sheets.known import KnownRows
from crm_sheets.language import language
from crm_sheets.permissions import OPEN, Policy
from crm_sheets.reading import cut_tab, looks_of
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.schema.base import Tab
from crm_sheets.schema.book import TABS
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.layout import find_tabs
from crm_sheets.sync.backends.memory import Grid, MemoryBackend, MemoryFile, MemoryShelf
from crm_sheets.sync.copies import run_with_copies
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Setup, Wish, shared_replica
from crm_sheets.sync.store.replica_queries import known_in
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import SHARED, ColumnKey, ReplicaKey, TabKey
from tests.core.outlines import witnesses_in

WORDS = language("zh-CN")
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)

COLUMNS: Mapping[str, str] = {
    "customers": "id key_ name type industry contact phone note created_at updated_at check duplicates",
    "follow_ups": "id key_ customer method content planned_at owner done_at result next_step next_at reaction "
    "state check",
}
"""Columns of the sheets: enough for every kind of column, few enough for a machine to play with."""


class Crash(Exception):
    """The process ends here."""


class RememberingState(SqlState):
    """A store that remembers bases, and is looked after at every question."""

    def known_rows(self, replica: ReplicaKey, tab: TabKey, generation: int) -> KnownRows:
        kept = super().known_rows(replica, tab, generation)
        with self.engine.connect() as connection:
            stored = KnownRows(known_in(connection, replica, tab, generation, None))
        assert (kept.by_key, kept.by_witness) == (stored.by_key, stored.by_witness)
        return kept


def _without_options(tab: Tab, header: str) -> Tab:
    """The tab of a team that uses no option whose columns its sheet has not."""
    switched = frozenset(key for key, column in tab.columns.items() if column.switched)
    return tab.without(switched - {*map(ColumnKey, header.split())})


@dataclass
class Desk:
    """A book, its state, and the cycle over both."""

    columns: Mapping[str, str] = field(default_factory=lambda: dict(COLUMNS))
    limits: Limits = field(default_factory=Limits)
    policy: Policy = OPEN
    crash_at: str | None = None
    now: datetime = START
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    head: int = 1
    """So many rows are always read; small books have no others by default."""
    unread: int = 0
    """How often a row need not have been read."""

    def __post_init__(self) -> None:
        self.tabs = {tab.key: _without_options(tab, self.columns[tab.key]) for tab in TABS if tab.key in self.columns}
        self.backend = MemoryBackend(MemoryFile({self.sheet_name(tab): [self.header(tab)] for tab in self.columns}))
        self.state: SqlState = RememberingState("sqlite://", TABS, remember=True)
        random = Random(7)
        self.setup = Setup(
            tabs=self.tabs,
            rules={each.tab: each.rules for each in DEFAULT_RULES if each.tab in self.tabs},
            summaries=(),
            language=WORDS,
            zone=ZONE,
            replica=shared_replica(self.policy, self.tabs),
            limits=self.limits,
            codec=CodecContext(ZONE),
            random=random.randbytes,
            checkpoint=self._checkpoint,
            copies=self.shelf,
            head=self.head,
        )
        self.cycle = Cycle(self.state, self.backend, self.setup)

    def _checkpoint(self, step: str) -> None:
        if step == self.crash_at:
            self.crash_at = None
            raise Crash(step)

    def using(self, tabs: Mapping[TabKey, Tab], version: str) -> Setup:
        """The setup of a team whose book has other tabs."""
        return replace(self.setup, tabs=tabs, replica=shared_replica(self.policy, tabs), rules_version=version)

    def sheet_name(self, tab: str) -> str:
        return tab_label(TabKey(tab), WORDS)

    def header(self, tab: str) -> list[CellValue]:
        return [
            "_key" if key == "key_" else column_label(TabKey(tab), ColumnKey(key), WORDS)
            for key in self.columns[tab].split()
        ]

    def place(self, tab: str, column: str) -> int:
        return self.columns[tab].split().index(column)

    def row(self, tab: str, **cells: CellValue) -> list[CellValue]:
        return [cells.get(key) for key in self.columns[tab].split()]

    def grid(self, tab: str, file: MemoryFile | None = None) -> Grid:
        """The rows of a tab, its header first."""
        return (file or self.backend.file).sheets[self.sheet_name(tab)]

    def cell(self, tab: str, row: int, column: str) -> CellValue:
        """What stands in row `row` of the body, 0-based."""
        cells = self.grid(tab)[row + 1]
        place = self.place(tab, column)
        return cells[place] if place < len(cells) else None

    def type(self, tab: str, row: int, column: str, value: CellValue) -> None:
        cells = self.grid(tab)[row + 1]
        place = self.place(tab, column)
        cells.extend([None] * (place + 1 - len(cells)))
        cells[place] = value

    def add(self, tab: str, **cells: CellValue) -> None:
        self.grid(tab).append(self.row(tab, **cells))

    def sync(self, *, later: timedelta = timedelta(seconds=30), **wish: bool) -> CycleResult:
        self.now += later
        try:
            return run_with_copies(self.cycle, Wish(self.now, **wish))  # type: ignore[arg-type]  # flags of Wish
        finally:
            self.what_is_remembered_stands()

    def what_is_remembered_stands(self) -> None:
        """Of a block that need not be read, every row stands for its base row, if all such blocks are looked at: a row
        that is read and names one of theirs has its block read, too."""
        snapshot = self.backend.skim({}, {})
        generation = self.state.latest_generation(SHARED)
        if snapshot.stamp is None or snapshot.stamp.generation != generation:
            return
        layouts = find_tabs(snapshot.sheets, self.tabs.values()).layouts
        for tab, outline in self.state.outlined(SHARED).outlines.items():
            if tab not in layouts or looks_of(self.tabs[tab], layouts[tab]) != outline.layout:
                continue
            rows = cut_tab(self.tabs[tab], layouts[tab], snapshot.sheets[outline.sheet].rows).rows
            known = SqlState.known_rows(self.state, SHARED, tab, generation)
            assert len(known) == outline.size
            blocks = [block for block in snapshot.sheets[outline.sheet].blocks if block.mark in outline.blocks]
            numbers = {row.number for block in blocks for row in block.rows()}
            standing, _ = KnownRows(known.by_key.values()).sort_out([row for row in rows if row.number in numbers])
            stand = {row.witness for row in standing.values()}
            for block in blocks:
                its = witnesses_in(outline.blocks[block.mark])
                assert stand.issuperset(its), "a row is taken to stand that does not"
                self.unread += len(its)

    def records(self, tab: str) -> dict[str, dict[str, object]]:
        found = self.state.all_records(TabKey(tab))
        return {str(key): {str(c): v for c, v in record.values.items()} for key, record in found.items()}

    def codes(self) -> list[str]:
        """Codes of all findings that stand."""
        return sorted(issue.code for issue in self.state.all_findings())

    def issues(self) -> list[tuple[str, str | None, str]]:
        return sorted((str(i.tab), i.column, i.code) for i in self.state.all_findings())


def customer(desk: Desk, name: str, **cells: CellValue) -> None:
    """A customer with everything that it must have."""
    values: dict[str, CellValue] = {
        "name": name, "type": "企业客户", "industry": "制造业", "contact": "李四", "phone": "13800138000", **cells,
    }  # fmt: skip
    desk.add("customers", **values)


def played(build: Callable[[Desk], None], **settings: object) -> Desk:
    """A desk after a first cycle over what `build` typed."""
    desk = Desk(**settings)  # type: ignore[arg-type]  # fields of Desk
    build(desk)
    desk.sync()
    return desk
