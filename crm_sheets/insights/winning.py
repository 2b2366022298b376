"""The chance that a deal is won, from what was known of it before it was decided.

Few closed deals give base rates, pulled towards the rate of all (a beta prior). More give a logistic regression with an
L2 penalty, fitted on the earlier ones and judged on the later ones; it is published only when its Brier score there is
better than that of the base rate with confidence.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from crm_sheets.insights.judging import least_gain
from crm_sheets.insights.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

ENOUGH = 50
"""Closed deals from which on a regression is tried."""
PRIOR = 10.0
"""Deals that the rate of all counts for in the rate of a group."""
EARLIER = 0.7
"""Part of the closed deals, by their close, that the regression is fitted on; the rest judges it."""
TELLING = 0.2
"""A column that is filled in so much more often (as a share) in won deals than in lost ones, or less, is left out."""
RARE = 10
"""Values of a column that fewer of the earlier deals have are taken together."""
BINS = 5
ALIKE = 9
"""Decimals to which chances of deals of which the same is known are the same."""
FOLDS = 3
"""How often later deals among the earlier ones choose the penalty."""
PENALTIES = (0.01, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Deals:
    """Deals as the model sees them; all sequences of one length.

    Attributes:
        features: what was known before the decision, by column: texts, "" for nothing known. Never what is only known
            afterwards: the final amount, the reason, the days that it took.
        won: whether each was won; of open ones it is not looked at.
        order: when it was closed, in any unit that grows with time.
    """

    features: Mapping[str, Sequence[str]]
    won: Sequence[bool]
    order: Sequence[int]

    def __len__(self) -> int:
        return len(self.won)


class Verdict(StrEnum):
    """Where the published chances come from."""

    BASE = "base_rate"
    MODEL = "model"
    DECLINED = "declined"
    NO_LIBRARY = "no_library"


@dataclass(frozen=True, slots=True)
class Bin:
    """One step of the calibration: deals with about the same predicted chance."""

    deals: int
    predicted: float
    won: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the later deals say of the regression.

    Attributes:
        tested: later deals.
        brier: mean squared error of its chances; `base`: of the earlier deals' win rate.
        gain: `base` minus `brier`; `least` is the lower end of its interval (judging.CONFIDENCE).
        auc: chance that a won deal was given a higher chance than a lost one.
    """

    tested: int
    brier: float
    base: float
    gain: float
    least: float
    auc: float
    calibration: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Chances:
    """What is published.

    Attributes:
        chances: of each open deal.
        rate: of all closed deals, pulled towards a half; None where nothing was closed.
        judgement: None where no regression was tried.
    """

    verdict: Verdict
    chances: tuple[float, ...]
    rate: float | None
    closed: int
    judgement: Judgement | None = None


def win_chances(closed: Deals, running: Mapping[str, Sequence[str]], count: int, group: str, seed: int = 0) -> Chances:
    """The chances of `count` open deals.

    Args:
        closed: what is known of the past.
        running: the features of the open deals, the same columns.
        group: the column whose base rates are used where there is no regression.
        seed: of the resampling that judges the regression.
    """
    closed = _known_before(_in_order(closed))
    running = {name: running[name] for name in closed.features}
    base = _base_rates(closed, running.get(group, [""] * count), group)
    rate = _rate(sum(closed.won), len(closed), 0.5, 1.0) if len(closed) else None
    if len(closed) < ENOUGH or len(set(closed.won)) < 2:
        return Chances(Verdict.BASE, base, rate, len(closed))
    try:
        judgement = judged(closed, seed)
    except ImportError:
        return Chances(Verdict.NO_LIBRARY, base, rate, len(closed))
    if judgement is None or judgement.least <= 0:
        return Chances(Verdict.DECLINED, base, rate, len(closed), judgement)
    with one_thread():
        model = _fitted(closed)
    found = tuple(float(value) for value in _predicted(model, running, count))
    return Chances(Verdict.MODEL, found, rate, len(closed), judgement)


