"""The state store on SQLAlchemy Core: SQLite by default, PostgreSQL when a team outgrows one machine.

Reading is by key or by index: questions about replicas, duplicates and the journal have modules of their own. Writing
is one transaction per commit, in commit.py.
"""

import json
import secrets as random_source
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.errors import ServiceError
from crm_sheets.schema.base import Entry, Role, Tab
from crm_sheets.schema.storage import decode_columns, decode_values
from crm_sheets.state import (
    Commit,
    EntryKind,
    Finding,
    RowId,
    Source,
    StoredRecord,
)
from crm_sheets.sync.store import migrations, tables
from crm_sheets.sync.store.base_memory import BaseMemory
from crm_sheets.sync.store.engines import engine_of
from crm_sheets.sync.store.journal_queries import JournalQueries
from crm_sheets.sync.store.outbox_writing import unsent_in
from crm_sheets.sync.store.outlines import Outlined, outlines_in
from crm_sheets.sync.store.pair_queries import PairQueries
from crm_sheets.sync.store.pipeline_queries import PipelineQueries
from crm_sheets.sync.store.queries import chunks, insert_all, plain_rows
from crm_sheets.sync.store.record_memory import RecordMemory
from crm_sheets.sync.store.replica_queries import ReplicaQueries, count_changes
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey


class Keeper(Protocol):
    """Keeps the texts of sealed columns, encrypted."""

    def keep(self, connection: Connection, plan: Commit) -> None:
        """Stores the texts that a commit speaks of, in its transaction."""


