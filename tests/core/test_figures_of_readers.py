"""Figures of two readers differ as their rows do, and none of them tells of a cell that its reader may not read.

Over all summaries that there are, under the policy of examples/permissions.toml and under one that hides columns of
single rows: what a reader's summaries say is computed once more from nothing but the cells that their view shows, and
once more from a book in which all that is hidden from them is something else, or gone.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.evaluate import Evaluation, evaluate
from crm_sheets.figures import compute
from crm_sheets.organisation import organisation_of
from crm_sheets.permissions import Level
from crm_sheets.rights import Authority
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import Summary, SummaryContext, SummaryRule
from crm_sheets.schema.base import Row, unchecked
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.seen import REMARKS, SeenBook
from crm_sheets.state import RowId, Values
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from crm_sheets.views import PersonEyes, Reader, summaries_of, view_tabs
from tests.core.permission_tables import AT, PEOPLE, policy
from tests.core.test_disclosure import RULES, drafted, empty
from tests.rules.tables import ALL_TABS, SHIPPED, ZONE, TextBook, book, context

EXAMPLE = (Path(__file__).parents[2] / "examples" / "permissions.toml").read_text(encoding="utf-8")
NARROW = """
[[grant]]
role = "*"
tab = "people"
columns = { "*" = "read" }

[[grant]]
role = ["sales", "group_lead", "department_manager"]
tab = "*"
rows = ["own", "customer"]
columns = { "*" = "read" }

[[grant]]
role = ["group_lead", "department_manager"]
tab = ["customers", "opportunities", "orders"]
rows = "department"
columns = { "*" = "hidden", name = "read", stage = "read", close_date = "read", started_on = "read", status = "read" }
"""
"""Of the deals of others a lead sees how far they are, and not how large."""

WITHOUT_LINES = """
[[grant]]
role = "*"
tab = ["people", "customers"]
columns = { "*" = "read" }

[[grant]]
role = "department_manager"
tab = ["opportunities", "orders", "payments"]
rows = "department"
columns = { "*" = "read", amount = "hidden" }

[[grant]]
role = "department_manager"
tab = ["opportunities", "order_lines", "payments"]
rows = "own"
columns = { "*" = "read" }
"""
"""Totals come of lines that a lead may not read, and of what they may see of deals and payments the amount is out."""

SALES = ("张伟", "李娜")
NOT_WHETHER_PAID = """
[[grant]]
role = "*"
tab = ["people", "customers", "orders", "opportunities"]
columns = { "*" = "read" }

[[grant]]
role = "sales"
tab = "payments"
rows = "department"
columns = { "*" = "read", paid_on = "hidden" }

