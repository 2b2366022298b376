"""What all questions to the state store share, and how rows are put into it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, Select, Table, insert

from crm_sheets.schema.base import Tab
from crm_sheets.tables import TabKey

CHUNK = 400
"""Keys in one IN (...): SQLite takes 999 parameters by default in old builds."""

T = TypeVar("T")
Line = TypeVar("Line", bound=tuple[object, ...])


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def instant(text: str) -> datetime:
    """An instant as the store keeps it."""
    return datetime.fromisoformat(text)


class Queries:
    """Asks a database."""

    engine: Engine
    tabs: Mapping[TabKey, Tab]


def plain_rows(connection: Connection, query: "Select[Line]") -> list[Line]:
    """All that a query gives, as the tuples of the driver: rows of SQLAlchemy take as long again."""
    cursor = connection.execute(query).cursor
    return [] if cursor is None else cast("list[Line]", cursor.fetchall())


def insert_all(connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    """Puts rows into a table."""
    for chunk in chunks(rows, 5000):
        connection.execute(insert(table), chunk)
