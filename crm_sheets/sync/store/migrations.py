"""Versions of the state store. A migration runs inside the transaction that records it."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from crm_sheets.errors import UsageError
from crm_sheets.sync.store.tables import (
    answers,
    appointments,
    base_known,
    base_versions,
    blocks,
    bounces,
    entries,
    imported,
    metadata,
    notes,
    outbox,
    outbox_by_identity,
    outlines,
    pipeline,
    pipeline_days,
    records_living,
    sealed,
    sealed_keys,
    suspensions,
)

Migration = Callable[[Connection], None]


def _index_of_duplicates(connection: Connection) -> None:
    """Block keys got a table of their own; the next cycle fills it, for it looks at every customer anew."""
    blocks.create(connection, checkfirst=True)
    connection.execute(entries.delete().where(entries.c.role == "peer"))


def _findings_of_replicas(connection: Connection) -> None:
    """An unreadable cell stands in one workbook, and there is more than one now."""
    if any(column["name"] == "replica" for column in inspect(connection).get_columns("findings")):
        return
    connection.execute(text("ALTER TABLE findings ADD COLUMN replica VARCHAR(64) NOT NULL DEFAULT 'shared'"))


def _answers_to_messages(connection: Connection) -> None:
    """Bounces and replies are told by the identity of what was sent, and by where it went."""
    if not any(column["name"] == "address" for column in inspect(connection).get_columns("outbox")):
        connection.execute(text("ALTER TABLE outbox ADD COLUMN address VARCHAR(254) NOT NULL DEFAULT ''"))
    outbox_by_identity.create(connection, checkfirst=True)


def _outbox_by_row(connection: Connection) -> None:
    """What is not sent yet about a row is asked for in every cycle that looks at it."""
    for index in outbox.indexes:
        index.create(connection, checkfirst=True)


def _runs_of_generations(connection: Connection) -> None:
    """What came after a write is told by its run: everything in one round has the same instant."""
    if not any(column["name"] == "run" for column in inspect(connection).get_columns("generations")):
        connection.execute(text("ALTER TABLE generations ADD COLUMN run INTEGER NOT NULL DEFAULT 0"))


def _outlines(connection: Connection) -> None:
    """Most of a sheet need not be read when it is known again; rows of the base are found by their hidden keys."""
    outlines.create(connection, checkfirst=True)
    base_known.drop(connection, checkfirst=True)
    base_known.create(connection)


MIGRATIONS: tuple[Migration, ...] = (
    lambda connection: imported.create(connection, checkfirst=True),
    _index_of_duplicates,
    lambda connection: base_known.create(connection, checkfirst=True),
    _findings_of_replicas,
    lambda connection: metadata.create_all(connection, [sealed, sealed_keys]),
    lambda connection: base_versions.create(connection, checkfirst=True),
    lambda connection: records_living.create(connection, checkfirst=True),
    _answers_to_messages,
    _outbox_by_row,
    lambda connection: metadata.create_all(connection, [appointments, bounces, suspensions]),
    lambda connection: answers.create(connection, checkfirst=True),
    _runs_of_generations,
    lambda connection: metadata.create_all(connection, [pipeline, pipeline_days]),
    _outlines,
)
"""Steps from version 1 on, in order; step n leads from version n to n + 1."""

NAME = "schema_version"


def migrate(engine: Engine) -> None:
    """Makes the tables of an empty store, or brings an older one up to date.

    Raises:
        UsageError: the store was written by a newer crm_sheets.
    """
    newest = 1 + len(MIGRATIONS)
    with engine.begin() as connection:
        if not inspect(connection).has_table(notes.name):
            _make_tables(connection)
            connection.execute(insert(notes).values(name=NAME, value=str(newest)))
            return
        version = int(connection.scalar(select(notes.c.value).where(notes.c.name == NAME)) or 1)
        if version > newest:
            raise UsageError(
                f"the state store has version {version}, this program knows {newest}: install the newer one"
            )
        for number in range(version, newest):
            MIGRATIONS[number - 1](connection)
            connection.execute(notes.update().where(notes.c.name == NAME).values(value=str(number + 1)))


def _make_tables(connection: Connection) -> None:
    """All tables of an empty store."""
    if connection.dialect.name != "sqlite":  # a schema of a server may hold tables of others
        metadata.create_all(connection)
        return
    for statement in _of_an_empty_file():
        connection.exec_driver_sql(statement)


@cache
def _of_an_empty_file() -> tuple[str, ...]:
    """The SQL for SQLite, put together once in a process: that takes longer than to carry it out."""
    elements: list[ExecutableDDLElement] = []
    for table in metadata.sorted_tables:
        elements += [CreateTable(table), *map(CreateIndex, table.indexes)]
    return tuple(str(element.compile(dialect=sqlite.dialect())) for element in elements)
