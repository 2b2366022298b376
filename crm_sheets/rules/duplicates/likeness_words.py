"""What comparing a column of many pairs of customers is made of: a word for each pair, as its place in its kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.weights import UNSURE, Likeness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Numbers

    Rows: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Words: TypeAlias = NDArray[np.uint8]

Compared = Callable[[Columns, "Rows", "Rows"], "Words"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one column is compared."""

    kind: type[Likeness]
    told: Compared
    read: Compared


def by_key(keys: "Numbers", one: "Rows", other: "Rows", kind: type[Likeness]) -> "Words":
    """The words MISSING and SAME of a kind where keys tell them; UNSURE where two differ."""
    a, b = keys[one], keys[other]
    found = words_like(one, UNSURE)
    found[a == b] = kind["SAME"].place
    found[(a == 0) | (b == 0)] = kind["MISSING"].place
    return found


def slipped(close: "Flags", long_enough: Sequence[bool], kind: type[Likeness]) -> "Words":
    """The words SLIP and OTHER of a kind: texts that are close and long enough for that."""
    import numpy as np

    slip = close & np.array(long_enough, np.bool_)
    return np.where(slip, kind["SLIP"].place, kind["OTHER"].place).astype(np.uint8)


def words_like(like: "Rows", word: int) -> "Words":
    """One word for every pair."""
    import numpy as np

    return np.full(len(like), word, np.uint8)


@cache
def slips() -> Callable[..., int]:
    """Slips between two texts (optimal string alignment); `score_cutoff`: one more for more than that."""
    from rapidfuzz.distance import OSA

    return OSA.distance


def slips_between(one: Sequence[str], other: Sequence[str], *, most: int) -> "NDArray[np.uint8]":
    """The same of many pairs, `most` + 1 for more than `most`."""
    import numpy as np
    from rapidfuzz.process import cpdist

    if not one:
        return np.zeros(0, np.uint8)
    cutoff = most if most < 255 else None
    found: NDArray[np.uint8] = cpdist(one, other, scorer=slips(), score_cutoff=cutoff, dtype=np.uint8)
    return found
