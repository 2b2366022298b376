"""One person's customers, open follow-ups, deals, contracts, orders and services become another's, in one step. Pure.

What is closed stays as it was: who won a deal won it. History and stages are not touched.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from crm_sheets.changes import Value
from crm_sheets.commands import Act, Command
from crm_sheets.draft import Draft
from crm_sheets.rules.base import Context
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Kind, Row, Tab, values_of
from crm_sheets.tables import ColumnKey, RowKey, TabKey

OWNER = ColumnKey("owner")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A row that changes hands; `old` as it was typed."""

    tab: TabKey
    row: RowKey
    title: str
    old: str


@dataclass(frozen=True, slots=True)
class Handover:
    """Everything that changes hands, tab by tab in the order of the book.

    Attributes:
        kept: closed rows of each tab that stay with the person who gives.
    """

    rows: tuple[HandedOver, ...]
    kept: Mapping[TabKey, int]

    def commands(self, taker: str, author: str) -> tuple[Command, ...]:
        """What carries it out; `taker` is what the new person is called in the cells."""
        return tuple(Command(Act.SET, each.tab, each.row, {OWNER: taker}, author) for each in self.rows)

    @property
    def counts(self) -> Mapping[TabKey, int]:
        """Rows of each tab that change hands."""
        return Counter(each.tab for each in self.rows)


def plan_handover(draft: Draft, giver: Row, context: Context) -> Handover:
    """The rows of `giver`, by name or by 工号. A name that two people bear means neither of them."""
    rows: list[HandedOver] = []
    kept: Counter[TabKey] = Counter()
    for tab in draft.tabs.values():
        owner = tab.columns.get(OWNER)
        if owner is None or owner.kind is not Kind.PERSON or owner.system or not tab.record.passed_on:
            continue
        for row in draft.referring(giver, tab.key):
            text = row.record.__dict__[OWNER]
            if not text or [each.key for each in draft.named(giver.tab, text)] != [giver.key]:
                continue
            if is_finished(row.record, context):
                kept[tab.key] += 1
            else:
                rows.append(HandedOver(tab.key, row.key, title_of(row.key, tab, values_of(row.record)), text))
    return Handover(tuple(rows), kept)


def title_of(key: RowKey, tab: Tab, values: Mapping[ColumnKey, Value]) -> str:
    """What people who may read these values would call a row: its name, its number, or whom it is about."""
    telling = (tab.record.name_column, ColumnKey("number"), ColumnKey("subject"), ColumnKey("customer"))
    return next((str(values[column]) for column in telling if column and values.get(column)), key)
