"""How the addresses of many pairs of customers compare, by their houses, numbers and places."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.addresses import numbers_in
from crm_sheets.rules.duplicates.affixes import beginning
from crm_sheets.rules.duplicates.columns import Columns, cities, provinces
from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness_words import slips_between, words_like
from crm_sheets.rules.duplicates.regions import MORE_OF_A_PLACE, leading_region
from crm_sheets.rules.duplicates.spans import Marks, marks, spans_of
from crm_sheets.rules.duplicates.weights import UNSURE, UNSURE_BUT_CLOSE, Addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers
    from crm_sheets.rules.duplicates.likeness_words import Flags, Rows, Words

FAR = 6
"""Slips from which on two addresses have nothing in common."""


def addresses_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses: whether both are told, and the house is the same."""
    told, house = columns.truths["addressed"], columns.keys[Shared.HOUSE][0]
    number, street = columns.numbers["house_number"], columns.numbers["street"]
    found = words_like(one, Addresses.OTHER.place)
    found[(number[one] == 0) | (number[other] == 0)] = UNSURE
    found[(street[one] == street[other]) | ((number[one] == number[other]) & (number[one] != 0))] = UNSURE
    found[(house[one] == house[other]) & (house[one] != 0)] = UNSURE_BUT_CLOSE
    found[columns.numbers["address"][one] == columns.numbers["address"][other]] = Addresses.SAME.place
    found[~told[one] | ~told[other]] = Addresses.MISSING.place
    return found


def addresses_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses: the same house number in the same street counts most, the room tells neighbours apart."""
    import numpy as np

    house = columns.keys[Shared.HOUSE][0]
    same_house = (house[one] == house[other]) & (house[one] != 0)
    texts = [columns.texts["address"].of(rows) for rows in (one, other)]
    numbers = _numbers_of([*texts[0], *texts[1]])
    agree, shorter = numbers.agree()
    found = words_like(one, Addresses.OTHER.place)
    at = np.flatnonzero(same_house)
    at = at[_may_be_one_place(*([text[place] for place in at.tolist()] for text in texts))]
    found[at] = np.where(agree[at], Addresses.SAME.place, Addresses.SAME_STREET.place)
    at = np.flatnonzero(~same_house)
    pairs = [[text[place] for place in at.tolist()] for text in texts]
    apart = slips_between(*pairs, most=FAR)
    similar = (apart <= FAR) & (shorter[at] > 0) & ((apart <= 2) | agree[at])
    found[at[similar]] = Addresses.SIMILAR.place
    bare = np.flatnonzero(shorter[at] == 0)
    part = _are_parts(*([texts[place] for place in bare.tolist()] for texts in pairs))
    found[at[bare[part]]] = Addresses.PART.place
    found[columns.numbers["address"][one] == columns.numbers["address"][other]] = Addresses.SAME.place
    return found


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers in texts, in their order: the first half of the texts is compared with the second.

    Attributes:
        hashes: of each number.
        first: the place of the first number of each text.
        count: how many numbers each text has.
    """

    hashes: "Hashes"
    first: "Numbers"
    count: "Numbers"

    def agree(self) -> "tuple[Flags, Numbers]":
        """Whether two texts have the same numbers as far as both go, and how many that are."""
        import numpy as np

        half = len(self.count) // 2
        shorter = np.minimum(self.count[:half], self.count[half:])
        found = np.ones(half, np.bool_)
        for place in range(int(shorter.max(initial=0))):
            both = np.flatnonzero(shorter > place)
            found[both] &= self.hashes[self.first[both] + place] == self.hashes[self.first[both + half] + place]
        return found, shorter


def _numbers_of(texts: "Sequence[str]") -> _Numbers:
    """`addresses.numbers_in` of many texts."""
    import numpy as np

    spans = spans_of(texts)
    digit = _marks().told("digit", _marks().of(spans.codes))
    edges = np.flatnonzero(np.diff(digit, prepend=False))
    first, end = edges[::2], edges[1::2]
    count = np.bincount(spans.rows_with(first), minlength=len(texts))
    return _Numbers(Parts(spans.codes).part(first, end), np.cumsum(count) - count, count)


def _may_be_one_place(one: "Sequence[str]", other: "Sequence[str]") -> "Flags":
    """Whether neither province nor city with which two addresses begin differ."""
    return _agreeing(_places_of([*one, *other])[0])


def _agreeing(places: "Numbers") -> "Flags":
    """Whether the first half of some places may be the same as the second."""
    import numpy as np

    half = len(places) // 2
    a, b = places[:half], places[half:]
    found = np.ones(half, np.bool_)
    for names in (provinces(), cities()):
        found &= (names[a] == names[b]) | (names[a] == 0) | (names[b] == 0)
    return found


def _places_of(texts: "Sequence[str]") -> "tuple[Numbers, Numbers]":
    """The numbers of the places with which texts begin, and where these end: `regions.leading_region`."""
    import numpy as np

    if not texts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    spans = spans_of(texts)
    number, length = beginning(Parts(spans.codes), spans.first, spans.end)
    more = _marks().told("goes_on", _marks().of(spans.codes[spans.first + length]))
    for row in np.flatnonzero(more & (length > 0)).tolist():
        region, rest = leading_region(texts[row])
        number[row], length[row] = region.number, len(texts[row]) - len(rest)
    return number, length


def _are_parts(one: "Sequence[str]", other: "Sequence[str]") -> "Flags":
    """Whether one address stops before the house, where the other goes on: 厦门市 of 福建省厦门市解放路8号.

    One of the two has no number; where that is the longer one, it is no part.
    """
    import numpy as np

    turned = [(a, b) if len(a) < len(b) else (b, a) for a, b in zip(one, other, strict=True)]
    short, long = [a for a, _ in turned], [b for _, b in turned]
    places, ends = _places_of([*short, *long])
    found = _agreeing(places)
    starts = ends.tolist()
    for at in np.flatnonzero(found).tolist():
        rest = short[at][starts[at] :]
        found[at] = long[at].startswith(rest, starts[len(short) + at]) and not numbers_in(short[at])
    return found


@cache
def _marks() -> Marks:
    return marks(digit=str.isdecimal, goes_on=MORE_OF_A_PLACE.__contains__)
