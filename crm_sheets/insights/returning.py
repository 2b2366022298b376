"""Who is likely to buy again, told only where the model has foretold a later period better than plain answers do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sheets.insights.buying import BuyingModel, Purchases, fit
from crm_sheets.insights.judging import least_gain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

WEEK = 7.0
LEAST_CUSTOMERS, LEAST_RETURNED = 100, 30
"""Customers, and customers who came back, that must be known."""
EARLIER = 2 / 3
"""Part of the time that the model is fitted on; the rest judges it."""
SLIPS = 100
"""Of so many customers one may have a first day that is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the later period says of the model.

    Attributes:
        customers: that were judged.
        foretold, bought: purchases in the later period, as foretold and as they were.
        error: mean squared error per customer of the model; `plain` of the better of two plain answers: everybody buys
            as the mean customer did, and everybody goes on as they did.
        least: lower end of the interval of `plain - error`.
    """

    customers: int
    foretold: float
    bought: int
    error: float
    plain: float
    least: float

    @property
    def passed(self) -> bool:
        """Whether the model was better with confidence."""
        return self.least > 0


@dataclass(frozen=True, slots=True)
class Returning:
    """What is known of each customer, in the order in which they were given.

    Attributes:
        trial: None where the earlier period was too short to be fitted.
        alive: chance of still being a customer; `expected`: purchases within the horizon. Both empty unless the model
            passed its trial.
    """

    model: BuyingModel | None
    trial: Trial | None
    alive: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()


def returning(bought_on: Sequence[Sequence[int]], today: int, horizon: int = 90, seed: int = 0) -> Returning | None:
    """Fits the model, tries it, and tells what it says if it may.

    Args:
        bought_on: for each customer the days with a purchase, as ordinal numbers, at least one each.
        today: the last day that is known, an ordinal number.
        horizon: days ahead.
        seed: of the resampling.

    Returns:
        None when there are too few customers.

    Raises:
        ImportError: scipy is not installed.
    """
    if len(bought_on) < LEAST_CUSTOMERS or sum(len(set(days)) > 1 for days in bought_on) < LEAST_RETURNED:
        return None
    trial = _trial(bought_on, today, seed)
    of = purchases(bought_on, today)
    model = fit(of)
    if model is None or trial is None or not trial.passed:
        return Returning(model, trial)
    return Returning(model, trial, tuple(model.alive(of).tolist()), tuple(model.expected(of, horizon / WEEK).tolist()))


def purchases(bought_on: Sequence[Sequence[int]], until: int) -> Purchases:
    """Weeks and repeat purchases as the model wants them; days after `until` are not looked at."""
    import numpy as np

    rows = []
    for days in bought_on:
        known = sorted({day for day in days if day <= until})
        rows.append((len(known) - 1, (known[-1] - known[0]) / WEEK, (until - known[0]) / WEEK))
    repeats, recency, age = np.array(rows, np.float64).T
    return Purchases(repeats, recency, age)


def _trial(bought_on: Sequence[Sequence[int]], today: int, seed: int) -> Trial | None:
    import numpy as np

    # One purchase of 1920 is a slip of the pen, and must not make two thirds of the time end in 1990.
    first = sorted(map(min, bought_on))[len(bought_on) // SLIPS]
    cut = first + round((today - first) * EARLIER)
    # In an order of their own: what is drawn must not depend on how somebody sorted the rows.
    known = sorted(sorted(set(days)) for days in bought_on if min(days) <= cut)
    horizon = today - cut
    if len(known) < LEAST_CUSTOMERS or horizon < WEEK:
        return None
    of = purchases(known, cut)
    model = fit(of)
    if model is None:
        return None
    later = np.array([sum(cut < day <= today for day in days) for days in known], np.float64)
    foretold = model.expected(of, horizon / WEEK)
    ages = np.maximum(of.age, 1)
    mean = np.full(len(later), of.repeats.sum() / ages.sum() * horizon / WEEK)
    own = of.repeats / ages * horizon / WEEK
    plain = min(((mean - later) ** 2, (own - later) ** 2), key=lambda errors: float(errors.mean()))
    errors = (foretold - later) ** 2
    return Trial(
        customers=len(known),
        foretold=float(foretold.sum()),
        bought=int(later.sum()),
        error=float(errors.mean()),
        plain=float(plain.mean()),
        least=least_gain(plain - errors, seed),
    )