[[grant]]
role = "sales"
tab = "payments"
rows = "own"
columns = { "*" = "read" }
"""
"""Of the payments of others a seller sees how large they are, and not whether they came."""

READERS = (*SALES, "孙丽", "赵敏", "王总")
MANY = range(1, 13)


def table(tab: str, header: str, lines: list[str]) -> str:
    return "\n".join([tab, f"key | {header}", *lines])


def owner_of(number: int) -> str:
    return ("张伟", "李娜", "周杰", "孙丽")[number % 4]


def text() -> str:
    """A dozen of everything, each amount another power of two: a sum says which rows are in it."""
    stages, statuses = ("赢单", "输单", "商务谈判", "需求分析"), ("成交客户", "潜在客户", "流失客户", "意向客户")
    return "\n\n".join(
        [
            PEOPLE.strip(),
            table(
                "customers",
                "name | owner | status | level | region | source | created_at | private_note",
                [
                    f"C-{n} | 客户{n} | {owner_of(n)} | {statuses[n % 3]} | {'ABC'[n % 3]} | 地区{n} | 电话 | "
                    f"2026-0{n % 9 + 1}-03 10:00 | 私{n}"
                    for n in MANY
                ],
            ),
            table(
                "opportunities",
                "name | customer | owner | stage | amount | probability | close_date | started_on | source",
                [
                    f"O-{n} | 机会{n} | 客户{n} | {owner_of(n)} | {stages[n % 3]} | {2**n} | 0.5 | "
                    f"2026-1{n % 3}-2{n % 8} | 2026-0{n % 9 + 1}-01 | 邮件"
                    for n in MANY
                ],
            ),
            table(
                "follow_ups",
                "customer | owner | method | content | planned_at | done_at",
                [
                    f"F-{n} | 客户{n} | {owner_of(n + 1)} | 电话 | 内容{n} | 2026-11-{n + 10} 10:00 | "
                    f"{f'2026-11-{n + 10} 11:00' if n % 2 else ''}"
                    for n in MANY
                ],
            ),
            table(
                "orders",
                "customer | owner | ordered_on | state",
                [f"OR-{n} | 客户{n} | {owner_of(n)} | 2026-11-{n + 10} | 已创建" for n in MANY],
            ),
            table(
                "order_lines",
                "order | product | quantity | unit_price | cost",
                [f"OL-{n} | OR-{n} | 产品 | 1 | {2**n} | 1" for n in MANY],
            ),
            table(
                "payments",
                "order | amount | due_on | paid_on",
                [f"PY-{n} | OR-{n} | {2**n} | 2026-11-20 | {'2026-11-20' if n % 2 else ''}" for n in MANY],
            ),
            table(
                "feedback",
                "customer | owner | date | source | type | content | state",
                [f"FB-{n} | 客户{n} | {owner_of(n)} | 2026-11-{n + 10} | 邮件 | 投诉 | 不满{n} | 待处理" for n in MANY],
            ),
            table(
                "services",
                "customer | owner | opened_at | problem | state",
                [f"S-{n} | 客户{n} | {owner_of(n)} | 2026-11-{n + 10} 09:00 | 问题{n} | 处理中" for n in MANY],
            ),
        ]
    )


def judged(rows: TextBook) -> Draft:
    """The records of a book, with all that rules compute."""
    draft = drafted(rows)
    around = replace(context(TextBook([])), book=draft)
    everything = {(row.tab, row.key) for row in rows.rows}
    evaluate(draft, everything, RULES, around, CodecContext(zone=ZONE, language=around.language), Evaluation())
    return draft


def eyes_of(name: str, draft: Draft, toml: str) -> PersonEyes:
    organisation = organisation_of(draft.every(TabKey("people")), SHIPPED)
    person = organisation.find(name)
    assert person is not None
    rights = Authority(policy(toml), organisation, ALL_TABS, AT, SHIPPED).of(person)
    return PersonEyes(Reader(RowKey(name), person, rights, view_tabs(rights, ALL_TABS)), draft)


def figures(eyes: PersonEyes, draft: Draft) -> tuple[Summary, ...]:
    """What the reader is told."""
    return told(summaries_of(eyes.reader, SUMMARIES, ALL_TABS), SeenBook(draft, eyes, eyes.tabs))


def told(rules: tuple[SummaryRule, ...], records: Draft | SeenBook) -> tuple[Summary, ...]:
    around = context(TextBook([]))
    return compute(rules, records, SummaryContext(around.today, ZONE, SHIPPED, around.language))


class View(Draft):
    """What stands in the cells of a view, as records; a cell that is not the reader's is known to be none."""

    def __init__(self) -> None:
        super().__init__(empty(), ALL_TABS)
        self.cells: dict[RowId, frozenset[ColumnKey]] = {}

    def readable(self, row: RowId) -> frozenset[ColumnKey] | None:
        return self.cells.get(row)


def from_the_view(eyes: PersonEyes, draft: Draft) -> View:
    """Nothing but the cells of the view."""
    found = View()
    for tab in eyes.tabs:
        for key in draft.keys(tab):
            values = draft.values((tab, key))
            shown = None if values is None else eyes.shown((tab, key), values, {})
            if values is not None and shown is not None:
                found.put((tab, key), shown)
                rights = eyes.rights(tab, values)
                columns = eyes.tabs[tab].columns.keys() - REMARKS  # those are made anew for each reader
                found.cells[tab, key] = frozenset(c for c in columns if rights.level(c) >= Level.READ)
    return found


def without_the_hidden(eyes: PersonEyes, draft: Draft, rows: TextBook) -> TextBook:
    """The book as staff typed it, with other texts and numbers in each hidden cell, and without hidden rows."""
    kept = []
    for row in rows.rows:
        values: Values = draft.values((row.tab, row.key)) or {}
        rights = eyes.rights(row.tab, values)
        if not rights.visible and row.tab != "people":
            continue
        typed: dict[str, Value] = dict(row.record.__dict__)
        others = {str(c): other(v) for c, v in typed.items() if rights.level(ColumnKey(c)) < Level.READ}
        kept.append(row if row.tab == "people" else changed(row, {**typed, **others}))
    return TextBook(kept)


def other(value: Value) -> Value:
    match value:
        case Decimal():
            return value * 7 + 1
        case str():
            return f"{value}x"
        case _:
            return None


def changed(row: Row, values: Mapping[str, Value]) -> Row:
    return replace(row, record=unchecked(type(row.record), {ColumnKey(c): v for c, v in values.items()}))


@pytest.fixture(scope="module")
def rows() -> TextBook:
    return book(text())


