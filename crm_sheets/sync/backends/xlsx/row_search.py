"""Some rows of a sheet by a text in one of their cells, without reading the others.

What must be written into a workbook that nobody has touched stands in a few rows, which are known by their hidden keys.
Taking all rows apart to find them would cost more than writing them.
"""

from collections.abc import Collection, Iterator
from typing import TypeAlias

from crm_sheets.sync.backends.xlsx.markup import has_declarations
from crm_sheets.sync.backends.xlsx.package import Package, SheetPart
from crm_sheets.sync.backends.xlsx.row_plans import NotTiled
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet, row_spans, span_of
from crm_sheets.sync.backends.xlsx.strings import LazyStrings
from crm_sheets.tables import Sheet

MOST_TEXTS = 16
"""Each costs a search through the whole sheet; for more of them, all rows are read."""

_MOST_BLANK = 50
"""Rows at the end that may be blank, with nothing but formats in them."""


def rows_with(package: Package, sheet: SheetPart, content: bytes, texts: Collection[str], head: int) -> Sheet | None:
    """A sheet with the rows that have a cell with one of `texts`, its first rows and its last.

    Args:
        package: the workbook.
        sheet: its tab, and `content` what its part holds.
        texts: each of ASCII letters and digits.
        head: up to which row number all rows are given.

    Returns:
        None where that cannot be done: a text stands nowhere, or the sheet is marked up in a way that only the reader
        of all rows knows.
    """
    span = span_of(content)
    if span is None or len(texts) > MOST_TEXTS:
        return None
    _, start, stop = span
    found = {last} if (last := _last_row(content, start, stop)) is not None else set()
    for text in texts:
        rows = set(_rows_around(content, start, stop, _places(package, content, text)))
        if not rows or not found:
            return None
        found |= rows
    try:
        found |= set(_first_rows(content, start, stop, head))
        (end, _, _), *_ = row_spans(content, *max(found))
    except (NotTiled, ValueError):
        return None
    pieces = b"".join(content[begin:end] for begin, end in sorted(found))
    strings = LazyStrings(lambda: package.read(package.shared_strings or ""), f"{package.name}: shared strings")
    part = f"{package.name}: {sheet.part}"
    read = read_sheet(content[:start] + pieces + content[stop:], strings, package.date1904, part)
    if not read.rows or read.rows[-1].number != end:  # whoever appends rows must know where the last one is
        return None
    return Sheet(sheet.name, read.rows, tuple(read.merged), sheet.kind, sheet.hidden)


_Span: TypeAlias = tuple[int, int]
"""Where a row begins and where it ends."""


def _first_rows(content: bytes, start: int, stop: int, head: int) -> Iterator[_Span]:
    """The rows up to a number."""
    for number, begin, end in row_spans(content, start, stop):
        if number > head:
            return
        yield content.rfind(b"<row ", begin, end), end


def _last_row(content: bytes, start: int, stop: int) -> _Span | None:
    """The last row that holds a value."""
    end = stop
    for _ in range(_MOST_BLANK):
        close = content.rfind(b"</row>", start, end)
        begin = content.rfind(b"<row ", start, close)
        if begin < 0:
            return None
        if content.find(b"<v", begin, close) >= 0 or content.find(b"<t", begin, close) >= 0:
            return begin, close + len(b"</row>")
        end = begin
    return None


def _places(package: Package, content: bytes, text: str) -> Iterator[int]:
    """Where cells stand that hold a text, or perhaps a number instead: its place among the shared strings."""
    yield from _all(content, b">" + text.encode("ascii") + b"<")
    if package.shared_strings is None:
        return
    strings = package.read(package.shared_strings)
    if has_declarations(strings):
        return
    for place in _all(strings, b">" + text.encode("ascii") + b"<"):
        index = strings.count(b"<si", 0, place) - 1
        yield from _all(content, b"><v>%d</v>" % index)


def _all(content: bytes, what: bytes) -> Iterator[int]:
    place = content.find(what)
    while place >= 0:
        yield place
        place = content.find(what, place + 1)


def _rows_around(content: bytes, start: int, stop: int, places: Iterator[int]) -> Iterator[_Span]:
    for place in places:
        begin, close = content.rfind(b"<row ", start, place), content.find(b"</row>", place, stop)
        if begin >= 0 and close >= 0:
            yield begin, close + len(b"</row>")
