"""Which customers of a whole book are worth comparing, and how crowded their names are.

The keys are held as 64-bit hashes in flat arrays: ten strings for each of a million customers would take gigabytes. Two
keys with one hash are expected once in a hundred thousand books of that size.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates import index
from crm_sheets.rules.duplicates.profiles import Profile, block_keys
from crm_sheets.rules.duplicates.sieve import Sieve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]

CHUNK = 65_536


def candidates(profiles: Sequence[Profile]) -> Iterator[tuple[int, int, int]]:
    """All pairs worth comparing that share a block within its limit.

    Each comes once: two positions in order, and the crowd of the name.
    """
    import numpy as np

    if not profiles:
        return
    hashes, lengths, cities = array("q"), array("q"), array("q")
    for profile in profiles:
        keys = block_keys(profile)
        hashes.extend(map(hash, keys))
        lengths.append(len(keys))
        cities.append(hash(profile.name.region.city))  # 0 for none
    count = len(profiles)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(_numbers(lengths))])
    order, firsts, sizes = _blocks(_numbers(hashes))
    crowds = _crowds(order, sizes, starts)
    owners = np.repeat(np.arange(count, dtype=np.int64), _numbers(lengths))[order]
    limits = _limits(profiles, order[firsts], sizes, starts)
    codes = _pairs(owners, firsts, sizes, limits, count)
    place = _numbers(cities)
    sieve = Sieve(profiles)
    for start in range(0, len(codes), CHUNK):
        one, other = np.divmod(codes[start : start + CHUNK], count)
        kept = sieve.keeps(one, other)
        one, other = one[kept], other[kept]
        together = (place[one] == place[other]) & (place[one] != 0)
        crowd = np.where(
            together, np.maximum(crowds[1][one], crowds[1][other]), np.maximum(crowds[0][one], crowds[0][other])
        )
        yield from zip(one.tolist(), other.tolist(), crowd.tolist(), strict=True)


def _numbers(values: "array[int]") -> "Numbers":
    import numpy as np

    return np.frombuffer(values, np.int64) if values else np.zeros(0, np.int64)


def _blocks(hashes: "Numbers") -> tuple["Numbers", "Numbers", "Numbers"]:
    """The order that brings equal keys together, where each block starts in it, and its size."""
    import numpy as np

    order = np.argsort(hashes, kind="stable")
    together = hashes[order]
    firsts = np.flatnonzero(np.concatenate([np.ones(min(1, len(together)), bool), together[1:] != together[:-1]]))
    return order, firsts, np.diff(np.append(firsts, len(together)))


def _limits(profiles: Sequence[Profile], at: "Numbers", sizes: "Numbers", starts: "Numbers") -> "Numbers":
    """The limit of each block; only a block above the least of all limits is asked for its key.

    Args:
        profiles: all customers.
        at: for each block where one of its keys stands among all keys.
        sizes: of the blocks.
        starts: where the keys of each customer begin among all keys.
    """
    import numpy as np

    limits = np.full(len(sizes), index.LIMIT, np.int64)
    for block in np.flatnonzero((sizes > min(index.LIMITS.values())) & (sizes <= index.LIMIT)).tolist():
        owner = int(np.searchsorted(starts, at[block], "right")) - 1
        limits[block] = index.limit_of(block_keys(profiles[owner])[at[block] - starts[owner]])
    return limits


def _crowds(order: "Numbers", sizes: "Numbers", starts: "Numbers") -> tuple["Numbers", "Numbers"]:
    """For each customer the sizes of the blocks of its first two keys: of its name, and of its name in its city."""
    import numpy as np

    size_of_key = np.zeros(len(order) + 2, np.int64)
    size_of_key[order] = np.repeat(sizes, sizes)
    return size_of_key[starts[:-1]], size_of_key[starts[:-1] + 1]


def _pairs(owners: "Numbers", firsts: "Numbers", sizes: "Numbers", limits: "Numbers", count: int) -> "Numbers":
    """Each pair of members of a block within its limit once, as one * count + other."""
    import numpy as np

    found = [np.zeros(0, np.int64)]
    within = sizes <= limits
    for size in range(2, int(limits.max(initial=0)) + 1):
        starts = firsts[within & (sizes == size)]
        if len(starts):
            members = owners[starts[:, None] + np.arange(size)]
            one, other = np.triu_indices(size, 1)
            found.append(members[:, one].ravel() * count + members[:, other].ravel())
    codes: Numbers = np.concatenate(found)
    codes.sort()  # much faster than np.unique
    once: Numbers = codes[np.diff(codes, prepend=-1) != 0]
    return once
