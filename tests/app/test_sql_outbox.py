"""The outbox in the state store keeps the contract of every outbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sheets.schema.book import TABS
from crm_sheets.state import OutboxItem
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import RowKey, TabKey
from tests.notifiers.memory_outbox import NOW, OutboxContract


class TestSqlOutbox(OutboxContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlOutbox]:
        state = SqlState(f"sqlite:///{tmp_path / 'state.db'}", TABS)
        items = [
            OutboxItem(
                key=each.key,
                kind=each.kind,
                person=each.person,
                not_before=each.not_before,
                tab=TabKey(each.tab),
                row=RowKey(each.row),
                parameters=each.parameters,
            )
            for each in self.ENTRIES
        ]
        with state.transaction() as connection:
            put_outbox(connection, items, NOW)
            put_outbox(connection, items, NOW)
        yield SqlOutbox(state)
        state.close()
