"""Which row of the book a row of a source is, and which rows say the same thing twice. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm_sheets.changes import Value
from crm_sheets.importing.candidates import Candidate, essential_columns
from crm_sheets.importing.faults import Fault
from crm_sheets.importing.keys import BookIndex, Found, Key, Keys, default_match, exact_keys
from crm_sheets.importing.mapping import Alternatives, TableMapping
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, RowKey, TabKey

MOST_NAMED = 3
"""So many rows are named in a message."""


def match_of(table: TableMapping, tab: Tab) -> Alternatives:
    """By which columns rows of the book are found; none when the table only makes rows."""
    if table.mode == "create":
        return ()
    return table.match or default_match(tab, table.columns)


def match(rows: Iterable[Candidate], table: TableMapping, index: BookIndex) -> None:
    """Finds the row of the book that each row changes. One that finds several, or has to find one and finds none,
    stays out."""
    tab = index.context.tabs[table.tab]
    ways = match_of(table, tab)
    for row in rows:
        found, by = _first_match(row, tab, ways, index)
        if len(found) == 1:
            row.target = found[0]
        elif found:
            said = {"keys": _labels(by, tab, index.context.language), "rows": "、".join(found[:MOST_NAMED])}
            row.faults.append(Fault("import-match-several", by[0], said))
        elif table.mode == "update":
            columns = dict.fromkeys(column for way in ways for column in way)
            said = {"keys": _labels(tuple(columns), tab, index.context.language)}
            row.faults.append(Fault("import-match-none", next(iter(columns)), said))


def _first_match(row: Candidate, tab: Tab, ways: Alternatives, index: BookIndex) -> tuple[Sequence[RowKey], Key]:
    for way in ways:
        found = index.find(tab, way, row.values)
        if found:
            return found, way
    return (), ()


def require_essentials(row: Candidate, table: TableMapping, tab: Tab) -> None:
    """A new row needs what it is known by; a row that is there may not lose it."""
    for column in essential_columns(tab):
        flawed = any(fault.column == column for fault in row.faults)
        if row.values.get(column) not in {None, ""} or flawed:
            continue
        if row.target is None or (column in row.blanks and table.blank == "clear"):
            row.faults.append(Fault("import-blank", column))


@dataclass(slots=True)
class Duplicates:
    """Rows that repeat one that came before them, or one of the book.

    Attributes:
        skipped: rows that are left out, as their tables ask for.
        merged: rows that were laid over an earlier one of the same import.
    """

    index: BookIndex
    keys: Keys
    skipped: list[Candidate] = field(default_factory=list)
    merged: list[Candidate] = field(default_factory=list)
    _seen: dict[tuple[TabKey, Key, Found], Candidate] = field(default_factory=dict)
    _changed: dict[tuple[TabKey, RowKey], Candidate] = field(default_factory=dict)

    def settle(self, row: Candidate, table: TableMapping) -> bool:
        """Whether the row stays among those that come in (or among the faulty ones)."""
        tab = self.index.context.tabs[row.tab]
        if row.target is not None:
            return self._settle_change(row, table, row.target)
        if table.duplicates == "add" or table.mode == "update":
            return True
        own_keys = exact_keys(tab, row.values)
        # Rows with faults of their own come after the good ones: they keep none out, and may repeat each other.
        faulty = bool(row.faults) and table.duplicates == "flag"
        for key in own_keys:
            fault, earlier, there = self._repeated(row, tab, key)
            if fault is not None and not self._resolve(row, table, fault, earlier, there):
                return False
            if fault is not None:
                break
        if faulty or not row.faults:
            self._remember(row, tab, own_keys)
        return True

    def _repeated(
        self, row: Candidate, tab: Tab, key: Key
    ) -> tuple[Fault | None, Candidate | None, tuple[RowKey, ...]]:
        """What a row repeats under a key: a row of the import, or rows of the book."""
        found = self.keys.of(tab, key, row.values)
        if found is None:
            return None, None, ()
        said = {"keys": _labels(key, tab, self.index.context.language)}
        earlier = self._seen.get((tab.key, key, found))
        if earlier is not None:
            return Fault("import-repeats-line", key[0], {**said, "line": str(earlier.line)}), earlier, ()
        there = self.index.find(tab, key, row.values)
        if there:
            return Fault("import-in-book", key[0], {**said, "rows": "、".join(there[:MOST_NAMED])}), None, there
        return None, None, ()

    def _resolve(
        self,
        row: Candidate,
        table: TableMapping,
        fault: Fault,
        earlier: Candidate | None,
        there: tuple[RowKey, ...],
    ) -> bool:
        if row.faults or table.duplicates == "flag":
            row.faults.append(fault)
            return True
        if table.duplicates == "skip":
            self.skipped.append(row)
            return False
        if earlier is not None:
            earlier.values.update(row.values)
            self.merged.append(row)
            return False
        if len(there) > 1:
            row.faults.append(Fault("import-match-several", fault.column, fault.parameters))
            return True
        return self._settle_change(row, table, there[0])

    def _settle_change(self, row: Candidate, table: TableMapping, target: RowKey) -> bool:
        """Two rows of an import that change one row of the book are one too many."""
        row.target = target
        earlier = self._changed.get((row.tab, target))
        if earlier is None:
            if not row.faults:
                self._changed[row.tab, target] = row
            return True
        if table.duplicates == "update":
            earlier.values.update(row.values)
            self.merged.append(row)
            return False
        if table.duplicates == "skip":
            self.skipped.append(row)
            return False
        row.faults.append(Fault("import-changes-twice", None, {"row": target, "line": str(earlier.line)}))
        return True

    def _remember(self, row: Candidate, tab: Tab, keys: Alternatives) -> None:
        for key in keys:
            found = self.keys.of(tab, key, row.values)
            if found is not None:
                self._seen.setdefault((tab.key, key, found), row)


def changes_of(row: Candidate, table: TableMapping, index: BookIndex) -> dict[ColumnKey, Value]:
    """What a row would change in the row of the book that it found; what it has to say that is there already is not
    among it."""
    tab = index.context.tabs[row.tab]
    there = index.context.book.rows(row.tab)[row.target or RowKey("")]
    wanted: dict[ColumnKey, Value] = {column: value for column, value in row.values.items() if column != tab.id_column}
    if table.blank == "clear":
        wanted.update(dict.fromkeys(column for column in row.blanks if column != tab.id_column))
    return {column: value for column, value in wanted.items() if there.get(column) != value}


def _labels(columns: Iterable[ColumnKey], tab: Tab, language: Language) -> str:
    return language.text("list.and").join(column_label(tab.key, column, language) for column in columns)
