"""Which customers of a whole book are worth comparing, and how crowded their names are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from crm_sheets.rules.duplicates import keys
from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.growing import Growing
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.weights import crowd_class

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers

    Rows: TypeAlias = NDArray[np.int64]
    Places: TypeAlias = NDArray[np.int32]
    Flags: TypeAlias = NDArray[np.bool_]
    Classes: TypeAlias = NDArray[np.uint8]

PAIRS_AT_ONCE = 1 << 18
_SIDE = 32
"""Bits of a position."""
PAIRS_HELD = 50_000_000
"""More pairs than this are looked for in several rounds, so that memory does not follow a book full of namesakes."""


class Blocks(NamedTuple):
    """Customers under one key stand side by side in `owners`; blocks begin at `firsts` and have `sizes`."""

    owners: "Places"
    firsts: "Places"
    sizes: "Places"


class Gathered(NamedTuple):
    """Customers by what they share.

    Attributes:
        blocks: of each kind of key, those within their limit.
        crowds: by what is shared, for each customer the class of the size of its block (see weights.crowd_class).
    """

    blocks: Sequence[Blocks]
    crowds: Mapping[Shared, "Classes"]


def gathered(columns: Columns) -> Gathered:
    """All customers by their keys; of blocks beyond their limit only what crowds they are stays in memory."""
    import numpy as np

    within, crowds = [], {}
    for kind, each in columns.keys.items():
        blocks = _blocks(each)
        within.append(_within(blocks, keys.limit_for(kind)))
        if kind in keys.CROWDS:
            crowds[kind] = np.zeros(columns.count, np.uint8)
            crowds[kind][blocks.owners] = np.repeat(crowd_class(blocks.sizes), blocks.sizes)
    return Gathered(within, crowds)


def candidates(of: Gathered) -> Iterator[tuple["Rows", "Rows"]]:
    """All pairs that share a block within its limit, each once, as columns of positions, the smaller first."""
    import numpy as np

    total = sum(int((sizes.astype(np.int64) * (sizes - 1)).sum()) // 2 for _, _, sizes in of.blocks)
    rounds = total // PAIRS_HELD + 1
    bounds = np.linspace(0, len(of.crowds[Shared.NAME]), rounds + 1).astype(np.int64)
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        found = Growing()
        found.extend(np.zeros(0, np.int64))
        for each in of.blocks:
            for codes in _pairs(each):
                found.extend(codes if rounds == 1 else codes[(codes >= low << _SIDE) & (codes < high << _SIDE)])
        every = cast("Rows", found.whole())
        every.sort()  # much faster than np.unique
        before = -1
        for start in range(0, len(every), PAIRS_AT_ONCE):
            some = every[start : start + PAIRS_AT_ONCE]
            once = some[np.diff(some, prepend=before) > 0]
            before = int(some[-1])
            yield once >> _SIDE, once & (1 << _SIDE) - 1


def _blocks(columns: Sequence["Numbers"]) -> Blocks:
    import numpy as np

    every = (columns[0] if len(columns) == 1 else np.concatenate(columns)).view(np.uint64)
    places, begins = _by_value(every, np.flatnonzero(every))
    firsts = np.flatnonzero(begins).astype(np.int32)
    owners = (places if len(columns) == 1 else places % max(1, len(columns[0]))).astype(np.int32)
    return Blocks(owners, firsts, np.diff(firsts, append=np.int32(len(places))))


def _by_value(values: "Hashes", places: "Rows") -> tuple["Rows", "Flags"]:
    """Some places in the order of the values at them, and their own; and where another value begins.

    Numbers are sorted seven times as fast as places by them: so a place takes the last bits of its value.
    """
    import numpy as np

    last = np.uint64((1 << len(values).bit_length()) - 1)
    packed = values[places]
    packed &= ~last
    packed |= places.view(np.uint64)
    packed.sort()
    ordered: Rows = (packed & last).view(np.int64)
    packed &= ~last
    begins = _changes(packed)
    same = np.flatnonzero(~begins)
    if (values[ordered[same]] != values[ordered[same - 1]]).any():  # two values differ in the last bits only
        ordered = places[np.argsort(values[places], kind="stable")]
        begins = _changes(values[ordered])
    return ordered, begins


def _changes(values: "Hashes | Rows") -> "Flags":
    """Where a value is another than the one before it, or the first."""
    import numpy as np

    found = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _within(blocks: Blocks, limit: int) -> Blocks:
    """The blocks that are compared."""
    import numpy as np

    kept = (blocks.sizes > 1) & (blocks.sizes <= limit)
    sizes = blocks.sizes[kept]
    firsts = np.cumsum(sizes, dtype=np.int32) - sizes
    return Blocks(blocks.owners[np.repeat(kept, blocks.sizes)], firsts, sizes)


def _pairs(blocks: Blocks) -> "Iterator[Rows]":
    """Each pair of members of each block, the smaller in the upper bits."""
    import numpy as np

    return _met(blocks.owners, np.repeat(blocks.firsts + blocks.sizes, blocks.sizes))


def pairs_within(members: "Places", labels: "Places") -> "Rows":
    """Each pair of members with one label, the smaller in the upper 32 bits; both ordered by label."""
    import numpy as np

    ends = np.flatnonzero(np.diff(labels, append=-1)) + 1
    return np.concatenate([np.zeros(0, np.int64), *_met(members, np.repeat(ends, np.diff(ends, prepend=0)))])


def _met(owners: "Places", ends: "Places | Rows") -> "Iterator[Rows]":
    """Each owner and each behind it before its end, the smaller in the upper bits; first all next to each other."""
    import numpy as np

    places = np.arange(len(owners), dtype=np.int32)
    behind = ends - places
    step = 1
    while len(places):
        more = np.flatnonzero(behind > step)
        places, behind = places[more], behind[more]
        one, other = owners[places], owners[places + step]
        different = one != other  # a customer may have both keys of a kind
        if not different.all():
            one, other = one[different], other[different]
        yield np.minimum(one, other).astype(np.int64) << _SIDE | np.maximum(one, other)
        step += 1
