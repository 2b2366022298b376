"""The methods behind the insights a second time, number by number; scipy, scikit-learn and statsmodels only search."""

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import exp, fsum, inf, isfinite, lgamma, log, sqrt
from statistics import NormalDist, fmean
from typing import TypeAlias

import numpy as np

Features: TypeAlias = Mapping[str, str]


def wilson(won: int, of: int) -> tuple[float, float]:
    """Both shares p that lie as far as z standard errors from the one that was seen: roots of a quadratic equation."""
    if not of:
        return 0.0, 0.0
    square, share = NormalDist().inv_cdf(0.975) ** 2 / of, won / of
    a, b, c = 1 + square, -(2 * share + square), share * share
    root = sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def least(gains: Sequence[float]) -> float:
    """The lower end of 95 % of the mean gain among 2,000 samples of the cases."""
    dice, ordered = np.random.default_rng(0), np.array(sorted(gains))
    means = sorted(float(ordered[dice.integers(0, len(ordered), len(ordered))].mean()) for _ in range(2_000))
    place = 0.025 * (len(means) - 1)
    return means[int(place)] + (place - int(place)) * (means[int(place) + 1] - means[int(place)])


# -- win chances -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """A deal that was decided."""

    features: Features
    won: bool
    day: int


@dataclass(frozen=True)
class Judged:
    """What later deals say; `steps` are those of the calibration: deals, mean chance, won."""

    tested: int
    brier: float
    base: float
    least: float
    auc: float
    steps: Sequence[tuple[int, float, int]]


def told_before(deals: Sequence[Past]) -> list[Past]:
    """Without what is filled in much more often, or less, in won deals than in lost ones."""
    won, lost = ([deal for deal in deals if deal.won is outcome] for outcome in (True, False))
    if not won or not lost:
        return list(deals)

    def filled(rows: Sequence[Past], name: str) -> float:
        return fmean(bool(row.features[name]) for row in rows)

    kept = [name for name in deals[0].features if abs(filled(won, name) - filled(lost, name)) <= 0.2]
    return [Past({name: deal.features[name] for name in kept}, deal.won, deal.day) for deal in deals]


class Regression:
    """A logistic regression: the library looks for the weights, the chances are worked out here."""

    def __init__(self, deals: Sequence[Past], penalty: float) -> None:
        from sklearn.linear_model import LogisticRegression

        self.columns: dict[tuple[str, str], int] = {}
        self.rare: dict[str, int] = {}
        for name in deals[0].features:
            counts = Counter(deal.features[name] for deal in deals)
            for value, count in counts.items():
                if count >= 10:
                    self.columns[name, value] = len(self.columns) + len(self.rare)
            if min(counts.values()) < 10:
                self.rare[name] = len(self.columns) + len(self.rare)
        width = len(self.columns) + len(self.rare)
        matrix = np.zeros((len(deals), max(1, width)))
        for place, deal in enumerate(deals):
            matrix[place, self._places(deal.features)] = 1
        outcome = [int(deal.won) for deal in deals]
        found = LogisticRegression(C=penalty, max_iter=1_000).fit(matrix, outcome)
        self.weights = [float(weight) for weight in found.coef_[0]]
        self.constant = float(found.intercept_[0])
        self._check(deals, penalty)

    def chance(self, features: Features) -> float:
        return 1 / (1 + exp(-self.constant - fsum(self.weights[place] for place in self._places(features))))

    def _places(self, features: Features) -> list[int]:
        places = (self.columns.get(each, self.rare.get(each[0])) for each in features.items())
        return [place for place in places if place is not None]

    def _check(self, deals: Sequence[Past], penalty: float) -> None:
        """The likelihood less the penalty is flat where the weights are."""
        slope = [weight / penalty for weight in self.weights]
        level = 0.0
        for deal in deals:
            error = self.chance(deal.features) - deal.won
            level += error
            for place in self._places(deal.features):
                slope[place] += error
        assert max(map(abs, (level, *slope))) < 2e-3 * len(deals)


