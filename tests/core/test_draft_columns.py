"""Columns of a tab, read at once, are what its rows say one by one, whatever a cycle has changed so far."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crm_sheets.changes import Value
from crm_sheets.draft import MANY, Draft
from crm_sheets.schema.book import tab
from crm_sheets.state import Commit, TabCommit, Values
from crm_sheets.sync.store.commit import commit
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey

CUSTOMERS, NAME, OWNER = TabKey("customers"), ColumnKey("name"), ColumnKey("owner")
TABS = {CUSTOMERS: tab(CUSTOMERS)}
COLUMNS = (NAME, OWNER)


@pytest.fixture(scope="module")
def state() -> Iterator[SqlState]:
    store = SqlState("sqlite://", tuple(TABS.values()))
    named: list[dict[ColumnKey, Value]] = [{NAME: f"客户{number}"} for number in range(9)]
    for values in named[::2]:
        values[OWNER] = "王芳"
    kept = TabCommit(records={RowKey(f"C-{number}"): values for number, values in enumerate(named)})
    commit(store, Commit(1, datetime(2026, 11, 22, tzinfo=UTC), ReplicaKey("shared"), 0, None, {CUSTOMERS: kept}))
    yield store
    store.close()


CHANGES: dict[str, dict[str, Values | None]] = {
    "nothing": {},
    "edited": {"C-3": {NAME: "别名"}},
    "gone": {"C-0": None, "C-8": None, "C-99": None},
    "new": {"C-00": {NAME: "甲"}, "C-9": {NAME: "乙", OWNER: "李强"}, "A": {}, "not a record yet": {NAME: "丙"}},
    "many": {f"D-{number}": {NAME: f"新{number}"} for number in range(MANY + 1)},
}


@pytest.mark.parametrize("name", CHANGES)
def test_at_once_and_one_by_one(state: SqlState, name: str) -> None:
    found = []
    for whole in (False, True):
        draft = Draft(state, TABS)
        for key, values in CHANGES[name].items():
            draft.put((CUSTOMERS, RowKey(key)), values)
        draft.provisional.add((CUSTOMERS, RowKey("not a record yet")))
        if whole:
            draft.prefetch_tab(CUSTOMERS)
        found.append(draft.columns(CUSTOMERS, COLUMNS))
    assert found[0] == found[1]
    gone = sum(values is None and key != "C-99" for key, values in CHANGES[name].items())
    come = sum(values is not None and key not in {"C-3", "not a record yet"} for key, values in CHANGES[name].items())
    assert len(found[0][NAME]) == 9 - gone + come
