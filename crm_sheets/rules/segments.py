"""Which rows a condition means: audiences of campaigns, `export --where`.

A condition may also ask for columns of the rows that a row names: `customer.level` of a follow-up.
"""

from collections.abc import Iterable, Mapping

from crm_sheets.expressions import At, Expression
from crm_sheets.rules.base import Book
from crm_sheets.schema.base import Row, Tab
from crm_sheets.tables import ColumnKey, TabKey


def matching(condition: Expression, rows: Iterable[Row], book: Book, tabs: Mapping[TabKey, Tab], at: At) -> list[Row]:
    """The rows of which a condition holds, in their order."""
    through = sorted({name.partition(".")[0] for name in condition.names if "." in name})
    if not through:
        return [row for row in rows if condition.holds(row.record.__dict__, at)]
    return [row for row in rows if condition.holds(_seen_through(row, through, book, tabs), at)]


def _seen_through(row: Row, columns: Iterable[str], book: Book, tabs: Mapping[TabKey, Tab]) -> dict[str, object]:
    """The values of a row, and those of the one row that each of the columns names."""
    values: dict[str, object] = dict(row.record.__dict__)
    for name in columns:
        column = tabs[row.tab].columns[ColumnKey(name)]
        text = values.get(name)
        named = book.named(column.refers_to, str(text)) if text and column.refers_to else ()
        if len(named) == 1:
            values.update({f"{name}.{key}": value for key, value in named[0].record.__dict__.items()})
    return values
