"""Which rows a condition means, and what an expression about a row reads: audiences, `export --where`, own rules.

A condition may also ask for columns of the rows that a row names: `customer.level` of a follow-up.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.expressions import At, Expression
from crm_sheets.rules.base import Book
from crm_sheets.rules.tags import nearest_tag
from crm_sheets.schema.base import Column, Kind, Row, Tab
from crm_sheets.schema.tags import Library
from crm_sheets.tables import ColumnKey, TabKey


def matching(condition: Expression, rows: Iterable[Row], book: Book, tabs: Mapping[TabKey, Tab], at: At) -> list[Row]:
    """The rows of which a condition holds, in their order."""
    if not any("." in name for name in condition.names):
        return [row for row in rows if condition.holds(row.record.__dict__, at)]
    return [row for row in rows if condition.holds(scope(row, condition.names, book, tabs), at)]


class StrangeTag(NamedTuple):
    """A tag that a condition asks for and nobody has; the nearest that somebody has, "" where none is near."""

    tag: str
    near: str


def strange_tags(condition: Expression, rows: Iterable[Row], library: Library) -> tuple[StrangeTag, ...]:
    """The tags in a condition that no row has: without a library to judge them, a slip would just mean nobody."""
    asked = [(column, text) for column, text in condition.tags if "." not in column and not library.entry(text)]
    if not asked:
        return ()
    borne: dict[str, dict[str, str]] = {column: {} for column, _ in asked}
    for row in rows:
        for column, tags in borne.items():
            tags.update((text_key(tag), tag) for tag in row.record.__dict__.get(column) or ())
    return tuple(
        StrangeTag(text, nearest_tag(text, [*library.tags, *sorted(borne[column].values())]) or "")
        for column, text in asked
        if text_key(text) not in borne[column]
    )


def scope(row: Row, names: Iterable[str], book: Book, tabs: Mapping[TabKey, Tab]) -> dict[str, Value]:
    """The values that an expression about a row reads: its own, and `customer.level` of the customer that it names."""
    own = row.record.__dict__
    values: dict[str, Value] = {}
    for name in names:  # and no others: what is computed from an expression is made of these columns alone
        column, point, beyond = name.partition(".")
        values[name] = _beyond(row, tabs[row.tab].columns[ColumnKey(column)], beyond, book) if point else own[name]
    return values


def _beyond(row: Row, column: Column, name: str, book: Book) -> Value:
    text = getattr(row.record, column.key)
    if not text or column.refers_to is None or column.kind not in (Kind.REFERENCE, Kind.PERSON):
        return None
    named = book.named(column.refers_to, text)
    return getattr(named[0].record, name) if len(named) == 1 else None
