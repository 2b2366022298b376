"""Buy till you die: who will buy again, and who has gone without saying so.

The BG/NBD model of Fader, Hardie and Lee, "Counting Your Customers the Easy Way" (Marketing Science 24, 2005): each
customer buys at a rate of their own and may leave after any purchase; nobody tells when they leave.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sheets.insights.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

STARTS = ((1.0, 1.0, 1.0, 1.0), (0.5, 10.0, 1.0, 3.0))
"""Where the search for the parameters begins: one start may end beside the hill."""
LARGEST = 1e4
"""Parameters beyond it say that all customers are alike; the likelihood is flat there."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """What the model needs to know of each customer; arrays of one length.

    Attributes:
        repeats: days with a purchase after the first one.
        recency: time from the first purchase to the last one, 0 where there is only one.
        age: time from the first purchase to the end of the observation, in the same unit.
    """

    repeats: "Numbers"
    recency: "Numbers"
    age: "Numbers"

    def at(self, places: "NDArray[np.int64]") -> "Purchases":
        """Some of the customers."""
        return Purchases(self.repeats[places], self.recency[places], self.age[places])


@dataclass(frozen=True, slots=True)
class BuyingModel:
    """The parameters of BG/NBD: `r`, `alpha` shape the rates of purchase, `a`, `b` the chances of leaving."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def alive(self, of: Purchases) -> "Numbers":
        """The probability that each customer is still one (their equation 11, without the future)."""
        import numpy as np

        # A customer without a repeat purchase has had no occasion to leave.
        with np.errstate(over="ignore"):  # infinite odds are a chance of 0
            odds = np.where(of.repeats > 0, np.exp(self._gone(of)), 0.0)
        result: Numbers = 1 / (1 + odds)
        return result

    def expected(self, of: Purchases, time: float) -> "Numbers":
        """The purchases of each customer that are expected within `time` from now (their equation 10)."""
        import numpy as np
        from scipy.special import hyp2f1

        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, age = of.repeats, of.age
        if abs(a - 1) < 1e-6:  # the formula divides by a - 1, its limit does not
            a += 1e-6
        z = time / (alpha + age + time)
        shrink = np.exp((r + x) * (np.log(alpha + age) - np.log(alpha + age + time)))
        bought = (a + b + x - 1) / (a - 1) * (1 - shrink * hyp2f1(r + x, b + x, a + b + x - 1, z))
        result: Numbers = bought * self.alive(of)
        return result

    def _gone(self, of: Purchases) -> "Numbers":
        """The logarithm of the odds that a customer with repeat purchases has left."""
        import numpy as np

        x = np.maximum(of.repeats, 1)
        result: Numbers = (
            np.log(self.a)
            - np.log(self.b + x - 1)
            + (self.r + x) * (np.log(self.alpha + of.age) - np.log(self.alpha + of.recency))
        )
        return result


def fit(of: Purchases) -> BuyingModel | None:
    """The model under which the purchases are most likely; None where nobody came back.

    Customers who are alike are counted once with their number, so the cost follows the number of different ones.
    """
    import numpy as np
    from scipy.optimize import minimize

    rows, counts = np.unique(np.column_stack([of.repeats, of.recency, of.age]), axis=0, return_counts=True)
    if not len(rows) or not rows[:, 0].any():
        return None
    scale = 10 / float(rows[:, 2].max() or 1)  # times of about ten units, whatever the unit: the search likes that
    alike = Purchases(rows[:, 0], rows[:, 1] * scale, rows[:, 2] * scale)
    cost = _cost(alike, counts)
    bounds = [(np.log(1e-4), np.log(LARGEST))] * 4
    with one_thread():
        ends = [minimize(cost, np.log(start), method="L-BFGS-B", bounds=bounds) for start in STARTS]
    best = min(ends, key=lambda end: float(end.fun))
    # From near the top the simplex finds it to more places than differences of the slope do. Where customers are all
    # alike there is no top but a ridge, on which it may stop anywhere: what is foretold there is the same.
    options = {"xatol": 1e-7, "fatol": 1e-10, "maxfev": 1_000}
    top = minimize(cost, best.x, method="Nelder-Mead", bounds=bounds, options=options)
    if not np.isfinite(top.fun):
        return None
    r, alpha, a, b = (float(value) for value in np.exp(top.x))
    # The density of purchases is one per unit of time: counting time in other units moves it by a constant.
    likelihood = -float(top.fun) * len(of.repeats) + float(of.repeats.sum()) * float(np.log(scale))
    return BuyingModel(r, alpha / scale, a, b, likelihood)


def _cost(of: Purchases, counts: "NDArray[np.int64]") -> "Callable[[Numbers], float]":
    """The mean of minus the log-likelihood (their equation 6) of the logarithms of the parameters."""
    import numpy as np
    from scipy.special import betaln, gammaln

    x = of.repeats
    weights = counts / counts.sum()
    again = x > 0

    def cost(logarithms: "Numbers") -> float:
        r, alpha, a, b = np.exp(logarithms)
        rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + of.age)
        leaves = np.where(
            again,
            betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + of.recency),
            -np.inf,
        )
        return -float((weights * (rate + np.logaddexp(stays, leaves))).sum())

    return cost