def judged(closed: Deals, seed: int = 0) -> Judgement | None:
    """Fits on the earlier deals and judges on the later ones; None when either had one outcome only.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    import numpy as np
    from sklearn.metrics import roc_auc_score

    earlier, later = _parted(_in_order(closed))
    if len(set(earlier.won)) < 2 or len(set(later.won)) < 2:
        return None
    with one_thread():
        model = _fitted(earlier)
    chances = _predicted(model, later.features, len(later))
    won = np.asarray(later.won, np.float64)
    errors = (chances - won) ** 2
    base = (np.mean(earlier.won) - won) ** 2
    gains = base - errors
    return Judgement(
        tested=len(later),
        brier=float(errors.mean()),
        base=float(base.mean()),
        gain=float(gains.mean()),
        least=least_gain(gains, seed),
        auc=float(roc_auc_score(won, chances)),
        calibration=_calibration(chances, won),
    )


def _in_order(deals: Deals) -> Deals:
    """By their close; those of one day by what is known of them, so that what is said does not depend on the order in
    which somebody sorted the rows."""
    known = zip(deals.order, deals.won, *(deals.features[name] for name in sorted(deals.features)), strict=True)
    keys = [tuple(each) for each in known]
    return _some(deals, sorted(range(len(deals)), key=lambda place: keys[place]))


def _parted(deals: Deals) -> tuple[Deals, Deals]:
    """The earlier and the later ones; what closed on the day of the cut is later: no day is on both sides."""
    cut = _first_of_day(deals.order, int(len(deals) * EARLIER))
    return _some(deals, range(cut)), _some(deals, range(cut, len(deals)))


def _first_of_day(order: Sequence[int], place: int) -> int:
    return bisect_left(order, order[place])


def _folds(order: Sequence[int]) -> Iterator[tuple[range, range]]:
    """Past and future parts of deals in order: quarter after quarter, each judging what was before it."""
    borders = [_first_of_day(order, len(order) * part // (FOLDS + 1)) for part in range(1, FOLDS + 1)]
    yield from ((range(a), range(a, b)) for a, b in pairwise([*borders, len(order)]) if 0 < a < b)


def _known_before(closed: Deals) -> Deals:
    """Without columns that are filled in, or emptied, only once the outcome is known: they foretell nothing."""
    won, lost = ([place for place, outcome in enumerate(closed.won) if outcome is wanted] for wanted in (True, False))
    if not won or not lost:
        return closed

    def filled(values: Sequence[str], places: Sequence[int]) -> float:
        return sum(bool(values[place]) for place in places) / len(places)

    kept = {
        name: values
        for name, values in closed.features.items()
        if abs(filled(values, won) - filled(values, lost)) <= TELLING
    }
    return Deals(kept, closed.won, closed.order)


def _calibration(chances: "Numbers", won: "Numbers") -> tuple[Bin, ...]:
    """Deals with the same chance are in the same bin: which of them were won does not follow from their order."""
    import numpy as np

    order = np.argsort(chances, kind="stable")
    alike = np.round(chances[order], ALIKE)
    borders = {int(np.searchsorted(alike, alike[len(order) * part // BINS])) for part in range(BINS)}
    parts = [order[a:b] for a, b in pairwise([*sorted(borders), len(order)])]
    return tuple(Bin(len(part), float(chances[part].mean()), float(won[part].mean())) for part in parts)


def _base_rates(closed: Deals, groups: Sequence[str], group: str) -> tuple[float, ...]:
    """The rate of each open deal's group, pulled towards that of all."""
    everywhere = _rate(sum(closed.won), len(closed), 0.5, 1.0)
    names = closed.features.get(group, [""] * len(closed))
    counts = Counter(names)
    wins = Counter(name for name, won in zip(names, closed.won, strict=True) if won)
    return tuple(_rate(wins[name], counts[name], everywhere, PRIOR) for name in groups)


def _rate(won: int, of: int, prior: float, strength: float) -> float:
    return (won + prior * strength) / (of + strength)


def _some(deals: Deals, places: Sequence[int]) -> Deals:
    return Deals(
        {name: [values[place] for place in places] for name, values in deals.features.items()},
        [deals.won[place] for place in places],
        [deals.order[place] for place in places],
    )


def _fitted(closed: Deals) -> "Pipeline":
    """One-hot columns and a penalty chosen within the deals that it is fitted on, later ones judging earlier ones."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    def pipeline(penalty: float) -> "Pipeline":
        return make_pipeline(
            OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE),
            LogisticRegression(C=penalty, max_iter=1_000),
        )

    rows, outcome = _rows(closed.features, len(closed)), [int(each) for each in closed.won]
    scores = dict.fromkeys(PENALTIES, 0.0)
    for past, future in _folds(closed.order):
        known = [outcome[place] for place in past]
        if len(set(known)) < 2:
            continue
        for penalty in PENALTIES:
            model = pipeline(penalty).fit([rows[place] for place in past], known)
            chances = model.predict_proba([rows[place] for place in future])[:, 1]
            scores[penalty] += brier_score_loss([outcome[place] for place in future], chances)
    best = min(PENALTIES, key=lambda penalty: (scores[penalty], penalty))
    return pipeline(best).fit(rows, outcome)


def _predicted(model: "Pipeline", features: Mapping[str, Sequence[str]], count: int) -> "Numbers":
    import numpy as np

    if not count:
        return np.zeros(0)
    found: Numbers = np.asarray(model.predict_proba(_rows(features, count))[:, 1], np.float64)
    return found


def _rows(features: Mapping[str, Sequence[str]], count: int) -> list[list[str]]:
    return [list(row) for row in zip(*features.values(), strict=True)] if features else [[""]] * count