def regression(deals: Sequence[Past]) -> Regression:
    """With the penalty whose chances were best for each quarter of the deals, told by those before it."""
    borders = [first_of_day(deals, len(deals) * part // 4) for part in (1, 2, 3)]
    errors = dict.fromkeys((0.01, 0.1, 1.0), 0.0)
    for start, end in pairwise([*borders, len(deals)]):
        if start in (0, end) or len({deal.won for deal in deals[:start]}) < 2:
            continue
        for penalty in errors:
            model = Regression(deals[:start], penalty)
            errors[penalty] += fmean((model.chance(deal.features) - deal.won) ** 2 for deal in deals[start:end])
    return Regression(deals, min(errors, key=lambda penalty: (errors[penalty], penalty)))


def first_of_day(deals: Sequence[Past], place: int) -> int:
    while place and deals[place - 1].day == deals[place].day:
        place -= 1
    return place


def judged(deals: Sequence[Past]) -> Judged | None:
    """Seven of ten deals tell the chances of the others; None where either had one outcome only."""
    deals = sorted(deals, key=lambda deal: deal.day)
    cut = first_of_day(deals, int(len(deals) * 0.7))
    earlier, later = deals[:cut], deals[cut:]
    if len({deal.won for deal in earlier}) < 2 or len({deal.won for deal in later}) < 2:
        return None
    model, rate = regression(earlier), fmean(deal.won for deal in earlier)
    chances = [model.chance(deal.features) for deal in later]
    outcomes = [deal.won for deal in later]
    errors = [(chance - won) ** 2 for chance, won in zip(chances, outcomes, strict=True)]
    plain = [(rate - won) ** 2 for won in outcomes]
    gains = [base - error for base, error in zip(plain, errors, strict=True)]
    steps = calibration(chances, outcomes)
    return Judged(len(later), fmean(errors), fmean(plain), least(gains), auc(chances, outcomes), steps)


def auc(chances: Sequence[float], outcomes: Sequence[bool]) -> float:
    """How often a won deal had the higher chance of a pair; equal ones count half."""
    below, total = 0, 0.0
    for _, pairs in groupby(sorted(zip(chances, outcomes, strict=True)), key=lambda each: each[0]):
        same = [won for _, won in pairs]
        lost = len(same) - sum(same)
        total += sum(same) * (below + lost / 2)
        below += lost
    return total / (sum(outcomes) * below)


def calibration(chances: Sequence[float], outcomes: Sequence[bool]) -> list[tuple[int, float, int]]:
    """Five steps of as many deals, but that equal chances are in one step."""
    ordered = sorted(zip((round(chance, 9) for chance in chances), outcomes, strict=True), key=lambda each: each[0])
    starts = sorted({[each[0] for each in ordered].index(ordered[len(ordered) * part // 5][0]) for part in range(5)})
    parts = [ordered[start:end] for start, end in pairwise([*starts, len(ordered)])]
    return [(len(part), fmean(chance for chance, _ in part), sum(won for _, won in part)) for part in parts]


# -- who buys again ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class History:
    """Repeat purchases, weeks from the first to the last one, weeks from the first one until the end."""

    again: int
    last: float
    age: float


def history(days: Sequence[int], until: int) -> History:
    known = sorted({day for day in days if day <= until})
    return History(len(known) - 1, (known[-1] - known[0]) / 7, (until - known[0]) / 7)


@dataclass(frozen=True)
class Bgnbd:
    """The model of Fader, Hardie and Lee (2005), as their note on a spreadsheet writes it down."""

    r: float
    alpha: float
    a: float
    b: float

    def likelihood(self, counts: Mapping[History, int]) -> float:
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        shared: dict[int, float] = {}
        total = 0.0
        for each, count in counts.items():
            x = each.again
            if x not in shared:
                shared[x] = lgamma(r + x) - lgamma(r) + r * log(alpha)
                shared[x] += lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
            stays = -(r + x) * log(alpha + each.age)
            leaves = log(a) - log(b + x - 1) - (r + x) * log(alpha + each.last) if x else -inf
            high, low = max(stays, leaves), min(stays, leaves)
            total += count * (shared[x] + high + log(1 + exp(low - high)))
        return total

    def alive(self, of: History) -> float:
        if not of.again:
            return 1.0
        gone = exp((self.r + of.again) * log((self.alpha + of.age) / (self.alpha + of.last)))
        return 1 / (1 + self.a / (self.b + of.again - 1) * gone)

    def expected(self, of: History, weeks: float) -> float:
        """Purchases within so many weeks; the hypergeometric function by its series."""
        first, second, third = self.r + of.again, self.b + of.again, self.a + self.b + of.again - 1
        argument, term, total, n = weeks / (self.alpha + of.age + weeks), 1.0, 0.0, 0
        while abs(term) > 1e-16 * abs(total):
            total += term
            term *= (first + n) * (second + n) / ((third + n) * (n + 1)) * argument
            n += 1
        kept = exp(first * log((self.alpha + of.age) / (self.alpha + of.age + weeks)))
        return third / (self.a - 1) * (1 - kept * total) * self.alive(of)


def most_likely(customers: Sequence[History]) -> Bgnbd:
    """From the parameters that the paper gives for its sample; the program knows other places to begin."""
    from scipy.optimize import minimize

    counts = Counter(customers)

    def cost(logarithms: Sequence[float]) -> float:
        return -Bgnbd(*map(exp, logarithms)).likelihood(counts) / len(customers)

    begin = [log(number) for number in (0.243, 4.414, 0.793, 2.426)]
    found = minimize(cost, begin, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-11, "maxfev": 2_000})
    return Bgnbd(*(exp(float(number)) for number in found.x))


@dataclass(frozen=True)
class Trial:
    """Two thirds of the time tell the rest."""

    customers: int
    foretold: float
    bought: int
    error: float
    plain: float
    least: float


def trial(bought: Sequence[Sequence[int]], today: int) -> Trial:
    first = sorted(map(min, bought))[len(bought) // 100]  # the earliest of a hundred may be a slip of the pen
    cut = first + round((today - first) * 2 / 3)
    known = [days for days in bought if min(days) <= cut]
    past, weeks = [history(days, cut) for days in known], (today - cut) / 7
    model = most_likely(past)
    foretold = [model.expected(each, weeks) for each in past]
    later = [len({day for day in days if cut < day <= today}) for days in known]
    everybody = sum(each.again for each in past) / sum(max(each.age, 1) for each in past) * weeks
    answers = ([everybody] * len(past), [each.again / max(each.age, 1) * weeks for each in past], foretold)
    one, other, mine = ([(n - m) ** 2 for n, m in zip(answer, later, strict=True)] for answer in answers)
    plain = min(one, other, key=fmean)
    gains = [p - e for p, e in zip(plain, mine, strict=True)]
    return Trial(len(known), fsum(foretold), sum(later), fmean(mine), fmean(plain), least(gains))


# -- the next months ---------------------------------------------------------------------------------------------------


def naive(known: Sequence[float], steps: int) -> list[float]:
    return [known[-1]] * steps


def moving(known: Sequence[float], steps: int) -> list[float]:
    return [fmean(known[-3:])] * steps


def smoothed(known: Sequence[float], steps: int) -> list[float]:
    """Each level as the weighted sum of all that was before, by the weight with the smallest errors."""

    def level(weight: float, until: int) -> float:
        return (1 - weight) ** (until - 1) * known[0] + fsum(
            weight * (1 - weight) ** (until - 1 - place) * known[place] for place in range(1, until)
        )

    def error(weight: float) -> float:
        return fsum((level(weight, place) - known[place]) ** 2 for place in range(1, len(known)))

    return [level(min((n / 10 for n in range(1, 10)), key=error), len(known))] * steps


def ets(known: Sequence[float], steps: int) -> list[float]:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    model = ExponentialSmoothing(list(known), trend="add", damped_trend=True, initialization_method="estimated")
    return [float(value) for value in model.fit().forecast(steps)]


def theta(known: Sequence[float], steps: int) -> list[float]:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    model = ThetaModel(np.array(known), period=12, deseasonalize=len(known) >= 24)
    return [float(value) for value in model.fit().forecast(steps)]


METHODS = {
    "As last month": naive,
    "Mean of three months": moving,
    "Exponential smoothing": smoothed,
    "ETS with trend": ets,
    "Theta": theta,
}


def quietly(method: Callable[[Sequence[float], int], list[float]], known: Sequence[float], steps: int) -> list[float]:
    """Nothing where a library gives up."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return method(known, steps)
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
            return []


def months_ahead(known: Sequence[float], steps: int) -> tuple[list[tuple[float, float, float]], dict[str, float], int]:
    """What is foretold with low and high, the mean error of each method, and the months that judged them."""
    tested = range(max(4, len(known) - 12), len(known))
    errors = {}
    for name, method in METHODS.items():
        told = [quietly(method, known[:place], 1) for place in tested]
        if all(each and isfinite(each[0]) for each in told):
            errors[name] = fmean(abs(max(0.0, each[0]) - known[n]) for each, n in zip(told, tested, strict=True))
    best = min(errors, key=lambda name: errors[name])
    values = [max(0.0, value) for value in quietly(METHODS[best], known, steps)]
    around = [errors[best] * sqrt(step + 1) for step in range(steps)]
    foretold = [(v, max(0.0, v - by), v + by) for v, by in zip(values, around, strict=True)]
    return foretold, errors, len(tested)
