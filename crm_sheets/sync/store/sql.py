"""The state store on SQLAlchemy Core: SQLite by default, PostgreSQL when a team outgrows one machine.

Reading is by key or by index; writing is one transaction per commit. The commit itself is in commit.py.
"""

import json
import secrets as random_source
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    and_,
    column,
    create_engine,
    delete,
    event,
    func,
    insert,
    or_,
    select,
    values,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from crm_sheets.changes import Issue, Severity
from crm_sheets.errors import ServiceError
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.schema.base import Entry, Role, Tab
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import (
    BaseRow,
    EntryKind,
    Finding,
    IssuedKey,
    JournalEntry,
    JournalLine,
    KnownRow,
    Reading,
    RowId,
    Source,
    StoredRecord,
)
from crm_sheets.sync.store import migrations, tables
from crm_sheets.tables import ColumnKey, Fingerprint, ReplicaKey, RowKey, TabKey

CHUNK = 400
"""Keys in one IN (...): SQLite takes 999 parameters by default in old builds."""

T = TypeVar("T")


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def instant(text: str) -> datetime:
    """An instant as the store keeps it."""
    return datetime.fromisoformat(text)


class SqlState:
    """What is remembered between cycles. One object per process; it is not shared between threads while it writes."""

    def __init__(self, url: str, tabs: Sequence[Tab]) -> None:
        """Opens (and makes, or migrates) the store at an SQLAlchemy URL.

        Raises:
            ServiceError: the database cannot be opened.
        """
        self.tabs: Mapping[TabKey, Tab] = {tab.key: tab for tab in tabs}
        self.engine = _engine(url)
        try:
            migrations.migrate(self.engine)
        except SQLAlchemyError as error:
            raise ServiceError(f"state store {self.engine.url!r}: {error}; check [state] url") from error

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()

    def transaction(self) -> AbstractContextManager[Connection]:
        """One transaction, committed when the block ends well."""
        return self.engine.begin()

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
        return {key: StoredRecord(decode_values(self.tabs[tab], data)) for key, data in found}

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
        t = tables.entries
        query = (
            select(t.c.tab, t.c.key)
            .where(t.c.name == name, t.c.value == value, t.c.role == role.value)
            .order_by(t.c.tab, t.c.key)
        )
        with self.engine.connect() as connection:
            return tuple((TabKey(tab), RowKey(key)) for tab, key in connection.execute(query))

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

    # -- the base of a replica -------------------------------------------------------------------------------------

    def known_rows(self, replica: ReplicaKey, tab: TabKey, generation: int) -> dict[str, KnownRow]:
        """See State."""
        t = tables.base
        query = select(t.c.witness, t.c.key, t.c.digest, t.c.content).where(
            t.c.replica == replica, t.c.tab == tab, valid_at(generation)
        )
        with self.engine.connect() as connection:
            return {row[0]: KnownRow(row[1], row[2], row[3]) for row in connection.execute(query).all()}

    def base_rows(
        self, replica: ReplicaKey, tab: TabKey, generation: int, keys: Iterable[RowKey]
    ) -> dict[RowKey, BaseRow]:
        """See State."""
        found: dict[RowKey, BaseRow] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                for row in base_in(connection, self.tabs[tab], replica, generation, chunk):
                    found[row.key] = row
        return found

    def issued(self, replica: ReplicaKey, tab: TabKey) -> dict[str, IssuedKey]:
        """See State."""
        t = tables.issued
        query = select(t.c.witness, t.c.key, t.c.at).where(t.c.replica == replica, t.c.tab == tab)
        with self.engine.connect() as connection:
            return {witness: IssuedKey(key, witness, instant(at)) for witness, key, at in connection.execute(query)}

    def pending(self, replica: ReplicaKey, tab: TabKey) -> frozenset[RowKey]:
        """See State."""
        t = tables.pending
        query = select(t.c.key).where(t.c.replica == replica, t.c.tab == tab)
        with self.engine.connect() as connection:
            return frozenset(connection.scalars(query))

    def held(self, replica: ReplicaKey, tab: TabKey) -> dict[str, str]:
        """See State."""
        t = tables.held
        query = select(t.c.content, t.c.code).where(t.c.replica == replica, t.c.tab == tab)
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def born_since(self, replica: ReplicaKey, tab: TabKey, generation: int) -> dict[str, RowKey]:
        """See State."""
        now, then = tables.base.alias("now"), tables.base.alias("then")
        known = select(then.c.key).where(
            then.c.replica == replica, then.c.tab == tab, then.c.since <= generation, then.c.key == now.c.key
        )
        query = select(now.c.content, now.c.key).where(
            now.c.replica == replica, now.c.tab == tab, now.c.until.is_(None), ~known.exists()
        )
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def moved_since(self, replica: ReplicaKey, tab: TabKey, generation: int) -> frozenset[RowKey]:
        """See State."""
        t = tables.base
        moved = or_(t.c.since > generation, t.c.until > generation)
        query = select(t.c.key).where(t.c.replica == replica, t.c.tab == tab, moved).distinct()
        with self.engine.connect() as connection:
            return frozenset(connection.scalars(query))

    def latest_generation(self, replica: ReplicaKey) -> int:
        """See State."""
        t = tables.generations
        with self.engine.connect() as connection:
            return connection.scalar(select(func.max(t.c.generation)).where(t.c.replica == replica)) or 0

    def confirmed_generation(self, replica: ReplicaKey) -> int:
        """See State."""
        t = tables.generations
        query = select(func.max(t.c.generation)).where(t.c.replica == replica, t.c.confirmed.is_not(None))
        with self.engine.connect() as connection:
            return connection.scalar(query) or 0

    def values_since(
        self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey
    ) -> dict[ColumnKey, frozenset[str]]:
        """See State."""
        t = tables.journal
        query = select(t.c.column, t.c.old, t.c.new).where(
            t.c.tab == tab,
            t.c.key == row,
            t.c.generation >= generation,
            t.c.kind.in_(("edit", "computed")),
            t.c.column.is_not(None),
        )
        found: dict[ColumnKey, set[str]] = {}
        with self.engine.connect() as connection:
            for column, old, new in connection.execute(query):
                found.setdefault(column, set()).update((old, new))
        return {column: frozenset(values) for column, values in found.items()}

    def reading(self, replica: ReplicaKey) -> Reading | None:
        """What the file looked like when nothing was left to do; None before the first cycle."""
        t = tables.readings
        with self.engine.connect() as connection:
            row = connection.execute(select(t).where(t.c.replica == replica)).first()
        if row is None:
            return None
        return Reading(Fingerprint(**json.loads(row.fingerprint)), json.loads(row.parts), json.loads(row.sheets))

    def next_run(self) -> int:
        """The number of the cycle to come."""
        with self.engine.connect() as connection:
            return (connection.scalar(select(func.max(tables.journal.c.run))) or 0) + 1

    def has_pending(self, replica: ReplicaKey) -> bool:
        """Whether planned writes are waiting to be carried out."""
        t = tables.pending
        with self.engine.connect() as connection:
            return connection.execute(select(t.c.key).where(t.c.replica == replica).limit(1)).first() is not None

    def journal(
        self, row: RowId | None = None, run: int | None = None, since: datetime | None = None, limit: int | None = None
    ) -> tuple[JournalLine, ...]:
        """Entries of the journal, the newest first: of a row, of a run, after an instant, or all."""
        t = tables.journal
        query = select(t).order_by(t.c.id.desc())
        if row is not None:
            query = query.where(t.c.tab == row[0], t.c.key == row[1])
        if run is not None:
            query = query.where(t.c.run == run)
        if since is not None:
            query = query.where(t.c.at > since.astimezone(UTC).isoformat())
        if limit is not None:
            query = query.limit(limit)
        with self.engine.connect() as connection:
            return tuple(_line(each) for each in connection.execute(query))

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
                    found.setdefault(row.key, []).append(Finding(_issue(row), Source(row.source)))
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

    def wakes(self, now: datetime) -> tuple[RowId, ...]:
        """See State."""
        t = tables.wakes
        query = select(t.c.tab, t.c.key).where(t.c.at <= now.isoformat())
        with (
            self.engine.connect() as connection
        ):  # sorted here: asked to sort, SQLite walks the key and not the instants
            return tuple(sorted((TabKey(tab), RowKey(key)) for tab, key in connection.execute(query)))

    def note(self, name: str) -> str | None:
        """See State."""
        with self.engine.connect() as connection:
            return connection.scalar(select(tables.notes.c.value).where(tables.notes.c.name == name))

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

    # -- duplicates --------------------------------------------------------------------------------------------------

    def pairs_of(self, tab: TabKey, keys: Iterable[RowKey]) -> tuple[Pair, ...]:
        """See State."""
        t = tables.pairs
        found: dict[tuple[str, str], Pair] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                for column in (
                    t.c.one,
                    t.c.other,
                ):  # two queries, each by its index; with OR the whole tab is looked through
                    for row in connection.execute(select(t).where(t.c.tab == tab, column.in_(chunk))):
                        found[row.one, row.other] = _pair(row)
        return tuple(found[key] for key in sorted(found))

    def all_pairs(self, tab: TabKey) -> tuple[Pair, ...]:
        """Every link between suspected duplicates, ordered by key."""
        t = tables.pairs
        query = select(t).where(t.c.tab == tab).order_by(t.c.one, t.c.other)
        with self.engine.connect() as connection:
            return tuple(_pair(row) for row in connection.execute(query))

    def block_sizes(self, blocks: Collection[int], most: int) -> dict[int, int]:
        """See State."""
        t = tables.blocks
        found: dict[int, int] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(blocks):
                rows = [(block,) for block in chunk]  # as WITH: SQLite takes no column names after VALUES
                wanted = values(column("block", BigInteger), name="wanted").data(rows).cte("wanted")
                some = select(t.c.key).where(t.c.block == wanted.c.block).limit(most).correlate(wanted).subquery()
                size = select(func.count()).select_from(some).scalar_subquery()
                for block, count in connection.execute(select(wanted.c.block, size)):
                    if count:
                        found[block] = count
        return found

    def block_members(self, blocks: Collection[int]) -> dict[int, list[RowKey]]:
        """See State."""
        t = tables.blocks
        found: dict[int, list[RowKey]] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(blocks):
                for block, key in connection.execute(select(t.c.block, t.c.key).where(t.c.block.in_(chunk))):
                    found.setdefault(block, []).append(key)
        return found

    def dismissed(self, tab: TabKey, keys: Iterable[RowKey]) -> frozenset[tuple[RowKey, RowKey]]:
        """See State."""
        t = tables.dismissed
        found: set[tuple[RowKey, RowKey]] = set()
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                for column in (t.c.one, t.c.other):
                    query = select(t.c.one, t.c.other).where(t.c.tab == tab, column.in_(chunk))
                    found.update((row.one, row.other) for row in connection.execute(query))
        return frozenset(found)

    def count_dismissed(self, tab: TabKey) -> int:
        """How many pairs a person said to be two customers."""
        t = tables.dismissed
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(t).where(t.c.tab == tab)) or 0

    def dismiss(self, tab: TabKey, one: RowKey, other: RowKey, at: datetime, author: str) -> None:
        """Remembers that two rows are two different customers."""
        t = tables.dismissed
        one, other = sorted((one, other))
        with self.engine.begin() as connection:
            connection.execute(t.delete().where(t.c.tab == tab, t.c.one == one, t.c.other == other))
            connection.execute(insert(t).values(tab=tab, one=one, other=other, at=at.isoformat(), author=author))

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

    def set_note(self, name: str, value: str) -> None:
        """Keeps a small fact by name."""
        with self.engine.begin() as connection:
            put_note(connection, name, value)


