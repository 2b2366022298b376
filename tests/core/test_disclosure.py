"""What a reader is told is a function of what they may read: books that differ in nothing else tell them the same."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings

from crm_sheets.changes import Issue, Value
from crm_sheets.disclosure import Disclosure
from crm_sheets.draft import Draft
from crm_sheets.evaluate import Evaluation, evaluate
from crm_sheets.eyes import SameRights
from crm_sheets.figures import compute
from crm_sheets.permissions import Level
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import Context
from crm_sheets.rules.duplicates import TOGETHER, Pair
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import Summary, SummaryContext
from crm_sheets.schema.base import Kind, Row, unchecked
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.derivations import Source, sources_of
from crm_sheets.seen import SeenBook
from crm_sheets.state import Finding, RowId, Values
from crm_sheets.state import Source as From
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.rules.books import seeds
from tests.rules.dense import dense_book
from tests.rules.tables import ALL_TABS, SHIPPED, ZONE, TextBook, book, context

BOOKS = int(os.environ.get("CRM_SHEETS_BOOKS", "60"))
"""How many books the long run plays; a longer one: CRM_SHEETS_BOOKS=1000."""
RULES = {of.tab: of.rules for of in DEFAULT_RULES}
MARK = ColumnKey("key_")
"""Rows with a text in this column are not for the reader."""

SECRET = "secret"
STRUCTURE = frozenset(key for key in ("id", "key_", "check", "duplicates"))
SOURCES = sources_of(ALL_TABS)
CUSTOMERS, FOLLOW_UPS = TabKey("customers"), TabKey("follow_ups")


@dataclass(frozen=True)
class Sight:
    """A reader who may not read some columns, nor rows that are marked; nor what is made from either."""

    columns: frozenset[Source]
    tabs: frozenset[TabKey]
    """Those in which rows are marked."""

    def rights(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> SameRights:
        shown = {key: Level.READ for key in ALL_TABS[tab].columns if self.may_read(tab, key)}
        return SameRights(shown, Level.HIDDEN, visible=values.get(MARK) != SECRET)

    def may_read(self, tab: TabKey, column: ColumnKey) -> bool:
        made_from = SOURCES.get((tab, column), frozenset())
        if made_from & self.columns or any(
            other in self.tabs for other, _ in made_from - {(tab, column)} if other != tab
        ):
            return False
        return (tab, column) not in self.columns

    def everywhere(self, row: RowId, sources: Collection[Source]) -> bool:
        return all(tab not in self.tabs and self.may_read(tab, column) for tab, column in sources)


@dataclass(frozen=True)
class Told:
    """All that a reader is shown and told."""

    values: Mapping[RowId, Values]
    issues: Mapping[RowId, list[Issue]]
    summaries: tuple[Summary, ...]
    people: tuple[str, ...]
    reminders: Mapping[str, Mapping[str, str]]


@cache
def empty() -> SqlState:
    """A state that remembers nothing."""
    return SqlState("sqlite://", list(ALL_TABS.values()))


def drafted(rows: TextBook) -> Draft:
    draft = Draft(empty(), ALL_TABS)
    for row in rows.rows:
        values = {ColumnKey(name): value for name, value in row.record.__dict__.items() if value is not None}
        draft.put((row.tab, row.key), values)
    return draft


def disclosure(draft: Draft, sight: Sight, around: Context) -> Disclosure:
    return Disclosure(SeenBook(draft, sight, ALL_TABS), around, RULES, {}, sight.everywhere)


def told(rows: TextBook, sight: Sight, *, figures: bool = True) -> Told:
    draft = drafted(rows)
    around = replace(context(TextBook([])), book=draft)
    said = Evaluation()
    everything = {(row.tab, row.key) for row in rows.rows}
    evaluate(draft, everything, RULES, around, CodecContext(zone=ZONE, language=around.language), said)
    of = disclosure(draft, sight, around)
    seen = [row for tab in ALL_TABS for row in ((tab, key) for key in of.seen.keys(tab))]
    findings = {row: [Finding(issue, From.RULE) for issue in said.findings.get(row, ())] for row in seen}
    summary_context = SummaryContext(around.today, ZONE, SHIPPED, around.language)
    return Told(
        {row: values for row in seen if (values := of.seen.values(row)) is not None},
        {row: sorted(of.issues(row, findings[row]), key=repr) for row in seen},
        compute(SUMMARIES, of.seen, summary_context) if figures else (),
        of.people(),
        {each.key: of.parameters(row, each.parameters) for row in seen for each in said.reminders.get(row, ())},
    )


def secret_of(random: Random) -> Sight:
    """What some reader may not read."""
    columns = [
        (tab.key, key)
        for tab in ALL_TABS.values()
        for key, column in tab.columns.items()
        if key not in STRUCTURE and column.kind is not Kind.ID
    ]
    hidden = frozenset(random.sample(columns, random.choice((1, 5, 40))))
    return Sight(hidden, frozenset(tab for tab in ALL_TABS if random.random() < 0.3))


def marked(rows: TextBook, sight: Sight) -> TextBook:
    """The book, with its second rows marked in the tabs of which rows are hidden."""
    return TextBook([_with(row, {MARK: SECRET}) if _is_hidden(row, sight) else row for row in rows.rows])


def altered(rows: TextBook, sight: Sight, other: TextBook, random: Random) -> TextBook:
    """The book with other secrets: hidden cells hold something else, hidden rows are others or are gone."""
    found = []
    for row, another in zip(rows.rows, other.rows, strict=True):
        if not _is_hidden(row, sight):
            values = {c: another.record.__dict__[c] for tab, c in sight.columns if tab == row.tab}
            found.append(_with(row, values))
        elif random.random() < 0.7:
            found.append(_with(another, {MARK: SECRET}))
    return TextBook(found)


def _is_hidden(row: Row, sight: Sight) -> bool:
    return row.tab in sight.tabs and row.key.endswith("-2")


def _with(row: Row, values: Mapping[ColumnKey, Value]) -> Row:
    changed = {ColumnKey(name): value for name, value in row.record.__dict__.items()} | dict(values)
    return replace(row, record=unchecked(type(row.record), changed), unreadable=frozenset(), previous=None)


def play(seed: int, *, figures: bool) -> None:
    random = Random(seed)
    sight = secret_of(random)
    one = marked(dense_book(seed), sight)
    other = altered(one, sight, dense_book(seed + 1), random)
    first, second = told(one, sight, figures=figures), told(other, sight, figures=figures)
    assert first.values == second.values
    assert first.issues == second.issues
    assert first.summaries == second.summaries
    assert first.people == second.people
    for key in first.reminders.keys() & second.reminders.keys():
        assert first.reminders[key] == second.reminders[key]


DOUBLES = """
customers
key | name | contact | phone | credit_code
C-1 | 深圳华为技术有限公司 | 王芳 | 13800000001 | 91350100M000100Y43
C-2 | 华为技术 | 王芳 | 13800000001 | 91350100M000100Y43
"""
LINKS = (Pair("C-1", "C-2", 1.0, ("credit_code", "phone", "name"), certain=True),)


def hidden(*columns: str) -> Sight:
    split = (column.partition(".") for column in columns)
    return Sight(frozenset((TabKey(tab), ColumnKey(key)) for tab, _, key in split), frozenset())


def hint(sight: Sight, text: str = DOUBLES) -> str:
    draft = drafted(book(text))
    return disclosure(draft, sight, context(book(text))).hint(RowKey("C-1"), LINKS, TOGETHER)


def test_a_double_is_told_by_what_the_reader_may_read_of_both() -> None:
    assert "C-2" in hint(hidden())
    assert "电话" in hint(hidden())
    assert "信用代码" in hint(hidden())
    partly = hint(hidden("customers.phone", "customers.credit_code"))
    assert "电话" not in partly
    assert "信用代码" not in partly
    same_but_for_it = DOUBLES.replace("C-2 | 华为技术 | 王芳 | 13800000001", "C-2 | 华为技术 | 王芳 | 13900000009")
    assert hint(hidden("customers.phone")) == hint(hidden("customers.phone"), same_but_for_it)


def test_a_double_that_the_reader_does_not_see_is_not_told() -> None:
    draft = drafted(book(DOUBLES))
    draft.update((CUSTOMERS, RowKey("C-2")), {MARK: SECRET})
    assert disclosure(draft, hidden(), context(book(DOUBLES))).hint(RowKey("C-1"), LINKS, TOGETHER) == ""


REFERRING = """
follow_ups
key | customer | method | content | planned_at | owner
F-1 | 华为 | 电话 | 回访 | 2026-11-25 10:00 | 张伟

