"""Records that are kept decoded while one view after another is compared with them are never older than the store."""

from datetime import UTC, datetime

import pytest

from crm_sheets.changes import Value
from crm_sheets.schema.book import tab
from crm_sheets.schema.storage import encode_values
from crm_sheets.sync.store import record_memory
from crm_sheets.sync.store.record_memory import RecordMemory
from crm_sheets.tables import ColumnKey, RowKey, TabKey

CUSTOMERS = tab(TabKey("customers"))
FOLLOW_UPS = tab(TabKey("follow_ups"))
NAME, CREATED = ColumnKey("name"), ColumnKey("created_at")
KEY = RowKey("C-1")


def text(name: str) -> str:
    values: dict[ColumnKey, Value] = {NAME: name, CREATED: datetime(2026, 11, 20, tzinfo=UTC)}
    return encode_values(CUSTOMERS, values)


def test_a_record_is_decoded_once_while_it_is_kept_and_anew_when_it_changed() -> None:
    memory = RecordMemory()
    assert memory.decoded(CUSTOMERS, KEY, text("甲")) is not memory.decoded(CUSTOMERS, KEY, text("甲"))
    with memory.keeping():
        first = memory.decoded(CUSTOMERS, KEY, text("甲"))
        assert first == {NAME: "甲", CREATED: datetime(2026, 11, 20, tzinfo=UTC)}
        assert memory.decoded(CUSTOMERS, KEY, text("甲")) is first
        assert memory.decoded(CUSTOMERS, RowKey("C-2"), text("甲")) is not first
        assert memory.decoded(FOLLOW_UPS, KEY, text("甲")) is not first, "another tab may have the same key"
        assert memory.decoded(CUSTOMERS, KEY, text("乙"))[NAME] == "乙"
        last = memory.decoded(CUSTOMERS, KEY, text("甲"))
        assert last[NAME] == "甲"
    assert memory.decoded(CUSTOMERS, KEY, text("甲")) is not memory.decoded(CUSTOMERS, KEY, text("甲"))
    with memory.keeping():
        assert memory.decoded(CUSTOMERS, KEY, text("甲")) is not last, "nothing is kept from one round to the next"


def test_more_records_than_are_kept_are_decoded_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_memory, "MOST_RECORDS", 1)
    memory = RecordMemory()
    with memory.keeping():
        one = memory.decoded(CUSTOMERS, KEY, text("甲"))
        other = memory.decoded(CUSTOMERS, RowKey("C-2"), text("乙"))
        assert memory.decoded(CUSTOMERS, KEY, text("甲")) is one
        again = memory.decoded(CUSTOMERS, RowKey("C-2"), text("乙"))
        assert again == other
        assert again is not other
        changed = memory.decoded(CUSTOMERS, KEY, text("丙"))
        assert memory.decoded(CUSTOMERS, KEY, text("丙")) is changed, "in the place of what it was"
