"""How sure it is that one way of foretelling is better than another."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95
DRAWS = 2_000
MANY = 20_000
"""Cases from which on the mean is as good as normal; drawing them again and again would fill the memory."""


def least_gain(gains: "NDArray[np.float64]", seed: int) -> float:
    """The lower end of the interval of the mean gain, by resampling cases (bootstrap: Efron, 1979).

    Args:
        gains: for each case the error of the one less that of the other.
        seed: of the resampling.
    """
    import numpy as np

    gains = np.sort(gains)  # the same cases in another order are drawn as before
    source = np.random.default_rng(seed)
    if len(gains) > MANY:
        means = source.normal(float(gains.mean()), float(gains.std()) / len(gains) ** 0.5, DRAWS)
    else:
        means = np.array([gains[source.integers(0, len(gains), len(gains))].mean() for _ in range(DRAWS)])
    return float(np.quantile(means, (1 - CONFIDENCE) / 2))


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """The interval of a share of `whole` cases, for CONFIDENCE (Wilson, 1927); None where there are none."""
    if not whole:
        return None
    z = 1.959964
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * (share * (1 - share) / whole + z * z / (4 * whole * whole)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
