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

    from crm_sheets.rules.duplicates.hashes import Numbers

    Rows: TypeAlias = NDArray[np.int64]
    Classes: TypeAlias = NDArray[np.uint8]

PAIRS_AT_ONCE = 1 << 17
PAIRS_HELD = 50_000_000
"""More pairs than this are looked for in several rounds, so that memory does not follow a book full of namesakes."""


class _Blocks(NamedTuple):
    """Customers under one key stand side by side in `owners`; blocks begin at `firsts` and have `sizes`."""

    owners: "NDArray[np.int32]"
    firsts: "Numbers"
    sizes: "Numbers"


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
            codes = _pairs(each, count)
            found.append(codes if rounds == 1 else codes[(codes >= low * count) & (codes < high * count)])
        codes = np.concatenate(found)
        del found
        codes.sort()  # much faster than np.unique
        codes = codes[np.diff(codes, prepend=-1) != 0]
        for start in range(0, len(codes), PAIRS_AT_ONCE):
            yield np.divmod(codes[start : start + PAIRS_AT_ONCE], count)


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

    owners = [np.flatnonzero(column).astype(np.int32) for column in columns]
    every = np.concatenate([column[rows] for column, rows in zip(columns, owners, strict=True)])
    order = np.argsort(every)
    together = every[order]
    firsts = np.flatnonzero(np.concatenate([np.ones(min(1, len(every)), np.bool_), together[1:] != together[:-1]]))
    return _Blocks(np.concatenate(owners)[order], firsts, np.diff(np.append(firsts, len(every))))


def _within(blocks: _Blocks, limit: int) -> _Blocks:
    """The blocks that are compared."""
    kept = (blocks.sizes > 1) & (blocks.sizes <= limit)
    import numpy as np

    small = np.repeat(kept, blocks.sizes)
    sizes = blocks.sizes[kept]
    return _Blocks(blocks.owners[small], np.cumsum(sizes) - sizes, sizes)


def _pairs(blocks: _Blocks, count: int) -> "Numbers":
    """Each pair of members of each block, as smaller * count + larger."""
    import numpy as np

    found = [np.zeros(0, np.int64)]
    for size in range(2, int(blocks.sizes.max(initial=0)) + 1):
        starts = blocks.firsts[blocks.sizes == size]
        if len(starts):
            members = np.sort(blocks.owners[starts[:, None] + np.arange(size)], axis=1).astype(np.int64)
            one, other = np.triu_indices(size, 1)
            found.append((members[:, one] * count + members[:, other]).ravel())
    codes = np.concatenate(found)
    different: Numbers = codes[codes // count != codes % count]
    return different
