"""The whole book searched at once."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import BinaryIO

from crm_sheets.rules.duplicates.candidates import candidates, gathered
from crm_sheets.rules.duplicates.chunks import Chunk, chunks_of_csv, chunks_of_rows
from crm_sheets.rules.duplicates.columns import Cells, Columns, columns_of, columns_of_chunks
from crm_sheets.rules.duplicates.compare import compare
from crm_sheets.rules.duplicates.found import Pairs, pairs_found
from crm_sheets.rules.duplicates.glances import glances_of
from crm_sheets.rules.duplicates.index import keys_of
from crm_sheets.rules.duplicates.links import Links, joined, links_of
from crm_sheets.rules.duplicates.subjects import Pair, Subject

CSV_COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code", "id_number")


def find_links(subjects: Iterable[Subject]) -> list[Pair]:
    """All pairs with a score, also faint ones, ordered by key: what groups are made from."""
    return links_and_keys(subject.cells for subject in subjects)[0]


def links_and_keys(customers: Iterable[Cells]) -> tuple[list[Pair], dict[str, tuple[int, ...]]]:
    """`find_links`, and the keys of each customer in the index."""
    with _without_collector():
        columns = columns_of(customers)
        return sorted(_links(columns).pairs(columns), key=itemgetter(0, 1)), keys_of(columns)


def find_pairs(subjects: Iterable[Subject]) -> list[Pair]:
    """The pairs that seem to be duplicates: all within groups, ordered by key."""
    return sorted(pairs_among(subject.cells for subject in subjects), key=itemgetter(0, 1))


def pairs_among(customers: Iterable[Cells]) -> Pairs:
    """`find_pairs` for customers as tuples of cells, of which only a few at a time are held."""
    return _pairs_among(chunks_of_rows(customers))


def pairs_in_csv(file: BinaryIO, encoding: str) -> Pairs:
    """`find_pairs` for a CSV with columns CSV_COLUMNS, in any order; `row_id` is what pairs are told by.

    Args:
        file: at its beginning; it can seek.
        encoding: of all of the file, as `codecs` calls it.

    Raises:
        csv.Error: of records that the csv module refuses.
        UnicodeDecodeError: it is not of that encoding.
    """
    return _pairs_among(chunks_of_csv(file, encoding, CSV_COLUMNS))


def _pairs_among(customers: Iterable[Chunk]) -> Pairs:
    with _without_collector():
        columns = columns_of_chunks(customers)
        return pairs_found(_links(columns), columns)


def _links(columns: Columns) -> Links:
    book = gathered(columns)
    glances = glances_of(columns, book.crowds)
    pairs = (glances.promising(one, other) for one, other in candidates(book))
    return joined(links_of(compare(columns, book.crowds, one, other, names)) for one, other, names in pairs)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Turns off the collector of reference cycles.

    A search makes a million tuples and not one cycle; looking through all of them again and again, as their number
    grows, costs a third of it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
