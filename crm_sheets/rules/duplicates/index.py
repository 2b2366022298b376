"""The duplicates of a book kept up to date: what a change concerns, and the links round it, by an index of keys.

Two customers are compared when they share a key whose block is not larger than its limit. A score depends on the two
customers and on the sizes of their own blocks only, so a change concerns nobody beyond the blocks that it touches.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from crm_sheets.rules.duplicates import keys
from crm_sheets.rules.duplicates.columns import Cells, Columns, columns_of
from crm_sheets.rules.duplicates.compare import compare
from crm_sheets.rules.duplicates.keys import Shared, kind_of, limit_of
from crm_sheets.rules.duplicates.links import links_of
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.rules.duplicates.weights import CROWD_LIMIT, crowd_class

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CellsOf = Callable[[Collection[str]], Iterable[Cells]]
"""Gives customers by their keys; those that nobody has are left out."""


class Blocks(Protocol):
    """An index of keys, in memory or in a database."""

    def sizes(self, wanted: Collection[int], most: int) -> Mapping[int, int]:
        """How many customers have each key; `most` stands for more. A key that nobody has may be left out."""

    def members(self, wanted: Collection[int]) -> Mapping[int, Collection[str]]:
        """The customers that have each key. A key that nobody has may be left out."""


def block_keys(customers: Iterable[Cells]) -> dict[str, tuple[int, ...]]:
    """The keys under which customers are kept in the index."""
    return keys_of(columns_of(customers))


def keys_of(columns: Columns) -> dict[str, tuple[int, ...]]:
    """The keys under which customers are kept in the index."""
    import numpy as np

    every = [column.tolist() for each in columns.keys.values() for column in each]
    names = columns.texts["key"].of(np.arange(columns.count))
    rows = zip(*every, strict=True) if columns.count else ()
    return {name: tuple(dict.fromkeys(filter(None, row))) for name, row in zip(names, rows, strict=True)}


def affected(gone: Iterable[int], come: Iterable[int], blocks: Blocks) -> set[str]:
    """Customers other than the changed ones whose pairs must be looked at again.

    A block that passes its limit, or a name whose crowd passes to another weight, concerns all its members; any other
    change concerns only the customers that changed.

    Args:
        gone: keys that the changed customers had, one for each customer that had it.
        come: keys that they have now.
        blocks: the index after the change.
    """
    growth = Counter(come)
    growth.subtract(Counter(gone))
    grown = {key: by for key, by in growth.items() if by}
    if not grown:
        return set()
    largest = max(keys.LIMIT, CROWD_LIMIT) + max(map(abs, grown.values())) + 1
    sizes = blocks.sizes(grown, largest)
    passed = [
        key for key, by in grown.items() if _standing(key, sizes.get(key, 0)) != _standing(key, sizes.get(key, 0) - by)
    ]
    return {member for members in blocks.members(passed).values() for member in members}


def links_round(wanted: Collection[str], cells_of: CellsOf, blocks: Blocks) -> list[Pair]:
    """All links of some customers, also faint ones, ordered by key.

    Args:
        wanted: customers, already in the index; those that are there no longer have no links.
        cells_of: gives customers.
        blocks: the index.
    """
    own = block_keys(cells_of(wanted))
    mine = {key for each in own.values() for key in each}
    sizes = blocks.sizes(mine, keys.LIMIT + 1)
    within = [key for key in mine if 1 < sizes.get(key, 0) <= limit_of(key)]
    members = blocks.members(within)
    met = {member for key in within for member in members.get(key, ())} | own.keys()
    columns = columns_of(cells_of(sorted(met)))
    places = {key: place for place, key in enumerate(_names(columns))}
    pairs = {
        (min(places[customer], places[other]), max(places[customer], places[other]))
        for customer, its in own.items()
        for key in its
        for other in members.get(key, ())
        if other != customer and other in places  # an index that is ahead of the records harms nobody
    }
    return _compared(columns, sorted(pairs), blocks)


def _compared(columns: Columns, pairs: Collection[tuple[int, int]], blocks: Blocks) -> list[Pair]:
    import numpy as np

    if not pairs:
        return []
    one, other = np.array(pairs, np.int64).T
    return sorted(links_of(compare(columns, crowds_of(columns, blocks), one, other)).pairs(columns))


def crowds_of(columns: Columns, blocks: Blocks) -> "dict[Shared, NDArray[np.uint8]]":
    """For each customer the class of the size of the crowd that bears its name, everywhere and in its city."""
    return {kind: _crowd(columns.keys[kind][0], blocks) for kind in keys.CROWDS}


def _crowd(column: "NDArray[np.int64]", blocks: Blocks) -> "NDArray[np.uint8]":
    """For each customer the class of the size of its crowd."""
    import numpy as np

    every = column.tolist()
    sizes = blocks.sizes({key for key in every if key}, CROWD_LIMIT)
    return crowd_class(np.array([sizes.get(key, 0) for key in every], np.int64))


def _names(columns: Columns) -> list[str]:
    import numpy as np

    return columns.texts["key"].of(np.arange(columns.count))


def _standing(key: int, size: int) -> tuple[bool, int]:
    """What a comparison sees of the size of a block."""
    crowd = min(size, CROWD_LIMIT).bit_length() if kind_of(key) in keys.CROWDS else 0
    return size <= limit_of(key), crowd
