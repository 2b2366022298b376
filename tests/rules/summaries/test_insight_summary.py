"""汇总_洞察 from small books: who is on the worklist and why, and what is told of the rest."""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import LOCALES
from crm_sheets.rules.summaries.base import Frame, Frames, Summary, SummaryContext, sight_of
from crm_sheets.rules.summaries.insights import INSIGHTS
from crm_sheets.rules.summaries.insights.market import market_of
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.summaries.test_summaries import TODAY, context, dictionary, frame, rows_of, values

CUSTOMERS = [
    "id",
    "name",
    "type",
    "industry",
    "region",
    "source",
    "size",
    "status",
    "owner",
    "contact_consent",
    "last_contact",
    "next_contact",
    "created_at",
]
DEALS = ["id", "name", "customer", "source", "stage", "amount", "discount", "close_date", "owner", "probability"]
ORDERS = ["customer", "ordered_on", "state", "total"]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def filled(names: Sequence[str], given: Sequence[Mapping[str, Value]]) -> Frame:
    return frame(" ".join(names), *(tuple(row.get(name) for name in names) for row in given))


def book(
    customers: Sequence[Mapping[str, Value]],
    deals: Sequence[Mapping[str, Value]] = (),
    orders: Sequence[Mapping[str, Value]] = (),
) -> Frames:
    return {
        TabKey("customers"): filled(CUSTOMERS, customers),
        TabKey("opportunities"): filled(DEALS, deals),
        TabKey("orders"): filled(ORDERS, orders),
    }


def told(frames: Frames, locale: str = "zh-CN") -> Summary:
    base = context(locale)
    known = {**base.dictionaries.entries, "contact_consent": dictionary("allowed", "none")}
    return INSIGHTS.compute(frames, SummaryContext(TODAY, base.zone, Dictionaries(known), base.language))


def verdicts(summary: Summary) -> list[object]:
    return [row[1] for row in rows_of(summary, "trust")]


def test_the_worklist_is_value_times_chance_times_lateness() -> None:
    names = ("甲", "乙", "丙", "丁", "戊", "己")
    customers: list[dict[str, Value]] = [
        {"id": f"C{n}", "name": name, "last_contact": ago(30)} for n, name in enumerate(names)
    ]
    customers[1]["last_contact"] = ago(60)  # twice as late
    customers[2]["next_contact"] = TODAY + timedelta(days=1)
    customers[3]["contact_consent"] = "none"
    customers[4]["status"] = "lost"
    customers[5]["last_contact"] = ago(0)
    deals: list[dict[str, Value]] = [
        {
            "name": f"项目{name}",
            "customer": name,
            "stage": "offer",
            "amount": Decimal(1000),
            "probability": Decimal("0.5"),
        }
        for name in names
    ]
    deals[0]["amount"] = Decimal(1500)
    deals[0]["customer"] = "C0"  # named by its number
    rows = rows_of(told(book(customers, deals)), "calls")
    assert [row[:6] for row in rows] == [
        ("乙", "项目乙", "（未填写）", Decimal(1000), Decimal("0.5"), 60),
        ("甲", "项目甲", "（未填写）", Decimal(1500), Decimal("0.5"), 30),
        ("己", "项目己", "（未填写）", Decimal(1000), Decimal("0.5"), 0),
    ]


def test_of_customers_who_came_today_the_most_promising_are_first() -> None:
    """After an import nobody is late yet: value and chance alone say whom to call."""
    customers: list[dict[str, Value]] = [{"name": name, "created_at": TODAY} for name in ("甲", "乙", "丙")]
    deals: list[dict[str, Value]] = [
        {"name": "项目", "customer": name, "stage": "offer", "amount": Decimal(amount), "probability": Decimal("0.5")}
        for name, amount in (("甲", 10), ("乙", 30), ("丙", 20))
    ]
    rows = rows_of(told(book(customers, deals)), "calls")
    assert [row[0] for row in rows] == ["乙", "丙", "甲"]
    assert {row[6] for row in rows} == {"阶段“offer”，可能性按阶段赢率；还没有联系记录，没有下次计划"}


