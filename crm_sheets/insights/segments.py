"""Customers in groups that resemble each other in what they buy, how often, and how lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sheets.insights.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 30
"""Customers that must have bought: groups of a handful are accidents."""
MOST_GROUPS = 6
CLEAR = 0.25
"""Silhouette (Rousseeuw, 1987) below which groups have no clear border, and none are told."""
SAMPLED = 5_000
"""Customers among whom the silhouette is measured: it costs the square of them."""
TELLING = 0.5
"""How far, in standard deviations, a group must be from all customers for a word about it."""


@dataclass(frozen=True, slots=True)
class Customer:
    """What the groups go by: purchases, their sum, and days since the last one."""

    purchases: int
    amount: float
    days_since: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One group.

    Attributes:
        customers: how many.
        often, much, lately: -1 less than others, 0 about as others, 1 more.
        purchases, amount, days_since: medians.
    """

    customers: int
    often: int
    much: int
    lately: int
    purchases: float
    amount: float
    days_since: float


@dataclass(frozen=True, slots=True)
class Segments:
    """The groups, the one that buys most first; and how clear their borders are, -1 to 1."""

    groups: tuple[Segment, ...]
    silhouette: float

    @property
    def clear(self) -> bool:
        """Whether they are worth telling."""
        return self.silhouette >= CLEAR


def segments(customers: Sequence[Customer], seed: int = 0) -> Segments | None:
    """The groups by k-means, with the number of groups whose silhouette is best; None for too few customers.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    if len(customers) < LEAST:
        return None
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    # In an order of their own: where k-means begins must not depend on how somebody sorted the rows.
    raw = np.array(sorted((each.purchases, each.amount, each.days_since) for each in customers), np.float64)
    logs = np.log1p(np.maximum(raw, 0))  # all three are skewed: a few buy a hundred times as much
    spread = logs.std(axis=0)
    scaled = (logs - logs.mean(axis=0)) / np.where(spread > 0, spread, 1)
    different = len(np.unique(scaled, axis=0))
    found: list[tuple[float, NDArray[np.int32]]] = []
    for count in range(2, min(MOST_GROUPS, different - 1) + 1):
        with one_thread():
            labels = KMeans(count, n_init=5, random_state=seed).fit_predict(scaled)
            score = silhouette_score(scaled, labels, sample_size=min(SAMPLED, len(scaled)), random_state=seed)
        found.append((float(score), labels))
    if not found:
        return None
    score, labels = max(found, key=lambda each: each[0])
    groups = [_segment(raw[labels == label], scaled[labels == label]) for label in range(int(labels.max()) + 1)]
    return Segments(tuple(sorted(groups, key=lambda group: -group.amount)), score)


def _segment(raw: "NDArray[np.float64]", scaled: "NDArray[np.float64]") -> Segment:
    import numpy as np

    purchases, amount, days = (float(value) for value in np.median(raw, axis=0))
    often, much, long_ago = (int(value > TELLING) - int(value < -TELLING) for value in scaled.mean(axis=0))
    return Segment(len(raw), often, much, -long_ago, purchases, amount, days)
