"""Which of many known words texts begin or end with, found for a whole column at once."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.hashes import Parts, parts_of_all
from crm_sheets.rules.duplicates.regions import written
from crm_sheets.rules.duplicates.text import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers
    from crm_sheets.rules.duplicates.spans import Spans

    Flags = NDArray[np.bool_]

_IS_LAST = 2
_BITS = 16
"""Of a hash, that tell of most texts that they are no word."""


class Words:
    """Known words, by their hash."""

    def __init__(self, words: Sequence[str]) -> None:
        import numpy as np

        hashes = parts_of_all(words)
        self._order = np.argsort(hashes)
        self._sorted = hashes[self._order]
        self._possible = np.zeros(1 << _BITS, np.bool_)
        self._possible[self._upper(hashes)] = True
        self.lengths = np.array([*map(len, words), 0])  # the last one is for no word
        self._descending = sorted(set(map(len, words)), reverse=True)
        lasts = {word[-1] for word in words}
        self._lasts = Table(lambda character: _IS_LAST if character in lasts else 1, _IS_LAST)

    def places(self, hashes: "Hashes") -> "Numbers":
        """The number of the word with each hash, -1 for none."""
        import numpy as np

        found = np.full(len(hashes), -1)
        places = np.flatnonzero(self._possible.take(self._upper(hashes), mode="clip"))
        hashes = hashes[places]
        at = np.minimum(np.searchsorted(self._sorted, hashes), len(self._sorted) - 1)
        found[places] = np.where(self._sorted[at] == hashes, self._order[at], -1)
        return found

    def _upper(self, hashes: "Hashes") -> "Numbers":
        return (hashes >> (64 - _BITS)).view("int64")

    def ending(self, spans: "Spans", parts: Parts, first: "Numbers", end: "Numbers") -> "Numbers":
        """The number of the longest word that stands before each `end` and not before `first`, -1 for none."""
        import numpy as np

        found = np.full(len(first), -1)
        left = np.flatnonzero(end > first)
        left = left[self._lasts(spans.codes[end[left] - 1]) == _IS_LAST]
        for length in self._descending:
            fit = left[end[left] - first[left] >= length]
            found[fit] = self.places(parts.part(end[fit] - length, end[fit]))
            left = left[found[left] < 0]
        return found


def beginning(parts: Parts, first: "Numbers", end: "Numbers") -> tuple["Numbers", "Numbers"]:
    """The number of the place that each text begins with (see regions.regions), 0 for none, and how long it is."""
    import numpy as np

    heads, lengths_of, words, regions = _places()
    number, length = np.zeros(len(first), np.int64), np.zeros(len(first), np.int64)
    left = np.flatnonzero(end - first >= 2)
    possible = lengths_of[heads.places(parts.part(first[left], first[left] + 2))]
    left, possible = left[possible != 0], possible[possible != 0]
    for size in range(int(possible.max(initial=1)).bit_length() - 1, 1, -1):
        fit = left[((possible >> size) & 1 == 1) & (first[left] + size <= end[left])]
        if len(fit):
            hit = words.places(parts.part(first[fit], first[fit] + size))
            number[fit], length[fit] = regions[hit], np.where(hit < 0, 0, size)
            possible, left = possible[length[left] == 0], left[length[left] == 0]
    return number, length


@cache
def _places() -> tuple[Words, "Numbers", Words, "Numbers"]:
    """First two characters, the lengths that are possible with each, as bits; all places as written, their numbers."""
    import numpy as np

    every = written()
    lengths: dict[str, int] = {}
    for text in every:
        lengths[text[:2]] = lengths.get(text[:2], 0) | 1 << len(text)
    regions = np.array([*(region.number for region, _ in every.values()), 0])
    return Words(tuple(lengths)), np.array([*lengths.values(), 0]), Words(tuple(every)), regions
