"""What must be written so that a replica shows the records: cell by cell, and only cells that differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crm_sheets.cells import CellValue, Formula
from crm_sheets.changes import Value
from crm_sheets.reading import TabReading, digest_of
from crm_sheets.replica import Intake
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.codecs import CodecContext, render
from crm_sheets.schema.codecs.moments import serial_of
from crm_sheets.schema.sealed import Revealed, Sealed
from crm_sheets.schema.validation import unmasked, validate_rows
from crm_sheets.state import BaseRow, Values
from crm_sheets.tables import ColumnKey, RowKey, TabRow

AS_TYPED = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.PERSON, Kind.REFERENCE, Kind.BOOLEAN})
"""Kinds whose cells stay as staff typed them as long as they mean the record's value; the others are written back in
their canonical form (a phone without spaces, a date as a date)."""

CLOSE = 1e-9
"""Relative difference under which two numbers in cells are the same: a spreadsheet keeps 15 digits."""


@dataclass(frozen=True, slots=True)
class CellWrite:
    """A cell to write.

    Attributes:
        row: 1-based row of the sheet.
        column: 1-based column of the sheet.
        value: plain: text, number, bool or None.
        kind: of the column: a date needs a date format, a phone a text format, if the cell has none.
        old: what stands there, for whoever wants to see the difference.
    """

    row: int
    column: int
    value: CellValue
    kind: Kind
    old: CellValue = None


@dataclass(frozen=True, slots=True)
class TabEdits:
    """What to write into one sheet.

    Attributes:
        cells: of rows that are there; appended: of rows below them, in order.
        private: places of cells whose values the reader may no longer see, as (row, column): no copy of them may stay.
        rows_before: the last row of the table before rows were appended; what ended there is to be extended.
        emptied: rows in which nothing of ours stands any more: where nothing else does, they may be taken out.
    """

    sheet: str
    header_row: int
    cells: tuple[CellWrite, ...]
    appended: tuple[CellWrite, ...]
    rows_before: int
    private: frozenset[tuple[int, int]] = frozenset()
    emptied: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.cells or self.appended)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the replica may not hold of a row.

    Attributes:
        closed: columns that may not be edited there: whatever stands in them gives way, formulas too.
        hidden: columns that its reader may not see; of a row that is not shown all, of the shared workbook none.
    """

    closed: Callable[[RowKey], frozenset[ColumnKey]]
    hidden: Callable[[RowKey], frozenset[ColumnKey]]


@dataclass(slots=True)
class Projection:
    """The edits of one tab and what the base will be once they are written.

    Attributes:
        expected: base rows of rows that will be written.
        settled: rows that already hold what they should.
    """

    edits: TabEdits
    expected: dict[RowKey, BaseRow | None] = field(default_factory=dict)
    settled: set[RowKey] = field(default_factory=set)


def project(
    intake: Intake,
    rows: Iterable[RowKey],
    records: Mapping[RowKey, Values | None],
    bases: Mapping[RowKey, BaseRow],
    witnesses: Mapping[RowKey, str],
    bounds: Bounds,
    notes: Mapping[int, str],
    codec: CodecContext,
) -> Projection:
    """Compares rows with their records.

    Args:
        intake: where the rows of the tab stand and what was read of them.
        rows: the rows that may differ; those that are not in the sheet are appended in this order.
        records: what each of them should show; None for a row that should not be there.
        bases: the base rows of those that have one.
        witnesses: the hidden key of each.
        bounds: what the replica may not hold of each.
        notes: texts of the check column of rows that have no key, by sheet row.
        codec: how values are written.
    """
    return _TabProjection(intake, bases, witnesses, bounds, codec).run(list(rows), records, notes)


