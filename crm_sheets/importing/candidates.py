"""Rows of a source as values of a tab, each with what is wrong with it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from crm_sheets.changes import Value
from crm_sheets.importing.context import ImportContext
from crm_sheets.importing.convert import Converted, SourceTable, convert
from crm_sheets.importing.faults import Fault
from crm_sheets.importing.mapping import TableMapping
from crm_sheets.rules.choices import unknown_choice
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.codecs.base import Flaw
from crm_sheets.schema.validation import ValidatedRow, validate_rows
from crm_sheets.tables import ColumnKey, RowKey, TabKey

AT_ONCE = 5_000
"""Rows between two words about how far it is."""


@dataclass(slots=True)
class Candidate:
    """A row of a source on its way in.

    Attributes:
        table: place of its table in the mapping.
        line: where it stands in the source, 1-based.
        values: canonical, blanks left out.
        blanks: columns that the mapping fills and that are blank here.
        origin: what makes it this row for ever: the same row of the same source has the same one.
        target: the row of the book that it changes; None for a new one.
        faults: why it stays out; none for a good row.
    """

    table: int
    tab: TabKey
    line: int
    values: dict[ColumnKey, Value]
    blanks: frozenset[ColumnKey]
    origin: str = ""
    target: RowKey | None = None
    faults: list[Fault] = field(default_factory=list)


def candidates(place: int, source: SourceTable, table: TableMapping, context: ImportContext) -> Iterator[Candidate]:
    """Every row of a source but those that repeat another one in the columns of `unique`."""
    tab = context.tabs[table.tab]
    codec = replace(context.codec, date1904=source.date1904)
    converted = convert(source, table, tab)
    seen: set[tuple[Value, ...]] = set()
    times: Counter[str] = Counter()
    for begin in range(0, len(converted), AT_ONCE):
        rows = converted[begin : begin + AT_ONCE]
        for row, found in zip(rows, validate_rows(tab, [row.cells for row in rows], codec), strict=True):
            faults = _faults(row, found, tab, table, context)
            key = tuple(found.values.get(column) for column in table.unique)
            if table.unique and not faults:
                if key in seen:
                    continue
                seen.add(key)
            values = {column: value for column, value in found.values.items() if value is not None}
            blanks = frozenset(column for column in table.columns if column not in values and column not in row.flaws)
            origin = _origin(source, table, row, times)
            if codec.sealer is not None:  # a digest of cells can be guessed, number by number
                origin = codec.sealer.keyed(origin)
            yield Candidate(place, tab.key, row.line, values, blanks, origin, faults=faults)
        context.tell(begin + len(rows), len(converted))


def essential_columns(tab: Tab) -> tuple[ColumnKey, ...]:
    """Columns without which a row is nothing: what it is known by, and what it must refer to."""
    names = (ColumnKey("id"), tab.record.name_column)
    known_by = [c for c in names if c is not None and c in tab.columns and tab.columns[c].required]
    references = [c.key for c in tab.staff_columns(Kind.REFERENCE) if c.required]
    return tuple(known_by + references) or tuple(c.key for c in tab.staff_columns() if c.required)


def _faults(row: Converted, found: ValidatedRow, tab: Tab, table: TableMapping, context: ImportContext) -> list[Fault]:
    flaws = {**found.flaws, **row.flaws}
    faults = [Fault(why.code, column, _told(why, tab.columns[column])) for column, why in flaws.items()]
    if table.unknown == "refuse":
        faults += _unknown(found, tab, context)
    return faults


def _told(why: Flaw, column: Column) -> Mapping[str, str]:
    """What a message may name: nothing of what stands in a sealed column."""
    hidden = column.sealed and "found" in why.parameters
    return {**why.parameters, "found": "***"} if hidden else why.parameters


def _unknown(found: ValidatedRow, tab: Tab, context: ImportContext) -> Iterator[Fault]:
    """Values that their drop-down does not know; one without any value is not kept by the team."""
    for column in tab.staff_columns(Kind.CHOICE):
        value = found.values.get(column.key)
        entries = context.dictionaries.entries.get(column.dictionary or "", ())
        if not isinstance(value, str) or not value or not entries:
            continue
        if context.dictionaries.entry(column.dictionary or "", value) is None:
            code, said = unknown_choice(value, entries, context.language)
            yield Fault(code, column.key, said)


def _origin(source: SourceTable, table: TableMapping, row: Converted, times: Counter[str]) -> str:
    """A row is known by where it comes from and what it says; equal rows of one source are counted.

    Not by its line: rows that were mended, added or taken out above it must not make it another one.
    """
    said: Sequence[object] = (source.sheet, table.tab, sorted(table.columns), row.cells)
    digest = blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    times[digest] += 1
    return f"{digest}-{times[digest]}"
