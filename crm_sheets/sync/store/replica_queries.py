"""What is known of the files: the base of each replica, its generations, what waits to be written."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from crm_sheets.known import KnownRow, KnownRows
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import BaseRow, IssuedKey, Reading, Standing, note_of
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.base_memory import Asked, BaseMemory
from crm_sheets.sync.store.queries import Queries, chunks, instant
from crm_sheets.tables import ColumnKey, Fingerprint, ReplicaKey, RowKey, TabKey

# Asked again and again in a cycle: made once.
_LATEST = select(func.max(tables.generations.c.generation)).where(tables.generations.c.replica == bindparam("of"))
_CONFIRMED = _LATEST.where(tables.generations.c.confirmed.is_not(None))


class ReplicaQueries(Queries):
    """Questions about replicas."""

    bases: BaseMemory | None

    def known_rows(self, replica: ReplicaKey, tab: TabKey, generation: int) -> KnownRows:
        """See State."""
        if self.bases is None:
            with self.engine.connect() as connection:
                return KnownRows(known_in(connection, replica, tab, generation, None))
        with self.engine.connect() as connection:
            # The count first: rows that another process changes in between are read anew next time.
            version, latest = base_version(connection, replica, tab), self.latest_generation(replica)
            return self.bases.rows(
                (replica, tab),
                Asked(generation, version, generation >= latest),
                lambda keys: known_in(connection, replica, tab, generation, keys),
            )

    def known_among(self, replica: ReplicaKey, tab: TabKey, generation: int, names: Collection[str]) -> list[KnownRow]:
        """See State."""
        t = tables.base
        here = select(*_KNOWN).where(t.c.replica == replica, t.c.tab == tab, valid_at(generation))
        found: set[KnownRow] = set()
        with self.engine.connect() as connection:
            for chunk in chunks(sorted(names)):
                for column in (t.c.key, t.c.witness):
                    found.update(map(KnownRow._make, connection.execute(here.where(column.in_(chunk)))))
        return sorted(found)

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

    def holders(
        self, replicas: Collection[ReplicaKey], tab: TabKey, keys: Iterable[RowKey]
    ) -> dict[ReplicaKey, set[RowKey]]:
        """See State."""
        t = tables.base
        found: dict[ReplicaKey, set[RowKey]] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                query = select(t.c.replica, t.c.key).where(
                    t.c.replica.in_(sorted(replicas)), t.c.tab == tab, t.c.key.in_(chunk), t.c.until.is_(None)
                )
                for replica, key in connection.execute(query):
                    found.setdefault(ReplicaKey(replica), set()).add(key)
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
            then.c.replica == replica,
            then.c.tab == tab,
            then.c.key == now.c.key,
            then.c.since <= generation,
            # A row that was taken out of that generation and put back later is not known at it either.
            or_(then.c.until.is_(None), then.c.until > generation),
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
        with self.engine.connect() as connection:
            return connection.scalar(_LATEST, {"of": replica}) or 0

    def confirmed_generation(self, replica: ReplicaKey) -> int:
        """See State."""
        with self.engine.connect() as connection:
            return connection.scalar(_CONFIRMED, {"of": replica}) or 0

    def values_since(
        self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey
    ) -> dict[ColumnKey, frozenset[str]]:
        """See State."""
        t = tables.journal
        # Generations are counted for each replica: what came in by way of another one is told by its time.
        since = select(func.coalesce(func.max(tables.generations.c.reserved), "")).where(
            tables.generations.c.replica == replica, tables.generations.c.generation == generation
        )
        own = and_(t.c.replica == replica, t.c.generation >= generation)
        query = select(t.c.column, t.c.old, t.c.new).where(
            t.c.tab == tab,
            t.c.key == row,
            or_(own, and_(t.c.replica != replica, t.c.at >= since.scalar_subquery())),
            t.c.kind.in_(("edit", "computed")),
            t.c.column.is_not(None),
        )
        found: dict[ColumnKey, set[str]] = {}
        with self.engine.connect() as connection:
            for column, old, new in connection.execute(query):
                found.setdefault(column, set()).update((old, new))
        return {column: frozenset(values) for column, values in found.items()}

    def values_at(self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey) -> dict[ColumnKey, str]:
        """See State."""
        t = tables.journal
        query = (
            select(t.c.column, t.c.old)
            .where(
                _after(replica, generation),
                t.c.tab == tab,
                t.c.key == row,
                t.c.kind.in_(("edit", "computed")),
                t.c.column.is_not(None),
            )
            .order_by(t.c.id)
        )
        found: dict[ColumnKey, str] = {}
        with self.engine.connect() as connection:
            for column, old in connection.execute(query):
                found.setdefault(column, old)
        return found

    def made_since(self, replica: ReplicaKey, generation: int, tab: TabKey) -> frozenset[RowKey]:
        """See State."""
        t = tables.journal
        query = select(t.c.key).where(_after(replica, generation), t.c.tab == tab, t.c.kind == "create").distinct()
        with self.engine.connect() as connection:
            return frozenset(connection.scalars(query))

    def reading(self, replica: ReplicaKey) -> Reading | None:
        """What the file looked like when nothing was left to do; None before the first cycle."""
        return self._readings([replica]).get(replica)

    def _readings(self, replicas: Collection[ReplicaKey]) -> dict[ReplicaKey, Reading]:
        t = tables.readings
        with self.engine.connect() as connection:
            rows = connection.execute(select(t).where(t.c.replica.in_(sorted(replicas)))).all()
        return {
            ReplicaKey(row.replica): Reading(
                Fingerprint(**json.loads(row.fingerprint)), json.loads(row.parts), json.loads(row.sheets)
            )
            for row in rows
        }

    def standings(self, replicas: Collection[ReplicaKey], notes: Collection[str]) -> dict[ReplicaKey, Standing]:
        """What is known of replicas between two cycles: a few questions, however many replicas there are."""
        readings, pending = self._readings(replicas), self.pending_replicas()
        names = {note_of(name, replica): (replica, name) for replica in replicas for name in notes}
        found: dict[ReplicaKey, dict[str, str]] = {replica: {} for replica in replicas}
        g, r, n = tables.generations, tables.readings, tables.notes
        last = select(g.c.confirmed).where(g.c.replica == r.c.replica).order_by(g.c.generation.desc()).limit(1)
        with self.engine.connect() as connection:
            for chunk in chunks(names):
                for name, value in connection.execute(select(n.c.name, n.c.value).where(n.c.name.in_(chunk))):
                    replica, note = names[name]
                    found[replica][note] = value
            unsure = set(connection.scalars(select(r.c.replica).where(last.scalar_subquery().is_(None))))
        return {
            replica: Standing(readings.get(replica), found[replica], replica in pending, replica in unsure)
            for replica in replicas
        }

    def shown_counts(self) -> dict[ReplicaKey, dict[TabKey, int]]:
        """How many rows each replica shows of each tab."""
        t = tables.base
        query = select(t.c.replica, t.c.tab, func.count()).where(t.c.until.is_(None)).group_by(t.c.replica, t.c.tab)
        found: dict[ReplicaKey, dict[TabKey, int]] = {}
        with self.engine.connect() as connection:
            for replica, tab, count in connection.execute(query):
                found.setdefault(ReplicaKey(replica), {})[TabKey(tab)] = count
        return found

    def written_at(self) -> dict[ReplicaKey, datetime]:
        """When each replica was last written."""
        t = tables.generations
        query = select(t.c.replica, func.max(t.c.confirmed)).where(t.c.confirmed.is_not(None)).group_by(t.c.replica)
        with self.engine.connect() as connection:
            return {ReplicaKey(replica): instant(at) for replica, at in connection.execute(query)}

    def pending_replicas(self) -> frozenset[ReplicaKey]:
        """Those for which planned writes wait to be carried out."""
        with self.engine.connect() as connection:
            return frozenset(map(ReplicaKey, connection.scalars(select(tables.pending.c.replica).distinct())))

    def has_pending(self, replica: ReplicaKey) -> bool:
        """Whether planned writes are waiting to be carried out."""
        t = tables.pending
        with self.engine.connect() as connection:
            return connection.execute(select(t.c.key).where(t.c.replica == replica).limit(1)).first() is not None


def _after(replica: ReplicaKey, generation: int):  # type: ignore[no-untyped-def]  # a SQLAlchemy expression
    """Entries of the journal that a generation of a replica does not hold yet.

    An entry carries the generation that its own commit reserved: those of the commit that wrote `generation` are in
    the file, those of a later reading of it, which wrote nothing, are not.
    """
    t, g = tables.journal, tables.generations
    written = select(func.coalesce(func.max(g.c.reserved), "")).where(
        g.c.replica == replica, g.c.generation == generation
    )
    later = t.c.at > written.scalar_subquery()
    own = and_(t.c.replica == replica, or_(t.c.generation > generation, and_(t.c.generation == generation, later)))
    return or_(own, and_(t.c.replica != replica, later))


def valid_at(generation: int):  # type: ignore[no-untyped-def]  # a SQLAlchemy expression; its type has no public name
    """The rows of the base that hold at a generation."""
    t = tables.base
    return and_(t.c.since <= generation, or_(t.c.until.is_(None), t.c.until > generation))


_KNOWN = tuple(tables.base.c[name] for name in KnownRow._fields)


def known_in(
    connection: Connection, replica: ReplicaKey, tab: TabKey, generation: int, keys: Iterable[RowKey] | None
) -> Iterator[KnownRow]:
    """Rows of the base of a generation as identity asks for them, under some keys or all of them."""
    t = tables.base
    query = select(*_KNOWN).where(t.c.replica == replica, t.c.tab == tab, valid_at(generation))
    for each in [query] if keys is None else [query.where(t.c.key.in_(chunk)) for chunk in chunks(keys)]:
        yield from map(KnownRow._make, connection.execute(each).all())


_VERSION = select(tables.base_versions.c.version).where(
    tables.base_versions.c.replica == bindparam("of"), tables.base_versions.c.tab == bindparam("tab")
)


def base_version(connection: Connection, replica: ReplicaKey, tab: TabKey) -> int:
    """How often the base of a tab changed."""
    return connection.scalar(_VERSION, {"of": replica, "tab": tab}) or 0


def count_changes(connection: Connection, where: ColumnElement[bool]) -> None:
    """Counts a change of every base that was written at some time: what another process keeps of it is void."""
    t = tables.base_versions
    connection.execute(update(t).where(where).values(version=t.c.version + 1))


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