class SqlState(ReplicaQueries, PairQueries, JournalQueries, PipelineQueries):
    """What is remembered between cycles. One object per process; it is not shared between threads while it writes."""

    def __init__(self, url: str, tabs: Sequence[Tab], *, remember: bool = False) -> None:
        """Opens (and makes, or migrates) the store at an SQLAlchemy URL.

        Args:
            url: of the database.
            tabs: of the program.
            remember: the bases that are asked for, because one cycle follows another.

        Raises:
            ServiceError: the database cannot be opened.
        """
        self.tabs: Mapping[TabKey, Tab] = {tab.key: tab for tab in tabs}
        self.keeper: Keeper | None = None
        self.bases = BaseMemory() if remember else None
        self.decoding = RecordMemory()
        self.engine = engine_of(url)
        try:
            migrations.migrate(self.engine)
        except SQLAlchemyError as error:
            said = error.orig if isinstance(error, DBAPIError) else error  # without SQLAlchemy's own remarks
            raise ServiceError(f"state store {self.engine.url!r}: {said}; check [state] url").told(
                "error.state.open", url=repr(self.engine.url), said=said
            ) from error

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()

    def transaction(self) -> AbstractContextManager[Connection]:
        """One transaction, committed when the block ends well."""
        return self.engine.begin()

    def outlined(self, replica: ReplicaKey) -> Outlined:
        """What is remembered of the sheets of a replica."""
        with self.engine.connect() as connection:
            return outlines_in(connection, replica)

    # -- records ---------------------------------------------------------------------------------------------------

    def records(self, tab: TabKey, keys: Iterable[RowKey]) -> dict[RowKey, StoredRecord]:
        """See State."""
        t = tables.records
        found: dict[RowKey, StoredRecord] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                query = select(t.c.key, t.c.data, t.c.deleted).where(t.c.tab == tab, t.c.key.in_(chunk))
                for key, data, deleted in connection.execute(query):
                    found[key] = StoredRecord(decode_values(self.tabs[tab], data), bool(deleted))
        return found

    def all_records(self, tab: TabKey) -> dict[RowKey, StoredRecord]:
        """See State."""
        t = tables.records
        query = select(t.c.key, t.c.data).where(t.c.tab == tab, t.c.deleted == 0).order_by(t.c.key)
        with self.engine.connect() as connection:
            found = connection.execute(query).all()
        of, decoded = self.tabs[tab], self.decoding.decoded
        return {key: StoredRecord(decoded(of, key, data)) for key, data in found}

    def columns(self, tab: TabKey, columns: Collection[ColumnKey]) -> tuple[list[RowKey], dict[ColumnKey, list[Value]]]:
        """See State."""
        t = tables.records
        living = (t.c.tab == tab, t.c.deleted == 0)
        with self.engine.connect() as connection:
            if not columns:
                return sorted(RowKey(key) for (key,) in plain_rows(connection, select(t.c.key).where(*living))), {}
            found: list[tuple[str, str]] = sorted(plain_rows(connection, select(t.c.key, t.c.data).where(*living)))
        keys = [RowKey(key) for key, _ in found]
        return keys, decode_columns(self.tabs[tab], [data for _, data in found], columns)

    def count(self, tab: TabKey) -> int:
        """How many living records a tab has."""
        t = tables.records
        query = select(func.count()).select_from(t).where(t.c.tab == tab, t.c.deleted == 0)
        with self.engine.connect() as connection:
            return connection.scalar(query) or 0

    def tabs_of(self, key: str) -> tuple[TabKey, ...]:
        """The tabs that have, or had, a record of that key."""
        t = tables.records
        with self.engine.connect() as connection:
            return tuple(TabKey(tab) for tab in connection.scalars(select(t.c.tab).where(t.c.key == key)))

    def find(self, name: str, value: str, role: Role) -> tuple[RowId, ...]:
        """See State."""
        asked = {"name": name, "value": value, "role": role.value}
        with self.engine.connect() as connection:
            return tuple((TabKey(tab), RowKey(key)) for tab, key in connection.execute(_FOUND, asked))

    def find_all(self, name: str, role: Role) -> dict[str, tuple[RowId, ...]]:
        """See State."""
        t = tables.entries
        query = (
            select(t.c.value, t.c.tab, t.c.key)
            .where(t.c.name == name, t.c.role == role.value)
            .order_by(t.c.value, t.c.tab, t.c.key)
        )
        found: dict[str, list[RowId]] = {}
        with self.engine.connect() as connection:
            for value, tab, key in connection.execute(query).all():
                found.setdefault(value, []).append((TabKey(tab), RowKey(key)))
        return {value: tuple(rows) for value, rows in found.items()}

    def entries_of(self, tab: TabKey, keys: Iterable[RowKey]) -> dict[RowKey, frozenset[Entry]]:
        """See State."""
        t = tables.entries
        found: dict[RowKey, set[Entry]] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                query = select(t.c.key, t.c.name, t.c.value, t.c.role).where(t.c.tab == tab, t.c.key.in_(chunk))
                for key, name, value, role in connection.execute(query):
                    found.setdefault(key, set()).add(Entry(name, value, Role(role)))
        return {key: frozenset(entries) for key, entries in found.items()}

    # -- what rules said ---------------------------------------------------------------------------------------------

    def findings(self, tab: TabKey, keys: Iterable[RowKey] | None) -> dict[RowKey, tuple[Finding, ...]]:
        """See State."""
        t = tables.findings
        query = select(t).where(t.c.tab == tab, t.c.source != Source.TAB.value)
        queries = [query] if keys is None else [query.where(t.c.key.in_(chunk)) for chunk in chunks(keys)]
        found: dict[RowKey, list[Finding]] = {}
        with self.engine.connect() as connection:
            for each in queries:
                for row in connection.execute(each):
                    found.setdefault(row.key, []).append(
                        Finding(_issue(row), Source(row.source), ReplicaKey(row.replica))
                    )
        return {key: tuple(issues) for key, issues in found.items()}

    def all_findings(self) -> tuple[Issue, ...]:
        """Every finding that stands, by tab and row."""
        t = tables.findings
        with self.engine.connect() as connection:
            rows = connection.execute(select(t).order_by(t.c.tab, t.c.key, t.c.column, t.c.code))
            return tuple(map(_issue, rows.all()))

    def severities(self) -> dict[str, int]:
        """How many findings of each severity stand."""
        t = tables.findings
        with self.engine.connect() as connection:
            found = connection.execute(select(t.c.severity, func.count()).group_by(t.c.severity))
            return {row[0]: row[1] for row in found}

    def edited_at(self, tab: TabKey, key: RowKey) -> Mapping[ColumnKey | None, datetime]:
        """See State."""
        t = tables.journal
        told = t.c.kind.in_((EntryKind.CREATE, EntryKind.EDIT, EntryKind.RESURRECT))
        query = select(t.c.column, func.max(t.c.at)).where(t.c.tab == tab, t.c.key == key, told).group_by(t.c.column)
        with self.engine.connect() as connection:
            return {
                None if column is None else ColumnKey(column): datetime.fromisoformat(at)
                for column, at in connection.execute(query)
            }

    def edited_since(self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey) -> bool:
        """See State."""
        t, written = tables.journal, tables.generations
        write = (written.c.replica == replica) & (written.c.generation == generation)
        # A store of an earlier program knows of its writes only when they were made.
        later = (t.c.run > written.c.run) & (written.c.run > 0) | (t.c.at >= written.c.reserved) & (written.c.run == 0)
        query = select(t.c.id).where(
            t.c.tab == tab,
            t.c.key == row,
            t.c.replica != replica,
            t.c.kind.in_((EntryKind.CREATE, EntryKind.EDIT, EntryKind.RESURRECT)),
            select(written.c.generation).where(write, later).exists(),
        )
        with self.engine.connect() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def wakes(self, now: datetime) -> tuple[RowId, ...]:
        """See State."""
        t = tables.wakes
        query = select(t.c.tab, t.c.key).where(t.c.at <= now.isoformat())
        with (
            self.engine.connect() as connection
        ):  # sorted here: asked to sort, SQLite walks the key and not the instants
            return tuple(sorted((TabKey(tab), RowKey(key)) for tab, key in connection.execute(query)))

    def unsent(self, rows: Collection[RowId]) -> dict[str, bool]:
        """See State."""
        with self.engine.connect() as connection:
            return unsent_in(connection, rows) if rows else {}

    def note(self, name: str) -> str | None:
        """See State."""
        with self.engine.connect() as connection:
            return connection.scalar(_NOTE, {"name": name})

    def notes(self, beginning: str) -> dict[str, str]:
        """Small facts whose names begin alike, ordered by name."""
        t = tables.notes
        query = select(t.c.name, t.c.value).where(t.c.name.startswith(beginning, autoescape=True)).order_by(t.c.name)
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def made_from(self, origins: Sequence[str]) -> frozenset[str]:
        """See State."""
        t = tables.origins
        found: set[str] = set()
        with self.engine.connect() as connection:
            for chunk in chunks(origins):
                found.update(connection.scalars(select(t.c.origin).where(t.c.origin.in_(chunk))))
        return frozenset(found)

    def taken(self, origins: Sequence[str]) -> dict[str, RowId]:
        """See State."""
        t = tables.imported
        found: dict[str, RowId] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(origins):
                query = select(t.c.origin, t.c.tab, t.c.key).where(t.c.origin.in_(chunk))
                found.update((origin, (TabKey(tab), RowKey(key))) for origin, tab, key in connection.execute(query))
        return found

    # -- the book itself ---------------------------------------------------------------------------------------------

    def secret(self, name: str) -> bytes:
        """A random key of 32 bytes that never leaves the store, made when it is first asked for."""
        t = tables.secrets
        with self.engine.begin() as connection:
            value = connection.scalar(select(t.c.value).where(t.c.name == name))
            if value is None:
                value = random_source.token_bytes(32)
                connection.execute(insert(t).values(name=name, value=value))
        return value

    def summaries(self) -> dict[str, str]:
        """Digest of what each summary tab was last written with."""
        t = tables.summaries
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(select(t.c.key, t.c.content))}

    def keep_summaries(self, contents: Mapping[str, str]) -> None:
        """Remembers what summary tabs were written with."""
        t = tables.summaries
        with self.engine.begin() as connection:
            for key, content in contents.items():
                connection.execute(t.delete().where(t.c.key == key))
                connection.execute(insert(t).values(key=key, content=content))

    def leave_out(self, used: Collection[TabKey]) -> None:
        """Forgets what rules said of rows in tabs that the team does not use; their records stay as they are."""
        with self.engine.begin() as connection:
            for table in (tables.findings, tables.wakes):
                connection.execute(delete(table).where(table.c.tab.not_in(sorted(used))))

    def forget(self, replica: ReplicaKey, *notes: str) -> None:
        """Forgets what a workbook held that is no more, and notes about it; its generations stay known as written."""
        t = tables
        gone = (t.base, t.issued, t.pending, t.held, t.readings, t.findings, t.outlines)
        with self.engine.begin() as connection:
            for table in gone:
                connection.execute(delete(table).where(table.c.replica == replica))
            count_changes(connection, tables.base_versions.c.replica == replica)
            connection.execute(delete(tables.notes).where(tables.notes.c.name.in_(notes)))

    def set_note(self, name: str, value: str) -> None:
        """Keeps a small fact by name; one that is kept already costs no transaction."""
        if self.note(name) == value:
            return
        with self.engine.begin() as connection:
            put_note(connection, name, value)


