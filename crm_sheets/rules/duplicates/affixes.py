"""Which of many known words texts begin or end with, found for a whole column at once."""

from collections.abc import Callable, Sequence
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

_BITS = 16
"""Of a hash, that tell of most texts that they are no word."""


class Words:
    """Known words, by their hash."""

    def __init__(self, words: Sequence[str]) -> None:
        import numpy as np

        hashes = parts_of_all(words)
        self._order = np.argsort(hashes)
        self._sorted = np.append(hashes[self._order], np.uint64(2**64 - 1))
        self._possible = np.zeros(1 << _BITS, np.bool_)
        self._possible[self._upper(hashes)] = True
        self._begin = np.searchsorted(self._upper(self._sorted[:-1]), np.arange(1 << _BITS))
        self.lengths = np.array([*map(len, words), 0])  # the last one is for no word
        self._descending = sorted(set(map(len, words)), reverse=True)
        by_last: dict[str, int] = {}
        for word in words:
            by_last[word[-1]] = by_last.get(word[-1], 1) | 1 << len(word)
        self._lengths_by_last = Table(lambda character: by_last.get(character, 1), 2 << self._descending[0])

    def places(self, hashes: "Hashes") -> "Numbers":
        """The number of the word with each hash, -1 for none."""
        import numpy as np

        found = np.full(len(hashes), -1)
        left = np.flatnonzero(self._possible.take(self._upper(hashes), mode="clip"))
        wanted = hashes[left]
        at = self._begin[self._upper(wanted)]
        while len(left):  # few words share their upper bits with another
            there = self._sorted[at]
            same = there == wanted
            found[left[same]] = self._order[at[same]]
            further = there < wanted
            left, wanted, at = left[further], wanted[further], at[further] + 1
        return found

    def _upper(self, hashes: "Hashes") -> "Numbers":
        return (hashes >> (64 - _BITS)).view("int64")

    def ending(self, spans: "Spans", parts: Parts, first: "Numbers", end: "Numbers") -> "Numbers":
        """The number of the longest word that stands before each `end` and not before `first`, -1 for none."""
        possible = self._lengths_by_last(spans.codes.take(end - 1, mode="clip"))
        return self.longest(possible & self.upto(end - first), lambda at, length: parts.part(end[at] - length, end[at]))

    def upto(self, room: "Numbers") -> "Numbers":
        """The lengths for which there is room, as bits."""
        import numpy as np

        found: Numbers = (np.int64(2) << np.clip(room, 0, self._descending[0])) - 1
        return found

    def longest(self, possible: "Numbers", hashes: "Callable[[Numbers, int], Hashes]") -> "Numbers":
        """The number of the longest word that each of some texts has, -1 for none.

        Args:
            possible: how long it may be, as bits; it is changed.
            hashes: given some texts and a length, the hash of what may be a word in each.
        """
        import numpy as np

        found = np.full(len(possible), -1)
        for length in self._descending:
            at = np.flatnonzero(possible & (1 << length))
            if len(at):
                hit = self.places(hashes(at, length))
                found[at] = hit
                possible[at[hit >= 0]] = 0
        return found


def beginning(parts: Parts, first: "Numbers", end: "Numbers") -> tuple["Numbers", "Numbers"]:
    """The number of the place that each text begins with (see regions.regions), 0 for none, and how long it is."""
    import numpy as np

    heads, lengths_of, words, regions = _places()
    possible = lengths_of[heads.places(parts.part(first, np.minimum(first + 2, end)))] & words.upto(end - first)
    found = words.longest(possible, lambda at, length: parts.part(first[at], first[at] + length))
    return regions[found], words.lengths[found]


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
