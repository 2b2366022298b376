"""Sealing a store that was kept without a key: whatever stands in sealed columns, everywhere, once.

Records, bases and journal get sealed values; digests of rows, which could be guessed number by number, are replaced by
keyed ones, so that equal ones stay equal. The next cycle looks at every row anew.
"""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, Table, select, update

from crm_sheets.schema.base import Column, Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.sealed import Sealed, index_of, is_sealed
from crm_sheets.schema.validation import sealed_cells
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.replica_queries import count_changes
from crm_sheets.sync.store.sql import SqlState, put_note
from crm_sheets.sync.store.vault import Kept, Vault
from crm_sheets.tables import ColumnKey, RowKey

NOTE = "sealed"
"""Note: the columns that are sealed in the store, as JSON: a list of `tab.column`."""

RULES_NOTE = "rules"
"""The note by which a cycle knows that it need not look at every row; see sync.cycle."""


def sealed_columns(tabs: Iterable[Tab]) -> frozenset[str]:
    """The sealed columns of a team's book, as `tab.column`."""
    return frozenset(f"{tab.key}.{column.key}" for tab in tabs for column in tab.columns.values() if column.sealed)


def sealed_in(state: SqlState) -> frozenset[str]:
    """The columns that are sealed in a store."""
    return frozenset(json.loads(state.note(NOTE) or "[]"))


def seal_over(state: SqlState, vault: Vault, codec: CodecContext, wanted: frozenset[str]) -> None:
    """Seals what stands in columns that are to be sealed and are not yet; `codec` has the vault as its sealer."""
    known = sealed_in(state)
    with state.transaction() as connection:
        for tab in state.tabs.values():
            columns = [each for each in tab.columns.values() if f"{tab.key}.{each.key}" in wanted - known]
            if columns:
                _SealingOver(connection, vault, tab, columns, codec).run()
        if not known:
            _key_origins(connection, vault)
        put_note(connection, NOTE, json.dumps(sorted(known | wanted)))
        connection.execute(tables.notes.delete().where(tables.notes.c.name == RULES_NOTE))
    if state.engine.dialect.name == "sqlite":  # what was deleted still stands in free pages
        with state.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


class _SealingOver:
    """The steps of seal_over() for one tab."""

    def __init__(
        self, connection: Connection, vault: Vault, tab: Tab, columns: Collection[Column], codec: CodecContext
    ) -> None:
        self.connection, self.vault, self.tab, self.codec = connection, vault, tab, codec
        self.columns = {column.key: column for column in columns}
        self.kept: set[Kept] = set()

    def run(self) -> None:
        records, base, journal = tables.records, tables.base, tables.journal
        self._rewrite(records, ("tab", "key"), ("data",), ())
        self._rewrite(base, ("replica", "tab", "key", "since"), ("data",), ("digest", "content"))
        count_changes(self.connection, tables.base_versions.c.tab == self.tab.key)
        self._rewrite(journal, ("id",), ("old", "new"), ("dedupe",))
        names = [f"{self.tab.key}.{column}" for column in self.columns]
        self.connection.execute(tables.entries.delete().where(tables.entries.c.name.in_(names)))
        if self.tab.key == "customers":  # the index of duplicates has digests of numbers in it
            self.connection.execute(tables.blocks.delete())
        self.vault.keep_all(self.connection, self.kept)

    def _rewrite(self, table: Table, place: Collection[str], texts: Collection[str], digests: Collection[str]) -> None:
        """Seals what stands in some texts of a table; where one was changed, the digests are keyed."""
        for row in self.connection.execute(select(table).where(table.c.tab == self.tab.key)).all():
            told = row._mapping
            sealed = {name: self._sealed(told[name], told["key"]) for name in texts}
            if all(sealed[name] == told[name] for name in texts):
                continue
            keyed = {name: self.vault.keyed(told[name]) for name in digests if told[name]}
            here = [table.c[name] == told[name] for name in place]
            self.connection.execute(update(table).where(*here).values({**sealed, **keyed}))

    def _sealed(self, text: str, key: str) -> str:
        """The JSON of a row or a cell, or that of a merge, which holds such JSON for each cell."""
        if not text.startswith("{") or not any(f'"{column}"' in text for column in self.columns):
            return text
        found = json.loads(text)
        if "cells" in found and "keep" in found:
            found["cells"] = [self._merged(cell, key) for cell in found["cells"]]
        else:
            found = self._values(found, key)
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    def _merged(self, cell: list[str], key: str) -> list[str]:
        column, *texts, rule = cell
        return [column, *(self._sealed(each, key) for each in texts), rule]

    def _values(self, values: Mapping[str, object], key: str) -> dict[str, object]:
        return {column: self._value(ColumnKey(column), value, key) for column, value in values.items()}

    def _value(self, column: ColumnKey, value: object, key: str) -> object:
        if column not in self.columns or not isinstance(value, str) or is_sealed(value):
            return value
        found = sealed_cells(self.tab.record, self.columns[column], [value], self.codec)[0]
        if not isinstance(found, Sealed):
            return found
        self.kept.add((self.tab.key, RowKey(key), column, index_of(found)))
        return found


def _key_origins(connection: Connection, vault: Vault) -> None:
    """What an imported row is known by is a digest of its cells."""
    t = tables.imported
    for origin in connection.scalars(select(t.c.origin)).all():
        connection.execute(update(t).where(t.c.origin == origin).values(origin=vault.keyed(origin)))