_FOUND = (
    select(tables.entries.c.tab, tables.entries.c.key)
    .where(
        tables.entries.c.name == bindparam("name"),
        tables.entries.c.value == bindparam("value"),
        tables.entries.c.role == bindparam("role"),
    )
    .order_by(tables.entries.c.tab, tables.entries.c.key)
)
_NOTE = select(tables.notes.c.value).where(tables.notes.c.name == bindparam("name"))
"""Asked again and again in a cycle: made once."""


def put_note(connection: Connection, name: str, value: str) -> None:
    """Keeps a small fact by name, inside a transaction."""
    put_notes(connection, {name: value})


def put_notes(connection: Connection, notes: Mapping[str, str]) -> None:
    """Keeps small facts by name, inside a transaction."""
    for chunk in chunks(notes):
        connection.execute(tables.notes.delete().where(tables.notes.c.name.in_(chunk)))
    insert_all(connection, tables.notes, ({"name": name, "value": value} for name, value in notes.items()))


def _issue(row) -> Issue:  # type: ignore[no-untyped-def]  # a row of the findings table
    tab, key, code, column, severity, _, parameters, _ = row  # there are thousands: names would double the time
    told = {} if parameters == "{}" else json.loads(parameters)
    return Issue(code, tab, key or None, column, _SEVERITIES[severity], told)


_SEVERITIES = {each.value: each for each in Severity}
