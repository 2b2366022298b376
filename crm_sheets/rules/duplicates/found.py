"""The pairs of a whole book that seem to be duplicates, as columns: nearly all without an object for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.components import completed, components
from crm_sheets.rules.duplicates.groups import DECIMALS, mean_of_parts, members_of_groups
from crm_sheets.rules.duplicates.links import Links, joined, words_of
from crm_sheets.rules.duplicates.subjects import Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.components import Labels


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs in the order of the rows, the earlier customer first.

    Attributes:
        ones, others: the keys of the customers.
        scores: how sure, 0 to 1.
        agrees: as in Links.
        certain: see Pair.
    """

    ones: Sequence[str]
    others: Sequence[str]
    scores: Sequence[float]
    agrees: Sequence[int]
    certain: Sequence[bool]

    def __len__(self) -> int:
        return len(self.ones)

    def __iter__(self) -> Iterator[Pair]:
        firsts, seconds = map(min, self.ones, self.others), map(max, self.ones, self.others)
        return map(Pair, firsts, seconds, self.scores, map(words_of, self.agrees), self.certain)


def pairs_found(links: Links, columns: Columns) -> Pairs:
    """The pairs within the groups that `groups.groups` makes of links, as `groups.pairs_of` gives them."""
    import numpy as np

    apart = components(links, columns.count)
    told = [_grouped(some, columns, apart.label) for some in apart.hanging]
    whole = completed(joined([apart.whole, *told]), apart.label)
    own = whole.ten_thousandths()
    means = _means(own, apart.label[whole.one])
    every = joined([apart.alone, whole])
    scores = np.concatenate([apart.alone.ten_thousandths(), np.maximum(own, means)])
    certain = every.certain & np.concatenate([np.ones(len(apart.alone), np.bool_), own >= means])
    order = np.lexsort((every.other, every.one))
    key = columns.texts["key"]
    return Pairs(
        key.of(every.one[order]),
        key.of(every.other[order]),
        (scores[order] / DECIMALS).tolist(),
        every.agrees[order].tolist(),
        certain[order].tolist(),
    )


def _grouped(links: Links, columns: Columns, label: "Labels") -> Links:
    """The links within groups; `label` tells these groups then, and is a customer's own where it is in none."""
    import numpy as np

    rows = links.rows(columns.count)
    keys = columns.texts["key"].of(rows)
    rows = rows[sorted(range(len(rows)), key=keys.__getitem__)]  # what is as likely is joined in the order of the keys
    rank = np.empty(columns.count, np.int32)
    rank[rows] = np.arange(len(rows))
    pairs = np.sort([rank[links.one], rank[links.other]], axis=0).tolist()
    label[rows] = rows
    found = members_of_groups(dict(zip(zip(*pairs, strict=True), links.likelihoods().tolist(), strict=True)))
    sizes = [len(members) for members in found]
    every = np.fromiter(chain.from_iterable(found), np.int64, sum(sizes))
    label[rows[every]] = np.repeat(rows[np.array([members[0] for members in found], np.int64)], sizes)
    return links.at(label[links.one] == label[links.other])


def _means(scores: "NDArray[np.int64]", label: "Labels") -> "NDArray[np.int64]":
    """For each of the pairs of groups, which stand together, the score of its group; all in parts of DECIMALS."""
    import numpy as np

    begins = np.flatnonzero(np.diff(label, prepend=-1))
    if not len(begins):
        return scores
    sizes = np.diff(begins, append=len(label))
    return np.repeat(mean_of_parts(np.add.reduceat(scores, begins), sizes), sizes)
