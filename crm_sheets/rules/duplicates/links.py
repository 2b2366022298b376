"""What comparing gives: pairs of customers with a score, as columns while there are many of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.compare import COLUMNS, MOST, SCORES, Judged
from crm_sheets.rules.duplicates.groups import DECIMALS
from crm_sheets.rules.duplicates.subjects import ALIKE, Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of positions.

    Attributes:
        total: the sum of what was found, in tenths.
        agrees: the columns that agree, one bit for each of COLUMNS; behind these one for each that has slipped.
    """

    one: "NDArray[np.int32]"
    other: "NDArray[np.int32]"
    total: "NDArray[np.int16]"
    agrees: "NDArray[np.uint16]"
    certain: "NDArray[np.bool_]"

    def __len__(self) -> int:
        return len(self.one)

    def at(self, places: "NDArray[np.int64] | NDArray[np.bool_]") -> "Links":
        """Some of the pairs."""
        return Links(
            self.one[places], self.other[places], self.total[places], self.agrees[places], self.certain[places]
        )

    def rows(self, count: int) -> "NDArray[np.int64]":
        """The customers that they are of, in their order; `count` of all customers."""
        import numpy as np

        there = np.zeros(count, np.bool_)
        there[self.one] = there[self.other] = True
        return np.flatnonzero(there)

    def likelihoods(self) -> "NDArray[np.float64]":
        """How likely each is one customer."""
        import numpy as np

        return np.array(SCORES)[self._place()]

    def ten_thousandths(self) -> "NDArray[np.int64]":
        """The same as whole numbers: scores have four decimals."""
        import numpy as np

        return np.array([round(score * DECIMALS) for score in SCORES])[self._place()]

    def _place(self) -> "NDArray[np.int16]":
        import numpy as np

        return np.clip(self.total, -MOST, MOST) + MOST

    def pairs(self, columns: Columns) -> Iterator[Pair]:
        """The same with the keys of the customers and words for columns."""
        keys = columns.texts["key"]
        ones, others = keys.of(self.one), keys.of(self.other)
        firsts, seconds = map(min, ones, others), map(max, ones, others)
        scores = self.likelihoods().tolist()
        return map(Pair, firsts, seconds, scores, map(words_of, self.agrees.tolist()), self.certain.tolist())


def links_of(judged: Judged) -> Links:
    """The pairs that came to something."""
    import numpy as np

    agrees = np.zeros(len(judged.one), np.uint16)
    for bit, column in enumerate(COLUMNS):
        agrees |= judged.agrees(column).astype(np.uint16) << bit
        agrees |= judged.slipped(column).astype(np.uint16) << bit + len(COLUMNS)
    one, other = judged.one.astype(np.int32), judged.other.astype(np.int32)
    return Links(one, other, judged.total.astype(np.int16), agrees, judged.certain())


def joined(links: Iterable[Links]) -> Links:
    """All pairs together."""
    import numpy as np

    parts = list(links)
    names = ("one", "other", "total", "agrees", "certain")
    kinds = (np.int32, np.int32, np.int16, np.uint16, np.bool_)
    return Links(
        *(
            np.concatenate([np.zeros(0, kind), *(getattr(part, name) for part in parts)])
            for name, kind in zip(names, kinds, strict=True)
        )
    )


@cache
def words_of(bits: int) -> tuple[str, ...]:
    """The columns that agree, from Links.agrees."""
    slipped = bits >> len(COLUMNS)
    return tuple(column + ALIKE * (slipped >> bit & 1) for bit, column in enumerate(COLUMNS) if bits >> bit & 1)
