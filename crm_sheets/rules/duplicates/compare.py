"""Many pairs of customers compared at once: how likely each is one customer, and which columns say so.

What numbers tell comes first and is asked of every pair; texts are read only where they decide. The sums are of whole
numbers (tenths), so one pair by itself and the same among a hundred thousand have one score.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates import weights
from crm_sheets.rules.duplicates.columns import Columns, cities, provinces
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness import BESIDE, NAMES
from crm_sheets.rules.duplicates.likeness_words import Comparison
from crm_sheets.rules.duplicates.weights import AT_MOST, Codes, Ids, Names, tenths

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.likeness_words import Words

    Rows: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Tenths: TypeAlias = NDArray[np.int16]
    Classes: TypeAlias = NDArray[np.uint8]

FAINT = 0.05
"""Pairs below this are not worth keeping; faint ones only help to judge groups."""
SURE = 0.99
COLUMNS = ("credit_code", "id_number", "phone", "email", "name", "contact", "address")
"""The columns of Pair.keys, the strongest evidence first."""
PROOFS = ("credit_code", "id_number", "phone", "email", "address")
"""A certain pair agrees in one of these: a name alone, or a name and a person, may be two firms."""
HOPELESS = -30
"""Names this far apart (in tenths) need a shared code, phone, mailbox, contact or house."""
MOST = 400
SCORES = tuple(round(1 / (1 + math.exp(-total / 10)), 4) for total in range(-MOST, MOST + 1))
"""The score of a sum, from -MOST tenths on."""


def least(score: float) -> int:
    """The least sum, in tenths, that has a score."""
    return math.ceil(10 * math.log(score / (1 - score)))


def score_of(total: int) -> float:
    """The likeness, 0 to 1, of a sum in tenths."""
    return SCORES[max(-MOST, min(MOST, total)) + MOST]


def comparison_of(column: str) -> Comparison:
    """How a column is compared."""
    return NAMES if column == "name" else BESIDE[column]


@dataclass(slots=True)
class Judged:
    """Pairs under comparison, and what was found so far; all arrays have one place for each pair.

    Attributes:
        one, other: positions of the customers.
        words: by column, what was found, as the place of a word in its Likeness; `branch`: 1 where it is the same.
        total: the sum of all, in tenths; as long as a word is unsure, the most that it may come to.
    """

    one: "Rows"
    other: "Rows"
    total: "Tenths"
    words: "dict[str, NDArray[np.uint8]]"

    def at(self, places: "Rows") -> "Judged":
        """Some of the pairs."""
        words = {column: found[places] for column, found in self.words.items()}
        return Judged(self.one[places], self.other[places], self.total[places], words)

    def keep(self, kept: "Flags") -> None:
        """Leaves out pairs that come to nothing."""
        if not kept.all():
            self.one, self.other, self.total = self.one[kept], self.other[kept], self.total[kept]
            self.words = {column: found[kept] for column, found in self.words.items()}

    def agrees(self, column: str) -> "Flags":
        """Where a column counts as an agreement."""
        found: Flags = weights.agreements(comparison_of(column).kind)[self.words[column]]
        return found

    def slipped(self, column: str) -> "Flags":
        """Where a column agrees but for slips."""
        found: Flags = weights.slips(comparison_of(column).kind)[self.words[column]]
        return found

    def certain(self) -> "Flags":
        """Which pairs leave no reasonable doubt: name and branch agree, a proof does, and no number contradicts."""
        import numpy as np

        sure: Flags = (self.total >= least(SURE)) & self.agrees("name")
        sure &= np.logical_or.reduce([self.agrees(column) for column in PROOFS])
        sure &= self.words["branch"] == 1
        sure &= self.words["credit_code"] != Codes.OTHER.place
        sure &= self.words["id_number"] != Ids.OTHER.place
        return sure


def compare(
    columns: Columns,
    crowds: Mapping[Shared, "Classes"],
    one: "Rows",
    other: "Rows",
    names: "Words | None" = None,
    *,
    every: bool = False,
) -> Judged:
    """Compares pairs of positions, each sharing a key; pairs below FAINT are left out.

    Args:
        columns: the customers.
        crowds: for each customer the class of the number of those that bear its name, everywhere and in its city.
        one: positions.
        other: positions.
        names: what is told of their names, where that is known.
        every: keep pairs that come to nothing, too.
    """
    judged = Judged(one, other, _nothing(one), {"name": NAMES.told(columns, one, other) if names is None else names})
    if not every:
        _keep(columns, judged, ~_elsewhere(columns, one, other))
    branch = columns.numbers["branch"]
    judged.words["branch"] = (branch[judged.one] == branch[judged.other]).astype("uint8")
    if not every:
        _keep(columns, judged, ~_too_far_apart()[judged.words["name"]])
    judged.total = _by_name(columns, crowds, judged)
    if not every:
        _keep(columns, judged, judged.total >= HOPELESS)
    for column, comparison in BESIDE.items():
        judged.words[column] = comparison.told(columns, judged.one, judged.other)
        _add(judged, column, comparison)
    if not every:
        judged.keep(judged.total >= least(FAINT))
    _read_names(columns, crowds, judged, every=every)
    for column, comparison in BESIDE.items():
        if not every:
            judged.keep(judged.total >= least(FAINT))
        unsure, some = _unsure(judged, column)
        before = weights_of(some, column, comparison)
        some.words[column] = judged.words[column][unsure] = comparison.read(columns, some.one, some.other)
        judged.total[unsure] += weights_of(some, column, comparison) - before
    if not every:
        judged.keep(judged.total >= least(FAINT))
    return judged


def _read_names(columns: Columns, crowds: Mapping[Shared, "Classes"], judged: Judged, *, every: bool) -> None:
    """Reads the names that numbers left open; what they turn out to be changes what the other columns say."""
    import numpy as np

    unsure, some = _unsure(judged, "name")
    some.words["name"] = judged.words["name"][unsure] = NAMES.read(columns, some.one, some.other)
    some.total = _by_name(columns, crowds, some)
    hopeful = some.total >= HOPELESS
    for column, comparison in BESIDE.items():
        _add(some, column, comparison)
    judged.total[unsure] = some.total
    if not every:
        kept = np.ones(len(judged.one), np.bool_)
        kept[unsure] = _or_shared(columns, some, hopeful)
        judged.keep(kept)


def _keep(columns: Columns, judged: Judged, hopeful: "Flags") -> None:
    """Leaves out pairs whose names give no hope, but for those that share anything else."""
    judged.keep(_or_shared(columns, judged, hopeful))


def _or_shared(columns: Columns, judged: Judged, hopeful: "Flags") -> "Flags":
    """Which pairs are hopeful, or share anything but the name; `hopeful` is changed."""
    import numpy as np

    doubtful = np.flatnonzero(~hopeful)
    hopeful[doubtful] = _shared(columns, judged.one[doubtful], judged.other[doubtful])
    return hopeful


def _by_name(columns: Columns, crowds: Mapping[Shared, "Classes"], judged: Judged) -> "Tenths":
    """What name and surroundings say of each pair; of an unsure name the most that they may."""
    found: Tenths = surroundings(columns, judged.one, judged.other) + tenths(weights.START)
    found += weights_of(judged, "name", NAMES)
    found += crowding(columns, crowds, judged)
    return found


def _add(judged: Judged, column: str, comparison: Comparison) -> None:
    judged.total = judged.total + weights_of(judged, column, comparison)


def _unsure(judged: Judged, column: str) -> tuple["Rows", Judged]:
    """The pairs of which numbers left a column open, whose texts are to be read: their places, and themselves."""
    import numpy as np

    places = np.flatnonzero(judged.words[column] >= AT_MOST)
    return places, judged.at(places)


def weights_of(judged: Judged, column: str, comparison: Comparison) -> "Tenths":
    """What a column says of each pair."""
    strangers = judged.words["name"] == Names.OTHER.place
    found: Tenths = weights.tenths_of(comparison.kind)[strangers.astype("int8"), judged.words[column]]
    return found


CROWD = tuple(tenths(weight) for weight in weights.CROWD)


def crowding(columns: Columns, crowds: Mapping[Shared, "Classes"], judged: Judged) -> "Tenths":
    """What the number of namesakes says: in their city where both tell the same, otherwise everywhere.

    Of names that are unsure the most that it may: that they have nothing in common says nothing.
    """
    import numpy as np

    one, other = judged.one, judged.other
    city, place = cities(), columns.numbers["place"]
    a, b = city[place[one]], city[place[other]]
    together = (a == b) & (a != 0)
    here, anywhere = crowds[Shared.NAME_IN_CITY], crowds[Shared.NAME]
    size = np.where(together, np.maximum(here[one], here[other]), np.maximum(anywhere[one], anywhere[other]))
    found = np.array(CROWD, np.int16)[size]
    name = judged.words["name"]
    found[(name == Names.OTHER.place) | (name == Names.MISSING.place) | ((name >= AT_MOST) & (found < 0))] = 0
    return found


def surroundings(columns: Columns, one: "Rows", other: "Rows") -> "Tenths":
    """What place, branch and form of company say."""
    import numpy as np

    of = columns.numbers
    place_a, place_b = of["place"][one], of["place"][other]
    city_a, city_b, province_a, province_b = (
        cities()[place_a],
        cities()[place_b],
        provinces()[place_a],
        provinces()[place_b],
    )
    same_city, same_province = (city_a == city_b) & (city_a != 0), (province_a == province_b) & (province_a != 0)
    found = np.where(same_city, tenths(weights.SAME_CITY), np.where(same_province, tenths(weights.SAME_PROVINCE), 0))
    found[_apart(province_a, province_b) | _apart(city_a, city_b)] = tenths(weights.OTHER_REGION)
    found += _branches(columns, one, other)
    found += tenths(weights.OTHER_TRADER) * (of["trader"][one] != of["trader"][other])
    found += tenths(weights.BARE) * (columns.truths["bare"][one] & columns.truths["bare"][other])
    found += tenths(weights.WESTERN) * ~(columns.truths["chinese"][one] | columns.truths["chinese"][other])
    return found.astype(np.int16)


def _branches(columns: Columns, one: "Rows", other: "Rows") -> "Tenths":
    import numpy as np

    branch = columns.numbers["branch"]
    a, b = branch[one], branch[other]
    found = np.where(a == b, tenths(weights.SAME_BRANCH), tenths(weights.OTHER_BRANCH))
    found[(a == 0) != (b == 0)] = tenths(weights.NO_BRANCH)
    found[(a == 0) & (b == 0)] = 0
    return found


def _shared(columns: Columns, one: "Rows", other: "Rows") -> "Flags":
    """Whether anything but the name is the same, or cannot be told by numbers."""
    import numpy as np

    kinds = (Shared.CODE, Shared.ID_NUMBER, Shared.EMAIL, Shared.HOUSE)
    found = np.zeros(len(one), np.bool_)
    for column in (columns.numbers["contact"], *(columns.keys[kind][0] for kind in kinds)):
        found |= (column[one] == column[other]) & (column[one] != 0)
    for a in columns.keys[Shared.PHONE]:
        for b in columns.keys[Shared.PHONE]:
            found |= (a[one] == b[other]) & (a[one] != 0)
    return found


def _elsewhere(columns: Columns, one: "Rows", other: "Rows") -> "Flags":
    """Whether two customers tell different places or branches."""
    branch, place = columns.numbers["branch"], columns.numbers["place"]
    a, b = place[one], place[other]
    found: Flags = branch[one] != branch[other]
    found |= _apart(provinces()[a], provinces()[b]) | _apart(cities()[a], cities()[b])
    return found


def _apart(one: "NDArray[np.uint64]", other: "NDArray[np.uint64]") -> "Flags":
    """Whether both tell it, and not the same."""
    found: Flags = (one != other) & (one != 0) & (other != 0)
    return found


@cache
def _too_far_apart() -> "Flags":
    """Names that are hopeless wherever the customers are, by the place of the word."""
    import numpy as np

    best = weights.SAME_CITY + weights.SAME_BRANCH + max(weights.CROWD)
    found = np.zeros(256, np.bool_)
    for word in Names:
        found[word.place] = tenths(weights.START + word.weight + best) < HOPELESS
    return found


def _nothing(rows: "Rows") -> "Tenths":
    import numpy as np

    return np.zeros(len(rows), np.int16)
