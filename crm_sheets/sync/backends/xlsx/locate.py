"""Where the rows and cells of a sheet part stand, as byte offsets.

Two ways with one result: a search for bytes where every row carries its number in the usual markup, and a pass of the
XML parser (which tells the offset of each event) for everything else.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, TypeVar

from crm_sheets.cells import column_letters
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.markup import MAIN, attributes_of, has_declarations, is_utf8, new_parser, parse
from crm_sheets.sync.backends.xlsx.rows_general import letters_to_number

T = TypeVar("T")
_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_ROW_TAG = re.compile(rb'<row r="(\d{1,7})"(?: [\w:]+="[^"<>]*")*\s*/?>')
_CELL = re.compile(rb'\s*(<c((?: [\w:]+="[^"<>]*")+)\s*/?>)')
_USUAL_CELL = re.compile(rb'(<c r="([A-Z]{1,3})(\d{1,7})"(?: [\w:]+="[^"<>]*")*\s*(/?)>)')
_CELL_REFERENCE = re.compile(rb' r="([A-Z]{1,3})(\d{1,7})"')
_CELL_END = b"</c>"
_MARK = b'<row r="'


@dataclass(frozen=True, slots=True)
class Place:
    """An element: of a row `number` is the row, of a cell the column; of the element that holds all rows it is 0.

    Attributes:
        start: of the start tag.
        body: just after the start tag.
        close: of the end tag; equal to `body` and `end` where the element closes itself.
        end: just after the element.
    """

    number: int
    start: int
    body: int
    close: int
    end: int


class Locator(Protocol):
    """Finds rows and cells."""

    prefix: bytes
    data: Place
    numbered: bool
    """Whether each row and cell says where it is: where one does not, none before it may be taken out."""

    def row(self, number: int) -> tuple[Place | None, int]:
        """The row, or None and the offset where it would stand."""

    def last_row(self) -> Place | None:
        """The last row of the sheet."""

    def first_row(self) -> Place | None:
        """The first row of the sheet."""

    def cells(self, row: Place) -> list[Place]:
        """The cells of a row, in its order."""

    def cell(self, row: Place, column: int) -> Place | None:
        """One cell of a row."""


class NotUsual(Exception):
    """The markup is not what the byte search knows."""


def locating(content: bytes, part: str, use: Callable[["Locator"], T]) -> T:
    """Call `use` with a locator for a sheet part: the quick one, and where that gives up, the thorough one.

    Raises:
        WriteRefused: the part is not UTF-8, has no rows element, or its rows are not in order.
        WorkbookUnreadable: it is not well-formed.
    """
    if not is_utf8(content):
        raise WriteRefused(f"{part}: written in an encoding other than UTF-8; save it once in Excel or LibreOffice")
    try:
        return use(ByteLocator(content))
    except NotUsual:
        return use(ParsedLocator(content, part))


class ByteLocator:
    """By searching: costs the size of what is looked for, not of the sheet."""

    prefix = b""
    numbered = True

    def __init__(self, content: bytes) -> None:
        start = content.find(b"<sheetData>")
        close = content.rfind(b"</sheetData>")
        if start < 0 or close < start or has_declarations(content) or b"<worksheet" not in content[:start]:
            raise NotUsual
        body = start + len(b"<sheetData>")
        self._content = content
        self._ordered = False
        self._next = start
        self.data = Place(0, start, body, close, close + len(b"</sheetData>"))

    def row(self, number: int) -> tuple[Place | None, int]:
        """The row, or None and the offset where it would stand."""
        if self._content.startswith(b'%s%d"' % (_MARK, number), self._next):  # rows are asked for one after the other
            following = self._place(self._next)
            self._next = following.end
            return following, following.start
        low, high = self.data.body, self.data.close
        while high - low > 2048:
            middle = (low + high) // 2
            found = self._content.find(_MARK, middle, high)
            if found >= 0 and self._number(found) <= number:
                low = found
            else:
                high = middle
        place = self._content.find(_MARK, low, self.data.close)
        while place >= 0:
            here = self._number(place)
            if here == number:
                it = self._place(place)
                self._next = it.end
                return it, place
            if here > number:
                break
            place = self._content.find(_MARK, place + 1, self.data.close)
        self._check_order()
        return None, place if place >= 0 else self.data.close

    def _check_order(self) -> None:
        """A row that was not found is missing only if all rows have a number and are in order; asked once."""
        if self._ordered:
            return
        data = self.data
        if self._content.count(b"<row", data.body, data.close) != self._content.count(_MARK, data.body, data.close):
            raise NotUsual
        last, place = 0, self._content.find(_MARK, self.data.body, self.data.close)
        while place >= 0:
            number = self._number(place)
            if number <= last:
                raise NotUsual
            last, place = number, self._content.find(_MARK, place + 1, self.data.close)
        self._ordered = True

    def first_row(self) -> Place | None:
        """The first row of the sheet."""
        place = self._content.find(_MARK, self.data.body, self.data.close)
        return self._place(place) if place >= 0 else None

    def last_row(self) -> Place | None:
        """The last row of the sheet."""
        place = self._content.rfind(_MARK, self.data.body, self.data.close)
        return self._place(place) if place >= 0 else None

    def _number(self, place: int) -> int:
        begin = place + len(_MARK)
        return int(self._content[begin : self._content.index(b'"', begin)])

    def _place(self, start: int) -> Place:
        tag = _ROW_TAG.match(self._content, start)
        if tag is None:
            raise NotUsual
        number, body = int(tag[1]), tag.end()
        if self._content[body - 2 : body] == b"/>":
            return Place(number, start, body, body, body)
        close = self._content.index(b"</row>", body)
        return Place(number, start, body, close, close + len(b"</row>"))

    def cells(self, row: Place) -> list[Place]:
        """The cells of a row, in its order."""
        content, found, number = self._content, [], b"%d" % row.number
        position = row.body
        while match := (_USUAL_CELL.match(content, position, row.close) or _CELL.match(content, position, row.close)):
            if match.re is _USUAL_CELL:
                letters, named, empty = match[2], match[3], match[4]
            else:
                reference = _CELL_REFERENCE.search(match[2])
                if reference is None:
                    raise NotUsual
                letters, named, empty = reference[1], reference[2], match[1].endswith(b"/>")
            if named != number:
                raise NotUsual
            start, body = match.span(1)
            close = position = body
            if not empty:
                close = content.find(_CELL_END, body, row.close)
                position = close + len(_CELL_END)
            if close < 0:
                raise NotUsual
            found.append(Place(_column(letters), start, body, close, position))
        if self._content[position : row.close].strip():
            raise NotUsual
        return found

    def cell(self, row: Place, column: int) -> Place | None:
        """One cell of a row: found by its reference, which as markup can stand in no text."""
        reference = b'<c r="%s%d"' % (column_letters(column).encode(), row.number)
        match = _CELL.match(self._content, self._content.find(reference, row.body, row.close), row.close)
        twice = match is not None and self._content.find(reference, match.end(), row.close) >= 0
        if match is None or twice or match.start(1) < row.body:
            return _among(self.cells(row), column)
        start, body = match.span(1)
        if match[1].endswith(b"/>"):
            return Place(column, start, body, body, body)
        close = self._content.find(_CELL_END, body, row.close)
        if close < 0:
            raise NotUsual
        return Place(column, start, body, close, close + len(_CELL_END))


@cache  # of the letters of 16,384 columns at most
def _column(letters: bytes) -> int:
    return letters_to_number(letters.decode())


@dataclass(slots=True)
class _Open:
    number: int
    start: int
    body: int
    closes_itself: bool
    cells: list[Place] = field(default_factory=list)


class ParsedLocator:
    """By the XML parser: every row and cell of the sheet is noted once."""

    def __init__(self, content: bytes, part: str) -> None:
        self._content = content
        self._parser = new_parser(part)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._stack: list[_Open] = []
        self._rows: dict[int, Place] = {}
        self._cells: dict[int, list[Place]] = {}
        self._row = self._column = 0
        self.prefix = b""
        self.numbered = True
        self.data = Place(0, -1, -1, -1, -1)
        parse(self._parser, content, part)
        if self.data.start < 0:
            raise WriteRefused(f"{part}: it has no rows element")
        self._numbers = sorted(self._rows)
        if [place.start for place in map(self._rows.__getitem__, self._numbers)] != sorted(
            place.start for place in self._rows.values()
        ):
            raise WriteRefused(f"{part}: its rows are not in order; save it once in Excel or LibreOffice")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in MAIN or local not in ("sheetData", "row", "c"):
            return
        start = self._parser.CurrentByteIndex
        tag = _TAG.match(self._content, start)
        if tag is None:
            raise WriteRefused(f"the tag at byte {start} is marked up in an unknown way")
        number = 0
        self.numbered &= local == "sheetData" or "r" in attributes
        if local == "row":
            self._row = number = int(attributes["r"]) if attributes.get("r", "").isdigit() else self._row + 1
            self._column = 0
        elif local == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            self._column = number = letters_to_number(letters) if letters else self._column + 1
        else:
            self.prefix = tag[0][1:].partition(b"sheetData")[0]
        self._stack.append(_Open(number, start, tag.end(), tag[0].endswith(b"/>")))

    def _end(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in MAIN or local not in ("sheetData", "row", "c"):
            return
        opened = self._stack.pop()
        close = end = opened.body
        if not opened.closes_itself:
            close = self._parser.CurrentByteIndex
            end = self._content.index(b">", close) + 1
        place = Place(opened.number, opened.start, opened.body, close, end)
        if local == "c":
            self._stack[-1].cells.append(place)
        elif local == "row":
            self._rows[opened.number] = place
            self._cells[opened.number] = opened.cells
        else:
            self.data = place

    def row(self, number: int) -> tuple[Place | None, int]:
        """The row, or None and the offset where it would stand."""
        if number in self._rows:
            return self._rows[number], self._rows[number].start
        index = bisect_left(self._numbers, number)
        if index < len(self._numbers):
            return None, self._rows[self._numbers[index]].start
        return None, self._rows[self._numbers[-1]].end if self._numbers else self.data.close

    def first_row(self) -> Place | None:
        """The first row of the sheet."""
        return self._rows[self._numbers[0]] if self._numbers else None

    def last_row(self) -> Place | None:
        """The last row of the sheet."""
        return self._rows[self._numbers[-1]] if self._numbers else None

    def cells(self, row: Place) -> list[Place]:
        """The cells of a row, in its order."""
        return self._cells[row.number]

    def cell(self, row: Place, column: int) -> Place | None:
        """One cell of a row."""
        return _among(self._cells[row.number], column)


def _among(cells: Iterable[Place], column: int) -> Place | None:
    """The cell of a column; the last one where there are two of it."""
    return {cell.number: cell for cell in cells}.get(column)


def tag_of(content: bytes, place: Place) -> bytes:
    """The start tag of an element."""
    return content[place.start : place.body]


def style_of(content: bytes, place: Place) -> bytes | None:
    """The attribute `s` of a cell or row."""
    return attributes_of(tag_of(content, place)).get(b"s")
