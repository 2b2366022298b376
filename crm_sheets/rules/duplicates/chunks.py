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

from crm_sheets.rules.duplicates.spans import Spans, gathered, none_of, plain_joined, plain_spans, spans_of
from crm_sheets.rules.duplicates.text import SEPARATOR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Numbers

    Bytes: TypeAlias = NDArray[np.uint8]
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
    position, rest = file.tell(), b""
    while block := rest + (more := file.read(BLOCK)):
        if not more and not block.endswith(b"\n"):
            block += b"\n"
        data, ends = _ends(block)
        size = int(ends[-1]) + 1 if len(ends) else 0
        fields = _fields(data[:size], ends, len(names)) if names and SEPARATOR.encode() not in block else None
        if fields is None or not size:
            with _rows_from(file, position, _without_mark(encoding)) as rows:
                yield from _by_rows(rows, places)
            return
        yield _cut(data, fields, encoding, places)
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


def _ends(block: bytes) -> tuple["Bytes", "Numbers"]:
    """A block and where its fields end, up to the end of its last record."""
    import numpy as np

    data = np.frombuffer(block, np.uint8)
    separates = (data == _COMMA) | (data == _LINE)
    ends = np.flatnonzero(separates)
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes):
        ends = ends[_outside(quotes, ends)]
    lines = np.flatnonzero(data[ends] == _LINE)
    return data, ends[: lines[-1] + 1 if len(lines) else 0]


def _outside(quotes: "Numbers", places: "Numbers") -> "Flags":
    """Which places are not within quotation marks: those have an odd number of them before."""
    import numpy as np

    found: Flags = np.searchsorted(quotes, places) & 1 == 0
    return found


def _fields(data: "Bytes", ends: "Numbers", width: int) -> _Fields | None:
    """The fields of a block; None where it is not regular."""
    import numpy as np

    if len(ends) % width:
        return None
    is_line = (data[ends] == _LINE).reshape(-1, width)
    if is_line[:, :-1].any() or not is_line[:, -1].all():
        return None
    first = np.empty_like(ends)
    first[:1] = 0
    first[1:] = ends[:-1] + 1
    end = ends.copy()
    quotes, returns = (np.flatnonzero(data == sign) for sign in (_QUOTE, _RETURN))
    if len(returns):
        last = end.reshape(-1, width)[:, -1]
        before = data[last - 1] == _RETURN
        last -= before
        if np.count_nonzero(_outside(quotes, returns)) != np.count_nonzero(before):
            return None
    if len(quotes):
        quoted = data[first] == _QUOTE
        if len(quotes) != 2 * np.count_nonzero(quoted) or (data[end[quoted] - 1] != _QUOTE).any():
            return None
        first += quoted
        end -= quoted
    return _Fields(first.reshape(-1, width), end.reshape(-1, width))


def _cut(data: "Bytes", fields: _Fields, encoding: str, places: Sequence[int | None]) -> Chunk:
    count = len(fields.first)

    def joined(place: int) -> str:
        return gathered(data, fields.first[:, place], fields.end[:, place]).codes.tobytes().decode(encoding)

    key, *typed = [SEPARATOR * count if place is None else joined(place) for place in places]
    return (
        spans_of(key.split(SEPARATOR)[:-1]),
        *(plain_joined(text) if len(text) > count else none_of(count) for text in typed),
    )


def _by_rows(rows: Iterator[list[str]], places: Sequence[int | None]) -> Iterator[Chunk]:
    """What the csv module reads; cells that a short row lacks are empty."""
    return chunks_of_rows(
        tuple("" if place is None or place >= len(row) else row[place] for place in places) for row in rows if row
    )