def test_an_empty_book_says_that_too_little_is_known() -> None:
    summary = told(book([]))
    assert verdicts(summary) == ["数据不足"] * 4
    assert rows_of(summary, "calls") == ()
    assert summary.conclusion == ""


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_is_in_the_catalogue(locale: str) -> None:
    summary = busy_summary(locale)
    texts = [cell for block in summary.blocks for row in block.rows for cell in row if isinstance(cell, str)]
    assert not [text for text in (*texts, summary.conclusion) if "insights." in text or "{" in text]


@cache
def busy_summary(locale: str) -> Summary:
    return told(busy(signal=True), locale)


def busy(*, signal: bool) -> Frames:
    """Three hundred customers with deals and orders, made so that the source decides, or nothing does."""
    source = random.Random(4)
    rates = {"A": 0.85, "B": 0.5, "C": 0.1}
    customers: list[dict[str, Value]] = [
        {"name": f"客户{n}", "source": source.choice("ABC"), "last_contact": ago(source.randint(1, 99))}
        for n in range(300)
    ]
    deals: list[dict[str, Value]] = []
    for number in range(500):
        customer = source.choice(customers)
        won = source.random() < (rates[str(customer["source"])] if signal else 0.5)
        is_open = number >= 480
        deals.append(
            {
                "name": f"项目{number}",
                "customer": customer["name"],
                "stage": "offer" if is_open else "won" if won else "lost",
                "amount": Decimal(source.randint(1, 90) * 1000) if won or is_open else Decimal(0),
                "close_date": ago(600 - number),
                "probability": Decimal("0.3"),
            }
        )
    orders: list[dict[str, Value]] = [
        {"customer": customer["name"], "ordered_on": ago(source.randint(0, 400)), "total": Decimal(100)}
        for customer in customers
        for _ in range(source.randint(1, 3))
    ]
    return book(customers, deals, orders)


def test_a_published_model_gives_the_chances_of_the_worklist() -> None:
    summary = busy_summary("zh-CN")
    assert verdicts(summary)[0] == "已发布"
    assert {row[4] for row in rows_of(summary, "calls")} != {Decimal("0.3")}
    assert sum(int(str(row[1])) for row in rows_of(summary, "calibration")) >= 100


def test_a_declined_model_gives_none_though_lost_deals_have_no_amount() -> None:
    summary = told(busy(signal=False))
    assert verdicts(summary)[0] == "不发布"
    assert rows_of(summary, "calibration") == ()
    assert {row[4] for row in rows_of(summary, "calls")} == {Decimal("0.3")}


