"""汇总_客户价值 says of profit what is true: nobody filled in the costs, or its reader may not see them."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import Frames, SummaryContext, sight_of
from crm_sheets.rules.summaries.value import VALUE
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey

WORDS = language("zh-CN")
CONTEXT = SummaryContext(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"), default_dictionaries(WORDS), WORDS)
ORDERS: dict[str, list[Value]] = {
    "id": ["O-1", "O-2"],
    "customer": ["甲", "乙"],
    "ordered_on": [date(2026, 11, 1), date(2026, 11, 2)],
    "state": ["已完成", "已完成"],
    "total": [Decimal(100), Decimal(200)],
    "profit": [None, None],
}
UNKNOWN, HIDDEN = "成本均未填写", "成本对您不可见"


@pytest.mark.parametrize(
    ("sight", "said", "unsaid"),
    [(None, UNKNOWN, HIDDEN), ([True, True], UNKNOWN, HIDDEN), ([False, True], HIDDEN, UNKNOWN)],
)
def test_a_hidden_cost_is_not_called_blank(sight: list[Value] | None, said: str, unsaid: str) -> None:
    frames: dict[TabKey, dict[ColumnKey, list[Value]]] = {
        TabKey("orders"): {ColumnKey(name): values for name, values in ORDERS.items()}
    }
    if sight is not None:
        frames[sight_of(TabKey("orders"))] = {ColumnKey("profit"): sight}
    known: Frames = {tab: dict(columns) for tab, columns in frames.items()}
    told = VALUE.compute(known, CONTEXT).conclusion
    assert said in told
    assert unsaid not in told
