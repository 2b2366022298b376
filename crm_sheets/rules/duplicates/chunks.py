"""Customers as columns of cells, some thousands at once: of rows, and of a CSV.

A million rows of a CSV have eight million cells; so blocks of whole records are cut all at once, without an object for
each cell. From the first block on in which not every record has as many fields as the header, or quotation marks stand
elsewhere than round a field, the csv module reads what is left, at twice the cost.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias

from crm_sheets.rules.duplicates.spans import Spans, gathered, none_of, plain_parts, plain_spans, spans_of
from crm_sheets.rules.duplicates.text import SEPARATOR, codes_of, folds_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Numbers
    from crm_sheets.rules.duplicates.text import Codes

    Flags: TypeAlias = NDArray[np.bool_]

Chunk: TypeAlias = tuple[Spans, ...]
"""Some customers: their keys as they are, the other columns plain."""
CHUNK, BLOCK = 16_384, 1 << 21
"""How many customers, or bytes of them, are taken apart at once."""
_COMMA, _LINE, _RETURN, _QUOTE = b',\n\r"'
_LIKE_ASCII = frozenset({"utf-8", "utf-8-sig", "gb18030"})
"""Encodings in which the bytes of commas, line ends and quotation marks are never a part of something else."""


class _Fields(NamedTuple):
    """Where the fields of records stand: a row for each record, a column for each field."""

    first: "Numbers"
    end: "Numbers"


def chunks_of_csv(file: BinaryIO, encoding: str, columns: Sequence[str]) -> Iterator[Chunk]:
    """The customers of a CSV.

    Args:
        file: at its beginning; it can seek.
        encoding: of all of the file, as `codecs` calls it.
        columns: which are wanted, that of the keys first; one that the header does not name is empty.

    Raises:
        csv.Error: of records that the csv module refuses.
        UnicodeDecodeError: it is not of that encoding.
    """
    header = file.readline()
    if encoding not in _LIKE_ASCII or header.count(_QUOTE) % 2 or _RETURN in header.rstrip(b"\r\n"):
        with _rows_from(file, 0, encoding) as rows:
            yield from _by_rows(rows, _places(next(rows, []), columns))
        return
    names = next(csv.reader([header.decode(encoding)]), [])
    places = _places(names, columns)
    encoding = _without_mark(encoding)
    position, rest = file.tell(), b""
    while block := rest + (more := file.read(BLOCK)):
        if not more and not block.endswith(b"\n"):
            block += b"\n"
        size = _whole_records(block)
        codes = codes_of(block[:size].decode(encoding))
        fields = _fields(codes, len(names)) if size and names and SEPARATOR.encode() not in block else None
        if fields is None:
            with _rows_from(file, position, encoding) as rows:
                yield from _by_rows(rows, places)
            return
        yield _cut(codes, fields, places)
        position, rest = position + size, block[size:]


def chunks_of_rows(rows: Iterable[Sequence[str | None]]) -> Iterator[Chunk]:
    """The same of customers as tuples of cells, all with as many."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        key, *typed = zip(*chunk, strict=True)
        yield (
            spans_of([cell or "" for cell in key]),
            *(plain_spans(cells) if any(cells) else none_of(len(cells)) for cells in typed),
        )


def _places(names: Sequence[str], columns: Sequence[str]) -> list[int | None]:
    """Where each wanted column stands."""
    return [names.index(column) if column in names else None for column in columns]


@contextmanager
def _rows_from(file: BinaryIO, position: int, encoding: str) -> Iterator[Iterator[list[str]]]:
    """What the csv module reads from a position on."""
    file.seek(position)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield csv.reader(text)
    finally:
        text.detach()  # the file is not ours to close


def _without_mark(encoding: str) -> str:
    """The encoding where no byte order mark comes any more."""
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _whole_records(block: bytes) -> int:
    """How many bytes a block has up to the end of its last record; 0 where none ends."""
    end, quotes = len(block), block.count(_QUOTE)
    while line := block.rfind(b"\n", 0, end) + 1:
        quotes -= block.count(_QUOTE, line, end)
        if quotes % 2 == 0:
            return line
        end = line - 1
    return 0


def _fields(codes: "Codes", width: int) -> _Fields | None:
    """The fields of whole records; None where these are not regular."""
    import numpy as np

    small = np.flatnonzero(codes <= _COMMA)  # all four signs, and few others
    signs = codes[small]
    quotes, returns = (small[signs == sign] for sign in (_QUOTE, _RETURN))
    ends = small[(signs == _COMMA) | (signs == _LINE)]
    if len(quotes):
        ends = ends[_outside(quotes, ends)]
    if len(ends) % width:
        return None
    is_line = (codes[ends] == _LINE).reshape(-1, width)
    if is_line[:, :-1].any() or not is_line[:, -1].all():
        return None
    first = np.empty_like(ends)
    first[:1] = 0
    first[1:] = ends[:-1] + 1
    end = ends.copy()
    if len(returns):
        last = end.reshape(-1, width)[:, -1]
        before = codes[last - 1] == _RETURN
        last -= before
        if np.count_nonzero(_outside(quotes, returns)) != np.count_nonzero(before):
            return None
    if len(quotes):
        quoted = codes[first] == _QUOTE
        if len(quotes) != 2 * np.count_nonzero(quoted) or (codes[end[quoted] - 1] != _QUOTE).any():
            return None
        first += quoted
        end -= quoted
    return _Fields(first.reshape(-1, width), end.reshape(-1, width))


def _outside(quotes: "Numbers", places: "Numbers") -> "Flags":
    """Which places, in their order, are not within quotation marks: those have an odd number of them before."""
    import numpy as np

    before = np.bincount(np.searchsorted(places, quotes), minlength=len(places) + 1)[:-1]
    found: Flags = np.cumsum(before) & 1 == 0
    return found


def _cut(codes: "Codes", fields: _Fields, places: Sequence[int | None]) -> Chunk:
    count = len(fields.first)
    folds = folds_of(codes)

    def cells(place: int) -> Spans:
        return Spans(codes, fields.first[:, place], fields.end[:, place])

    key, *typed = (none_of(count) if place is None else cells(place) for place in places)
    return (
        gathered(key.codes, key.first, key.end),
        *(plain_parts(column, folds) if (column.end > column.first).any() else none_of(count) for column in typed),
    )


def _by_rows(rows: Iterator[list[str]], places: Sequence[int | None]) -> Iterator[Chunk]:
    """What the csv module reads; cells that a short row lacks are empty."""
    return chunks_of_rows(
        tuple("" if place is None or place >= len(row) else row[place] for place in places) for row in rows if row
    )
