"""The records as one reader sees them: rows are found by what the reader may read of them, and by nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sheets.changes import Value
from crm_sheets.eyes import SameRights
from crm_sheets.permissions import Level
from crm_sheets.rules.base import Book
from crm_sheets.rules.performance import performance
from crm_sheets.schema.base import Row
from crm_sheets.schema.tallies import FACTS, slot
from crm_sheets.seen import SeenBook
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.core.test_disclosure import drafted
from tests.rules.tables import ALL_TABS, book, context

BOOK = """
customers
key | name | phone | owner | merged_from | region
C-1 | 华为 | 13800000001 | 张伟 | 鸿蒙 | 深圳
C-2 | 华为 | 13800000002 | 李娜 | | 深圳
C-3 | 小米 | 13800000003 | 李娜 | | 北京

follow_ups
key | customer | owner | done_at
F-1 | 华为 | 张伟 | 2026-11-20 10:00
F-2 | C-3 | 李娜 | 2026-11-20 10:00

opportunities
key | name | customer | stage | close_date | amount | owner
O-1 | 机房 | 华为 | 赢单 | 2026-11-20 | 100 | 张伟
O-2 | 维保 | 小米 | 赢单 | 2026-11-20 | 50 |

contracts
key | number | customer
CT-1 | HT-1 | 华为
CT-2 | HT-1 | 小米
"""
CUSTOMERS, DEALS, FOLLOW_UPS, CONTRACTS = map(TabKey, ("customers", "opportunities", "follow_ups", "contracts"))


@dataclass(frozen=True)
class Hidden:
    """A reader to whom some columns are hidden, and all rows of an owner."""

    columns: tuple[str, ...] = ()
    owner: str = ""

    def rights(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> SameRights:
        levels = {key: Level.HIDDEN if f"{tab}.{key}" in self.columns else Level.READ for key in ALL_TABS[tab].columns}
        visible = not self.owner or values.get(ColumnKey("owner")) != self.owner
        return SameRights(levels, Level.HIDDEN, visible=visible)


def seen(*columns: str, owner: str = "") -> SeenBook:
    return SeenBook(drafted(book(BOOK)), Hidden(columns, owner), ALL_TABS)


def row(of: Book, tab: TabKey, key: str) -> Row:
    found = of.row(tab, RowKey(key))
    assert found is not None
    return found


def keys(rows: tuple[Row, ...]) -> list[str]:
    return [str(each.key) for each in rows]


def test_a_row_that_is_not_for_the_reader_is_not_there() -> None:
    of = seen(owner="李娜")
    assert of.row(CUSTOMERS, RowKey("C-2")) is None
    assert of.values((CUSTOMERS, RowKey("C-2"))) is None
    assert of.keys(CUSTOMERS) == ["C-1"]
    assert keys(of.named(CUSTOMERS, "华为")) == ["C-1"]
    assert of.named(CUSTOMERS, "C-3") == ()
    assert keys(tuple(of.every(FOLLOW_UPS))) == ["F-1"]


def test_a_cell_that_is_not_for_the_reader_is_blank() -> None:
    of = seen("customers.phone")
    values = of.values((CUSTOMERS, RowKey("C-1"))) or {}
    assert (values.get(ColumnKey("name")), ColumnKey("phone") in values) == ("华为", False)
    assert row(of, CUSTOMERS, "C-1").record.__dict__["phone"] is None


def test_nobody_is_named_by_a_name_that_is_hidden() -> None:
    assert keys(seen().named(CUSTOMERS, "小米")) == ["C-3"]
    assert keys(seen().named(CUSTOMERS, "鸿蒙")) == ["C-1"]
    assert seen("customers.name").named(CUSTOMERS, "小米") == ()
    assert keys(seen("customers.name").named(CUSTOMERS, "C-3")) == ["C-3"]
    assert seen("customers.merged_from").named(CUSTOMERS, "鸿蒙") == ()


def test_nobody_refers_to_a_row_by_a_reference_that_is_hidden() -> None:
    of = seen()
    assert keys(of.referring(row(of, CUSTOMERS, "C-1"), FOLLOW_UPS)) == ["F-1"]
    of = seen("follow_ups.customer")
    assert of.referring(row(of, CUSTOMERS, "C-1"), FOLLOW_UPS) == ()
    of = seen("customers.name")
    assert of.referring(row(of, CUSTOMERS, "C-1"), FOLLOW_UPS) == ()
    assert keys(of.referring(row(of, CUSTOMERS, "C-3"), FOLLOW_UPS)) == ["F-2"]


def test_no_other_row_equals_one_in_a_column_that_is_hidden() -> None:
    of = seen()
    assert keys(of.equal(row(of, CONTRACTS, "CT-1"), ColumnKey("number"))) == ["CT-2"]
    of = seen("contracts.number")
    assert of.equal(row(of, CONTRACTS, "CT-1"), ColumnKey("number")) == ()


def test_nothing_counts_by_what_is_hidden_nor_under_a_blank_instead() -> None:
    assert keys(seen().counted(DEALS, FACTS, slot("2026-11", "张伟"))) == ["O-1"]
    assert keys(seen().counted(DEALS, FACTS, slot("2026-11", None))) == ["O-2"]
    of = seen("opportunities.owner")
    assert of.counted(DEALS, FACTS, slot("2026-11", "张伟")) == ()
    assert of.counted(DEALS, FACTS, slot("2026-11", None)) == ()


def test_rules_run_over_it() -> None:
    table = f"{BOOK}\nperformance\nkey | month | person\nPF-1 | 2026-11 | 张伟\n"
    of = SeenBook(drafted(book(table)), Hidden(("opportunities.amount",)), ALL_TABS)
    said = performance(row(of, TabKey("performance"), "PF-1"), context(of))  # type: ignore[arg-type]
    assert (said.values[ColumnKey("won_deals")], said.values[ColumnKey("won_amount")]) == (1, 0)


def test_what_the_sheet_says_to_all_is_for_nobody() -> None:
    draft = drafted(book(BOOK))
    draft.update((CUSTOMERS, RowKey("C-1")), {ColumnKey("check"): "电话有误", ColumnKey("duplicates"): "C-2"})
    values = SeenBook(draft, Hidden(), ALL_TABS).values((CUSTOMERS, RowKey("C-1"))) or {}
    assert not {"check", "duplicates"} & values.keys()
