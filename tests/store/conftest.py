"""Stores on SQLite, and on PostgreSQL where CRM_SHEETS_TEST_POSTGRES gives a database. That database is emptied."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sheets.schema.book import TABS
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.sql import SqlState


@pytest.fixture(params=["memory", "file", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlState]:
    url = {"memory": "sqlite://", "file": f"sqlite:///{tmp_path / 'state.db'}"}.get(request.param, "")
    if not url:
        url = os.environ.get("CRM_SHEETS_TEST_POSTGRES", "")
        if not url:
            pytest.skip("CRM_SHEETS_TEST_POSTGRES names no database")
    opened = SqlState(url, TABS)
    with opened.transaction() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
    yield opened
    opened.close()
