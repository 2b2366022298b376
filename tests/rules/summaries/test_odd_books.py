"""Books that nobody thought of: each summary has something true to say of them, and nothing that is no number."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import Frame, Frames, Summary, SummaryContext, SummaryRule
from crm_sheets.rules.summaries.conversion import CONVERSION
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey

TODAY = date(2026, 11, 22)
WORDS = language("zh-CN")
CONTEXT = SummaryContext(TODAY, ZoneInfo("Asia/Shanghai"), default_dictionaries(WORDS), WORDS)
STAGES = ("初步接触", "需求分析", "方案提交", "赢单", "输单")
ODD = ('A&B <公司> "一"', "😀 👩‍👩‍👧", "=SUM(1,2)", "%s {0}")
NO_NUMBER = re.compile(r"(?<![A-Za-z])(nan|inf|infinity|none|nat)(?![A-Za-z])", re.IGNORECASE)


def book(deals: Mapping[str, list[Value]], names: tuple[str, ...] = ODD) -> Frames:
    """Customers of these names, and deals with them."""
    count = max((len(values) for values in deals.values()), default=0)
    customers: dict[str, list[Value]] = {
        "id": [f"C-{number}" for number in range(len(names))],
        "name": list(names),
        "owner": [names[0]] * len(names),
    }
    filled: dict[str, list[Value]] = {
        "id": [f"O-{number}" for number in range(count)],
        "name": [f"机会{number}" for number in range(count)],
        "customer": [names[number % len(names)] for number in range(count)],
        "owner": [names[0]] * count,
        "amount": [Decimal(1000)] * count,
        "weighted": [Decimal(100)] * count,
        "close_date": [TODAY - timedelta(days=number) for number in range(count)],
        "started_on": [TODAY - timedelta(days=60)] * count,
    }
    filled |= deals
    tables = {"customers": customers, "opportunities": filled if count else {}}
    return {TabKey(tab): _frame(columns) for tab, columns in tables.items() if columns}


def _frame(columns: Mapping[str, list[Value]]) -> Frame:
    return {ColumnKey(name): values for name, values in columns.items()}


def each(value_of: Callable[[int], Value], count: int = 30) -> list[Value]:
    return [value_of(number) for number in range(count)]


RUNNING = each(lambda number: STAGES[number % len(STAGES)])
BOOKS: dict[str, Frames] = {
    "three customers": book({}, ODD[:3]),
    "all won": book({"stage": each(lambda _: "赢单")}),
    "no amounts": book({"stage": RUNNING, "amount": [None] * 30, "weighted": [None] * 30}),
    "no dates": book({"stage": RUNNING, "close_date": [None] * 30, "started_on": [None] * 30}),
    "huge": book({"stage": RUNNING, "amount": each(lambda number: Decimal(10**12 + number))}),
    "negative": book({"stage": RUNNING, "amount": each(lambda number: Decimal(-number) * 10**9)}),
    "long ago": book({"stage": RUNNING, "close_date": each(lambda number: date(1999, 1, 1) + timedelta(number))}),
    "far ahead": book({"stage": RUNNING, "close_date": each(lambda number: date(2099, 1, 1) + timedelta(number))}),
}


def texts(summary: Summary) -> list[str]:
    """All that is shown."""
    cells = [cell for block in summary.blocks for row in block.rows for cell in row]
    return [summary.conclusion, *(str(cell) for cell in cells if cell is not None)]


@pytest.mark.parametrize("rule", SUMMARIES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("kind", BOOKS)
def test_an_odd_book_is_told_in_numbers(rule: SummaryRule, kind: str) -> None:
    summary = rule.compute(BOOKS[kind], CONTEXT)
    assert [text for text in texts(summary) if NO_NUMBER.search(text)] == []
    assert all(Decimal(figure.value).is_finite() for figure in summary.figures if figure.value is not None)


def test_large_amounts_are_told_in_large_words() -> None:
    assert "共 180,000.0 亿" not in (told := FUNNEL.compute(BOOKS["huge"], CONTEXT).conclusion)
    assert "共 18.0 万亿" in told


def test_nobody_knows_what_will_be_won_in_a_month_that_has_not_begun() -> None:
    won = next(block for block in FUNNEL.compute(BOOKS["all won"], CONTEXT).blocks if block.key == "forecast")
    assert [row[4] for row in won.rows][:3] == [Decimal(22000), None, None]


def test_no_stage_is_hard_while_nothing_has_left_any() -> None:
    deals = book({"stage": each(lambda _: STAGES[0])})
    columns: dict[str, list[Value]] = {
        "object": each(lambda number: f"O-{number}"),
        "field": ["阶段"] * 30,
        "to_value": [STAGES[0]] * 30,
        "at": [TODAY] * 30,
    }
    conclusion = CONVERSION.compute({**deals, TabKey("stage_history"): _frame(columns)}, CONTEXT).conclusion
    assert "30 个" in conclusion
    assert STAGES[0] not in conclusion
