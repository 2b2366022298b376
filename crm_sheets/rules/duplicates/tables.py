"""Customers of a CSV file as columns of cells: rows are not made, and the csv module reads only what is quoted."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

FILE_COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code", "id_number")
"""What a file may say of a customer, in the order of `Cells`."""
_QUOTE, _COMMA, _ROW_END = '"', ",", "\n"


def columns_in(lines: Iterable[str], count: int) -> Iterator[Sequence[Sequence[str]]]:
    """The columns of FILE_COLUMNS of so many rows at a time; those that the file has not are of empty cells.

    Args:
        lines: of a CSV file with a header, with their ends, as a file opened with `newline=""` gives them.
        count: of rows, in all but the last piece.
    """
    left = iter(lines)
    header = next(csv.reader(left), [])
    places = [header.index(name) if name in header else None for name in FILE_COLUMNS]
    while True:
        some = list(islice(left, count))
        columns = _split(some, len(header)) if some else []
        if columns is None:
            columns = _parsed(chain(some, left), len(header), count)  # a row may go on in a later line
        if not columns:
            return
        none = ("",) * len(columns[0])
        yield [none if place is None else columns[place] for place in places]


def _split(lines: Sequence[str], width: int) -> list[Sequence[str]] | None:
    """The columns of lines that are a row each, with all cells and none quoted; None where it is not so."""
    text = "".join(lines)
    if "\r" in text:
        text = text.replace("\r\n", _ROW_END)
    if _QUOTE in text or "\r" in text:
        return None
    if not text.endswith(_ROW_END):
        text += _ROW_END
    if text.count(_ROW_END) != len(lines) or text.count(_COMMA) != len(lines) * (width - 1):
        return None
    cells = text.replace(_ROW_END, f"{_COMMA}{_ROW_END}{_COMMA}").split(_COMMA)
    del cells[-1]
    if cells[width :: width + 1].count(_ROW_END) != len(lines):  # some rows are longer and others shorter
        return None
    columns: list[Sequence[str]] = [cells[at :: width + 1] for at in range(width)]
    return None if width == 1 and "" in columns[0] else columns


def _parsed(lines: Iterator[str], width: int, count: int) -> list[Sequence[str]]:
    """The columns of the next rows, however they are written."""
    rows = list(islice(filter(None, csv.reader(lines)), count))
    if not rows:
        return []
    columns: list[Sequence[str]] = list(zip_longest(*rows, ("",) * width, fillvalue=""))
    return [column[:-1] for column in columns[:width]]
