"""Which customers of a whole book are worth comparing, and how crowded their names are.

The keys are held as 64-bit hashes in flat arrays: ten strings for each of a million customers would take gigabytes. Two
keys with one hash are expected once in a hundred thousand books of that size.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates import index
from crm_sheets.rules.duplicates.profiles import Profile, block_keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]

CHUNK = 65_536


def candidates(profiles: Sequence[Profile]) -> Iterator[tuple[int, int, int]]:
    """All pairs that share a block within its limit, each once: two positions in order, and the crowd of the name."""
    import numpy as np

    hashes, limits, lengths, cities = array("q"), array("q"), array("q"), array("q")
    limit_by_letter = index.LIMITS.get
    for profile in profiles:
        keys = block_keys(profile)
        hashes.extend([hash(key) for key in keys])
        limits.extend([limit_by_letter(key[0], index.LIMIT) for key in keys])
        lengths.append(len(keys))
        cities.append(hash(profile.name.region.city) if profile.name.region.city else 0)
    count = len(profiles)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(_numbers(lengths))])
    order, firsts, sizes = _blocks(_numbers(hashes))
    crowds = _crowds(order, sizes, starts)
    owners = np.repeat(np.arange(count, dtype=np.int64), _numbers(lengths))[order]
    codes = _pairs(owners, firsts, sizes, _numbers(limits)[order][firsts], count)
    place = _numbers(cities)
    for start in range(0, len(codes), CHUNK):
        one, other = np.divmod(codes[start : start + CHUNK], count)
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
            found.append(np.unique(members[:, one].ravel() * count + members[:, other].ravel()))
    return np.unique(np.concatenate(found))