class _TabProjection:
    """The steps of project(), with what they share."""

    def __init__(
        self,
        intake: Intake,
        bases: Mapping[RowKey, BaseRow],
        witnesses: Mapping[RowKey, str],
        bounds: Bounds,
        codec: CodecContext,
    ) -> None:
        self.intake, self.bases, self.witnesses, self.codec = intake, bases, witnesses, codec
        self.bounds = bounds
        self.private: set[tuple[int, int]] = set()
        self.emptied: set[int] = set()
        self.reading: TabReading = intake.reading
        self.tab = self.reading.tab
        layout = self.reading.layout.columns
        self.place = {column: layout[column] for column in self.reading.columns}
        self.walk = tuple(_walk(self.reading))
        self.witness_place = next(
            (layout[key] for key, column in self.tab.columns.items() if column.kind is Kind.WITNESS and key in layout),
            0,
        )
        self.cells: list[CellWrite] = []
        self.appended: list[CellWrite] = []
        self.expected: dict[RowKey, BaseRow | None] = {}
        self.settled: set[RowKey] = set()
        self.provisional = {issued.key for issued in intake.fresh}

    def run(
        self, rows: Sequence[RowKey], records: Mapping[RowKey, Values | None], notes: Mapping[int, str]
    ) -> Projection:
        self._parse_the_rest([key for key in rows if records.get(key) is not None])
        last = self.reading.last_row
        for key in rows:
            values = records.get(key)
            place = self.intake.places.get(key)
            if values is None:
                self._clear(key, place.number if place else self.intake.gone.get(key))
            elif place is not None:
                self._rewrite(key, place, values)
            else:
                number = self.intake.gone.get(key, 0)
                if not number:
                    last += 1
                    number = last
                self._write_whole(key, number, values)
        for number in self.intake.evicted:
            self._blank(number, private=True)
        self._note(notes)
        edits = TabEdits(
            self.reading.layout.sheet,
            self.reading.layout.header_row,
            tuple(self.cells),
            tuple(self.appended),
            self.reading.last_row,
            frozenset(self.private),
            frozenset() if notes else frozenset(self.emptied),  # rows without a key are called by their numbers
        )
        return Projection(edits, self.expected, self.settled)

    def _parse_the_rest(self, rows: Sequence[RowKey]) -> None:
        """Rows that were not edited but whose record changed: what their cells mean now."""
        wanted = [key for key in rows if key in self.intake.places and key not in self.intake.looked_at]
        cells = [self.intake.places[key].cells for key in wanted]
        parsed = validate_rows(self.tab, cells, self.codec)
        for key, row, its in zip(wanted, parsed, cells, strict=True):
            known = self.bases[key].values if key in self.bases else {}
            self.intake.looked_at[key] = unmasked(row, self.tab, its, known)

    def _rewrite(self, key: RowKey, row: TabRow, values: Values) -> None:
        """Writes the cells of a row that is there, where they differ."""
        parsed = self.intake.looked_at[key]
        forced = self.intake.put_back.get(key, frozenset()) | self.bounds.closed(key)
        cells = list(row.cells)
        writes: list[CellWrite] = []
        meant, flawed = parsed.values, parsed.flaws
        for column_key, index, column, as_typed in self.walk:
            have, value = cells[index], values.get(column_key)
            if have is None and value is None:
                continue
            means_it = column_key not in flawed and meant.get(column_key) == value
            if means_it and as_typed and type(have) is str and have != "":
                continue  # what most cells are: a text that means what the record says is not written in another form
            theirs = column_key in flawed or isinstance(have, Formula)
            if theirs and not column.system and column_key not in forced:
                continue
            if isinstance(have, Sealed) and key in self.provisional:
                continue  # nothing has its text yet: it goes from the cell once the row is a record
            if isinstance(value, Revealed) and have == value:
                continue  # its text stands there, as it may
            want = self._plain(value, column)
            if not _differs(have, want, column, means_it=means_it):
                continue
            writes.append(CellWrite(row.number, self.place[column_key], want, column.kind, have))
            cells[index] = _as_cut(value, want)
        witness = self.witnesses[key]
        if self.witness_place and row.witness != witness:
            writes.append(CellWrite(row.number, self.witness_place, witness, Kind.WITNESS, row.witness or None))
        if not writes:
            self.settled.add(key)
            return
        self.cells += writes
        self._keep_private(key, writes)
        flaws = {
            column: (flaw.code, flaw.parameters)
            for column, flaw in parsed.flaws.items()
            if not self.tab.columns[column].system and column not in forced
        }
        self._expect(key, values, cells, flaws)

    def _write_whole(self, key: RowKey, number: int, values: Values) -> None:
        """Writes a row that is not in the sheet: below the last one, or where its remains stand."""
        writes = self.appended if number > self.reading.last_row else self.cells
        cells: list[CellValue] = [None] * len(self.tab.columns)
        for column_key in self.reading.columns:
            column = self.tab.columns[column_key]
            want = self._plain(values.get(column_key), column)
            cells[self.reading.place[column_key]] = _as_cut(values.get(column_key), want)
            if want is not None or writes is self.cells:
                writes.append(CellWrite(number, self.place[column_key], want, column.kind))
        if self.witness_place:
            writes.append(CellWrite(number, self.witness_place, self.witnesses[key], Kind.WITNESS))
        self._expect(key, values, cells, {})

    def _clear(self, key: RowKey, number: int | None) -> None:
        """Blanks our columns of a row that should not be there; the team's own columns stay."""
        if number is None:
            self.settled.add(key)
            return
        self._blank(number, private=bool(self.bounds.hidden(key)))
        self.emptied.add(number)
        self.expected[key] = None

    def _blank(self, number: int, *, private: bool) -> None:
        places = [*self.place.values(), *([self.witness_place] if self.witness_place else [])]
        self.private |= {(number, place) for place in places if private}
        texts = self._texts_in(number)
        self.cells += [CellWrite(number, place, None, Kind.TEXT, texts.get(place)) for place in places]

    def _texts_in(self, number: int) -> dict[int, CellValue]:
        """The sealed texts that still stand in a row, by their place: copies of them must go, too."""
        columns = [column for column in self.reading.columns if self.tab.columns[column].sealed]
        row = self.reading.row_at(number) if columns else None
        if row is None:
            return {}
        cells = {self.place[column]: row.cells[self.reading.place[column]] for column in columns}
        return {place: cell for place, cell in cells.items() if isinstance(cell, Sealed)}

    def _keep_private(self, key: RowKey, writes: Sequence[CellWrite]) -> None:
        """Of a row of which a cell must no longer be seen, whatever else is written over may tell of it: 检查 does."""
        hidden = {self.place[column] for column in self.bounds.hidden(key) if column in self.place}
        if any(write.column in hidden and write.old not in (None, "") for write in writes):
            self.private |= {(write.row, write.column) for write in writes}

    def _note(self, notes: Mapping[int, str]) -> None:
        place = self.place.get(ColumnKey("check"), 0)
        if not place or not notes:
            return
        rows = {row.number: row for row in self.reading.rows}
        for number, text in notes.items():
            have = rows[number].cells[self.reading.place[ColumnKey("check")]]
            if (have or None) != (text or None):
                self.cells.append(CellWrite(number, place, text or None, Kind.LONG_TEXT, have))

    def _expect(
        self,
        key: RowKey,
        values: Values,
        cells: Sequence[CellValue],
        flaws: Mapping[ColumnKey, tuple[str, Mapping[str, str]]],
    ) -> None:
        shown = {
            column: value
            for column in self.reading.columns
            if (value := values.get(column)) is not None and column not in flaws
        }
        # An unreadable cell stays as typed, and its base stays as it was: mending it later is an edit of the old value.
        before = self.bases[key].values if flaws and key in self.bases else {}
        shown.update({column: before[column] for column in flaws if column in before})
        # A formula of the staff stays too: the base is the result that was read.
        parsed = self.intake.looked_at.get(key) if Formula in map(type, cells) else None
        for column in self.reading.columns if parsed is not None else ():
            if isinstance(cells[self.reading.place[column]], Formula) and parsed is not None and column in shown:
                shown[column] = parsed.values.get(column)
        content = self.reading.content_of(cells)
        self.expected[key] = BaseRow(key, self.witnesses[key], digest_of(cells), content, shown, flaws)

    def _plain(self, value: Value, column: Column) -> CellValue:
        """The value as it will be read back: text, int when whole, float, bool."""
        if value is None:
            return None
        if isinstance(value, Revealed):
            return value.text
        cell = render(value, column, self.codec)
        if isinstance(cell, date):
            cell = serial_of(cell, self.codec.date1904)
        if isinstance(cell, Decimal):
            cell = float(cell)
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
            return int(cell)
        return cell


def _as_cut(value: Value, cell: CellValue) -> CellValue:
    """What a written cell will be when the sheet is cut again: a text that its reader may see is sealed there."""
    return Sealed(value) if isinstance(value, Revealed) else cell


def _walk(reading: TabReading) -> Iterator[tuple[ColumnKey, int, Column, bool]]:
    """The columns of a reading: key, place among the cells, what it is, whether its texts stay as people typed them."""
    for key in reading.columns:
        column = reading.tab.columns[key]
        yield key, reading.place[key], column, column.kind in AS_TYPED and not column.system


def _differs(have: CellValue, want: CellValue, column: Column, *, means_it: bool) -> bool:
    """Whether a cell must be written."""
    if isinstance(have, Formula | Sealed):
        return True
    if have is None or have == "":
        return want is not None and want != ""
    if means_it and column.kind in AS_TYPED and not column.system:
        return False
    if isinstance(have, (int, float)) and isinstance(want, (int, float)) and type(want) is not bool:
        return type(have) is bool or abs(have - want) > CLOSE * max(1.0, abs(have))
    return type(have) is not type(want) or have != want