def test_few_closed_deals_give_base_rates_pulled_towards_that_of_all() -> None:
    buyer: dict[str, Value] = {"name": "客户", "last_contact": ago(60)}
    deals: list[dict[str, Value]] = [
        {"name": str(n), "source": "AB"[n % 2], "stage": "lost" if n % 2 else "won", "close_date": ago(n)}
        for n in range(20)
    ]
    running: list[dict[str, Value]] = [
        {"name": f"在谈{source}", "source": source, "customer": "客户", "stage": "offer", "amount": Decimal(1000)}
        for source in "AB"
    ]
    summary = told(book([buyer], [*deals, *running]))
    assert verdicts(summary)[0] == "用基础赢单率"
    found = {row[1]: row[4] for row in rows_of(summary, "calls")}
    everywhere = (10 + 0.5) / (20 + 1)
    assert found == {
        f"在谈{source}": Decimal(str(round((won + 10 * everywhere) / 20, 4))) for source, won in (("A", 10), ("B", 0))
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_later_deals_that_were_all_lost_test_nothing_and_that_is_said(locale: str) -> None:
    """Of 120 deals 6 were won, all of them early: enough are closed, and no rate of a source is used."""
    deals: list[dict[str, Value]] = [
        {"name": str(n), "stage": "won" if n in range(0, 60, 10) else "lost", "close_date": ago(200 - n)}
        for n in range(120)
    ]
    summary = told(book([], deals), locale)
    verdict, why = rows_of(summary, "trust")[0][1:]
    expected = context(locale).language
    assert verdict == expected.text("insights.verdict.declined")
    assert why == expected.text("insights.chances.one_sided", closed="120")


def test_without_a_model_the_chances_of_the_stages_are_held_against_what_came() -> None:
    deals: list[dict[str, Value]] = [
        {"id": f"O-{n}", "name": str(n), "stage": "won" if n < 3 else "lost" if n < 8 else "offer"} for n in range(10)
    ]
    moves = [(f"O-{n}", "阶段", "offer", ago(9)) for n in range(10)]
    frames = {**book([], deals), TabKey("stage_history"): frame("object field to_value at", *moves)}
    base = context()
    stages = tuple(
        replace(entry, attributes={"probability": "50%"}) if entry.value == "offer" else entry
        for entry in base.dictionaries.entries["opportunity_stage"]
    )
    known = Dictionaries({**base.dictionaries.entries, "opportunity_stage": stages})
    summary = INSIGHTS.compute(frames, replace(base, dictionaries=known))
    expected = ("offer", 8, Decimal("0.5"), Decimal("0.3750"), "n=8: 14–69%")
    assert rows_of(summary, "calibration") == (expected,)


def test_win_rates_come_with_their_intervals() -> None:
    deals: list[dict[str, Value]] = [
        {"name": str(n), "source": "A", "stage": "won" if n < 15 else "lost", "close_date": ago(n)} for n in range(20)
    ]
    summary = told(book([], deals))
    assert rows_of(summary, "won_by_source") == (("A", 20, Decimal("0.75"), Decimal("0.5313"), Decimal("0.8881")),)
    assert values(summary)["insights.win_rate"] == Decimal("0.75")
    (told_rate,) = [each for each in summary.figures if each.key == "insights.won_by_source.win_rate[A]"]
    assert (told_rate.cases, told_rate.low, told_rate.high) == (20, Decimal("0.5313"), Decimal("0.8881"))


def test_revenue_is_foretold_from_complete_months() -> None:
    orders: list[dict[str, Value]] = [
        {"customer": "甲", "ordered_on": date(2026, month, 3), "total": Decimal(1000)} for month in range(2, 12)
    ]
    orders.append({"customer": "甲", "ordered_on": date(2026, 9, 9), "total": Decimal(10**9), "state": "cancelled"})
    orders.append({"customer": "甲", "ordered_on": date(1920, 9, 9), "total": Decimal(10**9)})  # a slip of the pen
    base = context()
    known = {**base.dictionaries.entries, "order_state": dictionary("open", "cancelled")}
    summary = INSIGHTS.compute(
        book([{"name": "甲"}], orders=orders), SummaryContext(TODAY, base.zone, Dictionaries(known), base.language)
    )
    rows = rows_of(summary, "revenue")
    assert rows[0] == ("2026-02", Decimal(1000), None, None, None)
    assert rows[-4] == ("2026-10", Decimal(1000), None, None, None)
    assert rows[-3:] == tuple((month, None, *(Decimal(1000),) * 3) for month in ("2026-11", "2026-12", "2027-01"))


def test_without_the_extra_the_tab_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sklearn", "sklearn.metrics", "sklearn.cluster", "scipy", "scipy.optimize", "scipy.special"):
        monkeypatch.setitem(sys.modules, name, None)
    summary = told(busy(signal=True))
    assert verdicts(summary)[:3] == ["未安装组件"] * 3
    assert rows_of(summary, "calls")


def test_an_order_whose_total_is_hidden_is_none_and_not_one_of_nothing() -> None:
    customers = [{"id": "C-1", "name": "甲"}]
    orders: list[dict[str, Value]] = [
        {"customer": "甲", "ordered_on": ago(40), "total": Decimal(500)},
        {"customer": "甲", "ordered_on": ago(10), "total": None},
    ]
    frames = dict(book(customers, orders=orders))
    base = context("zh-CN")
    (everything,) = market_of(frames, base).buyers
    assert [amount for _, amount in everything.bought] == [500, 0]
    frames[sight_of(TabKey("orders"))] = {ColumnKey("total"): [True, False]}
    (part,) = market_of(frames, base).buyers
    assert [amount for _, amount in part.bought] == [500]
