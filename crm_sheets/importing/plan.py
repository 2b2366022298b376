"""Checks an import before anything is written: which rows come in, which stay out and why. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_sheets.changes import Value
from crm_sheets.errors import UsageError
from crm_sheets.importing.candidates import Candidate, candidates, essential_columns
from crm_sheets.importing.context import ImportContext
from crm_sheets.importing.convert import SourceTable
from crm_sheets.importing.faults import Refusal, refusal
from crm_sheets.importing.keys import BookIndex, Keys
from crm_sheets.importing.mapping import ImportMapping, TableMapping
from crm_sheets.importing.matching import Duplicates, changes_of, match, match_of, require_essentials
from crm_sheets.importing.references import judge_faulty_references, judge_references, names_of
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.tables import ColumnKey, RowKey, TabKey


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row that comes in.

    Attributes:
        table: place of its table in the mapping.
        line: where it stands in the source, 1-based.
        target: the row of the book that it changes; None for a new one.
        values: of a new row, blanks left out; of a change only what differs, None for a cell to be cleared.
        origin: of a new row: what keeps it from being made twice.
    """

    table: int
    tab: TabKey
    line: int
    target: RowKey | None
    values: Mapping[ColumnKey, Value]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. Every row of every source is counted in one of these, or repeats one under `unique`.

    Attributes:
        good: rows that come in, in the order of the mapping and of the sources.
        bad: rows that stay out.
        skipped: rows that are there already, or repeat another one, of tables that say to skip those.
        unchanged: rows of which the book has everything already.
        taken: rows that an earlier run of the same import took in.
        merged: rows that were laid over an earlier row of the same import.
    """

    good: tuple[Arrival, ...]
    bad: tuple[Refusal, ...] = ()
    skipped: tuple[Candidate, ...] = ()
    unchanged: tuple[Candidate, ...] = ()
    taken: tuple[Candidate, ...] = ()
    merged: tuple[Candidate, ...] = ()


def check_import(sources: Mapping[int, SourceTable], mapping: ImportMapping, context: ImportContext) -> ImportPlan:
    """Reads, validates and judges every row.

    A row stays out when a cell cannot be read or is not in its drop-down, when a column that it is known by is blank,
    when a reference that it must have is blank or names nothing, neither in the book nor among the rows that come in,
    when it repeats another row, or when it is to change a row of the book and finds none or several.

    Args:
        sources: by the place of their table in the mapping.

    Raises:
        UsageError: the mapping leaves out a column that every row of its tab must have.
    """
    return _Check(mapping, context).run(sources)


class _Check:
    """The steps of check_import(), with what they share."""

    def __init__(self, mapping: ImportMapping, context: ImportContext) -> None:
        self.mapping, self.context = mapping, context
        self.keys = Keys(context)
        self.index = BookIndex(context, self.keys)
        self.skipped: list[Candidate] = []
        self.taken: list[Candidate] = []

    def run(self, sources: Mapping[int, SourceTable]) -> ImportPlan:
        rows: list[Candidate] = []
        for place, source in sources.items():
            rows += self._read(place, source)
        rows = self._without_taken(rows)
        rows = [row for row in rows if not self._is_skipped(row)]
        judge_references(rows, self.context)
        duplicates = Duplicates(self.index, self.keys)
        # Good rows first: a row that stays out is no reason to keep a good one out that says the same.
        ordered = sorted(rows, key=lambda row: bool(row.faults))
        gone = {id(row) for row in ordered if not duplicates.settle(row, self._table(row))}
        rows = [row for row in rows if id(row) not in gone]
        judge_references(rows, self.context)  # of rows that fell just now
        judge_faulty_references(rows, self.context)
        good, unchanged = self._arrivals(row for row in rows if not row.faults)
        return ImportPlan(
            good,
            tuple(self._refusal(row) for row in rows if row.faults),
            (*self.skipped, *duplicates.skipped),
            unchanged,
            tuple(self.taken),
            tuple(duplicates.merged),
        )

    def _read(self, place: int, source: SourceTable) -> list[Candidate]:
        table = self.mapping.table[place]
        tab = self.context.tabs[table.tab]
        _require_columns(table, tab, self.context.language)
        rows = list(candidates(place, source, table, self.context))
        if table.mode != "create":
            match(rows, table, self.index)
        for row in rows:
            require_essentials(row, table, tab)
        return rows

    def _without_taken(self, rows: list[Candidate]) -> list[Candidate]:
        """Leaves out what an earlier run of the same import made: it was cut off, or somebody called it twice."""
        new = [row for row in rows if row.target is None and not row.faults]
        if self.context.again:
            return rows
        known = self.context.book.taken(row.origin for row in new)
        self.taken = [row for row in new if row.origin in known]
        gone = set(map(id, self.taken))
        return [row for row in rows if id(row) not in gone]

    def _is_skipped(self, row: Candidate) -> bool:
        if row.faults or row.target is not None or self._table(row).existing != "skip":
            return False
        names = names_of(row, self.context.tabs[row.tab])
        there = any(self.context.book.named(row.tab, name) for name in names)
        if there:
            self.skipped.append(row)
        return there

    def _arrivals(self, rows: Iterable[Candidate]) -> tuple[tuple[Arrival, ...], tuple[Candidate, ...]]:
        good: list[Arrival] = []
        unchanged: list[Candidate] = []
        for row in rows:
            if row.target is None:
                good.append(Arrival(row.table, row.tab, row.line, None, row.values, row.origin))
                continue
            changes = changes_of(row, self._table(row), self.index)
            if changes:
                good.append(Arrival(row.table, row.tab, row.line, row.target, changes))
            else:
                unchanged.append(row)
        return tuple(good), tuple(unchanged)

    def _table(self, row: Candidate) -> TableMapping:
        return self.mapping.table[row.table]

    def _refusal(self, row: Candidate) -> Refusal:
        tab = self.context.tabs[row.tab]
        return refusal(row.table, row.line, row.faults, self._table(row), tab, self.context.language)


def _require_columns(table: TableMapping, tab: Tab, words: Language) -> None:
    missing = [column for column in essential_columns(tab) if column not in table.columns]
    if missing and table.mode != "update":
        raise UsageError(
            f"the mapping of {table.source} gives no {', '.join(missing)}, which every row of {table.tab} must have"
        ).told(
            "error.import.lacks",
            path=table.source,
            missing=", ".join(column_label(tab.key, column, words) for column in missing),
            tab=tab_label(tab.key, words),
            tab_key=tab.key,
            columns=", ".join(missing),
        )
    if table.mode != "create" and not match_of(table, tab):
        raise UsageError(
            f"the mapping of {table.source} does not say by which columns rows of {table.tab} are found: "
            'match = ["name", "phone"], or --match name,phone'
        ).told("error.import.unmatched", path=table.source, tab=tab_label(tab.key, words))
