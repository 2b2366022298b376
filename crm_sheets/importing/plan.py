"""Checks an import before anything is written: which rows come in, which stay out and why. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.errors import UsageError
from crm_sheets.importing.convert import SourceTable, convert
from crm_sheets.importing.mapping import ImportMapping, TableMapping
from crm_sheets.language import Language
from crm_sheets.schema import tab as tab_under
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.validation import validate_rows
from crm_sheets.tables import ColumnKey, TabKey

ID = ColumnKey("id")


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What checking needs to know.

    Attributes:
        codec: how cells are read; the date system of each source is taken from the source.
        exists: whether the book already has a row of a tab under an id or exact name (given as typed).
        language: of the reasons.
    """

    codec: CodecContext
    exists: Callable[[TabKey, str], bool]
    language: Language


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of a source on its way in.

    Attributes:
        table: place of its table in the mapping.
        line: where it stands in the source, 1-based.
        values: canonical, blanks left out.
    """

    table: int
    tab: TabKey
    line: int
    values: Mapping[ColumnKey, Value]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that stays out.

    Attributes:
        reasons: ready to be shown, each naming its column by the header of the source.
        headers: headers of the source whose cells are at fault.
    """

    table: int
    line: int
    reasons: tuple[str, ...]
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. Every row of every source is in exactly one of the three, or repeats one that is.

    Attributes:
        good: rows to take in, in the order of the mapping and of the sources.
        bad: rows that stay out.
        skipped: rows that the book already has, of tables that say `existing = "skip"`.
    """

    good: tuple[Candidate, ...]
    bad: tuple[Refusal, ...]
    skipped: tuple[Candidate, ...]


def check_import(sources: Mapping[int, SourceTable], mapping: ImportMapping, context: ImportContext) -> ImportPlan:
    """Reads, validates and judges every row.

    A row stays out when a cell cannot be read, when a column that it is known by is blank, or when a reference that it
    must have is blank or names nothing, neither in the book nor among the rows that come in.

    Args:
        sources: by the place of their table in the mapping.

    Raises:
        UsageError: the mapping leaves out a column that every row of its tab must have.
    """
    read: list[Candidate] = []
    bad: list[Refusal] = []
    for place, source in sources.items():
        table = mapping.table[place]
        _require_essentials(table)
        candidates, refusals = _read(place, source, table, context)
        read += candidates
        bad += refusals
    skipped = [row for row in read if mapping.table[row.table].existing == "skip" and _is_there(row, context)]
    there = set(map(id, skipped))
    good = [row for row in read if id(row) not in there]
    good, broken = _without_broken_references(good, mapping, context)
    refused = sorted([*bad, *broken], key=lambda row: (row.table, row.line))
    return ImportPlan(tuple(good), tuple(refused), tuple(skipped))


def essential_columns(tab: Tab) -> tuple[ColumnKey, ...]:
    """Columns without which a row is nothing: what it is known by, and what it must refer to."""
    names = (ID, tab.record.name_column)
    known_by = [c for c in names if c is not None and c in tab.columns and not tab.columns[c].system]
    references = [c.key for c in tab.columns.values() if c.kind is Kind.REFERENCE and c.required]
    return tuple(known_by + references) or tuple(c.key for c in tab.columns.values() if c.required)


def _require_essentials(table: TableMapping) -> None:
    missing = [column for column in essential_columns(tab_under(table.tab)) if column not in table.columns]
    if missing:
        raise UsageError(
            f"the mapping of {table.source} gives no {', '.join(missing)}, which every row of {table.tab} must have"
        )


def _read(
    place: int, source: SourceTable, table: TableMapping, context: ImportContext
) -> tuple[list[Candidate], list[Refusal]]:
    tab = tab_under(table.tab)
    converted = convert(source, table)
    codec = replace(context.codec, date1904=source.date1904)
    validated = validate_rows(tab, [row.cells for row in converted], codec)
    essential = essential_columns(tab)
    seen: set[tuple[Value, ...]] = set()
    good, bad = [], []
    for row, found in zip(converted, validated, strict=True):
        flaws = {**found.flaws, **row.flaws}
        faults = {column: context.language.text(f"issue.{why.code}", **why.parameters) for column, why in flaws.items()}
        for column in essential:
            if column not in faults and found.values.get(column) in (None, ""):
                faults[column] = context.language.text("import.blank")
        if faults:
            bad.append(_refusal(place, row.line, faults, table, context.language))
            continue
        key = tuple(found.values.get(column) for column in table.unique)
        if table.unique and key in seen:
            continue
        seen.add(key)
        values = {column: value for column, value in found.values.items() if value is not None}
        good.append(Candidate(place, tab.key, row.line, values))
    return good, bad


def _refusal(
    place: int, line: int, faults: Mapping[ColumnKey, str], table: TableMapping, language: Language
) -> Refusal:
    reasons: list[str] = []
    headers: list[str] = []
    for column, message in faults.items():
        own = table.columns[column].headers
        headers += own
        shown = " + ".join(own) or column_label(table.tab, column, language)
        reasons.append(language.text("import.reason", column=shown, message=message))
    return Refusal(place, line, tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(headers)))


def _is_there(row: Candidate, context: ImportContext) -> bool:
    return any(context.exists(row.tab, name) for name in _names(row))


def _names(row: Candidate) -> tuple[str, ...]:
    """What other rows may call it."""
    columns = (ID, tab_under(row.tab).record.name_column)
    return tuple(str(row.values[column]) for column in columns if column is not None and column in row.values)


def _without_broken_references(
    rows: list[Candidate], mapping: ImportMapping, context: ImportContext
) -> tuple[list[Candidate], list[Refusal]]:
    """Takes out rows whose required reference names nothing, again until none does."""
    broken: list[Refusal] = []
    while True:
        known = {(row.tab, text_key(name)) for row in rows for name in _names(row)}
        kept = []
        for row in rows:
            faults = _broken_references(row, known, context)
            if faults:
                broken.append(_refusal(row.table, row.line, faults, mapping.table[row.table], context.language))
            else:
                kept.append(row)
        if len(kept) == len(rows):
            return kept, broken
        rows = kept


def _broken_references(row: Candidate, known: set[tuple[TabKey, str]], context: ImportContext) -> dict[ColumnKey, str]:
    faults = {}
    for column in tab_under(row.tab).columns.values():
        if column.kind is not Kind.REFERENCE or not column.required or column.refers_to is None:
            continue
        named = str(row.values[column.key])
        if (column.refers_to, text_key(named)) not in known and not context.exists(column.refers_to, named):
            target = tab_label(column.refers_to, context.language)
            faults[column.key] = context.language.text("issue.reference-not-found", target=target, value=named)
    return faults
