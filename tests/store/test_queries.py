"""Rows come into the database as they were given, whichever way they go."""

from sqlalchemy import Table, select

from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import insert_all
from crm_sheets.sync.store.sql import SqlState


def kept(state: SqlState, table: Table, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    with state.transaction() as connection:
        insert_all(connection, table, rows)
        return [dict(row._mapping) for row in connection.execute(select(table))]


def test_columns_may_come_in_any_order(state: SqlState) -> None:
    rows: list[dict[str, object]] = [
        {"value": "甲", "tab": "customers", "key": "C-1", "role": "defines", "name": "customers"},
        {"tab": "customers", "name": "people", "key": "C-1", "value": "乙", "role": "refers"},
    ]
    assert kept(state, tables.entries, rows) == rows


def test_a_column_that_is_not_given_gets_its_default(state: SqlState) -> None:
    rows: list[dict[str, object]] = [{"tab": "customers", "key": "C-1", "data": "{}"}]
    assert kept(state, tables.records, rows) == [{**rows[0], "deleted": 0}]


def test_bytes_and_tables_of_one_column(state: SqlState) -> None:
    assert kept(state, tables.secrets, [{"name": "x", "value": b"\x00"}]) == [{"name": "x", "value": b"\x00"}]
    assert kept(state, tables.origins, [{"origin": "a"}, {"origin": "b"}]) == [{"origin": "a"}, {"origin": "b"}]
