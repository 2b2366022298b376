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
        self._lengths_by_first, self._lengths_by_last = (
            _lengths_by(place, words, 2 << self._descending[0]) for place in (0, -1)
        )

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
        import numpy as np

        def found(at: "Numbers", length: int) -> "Numbers":
            begin = end[at] - length
            likely = np.flatnonzero(self._lengths_by_first(spans.codes.take(begin)) & (1 << length))
            hit = np.full(len(at), -1)
            hit[likely] = self.places(parts.part(begin[likely], begin[likely] + length))
            return hit

        possible = self._lengths_by_last(spans.codes.take(end - 1, mode="clip"))
        return self.longest(possible & self.upto(end - first), found)

    def upto(self, room: "Numbers") -> "Numbers":
        """The lengths for which there is room, as bits."""
        import numpy as np

        found: Numbers = (np.int64(2) << np.clip(room, 0, self._descending[0])) - 1
        return found

    def longest(self, possible: "Numbers", hits: "Callable[[Numbers, int], Numbers]") -> "Numbers":
        """The number of the longest word that each of some texts has, -1 for none.

        Args:
            possible: how long it may be, as bits; it is changed.
            hits: given some texts and a length, the number of the word of that length that each has, -1 for none.
        """
        import numpy as np

        found = np.full(len(possible), -1)
        for length in self._descending:
            at = np.flatnonzero(possible & (1 << length))
            if len(at):
                hit = hits(at, length)
                found[at] = hit
                possible[at[hit >= 0]] = 0
        return found


def _lengths_by(place: int, words: Sequence[str], most: int) -> Table:
    """By the sign at a place of words: how long these are, as bits; the lowest bit is always there."""
    lengths: dict[str, int] = {}
    for word in words:
        lengths[word[place]] = lengths.get(word[place], 1) | 1 << len(word)
    return Table(lambda character: lengths.get(character, 1), most)


def beginning(parts: Parts, first: "Numbers", end: "Numbers") -> tuple["Numbers", "Numbers"]:
    """The number of the place that each text begins with (see regions.regions), 0 for none, and how long it is."""
    import numpy as np

    words, (heads, lengths_of, regions) = place_words(), _places()
    possible = lengths_of[heads.places(parts.part(first, np.minimum(first + 2, end)))] & words.upto(end - first)
    found = words.longest(possible, lambda at, length: words.places(parts.part(first[at], first[at] + length)))
    return regions[found], words.lengths[found]


@cache
def place_words() -> Words:
    """All places as written."""
    return Words(tuple(written()))


@cache
def _places() -> tuple[Words, "Numbers", "Numbers"]:
    """First two characters, the lengths that are possible with each, as bits; the number of each of place_words()."""
    import numpy as np

    every = written()
    lengths: dict[str, int] = {}
    for text in every:
        lengths[text[:2]] = lengths.get(text[:2], 0) | 1 << len(text)
    regions = np.array([*(region.number for region, _ in every.values()), 0])
    return Words(tuple(lengths)), np.array([*lengths.values(), 0]), regions
