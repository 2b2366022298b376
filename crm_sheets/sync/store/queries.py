"""What all questions to the state store share, and how rows are put into it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from operator import itemgetter
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
    """Puts rows into a table; each has the columns of the first one."""
    for chunk in chunks(rows, 5000):
        compiled = insert(table).compile(dialect=connection.dialect, column_keys=list(chunk[0]))
        names = compiled.positiontup
        if names is None or len(names) == 1 or chunk[0].keys() != set(names) or _are_converted(connection, table):
            connection.execute(insert(table), chunk)
        else:  # as the driver takes them: SQLAlchemy would look at every value of every row
            connection.exec_driver_sql(str(compiled), list(map(itemgetter(*names), chunk)))


def _are_converted(connection: Connection, table: Table) -> bool:
    """Whether a column of a table has values that the driver does not take as they are."""
    kinds = (column.type.dialect_impl(connection.dialect) for column in table.columns)
    return any(kind.bind_processor(connection.dialect) is not None for kind in kinds)
