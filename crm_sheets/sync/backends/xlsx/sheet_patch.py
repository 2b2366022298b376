"""Cells spliced into a sheet part: only the `<c>` and `<row>` elements that change get other bytes."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from crm_sheets.cells import Address, CellValue, Formula, column_letters, same_value
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.encode import encode_cell, stored_number
from crm_sheets.sync.backends.xlsx.locate import Locator, Place, locating, style_of, tag_of
from crm_sheets.sync.backends.xlsx.markup import attributes_of, with_attribute
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area

FEW = 12
"""Cells of a row that are looked for one by one; where more are written, all cells of the row are found at once."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
CellEdits = Mapping[tuple[int, int], CellValue]
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_MERGE = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*["']([^"']+)["']""")
_SPREAD = re.compile(rb"""<(?:[\w.-]+:)?f\s[^>]*?t\s*=\s*["'](?:array|dataTable)["'][^>]*>""")
_DIMENSION = re.compile(rb"<(?:[\w.-]+:)?dimension\s[^>]*>")
_COLUMN = re.compile(rb"<(?:[\w.-]+:)?col\s[^>]*>")


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What a patch must know of the sheet beside its part.

    Attributes:
        tab: its name, for messages.
        part: the name of the part, for messages.
        date1904: the date system.
        value_at: reads a `<c>` element: (its bytes, its row, its column, its start tag's part) -> value.
        headers: header rows of tables: what stands there is also kept in the table part.
        styles: styles asked for, by (row, column), for cells that do not exist yet.
        last_row: last row of the data, whose styles appended rows take; None for the last row of the sheet.
        overwrite: cells whose formula may be overwritten.
        formulas: whether a formula may stand anywhere in the sheet.
    """

    tab: str
    part: str
    date1904: bool
    value_at: Callable[[bytes, bytes, int, int], CellValue]
    headers: tuple[Area, ...] = ()
    styles: Mapping[tuple[int, int], int] = field(default_factory=dict)
    last_row: int | None = None
    overwrite: Collection[tuple[int, int]] = ()
    formulas: bool = True


@dataclass(frozen=True, slots=True)
class Patched:
    """A sheet part after its patch; `formulas` tells whether one was added or removed."""

    content: bytes
    written: frozenset[tuple[int, int]] = frozenset()
    rows_added: int = 0
    formulas: bool = False


def patch_sheet(content: bytes, edits: CellEdits, context: SheetContext) -> Patched:
    """Write cells into a sheet part.

    Raises:
        WriteRefused: a cell cannot be written without losing something; the message names it.
    """
    for row, column in edits:
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
            raise WriteRefused(f"{context.tab}: row {row}, column {column} lies outside of a sheet")
    if not edits:
        return Patched(content)
    return locating(content, context.part, lambda locator: _Patch(content, locator, context).run(edits))


class _Patch:
    """One run over one sheet."""

    def __init__(self, content: bytes, locator: Locator, context: SheetContext) -> None:
        self.content = content
        self.locator = locator
        self.context = context
        self.splices: list[tuple[int, int, bytes]] = []
        self.written: set[tuple[int, int]] = set()
        self.rows_added = 0
        self.formulas = False
        tail = content[locator.data.end :]
        self.merged = tuple(filter(None, (parse_area(ref.decode("latin-1")) for ref in _MERGE.findall(tail))))
        self._spread: tuple[Area, ...] | None = None
        self._above: dict[int, bytes | None] | None = None
        self._of_columns: dict[int, bytes | None] = {}
        self._above_row = LAST_ROW

    def run(self, edits: CellEdits) -> Patched:
        by_row: dict[int, dict[int, CellValue]] = {}
        for (row, column), value in edits.items():
            by_row.setdefault(row, {})[column] = value
        added: dict[int, list[bytes]] = {}
        for number in sorted(by_row):
            place, offset = self.locator.row(number)
            if place is not None:
                self._edit_row(place, by_row[number])
            elif new := self._new_row(number, by_row[number]):
                added.setdefault(offset, []).append(new)
        for offset, rows in added.items():
            self._insert_rows(offset, b"".join(rows))
        self._grow_dimension()
        return Patched(spliced(self.content, self.splices), frozenset(self.written), self.rows_added, self.formulas)

    def _edit_row(self, row: Place, cells: Mapping[int, CellValue]) -> None:
        columns = sorted(cells)
        places = {column: self.locator.cell(row, column) for column in columns} if len(columns) < FEW else {}
        if None in places.values() or not places:  # the row is taken apart only where it must be
            existing = self.locator.cells(row)
            places = {cell.number: cell for cell in existing}
        else:
            existing = []
        new: dict[int, list[bytes]] = {}
        for column in columns:
            place = places.get(column)
            if place is not None:
                self._edit_cell(row, place, cells[column])
            elif (element := self._new_cell(row.number, column, cells[column], row)) is not None:
                after = next((cell.start for cell in existing if cell.number > column), row.close)
                new.setdefault(after, []).append(element)
        if new:
            self._add_cells(row, new, [column for column in cells if (row.number, column) in self.written])

    def _add_cells(self, row: Place, new: Mapping[int, list[bytes]], written: Collection[int]) -> None:
        tag = tag_of(self.content, row)
        changed = self._widened(tag, max(written), min(written))
        if row.body == row.end:  # <row/> must be opened
            inner = b"".join(b"".join(elements) for elements in new.values())
            opened = changed.removesuffix(b"/>").rstrip() + b">"
            self.splices.append((row.start, row.end, opened + inner + b"</" + self.locator.prefix + b"row>"))
            return
        if changed != tag:
            self.splices.append((row.start, row.body, changed))
        for offset, elements in new.items():
            self.splices.append((offset, offset, b"".join(elements)))

    def _widened(self, tag: bytes, last: int, first: int) -> bytes:
        """The row's start tag with `spans` over the new cells; `spans` is a hint, but a wrong one misleads."""
        spans = attributes_of(tag).get(b"spans")
        if spans is None:
            return tag
        edges = [int(edge) for edge in re.findall(rb"\d+", spans)]
        if not edges or (min(edges) <= first and max(edges) >= last):
            return tag
        return with_attribute(tag, b"spans", b"%d:%d" % (min([*edges, first]), max([*edges, last])))

    def _edit_cell(self, row: Place, cell: Place, value: CellValue) -> None:
        element = self.content[cell.start : cell.end]
        tag = tag_of(self.content, cell)
        present = self.context.value_at(element, tag, row.number, cell.number)
        value = "" if value is None else value
        if _unchanged(present, value, self.context.date1904):
            return
        self._check_target(row.number, cell.number, element)
        style = style_of(self.content, cell)
        reference = f"{column_letters(cell.number)}{row.number}"
        new = encode_cell(self.locator.prefix, reference, style, value, self.context.date1904)
        if value == "" and style is None and self.locator.numbered:
            self.locator.cells(row)  # which looks whether they are numbered
            new = b""
        self.splices.append((cell.start, cell.end, new))
        self.written.add((row.number, cell.number))
        self.formulas |= isinstance(value, Formula) or isinstance(present, Formula)

    def _check_target(self, row: int, column: int, element: bytes = b"") -> None:
        place = Address(self.context.tab, row, column)
        if _FORMULA.search(element):
            if (row, column) not in self.context.overwrite:
                raise WriteRefused(f"{place}: a formula stands there").told("error.cell.formula", place=place)
            kinds = [attributes_of(tag) for tag in re.findall(rb"<(?:[\w.-]+:)?f\s[^>]*>", element)]
            if any(b"ref" in kind for kind in kinds):
                raise WriteRefused(f"{place}: the formula there is shared with other cells").told(
                    "error.cell.shared", place=place
                )
        for area in self.merged:
            if _inside(area, row, column) and (row, column) != area[:2]:
                raise WriteRefused(f"{place}: the cell is hidden by a merged area").told(
                    "error.cell.merged", place=place
                )
        for area in self.context.headers:
            if _inside(area, row, column):
                raise WriteRefused(f"{place}: the header of a table; rename it in the spreadsheet program").told(
                    "error.cell.header", place=place
                )
        if any(_inside(area, row, column) for area in self.spread):
            raise WriteRefused(f"{place}: the cell belongs to an array formula").told("error.cell.array", place=place)

    @property
    def spread(self) -> tuple[Area, ...]:
        """Areas of array formulas and data tables."""
        if self._spread is None:
            found: list[Area] = []
            if self.context.formulas and (b"array" in self.content or b"dataTable" in self.content):
                for tag in _SPREAD.findall(self.content):
                    area = parse_area(attributes_of(tag).get(b"ref", b"").decode("latin-1"))
                    found += [area] if area else []
            self._spread = tuple(found)
        return self._spread

    def _new_cell(self, row: int, column: int, value: CellValue, place: Place | None) -> bytes | None:
        if value is None or value == "":
            return None
        self._check_target(row, column)
        style = self._new_style(row, column, place)
        self.written.add((row, column))
        self.formulas |= isinstance(value, Formula)
        reference = f"{column_letters(column)}{row}"
        return encode_cell(self.locator.prefix, reference, style, value, self.context.date1904)

    def _new_row(self, number: int, cells: Mapping[int, CellValue]) -> bytes:
        made = [self._new_cell(number, column, cells[column], None) for column in sorted(cells)]
        body = b"".join(element for element in made if element is not None)
        if not body:
            return b""
        self.rows_added += 1
        prefix = self.locator.prefix
        return b"<" + prefix + b'row r="%d">' % number + body + b"</" + prefix + b"row>"

    def _insert_rows(self, offset: int, rows: bytes) -> None:
        data = self.locator.data
        if data.body == data.end:  # <sheetData/> must be opened
            opened = tag_of(self.content, data).removesuffix(b"/>").rstrip() + b">"
            closing = b"</" + self.locator.prefix + b"sheetData>"
            self.splices.append((data.start, data.end, opened + rows + closing))
        else:
            self.splices.append((offset, offset, rows))

    def _new_style(self, row: int, column: int, place: Place | None) -> bytes | None:
        """As asked for; of the row above when the row is appended; else of the row, else of the column."""
        if (row, column) in self.context.styles:
            return b"%d" % self.context.styles[row, column]
        above = self._styles_above(row)
        if column in above:
            return above[column]
        if place is not None:
            attributes = attributes_of(tag_of(self.content, place))
            if attributes.get(b"customFormat") in (b"1", b"true"):
                return attributes.get(b"s")
        if column not in self._of_columns:
            self._of_columns[column] = next(
                (style for first, last, style in self._columns if first <= column <= last), None
            )
        return self._of_columns[column]

    @cached_property
    def _columns(self) -> list[tuple[int, int, bytes | None]]:
        """Which style the sheet gives to new cells of which columns."""
        listed = map(attributes_of, _COLUMN.findall(self.content[: self.locator.data.start]))
        return [(int(each.get(b"min", b"0")), int(each.get(b"max", b"0")), each.get(b"style")) for each in listed]

    def _styles_above(self, row: int) -> dict[int, bytes | None]:
        """Styles of the last row of the data for a row after it; of a header row, which is the first, none."""
        if self._above is None:
            last = self.locator.last_row()
            if self.context.last_row is not None:
                last = self.locator.row(self.context.last_row)[0]
            first = self.locator.first_row()
            self._above_row = last.number if last else LAST_ROW
            usable = last is not None and first is not None and first.number < last.number
            cells = self.locator.cells(last) if last is not None and usable else []
            self._above = {cell.number: style_of(self.content, cell) for cell in cells}
        return self._above if row > self._above_row else {}

    def _grow_dimension(self) -> None:
        tag = _DIMENSION.search(self.content, 0, self.locator.data.start)
        if tag is None or not self.written:
            return
        area = parse_area(attributes_of(tag[0]).get(b"ref", b"").decode("latin-1"))
        if area is None:
            return
        rows = [area[0], area[2], *(row for row, _ in self.written)]
        columns = [area[1], area[3], *(column for _, column in self.written)]
        grown = (min(rows), min(columns), max(rows), max(columns))
        if grown != area:
            self.splices.append((tag.start(), tag.end(), with_attribute(tag[0], b"ref", area_text(grown).encode())))


def area_text(area: Area) -> str:
    """An area as `B2:C9`, or `B2` when it is one cell."""
    first = f"{column_letters(area[1])}{area[0]}"
    last = f"{column_letters(area[3])}{area[2]}"
    return first if first == last else f"{first}:{last}"


def _inside(area: Area, row: int, column: int) -> bool:
    return area[0] <= row <= area[2] and area[1] <= column <= area[3]


def _unchanged(present: CellValue, value: CellValue, date1904: bool) -> bool:
    if isinstance(present, Formula):
        return isinstance(value, Formula) and value.text == present.text and value.text != ""
    if isinstance(value, Formula):
        return False
    try:
        number = stored_number(value, date1904)
    except (ValueError, OverflowError):
        return False
    return same_value(present, value if number is None else number)


def spliced(content: bytes, splices: Collection[tuple[int, int, bytes]]) -> bytes:
    """The content with pieces of it, given as (start, end, what stands there instead), exchanged."""
    if not splices:
        return content
    view = memoryview(content)
    pieces: list[bytes | memoryview] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        pieces += (view[position:start], new)
        position = end
    pieces.append(view[position:])
    return b"".join(pieces)