def put_note(connection: Connection, name: str, value: str) -> None:
    """Keeps a small fact by name, inside a transaction."""
    connection.execute(tables.notes.delete().where(tables.notes.c.name == name))
    connection.execute(insert(tables.notes).values(name=name, value=value))


def valid_at(generation: int):  # type: ignore[no-untyped-def]  # a SQLAlchemy expression; its type has no public name
    """The rows of the base that hold at a generation."""
    t = tables.base
    return and_(t.c.since <= generation, or_(t.c.until.is_(None), t.c.until > generation))


def base_in(
    connection: Connection, tab: Tab, replica: ReplicaKey, generation: int, keys: Sequence[RowKey]
) -> Iterator[BaseRow]:
    """Base rows of a generation under at most CHUNK keys."""
    t = tables.base
    query = select(t).where(t.c.replica == replica, t.c.tab == tab.key, valid_at(generation), t.c.key.in_(keys))
    for row in connection.execute(query):
        flaws = {ColumnKey(column): (code, found) for column, (code, found) in json.loads(row.flaws).items()}
        values = decode_values(tab, row.data)
        yield BaseRow(row.key, row.witness, row.digest, row.content, values, flaws)


def _issue(row) -> Issue:  # type: ignore[no-untyped-def]  # a row of the findings table
    tab, key, code, column, severity, _, parameters = row  # there are thousands: names would double the time
    told = {} if parameters == "{}" else json.loads(parameters)
    return Issue(code, tab, key or None, column, _SEVERITIES[severity], told)


_SEVERITIES = {each.value: each for each in Severity}


def _line(row) -> JournalLine:  # type: ignore[no-untyped-def]  # a row of the journal table
    entry = JournalEntry(
        EntryKind(row.kind), row.tab, row.key, row.column, row.old, row.new, row.author, row.dedupe or ""
    )
    return JournalLine(row.id, row.run, instant(row.at), entry)


def _pair(row) -> Pair:  # type: ignore[no-untyped-def]  # a row of the pairs table
    return Pair(row.one, row.other, row.score, tuple(json.loads(row.keys)), bool(row.certain))


def _engine(url: str) -> Engine:
    if url in ("sqlite://", "sqlite:///:memory:"):
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        if engine.url.database and engine.url.database != ":memory:":
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection, _record: object) -> None:  # type: ignore[no-untyped-def]  # a DB-API connection
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # the order of durable steps must survive a power cut
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
