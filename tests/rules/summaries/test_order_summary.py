"""Figures of the orders tab, from a small book."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import LOCALES, language
from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.orders import ORDERS
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey


def frames(*rows: tuple[Value, ...]) -> Frames:
    header = "customer ordered_on state total profit paid payment_state owner".split()  # noqa: SIM905 - as read
    assert set(header) == set(ORDERS.reads[TabKey("orders")])
    return {TabKey("orders"): {ColumnKey(name): [row[n] for row in rows] for n, name in enumerate(header)}}


def context(locale: str = "zh-CN") -> SummaryContext:
    words = language(locale)
    return SummaryContext(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"), default_dictionaries(words), words)


def test_figures_of_orders() -> None:
    rows = frames(
        ("华为", date(2026, 11, 1), "已完成", Decimal("100.10"), Decimal("40"), Decimal(100), "已支付", "张伟"),
        ("华为", date(2026, 10, 31), "处理中", Decimal("50"), None, Decimal(20), "分期支付", "张伟"),
        ("小米", date(2026, 11, 2), "处理中", None, None, Decimal(0), "待支付", None),
        ("小米", date(2026, 11, 2), "已取消", Decimal(999), Decimal(999), Decimal(999), "已支付", "李娜"),
    )
    told = {figure.key.removeprefix("orders."): figure.value for figure in ORDERS.compute(rows, context()).figures}
    assert {key: value for key, value in told.items() if "." not in key} == {
        "orders": 3,
        "order_amount": Decimal("150.10"),
        "order_paid": 120,
        "order_open": Decimal("30.10"),
        "order_profit": 40,
        "average_order": Decimal("50.03"),
        "order_profit_of": Decimal("0.6669"),
    }
    assert told["months.order_amount[2026-11]"] == Decimal("100.10")
    assert told["months.order_open[2026-10]"] == 30
    assert told["by_state.orders[处理中]"] == 2
    assert told["by_payment.order_open[分期支付]"] == 30
    assert told["by_owner.orders[张伟]"] == 2
    assert told["by_customer.order_profit[华为]"] == 40
    assert not any("已取消" in key or "李娜" in key for key in told)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_book_without_orders_has_its_tab_all_the_same(locale: str) -> None:
    summary = ORDERS.compute({}, context(locale))
    assert [figure.value for figure in summary.headlines] == [0, 0, 0, 0, None, None, None]
    assert not any(text.startswith("summary.") for block in summary.blocks for text in (block.title, *block.header))
