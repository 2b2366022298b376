"""The whole book searched at once."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.candidates import candidates, crowds
from crm_sheets.rules.duplicates.columns import Cells, Columns, columns_of
from crm_sheets.rules.duplicates.compare import compare, least
from crm_sheets.rules.duplicates.groups import TOGETHER, groups, pairs_of
from crm_sheets.rules.duplicates.index import keys_of
from crm_sheets.rules.duplicates.links import Links, joined, links_of
from crm_sheets.rules.duplicates.subjects import Pair, Subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AT_ONCE = 20_000
"""Links grouped together, at least: groups need an object for each link, and a book has half as many as rows."""


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
    return pairs_among(subject.cells for subject in subjects)


def pairs_among(customers: Iterable[Cells]) -> list[Pair]:
    """`find_pairs` for customers as tuples of cells, of which only a few at a time are held."""
    with _without_collector():
        columns = columns_of(customers)
        links = _links(columns)
        alone, hanging = _sorted_out(links, columns.count)
        found = list(alone.pairs(columns))
        for some in hanging:
            pairs = list(some.pairs(columns))
            found += pairs_of(groups(pairs), pairs)
        found.sort(key=itemgetter(0, 1))
        return found


def _links(columns: Columns) -> Links:
    crowded = crowds(columns)
    return joined(links_of(compare(columns, crowded, one, other)) for one, other in candidates(columns))


def _sorted_out(links: Links, count: int) -> tuple[Links, Iterator[Links]]:
    """The pairs that are groups by themselves, and portions of those that may make larger ones.

    A mean cannot reach what none of the scores reaches: groups never reach beyond what strong links hold together.
    """
    import numpy as np

    label = _labels(links.at(links.total >= least(TOGETHER)), count)
    within = links.at(label[links.one] == label[links.other])
    size = np.bincount(label, minlength=count)[label[within.one]]
    return within.at(size == 2), _portions(within.at(size > 2), label)


def _labels(links: Links, count: int) -> "NDArray[np.int32]":
    """For each customer the smallest position among those that it hangs together with."""
    import numpy as np

    label = np.arange(count, dtype=np.int32)
    while True:
        before = label.copy()
        smallest = np.minimum(label[links.one], label[links.other])
        np.minimum.at(label, links.one, smallest)
        np.minimum.at(label, links.other, smallest)
        label = label[label]
        if (label == before).all():
            return label


def _portions(links: Links, label: "NDArray[np.int32]") -> Iterator[Links]:
    """The links in portions such that what hangs together stays together."""
    import numpy as np

    of_link = label[links.one]
    order: NDArray[np.int64] = np.argsort(of_link, kind="stable")
    ends = np.flatnonzero(np.diff(of_link[order], append=-1)) + 1
    start = 0
    while start < len(order):
        end = int(ends[min(int(np.searchsorted(ends, start + AT_ONCE)), len(ends) - 1)])
        yield links.at(order[start:end])
        start = end


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


def pairs_from_rows(rows: Iterable[Mapping[str, str]]) -> list[tuple[str, str, float, tuple[str, ...]]]:
    """The pairs among the rows of a CSV file: two row ids, score, columns that agree.

    Args:
        rows: each with `row_id` and `name`, and any of `contact`, `phone`, `email`, `address`, `credit_code`.
    """
    names = ("row_id", "name", "contact", "phone", "email", "address", "credit_code", "id_number")
    cells = (tuple(row.get(name) for name in names) for row in rows)
    return [(pair.one, pair.other, pair.score, pair.keys) for pair in pairs_among(cells)]
