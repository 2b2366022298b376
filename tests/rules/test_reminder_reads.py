"""What reminders say is made from what rules/reminder_reads.py says, and from nothing else."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import Rule
from crm_sheets.rules.pool import no_pool, pooling
from crm_sheets.rules.reminder_reads import _PARAMETERS, parameter_reads
from crm_sheets.schema.base import Row
from crm_sheets.schema.derivations import Source
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.dense import dense_book
from tests.rules.sources import Part, Proof
from tests.rules.tables import ALL_TABS, context
from tests.rules.test_derivations import TERMS

BOOKS = 30
PEOPLE = {"people.id", "people.name", "people.active", "owner"}
DUE: Mapping[str, set[str]] = {
    "follow_ups": {*PEOPLE, "planned_at", "done_at", "result", "remind", "customer", "customers.owner",
                   "customers.name", "customers.merged_from", "snoozed_until", "heard_of", "people.manager",
                   "people.department", "people.group", "people.role", "follow_ups.customer", "follow_ups.done_at",
                   "follow_ups.result"},
    "opportunities": {*PEOPLE, "stage", "stage_since", "close_date", "started_on"},
    "targets": {"people.id", "people.name", "people.active", "people.manager", "people.department", "people.group",
                "people.role", "scope", "period", "attainment", "pace"},
    "services": {*PEOPLE, "opened_at", "type", "priority", "state", "first_response_at", "solved_at", "waiting_since",
                 "waited"},
    "feedback": {*PEOPLE, "date", "type", "state"},
    "payments": {*PEOPLE, "due_on", "paid_on", "order", "contract", "orders.external", "orders.state",
                 "contracts.number", "contracts.state"},
    "contracts": {*PEOPLE, "ends_on", "state"},
    "customers": {*PEOPLE, "claim", "claimed_at", "last_contact", "next_contact", "created_at", "status",
                  "converted_at", "name", "merged_from", "opportunities.customer", "opportunities.stage", "level"},
}  # fmt: skip
"""What decides whether something is due, when, and whose it is."""

RULES: Mapping[str, tuple[Rule, ...]] = {
    of.tab: tuple(pooling(TERMS) if rule is no_pool else rule for rule in of.rules) for of in DEFAULT_RULES
}


def source(text: str, tab: TabKey) -> Source:
    other, point, column = text.rpartition(".")
    return (TabKey(other) if point else tab), ColumnKey(column)


def told(row: Row, part: Part) -> frozenset[Source] | None:
    if part.kind != "reminder":
        return None
    tab = TabKey(part.tab)
    found = parameter_reads(tab, part.where, ALL_TABS)
    if found is None:
        return frozenset()
    own = {(tab, column) for column in found.own}
    return found.others | own | {source(text, tab) for text in DUE[part.tab]}


@pytest.fixture(scope="module")
def proof() -> Proof:
    found = Proof(told)
    for seed in range(BOOKS):
        book = dense_book(seed)
        found.watch(book, replace(context(book), author="shared (王芳)"), RULES, book.rows)
    return found


def test_what_a_reminder_says_is_declared(proof: Proof) -> None:
    assert proof.leaks == {}


def test_every_word_of_every_reminder_was_said(proof: Proof) -> None:
    said = {(part.tab, part.where) for part in proof.seen if part.kind == "reminder"}
    assert said == {(tab, name) for tab, names in _PARAMETERS.items() for name in names}


def test_what_nobody_knows_is_told_to_nobody() -> None:
    assert parameter_reads(TabKey("follow_ups"), "secret", ALL_TABS) is None
    assert parameter_reads(TabKey("campaigns"), "subject", ALL_TABS) is None
