"""The whole book searched at once."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crm_sheets.rules.duplicates.candidates import candidates, crowds
from crm_sheets.rules.duplicates.columns import Cells, Columns, columns_of
from crm_sheets.rules.duplicates.compare import compare, least
from crm_sheets.rules.duplicates.glances import glances_of
from crm_sheets.rules.duplicates.groups import TOGETHER, groups, mean_of, pairs_of
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
        alone, whole, hanging = _sorted_out(links, columns.count)
        found = [*alone.pairs(columns), *_of_whole_groups(whole, columns)]
        for some in hanging:
            pairs = list(some.pairs(columns))
            found += pairs_of(groups(pairs), pairs)
        found.sort(key=itemgetter(0, 1))
        return found


def _links(columns: Columns) -> Links:
    crowded = crowds(columns)
    glances = glances_of(columns, crowded)
    pairs = (glances.promising(one, other) for one, other in candidates(columns))
    return joined(links_of(compare(columns, crowded, one, other)) for one, other in pairs)


class _Sorted(NamedTuple):
    """Links by what groups they may make.

    Attributes:
        alone: pairs that are groups by themselves.
        whole: of customers each of which is like all others: they are one group.
        hanging: all others, in portions.
    """

    alone: Links
    whole: Links
    hanging: Iterator[Links]


def _sorted_out(links: Links, count: int) -> _Sorted:
    """The links that may make groups.

    A mean cannot reach what none of the scores reaches: groups never reach beyond what strong links hold together.
    """
    import numpy as np

    strong = links.at(links.total >= least(TOGETHER))
    label = _labels(strong, count)
    within = links.at(label[links.one] == label[links.other])
    of_link = label[within.one]
    size, many = np.bincount(label, minlength=count)[of_link], np.bincount(label[strong.one], minlength=count)[of_link]
    whole = 2 * many == size * (size - 1)
    order: NDArray[np.int64] = np.argsort(of_link, kind="stable")
    more = order[(whole & (size > 2))[order]]
    return _Sorted(within.at(size == 2), within.at(more), _portions(within.at(~whole), label))


def _of_whole_groups(links: Links, columns: Columns) -> Iterator[Pair]:
    """The pairs of customers that make one group each, as `groups` and `pairs_of` give them.

    Args:
        links: ordered by group.
        columns: the customers.
    """
    import numpy as np

    scores = links.scores()
    ends = np.flatnonzero(np.diff(_labels(links, columns.count)[links.one], append=-1)) + 1
    means: list[float] = []
    start = 0
    for end in ends.tolist():
        means += [mean_of(scores[start:end])] * (end - start)
        start = end
    own = np.array(scores) >= np.array(means)
    told = replace(links, certain=links.certain & own)
    return told.pairs_with(map(max, scores, means), columns)


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
