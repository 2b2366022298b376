"""Books at random: any record that a workbook can hold, with names that often meet.

A book is made from one seed rather than drawn cell by cell: it has hundreds of cells, and hypothesis would spend its
time on drawing and shrinking them. The seed that fails is printed, and gives the same book again.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from hypothesis import strategies as st

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.schema import TABS, tab
from crm_sheets.schema.base import Column, Kind, Row, Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.rules.tables import NOW, SHIPPED, TextBook, before

NAMES: Mapping[str, tuple[str, ...]] = {
    "customers": ("华为", "小米", "ＨＵＡＷＥＩ", "C-1", "c-2"),
    "opportunities": ("新机房", "维保", "O-1", "{braces}"),
    "orders": ("PO-1", "OR-1", "or-2", "{po}"),
    "contracts": ("HT-1", "ＨＴ－1", "CT-2"),
    "people": ("张伟", "李娜", "001", "002", "P-1"),
    "campaigns": ("展会", "A-1"),
}
UNITS = ("销售部", "一组", "二组")
TEXTS = ("取消", "已取消：改期", "=1+1", "{value}", "{", "a\nb", "甲" * 40, "50%", "售后部:可编辑", "客户状态", "字典")
HOURS = tuple((NOW + timedelta(hours=hours)).astimezone(UTC) for hours in range(-80, 81))
MIDNIGHTS = tuple((NOW + timedelta(days=days, hours=-10)).astimezone(UTC) for days in range(-3, 4))
EDGES = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(microsecond=0, tzinfo=UTC))
DAYS = tuple(NOW.date() + timedelta(days) for days in range(-5, 6))

POOLS: Mapping[Kind, Sequence[Value]] = {
    Kind.DATE: (*DAYS, *DAYS, date.min, date.max, date(1949, 12, 31)),
    Kind.DATETIME: (*HOURS, *MIDNIGHTS * 10, *EDGES * 5),
    Kind.MONEY: (Decimal(0), Decimal("0.05"), Decimal("1234.5"), Decimal(10**13)),
    Kind.PERCENT: (Decimal(0), Decimal("0.3"), Decimal("0.5"), Decimal(1)),
    Kind.INTEGER: (1, 2, 5),
    Kind.PERIOD: ("2026-11", "2026-10", "2026Q4", "2026", "soon"),
    Kind.RATIO: (Decimal(0), Decimal("0.5")),
    Kind.NUMBER: (Decimal(0), Decimal(3), Decimal("9.7766667")),
    Kind.BOOLEAN: (True, False),
    Kind.TAGS: ((), ("级别-A类",), ("A类", "-", "{x}")),
    Kind.LINKS: ((), ("a.pdf",)),
    Kind.EMAIL: ("zhangwei@example.com",),
    Kind.CREDIT_CODE: ("91350100M000100Y43",),
    Kind.ID_NUMBER: ("11010519491231002X", "E12345678"),
}


@cache
def pool(of: TabKey, column: Column) -> Sequence[Value]:
    """Values that the record of a tab takes in a column."""
    if column.kind is Kind.CHOICE and column.dictionary:
        return [*(entry.value for entry in SHIPPED.entries[column.dictionary]), "自定义"]
    if column.key in {"department", "group", "scope"}:
        return UNITS if column.key != "scope" else (*UNITS, "公司", "小组:一组", "销售部/一组", "张伟", "001")
    if column.refers_to:
        return [*NAMES[column.refers_to], "无名"]
    if column.key in {"name", "id", "external", "number"} and column.kind is not Kind.INTEGER:
        return [*NAMES.get(of, ()), "{"]
    return POOLS.get(column.kind, TEXTS)


def row_of(described: Tab, number: int, random: Random) -> Row:
    """A row of a tab: sparse or full, sometimes with unreadable cells, a past, or another stage than in the past."""
    filled = random.choice((0.0, 0.2, 0.5, 0.9))
    columns = described.columns
    values = {key: random.choice(pool(described.key, c)) for key, c in columns.items() if random.random() < filled}
    unreadable = frozenset(random.sample(list(columns), random.choice((0, 0, 2))))
    row = Row(RowKey(f"{described.id_prefix}-{number}"), described.record.model_validate(values), unreadable)
    if random.random() < 0.3:
        return row
    last: dict[str, Value] = {
        key: random.choice((None, *pool(described.key, columns[ColumnKey(key)])))
        for key in ("stage", "probability")
        if key in columns and random.random() < 0.5
    }
    return before(row, **last)


def book_of(seed: int) -> TextBook:
    """A book with up to four rows in each tab."""
    random = Random(seed)
    judged = [
        each for each in TABS if each.key != "lookups"
    ]  # of which no rule says more than that a question is missing
    rows = [row_of(each, number, random) for each in judged for number in range(1, random.randint(1, 5))]
    return TextBook(rows)


def seeds() -> st.SearchStrategy[int]:
    """What books are made from."""
    return st.integers(0, 2**32)


def labels(row: Row) -> dict[ColumnKey, str]:
    """The Chinese headers of a row's tab."""
    return {key: column_label(row.tab, key, language("zh-CN")) for key in tab(row.tab).columns}
