"""汇总_客户 of a few customers, counted by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import Frames, Shown, SummaryContext
from crm_sheets.rules.summaries.customers import CUSTOMERS
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey

WORDS = language("zh-CN")
CONTEXT = SummaryContext(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"), default_dictionaries(WORDS), WORDS)
NAMES = "name status level lifecycle owner region created_at"
BOOK: list[tuple[Value, ...]] = [
    (
        "甲",
        "成交客户",
        "A",
        "忠诚",
        "张伟",
        "华东",
        datetime(2026, 10, 31, 16, tzinfo=UTC),
    ),  # the first of November
    ("乙", "成交客户", "B", "成交", "张伟", "华东", datetime(2026, 10, 31, 15, 59, tzinfo=UTC)),
    ("丙", "流失客户", "A", "流失", "李娜", "华南", datetime(2025, 3, 1, tzinfo=UTC)),
    ("丁", "潜在客户", None, None, "李娜", None, None),
    ("戊", None, None, None, None, None, datetime(2026, 11, 22, tzinfo=UTC)),
]


def frames(rows: list[tuple[Value, ...]]) -> Frames:
    return {
        TabKey("customers"): {
            ColumnKey(name): list(values) for name, *values in zip(NAMES.split(), *rows, strict=True)
        },
        TabKey("people"): {
            ColumnKey("id"): ["E1", "E2"],
            ColumnKey("name"): ["张伟", "李娜"],
            ColumnKey("department"): ["销售部", "销售部"],
            ColumnKey("group"): ["一组", "二组"],
        },
    }


def test_customers_by_status_person_and_month() -> None:
    summary = CUSTOMERS.compute(frames(BOOK), CONTEXT)
    assert [figure.value for figure in summary.headlines] == [5, 2, 1, 2, 1]
    blocks = {block.key: {row[0]: row[1:] for row in block.rows if row[0]} for block in summary.blocks}
    told: dict[Shown, tuple[Shown, ...]] = {
        "张伟": (2, Decimal("0.4"), 1, 2, 1, 0),
        "李娜": (2, Decimal("0.4"), 0, 0, 0, 1),
    }
    assert blocks["by_person"].items() >= told.items()
    assert blocks["by_department"]["销售部"] == (4, Decimal("0.8"), 1, 2, 1, 1)
    assert blocks["by_level"]["A"] == (2, Decimal("0.4"))
    assert blocks["regions"]["华东"] == (2, Decimal("0.4"))
    months = blocks["new"]
    assert (len(months), months["2026-11"], months["2026-10"], months["2026-09"]) == (12, (2,), (1,), (0,))
    figures = {figure.key.removeprefix("customers."): figure.value for figure in summary.figures}
    assert figures["new.new_customers[2025-03]"] == 1, "what the block has no room for is told as a number"
    assert (
        summary.conclusion
        == "共 5 个客户，成交客户 2 个（40%）；本月新增 2 个（上月 1 个）；忠诚客户 1 个；流失 1 个（20%）。"
    )


def test_nobody_lost_nobody_loyal_and_nobody_at_all() -> None:
    assert CUSTOMERS.compute(frames(BOOK[3:4]), CONTEXT).conclusion == "共 1 个客户，成交客户 0 个（0%）。"
    nobody: Frames = {TabKey("customers"): {ColumnKey(name): [] for name in NAMES.split()}}
    assert CUSTOMERS.compute({**frames(BOOK), **nobody}, CONTEXT).conclusion == ""