customers
key | name | owner
C-1 | 华为 | 李娜
"""


def test_who_may_not_see_a_customer_is_told_that_there_is_none() -> None:
    def said(text: str, *, marks: bool) -> list[str]:
        draft = drafted(book(text))
        if marks:
            draft.update((CUSTOMERS, RowKey("C-1")), {MARK: SECRET})
        around = replace(context(book(text)), book=draft)
        of = disclosure(draft, hidden(), around)
        row = (FOLLOW_UPS, RowKey("F-1"))
        whole = draft.row(*row)
        assert whole is not None
        findings = [Finding(issue, From.RULE) for rule in RULES[FOLLOW_UPS] for issue in rule(whole, around).issues]
        return sorted(f"{issue.column} {issue.code}" for issue in of.issues(row, findings))

    without = REFERRING.partition("\n\ncustomers")[0]
    assert "customer reference-not-found" not in said(REFERRING, marks=False)
    assert "customer reference-not-found" in said(REFERRING, marks=True)
    assert said(REFERRING, marks=True) == said(without, marks=False)


def test_a_reminder_says_what_its_reader_may_read() -> None:
    text = REFERRING.replace("C-1 | 华为 | 李娜", "C-1 | 华为 | 张伟").replace("name | owner", "name | owner") + PEOPLE
    draft = drafted(book(text))
    around = replace(context(book(text)), book=draft)
    whole = draft.row(FOLLOW_UPS, RowKey("F-1"))
    assert whole is not None
    reminder = next(each for rule in RULES[FOLLOW_UPS] for each in rule(whole, around).reminders)
    row, given = (FOLLOW_UPS, RowKey("F-1")), reminder.parameters
    assert (given["content"], given["customer"]) == ("回访", "华为")
    assert disclosure(draft, hidden(), around).parameters(row, given) == given
    partly = disclosure(draft, hidden("follow_ups.content"), around).parameters(row, given)
    assert (partly["content"], partly["subject"], partly["customer"]) == ("", "", "华为")
    beyond = disclosure(draft, hidden("customers.phone"), around).parameters(row, {**given, "customer_phone": "138"})
    assert (beyond["customer_phone"], beyond["customer"]) == ("", "华为")
    draft.update((CUSTOMERS, RowKey("C-1")), {MARK: SECRET})
    alone = Sight(frozenset(), frozenset({CUSTOMERS}))
    assert disclosure(draft, alone, around).parameters(row, given)["customer"] == ""
    draft.update(row, {MARK: SECRET})
    assert set(disclosure(draft, hidden(), around).parameters(row, given).values()) == {""}


PEOPLE = """
people
key | id | name | active
P-1 | 001 | 张伟 | true
"""


@settings(max_examples=8, deadline=None)
@given(seeds())
def test_what_a_reader_may_not_read_changes_nothing_that_they_are_told(seed: int) -> None:
    play(seed, figures=False)


@settings(max_examples=2, deadline=None)
@given(seeds())
def test_nor_any_figure(seed: int) -> None:
    play(seed, figures=True)


@pytest.mark.slow
def test_many_books() -> None:
    for seed in range(BOOKS):
        play(seed, figures=False)
