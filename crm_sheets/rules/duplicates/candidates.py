"""Which customers of a whole book are worth comparing, and how crowded their names are."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from crm_sheets.rules.duplicates import keys
from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.weights import crowd_class

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers

    Rows: TypeAlias = NDArray[np.int64]
    Classes: TypeAlias = NDArray[np.uint8]

PAIRS_AT_ONCE = 1 << 17
_SIDE = 32
"""Bits of a position."""
PAIRS_HELD = 50_000_000
"""More pairs than this are looked for in several rounds, so that memory does not follow a book full of namesakes."""


class _Blocks(NamedTuple):
    """Customers under one key stand side by side in `owners`; blocks begin at `firsts` and have `sizes`."""

    owners: "Rows"
    firsts: "Rows"
    sizes: "Rows"


def candidates(columns: Columns) -> Iterator[tuple["Rows", "Rows"]]:
    """All pairs that share a block within its limit, each once, as columns of positions, the smaller first."""
    import numpy as np

    count = columns.count
    blocks = [_within(_blocks(each), keys.limit_for(kind)) for kind, each in columns.keys.items()]
    total = sum(int((each.sizes * (each.sizes - 1)).sum()) // 2 for each in blocks)
    rounds = total // PAIRS_HELD + 1
    bounds = np.linspace(0, count, rounds + 1).astype(np.int64)
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        found = [np.zeros(0, np.int64)]
        for each in blocks:
            codes = _pairs(each)
            found.append(codes if rounds == 1 else codes[(codes >= low << _SIDE) & (codes < high << _SIDE)])
        codes = np.concatenate(found)
        del found
        codes.sort()  # much faster than np.unique
        codes = codes[np.flatnonzero(np.diff(codes, prepend=-1))]
        for start in range(0, len(codes), PAIRS_AT_ONCE):
            some = codes[start : start + PAIRS_AT_ONCE]
            yield some >> _SIDE, some & (1 << _SIDE) - 1


def crowds(columns: Columns) -> dict[Shared, "Classes"]:
    """By what is shared, for each customer the class of the size of its block (see weights.crowd_class)."""
    import numpy as np

    found: dict[Shared, Classes] = {}
    for kind in keys.CROWDS:
        blocks = _blocks(columns.keys[kind])
        found[kind] = np.zeros(columns.count, np.uint8)
        found[kind][blocks.owners] = np.repeat(crowd_class(blocks.sizes), blocks.sizes)
    return found


def _blocks(columns: Sequence["Numbers"]) -> _Blocks:
    """All customers that have a key, by their keys."""
    import numpy as np

    every = np.concatenate(columns).view(np.uint64)
    places = _by_value(every, np.flatnonzero(every))
    together = every[places]
    firsts = np.flatnonzero(np.concatenate([np.ones(min(1, len(places)), np.bool_), together[1:] != together[:-1]]))
    owners = places if len(columns) == 1 else places % max(1, len(columns[0]))
    return _Blocks(owners, firsts, np.diff(firsts, append=len(places)))


def _by_value(values: "Hashes", places: "Rows") -> "Rows":
    """Some places in the order of the values at them, and their own.

    Numbers are sorted seven times as fast as places by them: so a place takes the last bits of its value.
    """
    import numpy as np

    last = np.uint64((1 << len(values).bit_length()) - 1)
    packed = values[places] & ~last | places.view(np.uint64)
    packed.sort()
    ordered: Rows = (packed & last).view(np.int64)
    told = values[ordered]
    if (
        (told[1:] != told[:-1]) != ((packed[1:] ^ packed[:-1]) > last)
    ).any():  # two values differ in the last bits only
        return places[np.argsort(values[places], kind="stable")]
    return ordered


def _within(blocks: _Blocks, limit: int) -> _Blocks:
    """The blocks that are compared."""
    import numpy as np

    kept = (blocks.sizes > 1) & (blocks.sizes <= limit)
    sizes = blocks.sizes[kept]
    return _Blocks(blocks.owners[np.repeat(kept, blocks.sizes)], np.cumsum(sizes) - sizes, sizes)


def _pairs(blocks: _Blocks) -> "Rows":
    """Each pair of members of each block, the smaller in the upper bits."""
    import numpy as np

    return _met(blocks.owners, np.repeat(blocks.firsts + blocks.sizes, blocks.sizes))


def pairs_within(members: "Rows", labels: "NDArray[np.int32]") -> "Rows":
    """Each pair of members with one label, the smaller in the upper 32 bits; both ordered by label."""
    import numpy as np

    ends = np.flatnonzero(np.diff(labels, append=-1)) + 1
    return _met(members, np.repeat(ends, np.diff(ends, prepend=0)))


def _met(owners: "Rows", ends: "Rows") -> "Rows":
    """Each owner and each behind it before its end, the smaller in the upper bits."""
    import numpy as np

    places = np.arange(len(owners))
    behind = ends - places
    found = [np.zeros(0, np.int64)]
    step = 1
    while len(places):
        more = np.flatnonzero(behind > step)
        places, behind = places[more], behind[more]
        one, other = owners[places], owners[places + step]
        found.append(np.minimum(one, other) << _SIDE | np.maximum(one, other))
        step += 1
    codes = np.concatenate(found)
    return codes[np.flatnonzero(codes >> _SIDE != codes & (1 << _SIDE) - 1)]