@pytest.fixture(scope="module")
def draft(rows: TextBook) -> Draft:
    return judged(rows)


FAST = {("张伟", EXAMPLE), ("赵敏", NARROW)}
CASES = [
    pytest.param(name, toml, id=f"{name}-{called}", marks=() if (name, toml) in FAST else pytest.mark.slow)
    for name in READERS
    for called, toml in (("example", EXAMPLE), ("narrow", NARROW))
]


@pytest.mark.parametrize(("name", "toml"), CASES)
def test_figures_are_made_of_visible_cells_and_of_nothing_else(
    rows: TextBook, draft: Draft, name: str, toml: str
) -> None:
    eyes = eyes_of(name, draft, toml)
    said = figures(eyes, draft)
    assert said == told(summaries_of(eyes.reader, SUMMARIES, ALL_TABS), from_the_view(eyes, draft))
    less = judged(without_the_hidden(eyes, draft, rows))
    assert said == figures(eyes_of(name, less, toml), less)


def test_two_readers_have_two_totals(draft: Draft) -> None:
    totals = {}
    for name in (*SALES, "赵敏", "王总"):
        eyes = eyes_of(name, draft, EXAMPLE)
        seen = {key for key in draft.keys(TabKey("opportunities")) if visible(eyes, draft, key)}
        amounts = [2 ** int(key.removeprefix("O-")) for key in seen if won(draft, key)]
        figure = {each.key: each.value for summary in figures(eyes, draft) for each in summary.figures}
        totals[name] = figure["funnel.stages.amount[赢单]"] or 0
        assert totals[name] == sum(amounts), name
    assert len(set(totals.values())) > 2, "each has a total of their own"


def visible(eyes: PersonEyes, draft: Draft, key: RowKey) -> bool:
    values = draft.values((TabKey("opportunities"), key))
    return values is not None and eyes.rights(TabKey("opportunities"), values).visible


def won(draft: Draft, key: RowKey) -> bool:
    return (draft.values((TabKey("opportunities"), key)) or {}).get(ColumnKey("stage")) == "赢单"


def test_a_sum_of_hidden_cells_is_unknown_and_not_nothing(draft: Draft) -> None:
    eyes = eyes_of("赵敏", draft, WITHOUT_LINES)
    said = {summary.key: summary for summary in figures(eyes, draft)}
    assert {"orders", "payments", "value", "team", "funnel"} <= said.keys()
    told = {each.key: each.value for summary in said.values() for each in summary.figures}
    for counted in ("orders.orders", "payments.overdue_payments", "funnel.won", "funnel.open", "value.buyers"):
        assert told[counted], counted
    for key in (
        "orders.order_amount",
        "orders.order_open",
        "orders.average_order",
        "orders.months.order_amount[2026-11]",
        "orders.by_state.order_amount[已创建]",
        "payments.receivable",
        "payments.payments_overdue",
        "payments.received",
        "value.revenue",
        "value.revenue_each",
        "team.open_amount",
        "team.groups.won_amount[销售部/一组]",
        "funnel.won_amount",
        "funnel.open_weighted",
        "funnel.stages.amount[赢单]",
        "funnel.forecast.forecast[2026-12]",
        "outcomes.velocity",
        "value.profit_known_of",
        "customers.loyal_customers",
    ):
        assert told[key] is None, key
    assert told["funnel.stages.amount[初步接触]"] == 0, "there is no deal"
    assert all("未知" in said[key].conclusion for key in ("orders", "payments", "value", "funnel", "team"))
    assert not any(re.search("[ （]0[（），；。]", said[key].conclusion) for key in ("orders", "payments", "value"))


def test_what_may_be_paid_or_not_is_not_told_to_be_open(draft: Draft) -> None:
    """All of 张伟's own payments are open; whether those of colleagues are, the summary does not know either."""
    eyes = eyes_of("张伟", draft, NOT_WHETHER_PAID)
    said = {figure.key: figure.value for summary in figures(eyes, draft) for figure in summary.figures}
    assert said["payments.receivable"] == sum(2**n for n in MANY if owner_of(n) == "张伟")
    assert set(filter(None, (said.get(f"payments.by_owner.receivable[{name}]") for name in ("李娜", "孙丽")))) == set()


def test_the_test_would_notice(rows: TextBook, draft: Draft) -> None:
    """Whose figures are made of all rows has others than from the view."""
    eyes = eyes_of("张伟", draft, EXAMPLE)
    rules = summaries_of(eyes.reader, SUMMARIES, ALL_TABS)
    assert rules
    assert told(rules, draft) != told(rules, from_the_view(eyes, draft))
