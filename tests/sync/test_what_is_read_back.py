"""What the base says of a row is what the file holds: whatever was typed, reading all again finds nothing new.

If a digest or a value of the base differed from what is read back, each cycle would look at the row for ever, or take
its own writing for an edit of a person.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from openpyxl import Workbook

from crm_sheets.cells import CellError, CellValue, Formula, same_value
from crm_sheets.guards import Limits
from crm_sheets.reading import TabReading, cut_tab
from crm_sheets.schema.layout import find_tabs
from crm_sheets.schema.validation import validate_rows
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.backends.xlsx import patch_package
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend, XlsxSettings
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store import tables
from crm_sheets.tables import SHARED, TabKey
from tests.sync.desks import WORDS, Desk

COLUMNS: Mapping[str, str] = {
    "customers": "id key_ name type industry contact title phone email region address source size employees "
    "annual_revenue credit_code registered_capital id_number birthday needs tags status owner shared_with note "
    "last_contact next_contact created_at updated_at check duplicates",
    "opportunities": "id key_ name customer stage amount probability close_date owner note check",
    "follow_ups": "id key_ customer method content planned_at done_at result next_step next_at attachments state check",
    "feedback": "id key_ customer date type content state satisfaction resolved_at due check",
}
TYPED: tuple[CellValue, ...] = (
    "华为", "华为", "小米", "企业客户", "制造业", "电话", "初步接触", "赢单", "待处理", "已取消", "新", "new", "是",
    "=1+1", "+86 138-0013-8000", "-5", "@sum", "'", " 前后 空格 ", "\n", "一\n二\r\n三",
    "\ttab\t", "　全角　", "e\u0301", "ﬁ",
    "\U0001f600" * 3, "\ud800", "\x07bell", "_x000D_", "_xD83D_", "&<>\"'", "]]>", "甲" * 300,
    "long " * 900, "\u200b", "\ufeff",
    "13800138000", 13800138000, 1380013800012345, "010-62345678", "a@b.cn", "A@B.CN", "a＠b.cn", "not mail",
    "91350100M000100Y43", "11010519491231002X", 110105194912310016,
    "标签1;标签2；标签1", "a.pdf;b.pdf", ";;", "5", 5, 5.0, 5.5,
    0.1 + 0.2, 1e15, 1e-9, -0.0, 123456789012345, 1.2345678901234567e19, 0.15, "15%", 15, "1.2万",
    "￥1,234.567", 33.335,
    46348, 46348.37534722222, 46348.99999999999, 60, 0, -1, 2958466, 20260305, "2026-03-05",
    "2026/3/5 14:30", "3月5日", "昨天",
    True, False, CellError("#REF!"), CellError("#N/A"), Formula("1+1", 2), Formula('"a"&"b"', "ab"),
    Formula("1/0", CellError("#DIV/0!")),
    Formula("B2"), None, None, "",
)  # fmt: skip
READABLE: Mapping[str, tuple[CellValue, ...]] = {
    "name": ("华为技术", "小米通讯", "大疆创新"), "customer": ("华为技术", "小米通讯"),
    "phone": ("13800138000", 13900139000),
    "stage": ("初步接触", "赢单"), "amount": (1000, 1234.56), "date": (46348, "2026-11-20"),
    "planned_at": (46348.5, 46352.4),
    "done_at": (46347.5,), "next_at": (46353.5,), "type": ("企业客户", "投诉"), "method": ("电话",),
    "state": ("待处理",),
}  # fmt: skip


class Book:
    """Any back end with a team that types at random."""

    def __init__(self, random: Random, backend: Backend | None, write: Callable[..., None] | None) -> None:
        self.random = random
        self.desk = Desk(columns=COLUMNS, limits=Limits(delete_rows=99, change_cells=999))
        self.backend = backend or self.desk.backend
        self.write = write or self._type
        self.cycle = Cycle(self.desk.state, self.backend, self.desk.setup)

    def _type(self, tab: str, cells: Mapping[tuple[int, int], CellValue]) -> None:
        grid = self.desk.grid(tab)
        for (row, column), value in cells.items():
            while len(grid) < row:
                grid.append([])
            grid[row - 1].extend([None] * (column - len(grid[row - 1])))
            grid[row - 1][column - 1] = value

    def edit(self, cells_of: Callable[[str, str], bool], rows: range) -> None:
        for tab, columns in COLUMNS.items():
            typed: dict[tuple[int, int], CellValue] = {}
            for row in rows:
                for place, column in enumerate(columns.split(), 1):
                    if column != "key_" and cells_of(tab, column):
                        sane = column in READABLE and self.random.random() < 0.6
                        typed[row, place] = self.random.choice(READABLE[column] if sane else TYPED)
            self.write(tab, typed)

    def sync(self) -> int:
        self.desk.now += timedelta(seconds=30)
        return len(self.cycle.run(Wish(self.desk.now)).written)

    def readings(self) -> tuple[int, dict[TabKey, TabReading]]:
        snapshot = self.backend.read({})
        assert snapshot.stamp is not None
        tabs = self.desk.tabs
        found = find_tabs(snapshot.sheets, tabs.values()).layouts
        readings = {key: cut_tab(tabs[key], found[key], snapshot.sheets[found[key].sheet].rows) for key in tabs}
        return snapshot.stamp.generation, readings


def base_is_what_is_read_back(book: Book) -> None:
    generation, readings = book.readings()
    state = book.desk.state
    for tab, reading in readings.items():
        known = state.known_rows(SHARED, tab, generation).by_witness
        rows = [row for row in reading.rows if row.witness]
        assert {row.witness for row in rows} == known.keys()
        bases = state.base_rows(SHARED, tab, generation, [each.key for each in known.values()])
        records = state.all_records(tab)
        parsed = validate_rows(reading.tab, [row.cells for row in rows], book.desk.setup.codec)
        for row, meaning in zip(rows, parsed, strict=True):
            base, record = bases[known[row.witness].key], records[known[row.witness].key]
            assert (row.digest, reading.content(row)) == (base.digest, base.content), (tab, row)
            assert base.flaws.keys() == meaning.flaws.keys(), (tab, row)
            for column in reading.columns:
                if column in meaning.flaws:
                    continue
                value = meaning.values.get(column)
                assert same_value(base.values.get(column), value), (tab, column, base.values.get(column), value)
                formula = isinstance(row.cells[reading.place[column]], Formula)
                if not formula:
                    assert same_value(record.values.get(column), value), (tab, column, record.values.get(column), value)


def nothing_is_left_to_do(book: Book) -> None:
    state = book.desk.state
    base_is_what_is_read_back(book)
    assert not state.has_pending(SHARED)
    entries = len(state.journal())
    with state.transaction() as connection:
        connection.execute(tables.readings.delete())
    assert book.sync() == 0, "it wrote again"
    told = [(line.entry.kind, line.entry.column, line.entry.old, line.entry.new) for line in state.journal()]
    assert len(told) == entries, told[: len(told) - entries]


def play(book: Book) -> None:
    book.edit(lambda tab, column: column in READABLE or book.random.random() < 0.4, range(2, 8))
    for _ in range(3):
        book.sync()
    nothing_is_left_to_do(book)
    book.edit(lambda tab, column: book.random.random() < 0.15, range(2, 8))
    for _ in range(3):
        book.sync()
    nothing_is_left_to_do(book)
    book.desk.state.close()


@pytest.mark.parametrize("seed", range(8))
def test_in_memory(seed: int) -> None:
    play(Book(Random(seed), None, None))


@pytest.mark.parametrize("seed", range(4))
def test_in_a_workbook(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    desk = Desk(columns=COLUMNS)
    workbook = Workbook()
    for tab in COLUMNS:
        sheet = workbook.create_sheet(desk.sheet_name(tab))
        sheet.append([str(header) for header in desk.header(tab)])
    del workbook["Sheet"]
    workbook.save(path)

    def write(tab: str, cells: Mapping[tuple[int, int], CellValue]) -> None:
        name = desk.sheet_name(tab)
        cells = {place: None if value == "\ud800" else value for place, value in cells.items()}  # no file holds it
        patch_package(path, path.with_suffix(".new"), {name: cells}, overwrite={name: frozenset(cells)})
        path.with_suffix(".new").replace(path)

    settings_of = XlsxSettings(list(desk.tabs.values()), WORDS, tmp_path / "backups", quiet=timedelta(0))
    play(Book(Random(seed), XlsxBackend(path, settings_of), write))
