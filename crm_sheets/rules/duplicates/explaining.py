"""Why two customers have their score: the keys by which they meet, what each column says, and how much it weighs."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sheets.rules.duplicates import keys, weights
from crm_sheets.rules.duplicates.columns import Cells, columns_of
from crm_sheets.rules.duplicates.compare import (
    COLUMNS,
    compare,
    comparison_of,
    crowding,
    score_of,
    surroundings,
    weights_of,
)
from crm_sheets.rules.duplicates.index import Blocks, crowds_of, keys_of
from crm_sheets.rules.duplicates.keys import kind_of, limit_of


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that counts for or against two customers being one; weights are natural logarithms of odds."""

    what: str
    found: str
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What two customers have in common.

    Attributes:
        met: how many customers share each key that both have, by what is shared; those beyond its limit, too.
        compared: whether one of these keys is shared by so few that the two are compared at all.
        reasons: their weights add up to the logarithm of the odds of which `score` is the likelihood.
    """

    met: Mapping[str, int]
    compared: bool
    reasons: tuple[Reason, ...]
    score: float
    certain: bool


def explain(one: Cells, other: Cells, blocks: Blocks) -> Explanation:
    """Compares two customers, whether they share a key or not.

    Args:
        one: a customer.
        other: another one.
        blocks: the index, that tells how many bear their names.
    """
    import numpy as np

    columns = columns_of([one, other])
    crowds = crowds_of(columns, blocks)
    a, b = np.array([0], np.int64), np.array([1], np.int64)
    judged = compare(columns, crowds, a, b, every=True)
    reasons = [
        Reason("start", "two customers that share a key", weights.START),
        Reason("surroundings", "place, branch, form of company", int(surroundings(columns, a, b)[0]) / 10),
        Reason("crowd", "how many bear the name", int(crowding(columns, crowds, judged)[0]) / 10),
    ]
    for column in COLUMNS:
        comparison = comparison_of(column)
        word = weights.words_of(comparison.kind)[int(judged.words[column][0])]
        reasons.append(Reason(column, word.word, int(weights_of(judged, column, comparison)[0]) / 10))
    total = int(judged.total[0])
    its, others = keys_of(columns).values() if one[0] != other[0] else ((), ())
    shared = [key for key in its if key in others]
    sizes = blocks.sizes(shared, 10 * keys.LIMIT)
    met = {kind_of(key).name.lower(): sizes.get(key, 0) for key in shared}
    compared = any(sizes.get(key, 0) <= limit_of(key) for key in shared)
    return Explanation(met, compared, tuple(reasons), score_of(total), bool(judged.certain()[0]))
