"""What the next months may bring, by the method that did best on the months that are known.

Each method foretells each of the last months from those before it only (rolling origin: Tashman, International Journal
of Forecasting 16, 2000); the one with the smallest mean absolute error is used, and its error gives the range.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isfinite
from typing import TypeAlias

from crm_sheets.insights.threads import one_thread

Series: TypeAlias = Sequence[float]
Method: TypeAlias = Callable[[Series, int], Sequence[float]]
"""What comes after a series, so many steps."""

LEAST = 6
"""Months that must be known: with fewer, no method can be told from another."""
FIRST = 4
"""Months that a method is given at least before it is asked."""
TESTED = 12
"""Of the last months, how many are foretold to compare the methods."""
YEAR = 12
"""Months after which seasons come again."""
WEIGHTS = tuple(step / 10 for step in range(1, 10))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is published.

    Attributes:
        method: the key of the one that did best.
        values: of the next months.
        low, high: the values less and plus the error: between them lay the like of half to two thirds of the tested.
        error: mean absolute error one step ahead of each method that was tried.
        tested: months that were foretold.
    """

    method: str
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    errors: Mapping[str, float]
    tested: int

    @property
    def error(self) -> float:
        """Of the method that is used."""
        return self.errors[self.method]


def forecast(
    series: Series, steps: int, *, at_least: float = 0.0, ways: Mapping[str, Method] | None = None
) -> Forecast | None:
    """The next `steps` values; None when too little is known.

    Args:
        series: of one month after the other, without gaps, the last one complete.
        steps: how many to foretell.
        at_least: no value is foretold to be smaller: revenue is not negative.
        ways: the methods to try, the plainest first; None for those that there are.
    """
    if len(series) < LEAST:
        return None
    ways = methods() if ways is None else ways
    origins = range(max(FIRST, len(series) - TESTED), len(series))
    errors = {
        name: found for name, method in ways.items() if (found := _error(method, series, origins, at_least)) is not None
    }
    best, ahead = _best(series, steps, ways, errors)
    values = tuple(max(at_least, value) for value in ahead)
    # Errors of independent steps add up as their squares do.
    around = [errors[best] * (step + 1) ** 0.5 for step in range(steps)]
    return Forecast(
        method=best,
        values=values,
        low=tuple(max(at_least, value - by) for value, by in zip(values, around, strict=True)),
        high=tuple(value + by for value, by in zip(values, around, strict=True)),
        errors=errors,
        tested=len(origins),
    )


def _best(
    series: Series, steps: int, ways: Mapping[str, Method], errors: Mapping[str, float]
) -> tuple[str, Sequence[float]]:
    """The method with the smallest error, and what it foretells; one that fails now, and did not before, is passed
    over. Of equals the plainer: they are tried in that order."""
    for name in sorted(errors, key=lambda name: errors[name]):
        ahead = ways[name](series, steps)
        if len(ahead) == steps and all(map(isfinite, ahead)):
            return name, ahead
    return "naive", _naive(series, steps)


def methods() -> Mapping[str, Method]:
    """The methods, the plainest first; ETS and theta only where statsmodels is installed."""
    plain: dict[str, Method] = {"naive": _naive, "moving_mean": _moving_mean, "smoothing": _smoothing}
    return plain | {"ets": _ets, "theta": _theta} if find_spec("statsmodels") else plain


def _error(method: Method, series: Series, origins: range, at_least: float) -> float | None:
    """Mean absolute error one step ahead; None for a method that fails on the series."""
    total = 0.0
    for origin in origins:
        foretold = method(series[:origin], 1)
        if not foretold or not isfinite(foretold[0]):
            return None
        total += abs(max(at_least, foretold[0]) - series[origin])
    return total / len(origins)


def _naive(series: Series, steps: int) -> Sequence[float]:
    """The next month will be as the last one."""
    return [series[-1]] * steps


def _moving_mean(series: Series, steps: int) -> Sequence[float]:
    """As the mean of the last three."""
    last = series[-3:]
    return [sum(last) / len(last)] * steps


def _smoothing(series: Series, steps: int) -> Sequence[float]:
    """Simple exponential smoothing; its weight is the one that foretold the series itself best."""

    def level_and_error(weight: float) -> tuple[float, float]:
        level, error = series[0], 0.0
        for value in series[1:]:
            error += (value - level) ** 2
            level += weight * (value - level)
        return level, error

    level, _ = min((level_and_error(weight) for weight in WEIGHTS), key=lambda found: found[1])
    return [level] * steps


def _ets(series: Series, steps: int) -> Sequence[float]:
    """Level and damped trend (Holt; Gardner and McKenzie), fitted by statsmodels."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    return _quietly(
        lambda: (
            ExponentialSmoothing(list(series), trend="add", damped_trend=True, initialization_method="estimated")
            .fit()
            .forecast(steps)
        )
    )


def _theta(series: Series, steps: int) -> Sequence[float]:
    """Theta (Assimakopoulos and Nikolopoulos, 2000), by statsmodels. From two years on it takes seasons into account
    where they are found by its test; months of one year do not tell them."""
    import numpy as np
    from statsmodels.tsa.forecasting.theta import ThetaModel

    seasons = len(series) >= 2 * YEAR
    return _quietly(lambda: ThetaModel(np.array(series), period=YEAR, deseasonalize=seasons).fit().forecast(steps))


def _quietly(run: Callable[[], Sequence[float]]) -> Sequence[float]:
    """What a library foretells; nothing where it cannot: short or constant series make some of them give up."""
    import warnings

    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"), one_thread():
        warnings.simplefilter("ignore")
        try:
            return [float(value) for value in run()]
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
            return []
