"""Connections to the database of the state store."""

from pathlib import Path

from sqlalchemy import Compiled, Engine, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache


class Statements(LRUCache[tuple[object, ...], Compiled]):
    """SQL of the statements that were run, for all databases of one kind.

    SQLAlchemy keeps them apart for each engine; to compile those of one cycle takes a fifth of the cycle of a small
    team, and who opens several workbooks one after the other would do it for each.
    """

    def get(self, key: tuple[object, ...], default: Compiled | None = None) -> Compiled | None:  # type: ignore[override]
        """The SQL of a statement, None for one that was not run lately."""
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: tuple[object, ...], value: Compiled) -> None:
        super().__setitem__(_of_any_engine(key), value)


def _of_any_engine(key: tuple[object, ...]) -> tuple[object, ...]:
    """A key of SQLAlchemy's names the dialect object, of which each engine has its own."""
    return tuple(type(part) if isinstance(part, Dialect) else part for part in key)


_OF_SQLITE = Statements(500)
"""SQLite is one library in a process; servers of PostgreSQL may differ in what they understand."""


def engine_of(url: str) -> Engine:
    """Connections to the database at an SQLAlchemy URL; the folder of a file is made."""
    if url in ("sqlite://", "sqlite:///:memory:"):
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        if engine.url.database and engine.url.database != ":memory:":
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine.update_execution_options(compiled_cache=_OF_SQLITE)
        event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection, _record: object) -> None:  # type: ignore[no-untyped-def]  # a DB-API connection
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # the order of durable steps must survive a power cut
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
