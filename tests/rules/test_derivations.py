"""What columns are made from is what `derives` says, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from crm_sheets.changes import Value
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import Rule
from crm_sheets.rules.customer_levels import customer_levels, giving_levels
from crm_sheets.rules.customer_statuses import customer_statuses, judging_statuses
from crm_sheets.rules.dormancy import DormancyPolicy
from crm_sheets.rules.level_policies import LevelPolicy, Method
from crm_sheets.rules.pool import PoolTerms, no_pool, pooling
from crm_sheets.rules.quintiles import Borders
from crm_sheets.rules.stage_history import stage_history, writing_history
from crm_sheets.schema import TABS
from crm_sheets.schema.base import Kind, Row
from crm_sheets.schema.derivations import Source
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.books import book_of, pool
from tests.rules.dense import dense_book
from tests.rules.sources import Part, Proof
from tests.rules.tables import ALL_TABS, TextBook, before, context

BOOKS = 36
POLICY = DormancyPolicy(days=1, moves=True)
TERMS = PoolTerms(timedelta(days=1), timedelta(hours=5), timedelta(days=1), 1)

RULES: Mapping[str, tuple[Rule, ...]] = {of.tab: of.rules for of in DEFAULT_RULES}
OTHERWISE: Mapping[Rule, Rule] = {
    customer_levels: giving_levels(LevelPolicy(by_orders=True)),
    customer_statuses: judging_statuses(POLICY),
    stage_history: writing_history(POLICY),
    no_pool: pooling(TERMS),
}
"""Rules of teams that want something else than what is shipped."""

MADE_OTHERWISE = {"check", "duplicates"}
"""Columns that no rule makes: each reader has their own."""

BY_RULES = tuple(tab for tab in TABS if not tab.record.made_by_us and tab.key != "lookups")
"""Answers to look-ups are the declared exception (docs/permissions.md): they tell of customers that are not shown."""
"""The others have rows that tell of one cell each: who may read that cell may read them (schema/pointing.py)."""

NEVER_BY_RULES = {
    *(("customers", column) for column in ("created_at", "updated_at", "merged_from", "bounced_email")),
    ("campaigns", "mail_approved"),
    *(("campaign_members", column) for column in ("mailed_at", "mail_outcome")),
}
"""Written when rows are made, edited and merged; when mails to customers are approved, sent, answered."""


def told(row: Row, part: Part) -> frozenset[Source] | None:
    tab = TabKey(part.tab)
    if part.kind == "value" or (part.kind == "row" and ALL_TABS[tab].ours):
        column = ColumnKey(part.what)
        return frozenset({*ALL_TABS[tab].columns[column].derives, (tab, column)})
    return None


def with_past(book: TextBook, random: Random) -> TextBook:
    """The book, with rows whose choices, persons and dates were others at the end of the last cycle."""
    return TextBook([_with_past(row, random) if row.previous is not None else row for row in book.rows])


def _with_past(row: Row, random: Random) -> Row:
    columns = ALL_TABS[row.tab].columns
    moving = [key for key in ("status", "level", "owner", "close_date", "state") if key in columns]
    moved = [key for key in moving if random.random() < 0.5]
    past: dict[str, Value] = {key: random.choice((None, *pool(row.tab, columns[ColumnKey(key)]))) for key in moved}
    return replace(row, previous=before(replace(row, record=row.previous or row.record), **past).previous)


@pytest.fixture(scope="module")
def proof() -> Proof:
    found = Proof(told)
    other_rules = {tab: tuple(OTHERWISE.get(rule, rule) for rule in rules) for tab, rules in RULES.items()}
    by_fifths = {"customers": (giving_levels(LevelPolicy(Method.RFM)),)}
    for seed in range(BOOKS):
        book = dense_book(seed) if seed % 3 else with_past(book_of(seed), Random(seed))
        within = replace(context(book), author="shared (王芳)")
        found.watch(book, within, other_rules if seed % 2 else RULES, book.rows)
        customers = [row for row in book.rows if row.tab == "customers"]
        found.watch(book, replace(within, rfm=Borders((), (), ())), by_fifths, customers)
    return found


def test_what_a_column_is_made_from_is_declared(proof: Proof) -> None:
    assert proof.leaks == {}


def test_every_column_of_ours_was_computed(proof: Proof) -> None:
    seen = {(part.tab, part.what) for part in proof.seen if part.kind in ("value", "row")}
    ours = {
        (tab.key, key)
        for tab in BY_RULES
        for key, column in tab.columns.items()
        if column.system and column.kind not in (Kind.ID, Kind.WITNESS) and key not in MADE_OTHERWISE
    }
    assert ours - seen - NEVER_BY_RULES == set()


def test_every_column_of_ours_says_what_it_is_made_from() -> None:
    silent = {
        (tab.key, key)
        for tab in BY_RULES
        for key, column in tab.columns.items()
        if column.system and not column.derives and column.kind not in (Kind.ID, Kind.WITNESS)
    }
    assert {(tab, key) for tab, key in silent if key not in MADE_OTHERWISE} == {("customers", "created_at")}


def test_sources_exist() -> None:
    columns = {(tab.key, key) for tab in TABS for key in tab.columns}
    assert {source for tab in TABS for column in tab.columns.values() for source in column.derives} <= columns
