"""What a row is found by and what it finds: the index entries that follow from the columns of its tab."""

from collections.abc import Mapping
from functools import cache

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.schema.base import Entry, Kind, Record, Role, Row, columns_of
from crm_sheets.schema.tallies import tally_columns, tally_entries
from crm_sheets.tables import ColumnKey, TabKey

ROW = ColumnKey("row")


def entries_of(row: Row) -> frozenset[Entry]:
    """The entries of a row: its key and its names define it, its references and persons refer to others."""
    naming, referring, unique = _columns(type(row.record))
    values = row.record.__dict__
    entries = {Entry(row.tab, text_key(row.key), Role.DEFINES)}
    for column in naming:
        if values[column]:
            entries.add(Entry(row.tab, text_key(values[column]), Role.DEFINES))
    for alias in _aliases(type(row.record), values):
        entries.add(Entry(row.tab, text_key(alias), Role.DEFINES))
    for column, target in referring:
        if values[column]:
            entries.add(Entry(target, text_key(values[column]), Role.REFERS))
    for column in unique:
        if (told := telling(row, column)) is not None:
            entries |= {told, Entry(told.name, told.value, Role.REFERS)}
    if row.record.made_by_us and values.get(ROW):
        entries.add(pointing_at(str(values[ROW])))
    entries.update(tally_entries(row.record))
    return frozenset(entries)


def pointing_at(key: str) -> Entry:
    """What rows that tell of a row, by its key, are found by: requests, conflicts."""
    return Entry("pointing", text_key(key), Role.REFERS)


def bears(row: Row, text: str) -> bool:
    """Whether `text` is a name of the row's own, not a former one, nor one that a merge left it."""
    naming, _, _ = _columns(type(row.record))
    own = (row.key, *(str(row.record.__dict__[column] or "") for column in naming))
    return text_key(text) in map(text_key, own)


def telling(row: Row, column: ColumnKey) -> Entry | None:
    """What rows with the same value in a unique column share; None for a blank one.

    A row both defines and refers to it: so when it changes, the others with its old value and its new one are looked
    at again.
    """
    value = row.record.__dict__[column]
    return (
        None if value is None or value in {"", ()} else Entry(f"{row.tab}.{column}", text_key(str(value)), Role.DEFINES)
    )


def naming_columns(record: type[Record]) -> tuple[ColumnKey, ...]:
    """The columns by which other rows may name a row of the tab, beside its key."""
    naming, _, _ = _columns(record)
    return (*naming, record.alias_column) if record.alias_column else naming


def telling_columns(record: type[Record]) -> frozenset[ColumnKey]:
    """The columns that entries_of() looks at."""
    naming, referring, unique = _columns(record)
    aliases = {record.alias_column} if record.alias_column else set[ColumnKey]()
    return (
        frozenset(naming)
        | aliases
        | {column for column, _ in referring}
        | frozenset(unique)
        | frozenset(tally_columns(record.tab))
    )


def _aliases(record: type[Record], values: Mapping[str, Value]) -> tuple[str, ...]:
    found = values[record.alias_column] if record.alias_column else None
    return found if isinstance(found, tuple) else ()


@cache
def _columns(
    record: type[Record],
) -> tuple[tuple[ColumnKey, ...], tuple[tuple[ColumnKey, TabKey], ...], tuple[ColumnKey, ...]]:
    """Columns that name a row of the tab, columns that refer to another tab, and columns of which no two are equal."""
    columns = columns_of(record)
    own_number = ColumnKey("id")  # 工号, which is not a row key: people are named by it too
    naming = [record.name_column] if record.name_column else []
    if own_number in columns and columns[own_number].kind is not Kind.ID:
        naming.append(own_number)
    referring = tuple(
        (key, column.refers_to)
        for key, column in columns.items()
        if column.refers_to and column.kind in (Kind.REFERENCE, Kind.PERSON)
    )
    return tuple(naming), referring, tuple(key for key, column in columns.items() if column.unique)
