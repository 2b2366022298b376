"""What follows from columns that the reader of a view may not see is unknown to them, and not 0."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import (
    PIPELINE_DAYS,
    Figure,
    Frame,
    Frames,
    Summary,
    SummaryContext,
    SummaryRule,
    sight_of,
)
from crm_sheets.rules.summaries.blocks import sentence
from crm_sheets.rules.summaries.customers import CUSTOMERS
from crm_sheets.rules.summaries.follow_ups import FOLLOW_UPS
from crm_sheets.rules.summaries.orders import ORDERS
from crm_sheets.rules.summaries.quality import QUALITY
from crm_sheets.rules.summaries.trends import TRENDS
from crm_sheets.rules.summaries.value import VALUE
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey

WORDS = language("zh-CN")
CONTEXT = SummaryContext(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"), default_dictionaries(WORDS), WORDS)
TABLES: dict[str, dict[str, list[Value]]] = {
    "customers": {
        "id": ["C-1", "C-2"],
        "name": ["甲", "乙"],
        "status": ["潜在客户", "成交客户"],
        "owner": ["张伟", "张伟"],
        "created_at": [datetime(2026, 9, 1, tzinfo=UTC)] * 2,
        "last_contact": [None, None],
        "lifecycle": [None, None],
        "duplicates": [None, None],
    },
    "orders": {
        "id": ["O-1", "O-2"],
        "customer": ["甲", "乙"],
        "ordered_on": [date(2026, 11, 1), date(2026, 11, 2)],
        "state": ["已完成", "已完成"],
        "total": [Decimal(100), None],
        "profit": [None, None],
        "payment_state": [None, None],
    },
    "opportunities": {name: [] for name in ("id", "name", "customer", "stage", "close_date", "amount")},
}
SIGHT = {
    "customers": {"last_contact": [False] * 2, "lifecycle": [False] * 2, "duplicates": [False] * 2},
    "orders": {"total": [True, False], "profit": [False, False], "payment_state": [False, False]},
}


def frames(*, hidden: bool) -> Frames:
    found: dict[TabKey, Frame] = {TabKey(tab): _frame(columns) for tab, columns in TABLES.items()}
    if hidden:
        found |= {
            sight_of(TabKey(tab)): {ColumnKey(c): list(v) for c, v in told.items()} for tab, told in SIGHT.items()
        }
    return found


def _frame(columns: dict[str, list[Value]]) -> Frame:
    return {ColumnKey(name): values for name, values in columns.items()}


def told(summary: Summary, key: str) -> Figure:
    return next(figure for figure in summary.figures if figure.key == f"{summary.key}.{key}")


@pytest.mark.parametrize(
    ("rule", "key", "open_to_all"),
    [
        (FOLLOW_UPS, "neglected", 2),
        (CUSTOMERS, "loyal_customers", 0),
        (QUALITY, "suspected_doubles", 0),
        (VALUE, "profit_known_of", 0),
        (ORDERS, "order_profit_of", 0),
    ],
)
def test_what_is_hidden_is_unknown_and_not_0(rule: SummaryRule, key: str, open_to_all: int) -> None:
    assert told(rule.compute(frames(hidden=False), CONTEXT), key).value == open_to_all
    assert told(rule.compute(frames(hidden=True), CONTEXT), key).value is None


@pytest.mark.parametrize(
    ("rule", "key"),
    [(FOLLOW_UPS, "neglected"), (CUSTOMERS, "by_lifecycle"), (VALUE, "by_lifecycle"), (ORDERS, "by_payment")],
)
def test_a_table_of_what_is_hidden_says_so(rule: SummaryRule, key: str) -> None:
    for hidden in (False, True):
        block = next(each for each in rule.compute(frames(hidden=hidden), CONTEXT).blocks if each.key == key)
        assert (not block.rows and "不可见" in block.nothing and not block.figures) == hidden


def test_a_sum_says_what_is_left_out_of_it() -> None:
    assert "另有 1 笔成交的金额对您不可见" in VALUE.compute(frames(hidden=True), CONTEXT).conclusion
    assert "不可见" not in VALUE.compute(frames(hidden=False), CONTEXT).conclusion


def test_when_all_customers_came_in_one_month_nobody_knows_of_the_month_before() -> None:
    assert "上月" not in CUSTOMERS.compute({TabKey("customers"): _frame(_created(11, 11))}, CONTEXT).conclusion
    assert (
        "新增 1 个（上月 1 个）"
        in CUSTOMERS.compute({TabKey("customers"): _frame(_created(10, 11))}, CONTEXT).conclusion
    )


def _created(*months: int) -> dict[str, list[Value]]:
    return TABLES["customers"] | {"created_at": [datetime(2026, month, 3, tzinfo=UTC) for month in months]}


def test_a_sentence_begins_with_a_capital_letter() -> None:
    english = SummaryContext(date(2026, 11, 22), CONTEXT.zone, CONTEXT.dictionaries, language("en"))
    assert sentence(english, ("", "of 3 deals 2 are won", "1 is open")) == "Of 3 deals 2 are won; 1 is open."
    assert sentence(english, ("", "")) == ""


def test_of_no_deals_then_and_now_no_change_is_told() -> None:
    book: Frames = {PIPELINE_DAYS: _frame({"day": [date(2026, 10, 1), date(2026, 11, 22)]})}
    assert TRENDS.compute(book, CONTEXT).conclusion == "没有进行中的机会，与四周前相同。"
