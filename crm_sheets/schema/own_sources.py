"""What the computed fields of a team are made from: the columns that their expressions read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from crm_sheets.expressions import Expression, parse
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.entries import naming_columns
from crm_sheets.schema.row_vocabularies import GIVES, row_vocabulary
from crm_sheets.tables import ColumnKey, TabKey


def with_own_sources(tabs: Mapping[TabKey, Tab], words: Language) -> dict[TabKey, Tab]:
    """The tabs of a team whose computed fields know what their expressions read."""
    return {key: _with_formulas(tab, tabs, words) for key, tab in tabs.items()}


def _with_formulas(tab: Tab, tabs: Mapping[TabKey, Tab], words: Language) -> Tab:
    if not any(column.formula for column in tab.columns.values()):
        return tab
    known = row_vocabulary(tab, tabs, None, words)
    columns = dict(tab.columns)
    for key, column in columns.items():
        if column.formula:
            read = parse(column.formula, known, GIVES[column.kind])
            # One that cannot be read is told of elsewhere, and may be made of everything.
            names = read.names if isinstance(read, Expression) else frozenset(tab.columns) - {key}
            columns[key] = replace(column, derives=tuple(sorted(set(read_by(names, tab, tabs)))))
    return replace(tab, columns=columns)


def read_by(names: Iterable[str], tab: Tab, tabs: Mapping[TabKey, Tab]) -> Iterator[Source]:
    """What an expression about a row of `tab` reads that uses these names: `amount`, `customer.level`."""
    yield from ((tab.key, ColumnKey(name.partition(".")[0])) for name in names)
    yield from read_beyond(names, tab, tabs)


def read_beyond(names: Iterable[str], tab: Tab, tabs: Mapping[TabKey, Tab]) -> Iterator[Source]:
    """What of that it reads of the rows that the row names, and what those are called."""
    for name in names:
        column, point, beyond = name.partition(".")
        target = tab.columns[ColumnKey(column)].refers_to
        if point and target in tabs and target:
            yield target, ColumnKey(beyond)
            yield from ((target, naming) for naming in naming_columns(tabs[target].record))
