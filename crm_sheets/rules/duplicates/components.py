"""Links sorted by what groups they may make, so that few have to be put together one by one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from crm_sheets.rules.duplicates.candidates import pairs_within
from crm_sheets.rules.duplicates.compare import MOST, least
from crm_sheets.rules.duplicates.groups import TOGETHER
from crm_sheets.rules.duplicates.links import Links, joined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels: TypeAlias = NDArray[np.int32]
    Rows: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]

AT_ONCE = 20_000
"""Links grouped together, at least: groups need an object for each link, and a book has half as many as rows."""
_MARGIN = 1e-6
"""Sums of floats are not exact."""


class Components(NamedTuple):
    """Links by what groups they may make.

    Attributes:
        alone: pairs that are groups by themselves.
        whole: of customers that make one group with all that have the same label.
        hanging: all others, in portions.
        label: by customer; of those of `hanging` it says only that two with different labels are in different groups.
    """

    alone: Links
    whole: Links
    hanging: Iterator[Links]
    label: "Labels"


def components(links: Links, count: int) -> Components:
    """The links sorted out.

    A mean cannot reach what none of the scores reaches: groups never reach beyond what strong links hold together.
    """
    import numpy as np

    strong = links.at(links.total >= least(TOGETHER))
    label = _labels(strong, count)
    within = links.at(np.flatnonzero(label[links.one] == label[links.other]))
    size = np.bincount(label, minlength=count)[label[within.one]]
    inseparable = _inseparable(within, label, size)
    return Components(
        within.at(np.flatnonzero(size == 2)),
        within.at(np.flatnonzero(inseparable & (size > 2))),
        _portions(within.at(np.flatnonzero(~inseparable & (size > 2))), label[within.one][~inseparable & (size > 2)]),
        label,
    )


def _inseparable(links: Links, label: "Labels", size: "Rows") -> "Flags":
    """Which links are of customers that become one group, in whatever order they are joined.

    They do where the scores between any of them and all others have a mean of at least TOGETHER. Let a score lack what
    it is below 1. Among n customers one has n - 1 scores to the others, and two or more have 2 (n - 2) or more: so it
    is enough that the scores of none lack more than (1 - TOGETHER) (n - 1), and all scores not more than
    (1 - TOGETHER) 2 (n - 2).

    Args:
        links: all those between customers with one label.
        label: by customer.
        size: how many customers have the label of each link.
    """
    import numpy as np

    may_lack, count = 1 - TOGETHER - _MARGIN, len(label)
    of_link, scores = label[links.one], links.likelihoods()
    own = np.bincount(links.one, scores, count) + np.bincount(links.other, scores, count)
    missing = size - 1 - np.minimum(own[links.one], own[links.other])
    apart = np.bincount(of_link, missing > may_lack * (size - 1), count)[of_link] > 0
    lacking = size * (size - 1) / 2 - np.bincount(of_link, scores, count)[of_link]
    found: Flags = ~apart & ((size <= 3) | (lacking <= may_lack * 2 * (size - 2)))
    return found


def completed(links: Links, label: "Labels") -> Links:
    """The links in the order of their labels, and links with nothing for them between all others with one label."""
    import numpy as np

    members = links.rows(len(label)).astype(np.int32)
    members = members[np.argsort(label[members], kind="stable")]
    every = pairs_within(members, label[members])
    found = links.one.astype(np.int64) << 32 | links.other
    absent = every[~np.isin(every, found, assume_unique=True)]
    one, other = (absent >> 32).astype(np.int32), (absent & 2**32 - 1).astype(np.int32)
    nothing = np.zeros(len(absent), np.int16)
    whole = joined([links, Links(one, other, nothing - MOST, nothing.astype(np.uint16), nothing.astype(np.bool_))])
    return whole.at(np.argsort(label[whole.one], kind="stable"))


def _labels(links: Links, count: int) -> "Labels":
    """For each customer the smallest position among those that it hangs together with."""
    import numpy as np

    label = np.arange(count, dtype=np.int32)
    a, b = links.one, links.other
    while len(apart := np.flatnonzero(a != b)):
        a, b = a[apart], b[apart]
        np.minimum.at(label, np.maximum(a, b), np.minimum(a, b))
        while (label != (further := label[label])).any():
            label = further
        a, b = label[a], label[b]
    return label


def _portions(links: Links, of_link: "Labels") -> Iterator[Links]:
    """The links in portions such that those with one label stay together."""
    import numpy as np

    order: Rows = np.argsort(of_link, kind="stable")
    ends = np.flatnonzero(np.diff(of_link[order], append=-1)) + 1
    start = 0
    while start < len(order):
        end = int(ends[min(int(np.searchsorted(ends, start + AT_ONCE)), len(ends) - 1)])
        yield links.at(order[start:end])
        start = end
