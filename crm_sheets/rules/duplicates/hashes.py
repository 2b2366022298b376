"""Hashes of many texts at once, the same in every process: they are kept in an index.

A text hashes to the polynomial of its characters, modulo 2**64; so sums from the start give the hash of every part of a
text without looking at it again. Equal texts have equal hashes; two texts that differ share one about once in a hundred
thousand books of a million rows.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates.text import EVERY_CHARACTER, codes_of, sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]
    Hashes: TypeAlias = NDArray[np.uint64]

BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)
_STEP = 1 << 16


def mixed(hashes: "Hashes") -> "Hashes":
    """Spreads every bit over all (the finaliser of SplitMix64: Steele, Lea and Flood, 2014)."""
    import numpy as np

    found = hashes ^ (hashes >> np.uint64(30))
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found *= np.uint64(0x94D049BB133111EB)
    found ^= found >> np.uint64(31)
    return found


class Of(Enum):
    """What of a text is hashed."""

    LETTERS = "all of it"
    SOUND = "how it sounds"
    DIGITS = "its digits"
    WORDS = "all but its digits"


class Parts:
    """The texts of a column, and the hash of any part of them.

    Attributes:
        codes: the characters of all texts.
        starts: where each text begins among them; one more for the end.
    """

    def __init__(self, texts: Sequence[str], of: Of = Of.LETTERS) -> None:
        import numpy as np

        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self.starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        self.codes = codes_of("".join(texts))
        if of is Of.SOUND:
            values, letters = _sounds_of(self.codes)
        else:
            values, letters = _letters()[self.codes], np.ones(len(self.codes), np.uint8)
            if of is not Of.LETTERS:
                digits = (self.codes >= ord("0")) & (self.codes <= ord("9"))
                letters[digits == (of is Of.WORDS)] = 0
                values *= letters
        self._until = np.concatenate([np.zeros(1, np.int64), np.cumsum(letters, dtype=np.int64)])
        self._powers, inverses = _powers(int(self._until[-1]) + 1)
        self._sums = np.zeros(len(self.codes) + 1, np.uint64)
        np.cumsum(values * inverses[self._until[1:]], out=self._sums[1:])

    def whole(self) -> "Hashes":
        """The hash of each text; 0 for an empty one."""
        return self.part(self.starts[:-1], self.starts[1:])

    def part(self, first: "Numbers", end: "Numbers") -> "Hashes":
        """The hash of what stands between two places among all characters; 0 for nothing."""
        found: Hashes = (self._sums[end] - self._sums[first]) * self._powers[self._until[end]]
        return found

    def firsts(self) -> "NDArray[np.uint32]":
        """The first character of each text, 0 for an empty one."""
        return self._at(self.starts[:-1])

    def lasts(self) -> "NDArray[np.uint32]":
        """The last character of each text, 0 for an empty one."""
        return self._at(self.starts[1:] - 1)

    def seconds(self) -> "NDArray[np.uint32]":
        """The second character of each text, or its only one; 0 for an empty one."""
        import numpy as np

        return self._at(np.minimum(self.starts[:-1] + 1, self.starts[1:] - 1))

    def _at(self, places: "Numbers") -> "NDArray[np.uint32]":
        import numpy as np

        if not len(self.codes):
            return np.zeros(len(places), np.uint32)
        return np.where(np.diff(self.starts) > 0, self.codes[np.clip(places, 0, len(self.codes) - 1)], 0)


def sums_of(parts: Parts) -> "Hashes":
    """For each text a number that does not depend on the order of its characters."""
    import numpy as np

    sums = np.zeros(len(parts.codes) + 1, np.uint64)
    np.cumsum(_letters()[parts.codes], out=sums[1:])
    found: Hashes = sums[parts.starts[1:]] - sums[parts.starts[:-1]]
    return found


def initials_of(codes: "NDArray[np.uint32]") -> "NDArray[np.uint32]":
    """For each character one bit: the letter that its sound begins with; none for what is no letter."""
    import numpy as np

    _sounds_of(codes)
    letters = _sound_tables()[2][codes].astype(np.int64) - ord("a")
    found = np.uint32(1) << np.clip(letters, 0, 25).astype(np.uint32)
    return np.where((letters >= 0) & (letters < 26), found, np.uint32(0))


def hashes_of(texts: Sequence[str]) -> "Hashes":
    """The hash of each text; 0 for an empty one."""
    return mixed(Parts(texts).whole())


@cache
def _letters() -> "Hashes":
    """A number for each character."""
    import numpy as np

    return mixed(np.arange(1, EVERY_CHARACTER + 1, dtype=np.uint64) * np.uint64(BASE))


def _powers(count: int) -> tuple["Hashes", "Hashes"]:
    """The powers of BASE and of its inverse, from 0 on."""
    steps = -(-count // _STEP) * _STEP
    return _powers_of(BASE, steps), _powers_of(INVERSE, steps)


@cache
def _powers_of(base: int, count: int) -> "Hashes":
    import numpy as np

    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


@cache
def _sound_tables() -> tuple["Hashes", "NDArray[np.uint8]", "NDArray[np.uint32]"]:
    """By character: hash, number of letters and first letter of its sound; 0 for those not worked out yet."""
    import numpy as np

    return (
        np.zeros(EVERY_CHARACTER, np.uint64),
        np.zeros(EVERY_CHARACTER, np.uint8),
        np.zeros(EVERY_CHARACTER, np.uint32),
    )


def _sounds_of(codes: "NDArray[np.uint32]") -> tuple["Hashes", "NDArray[np.uint8]"]:
    hashes, lengths, firsts = _sound_tables()
    letters = lengths[codes]
    if not letters.all():
        table = _letters()
        for code in set(codes[letters == 0].tolist()):
            heard = sound(chr(code))
            total = 0
            for letter in heard:
                total = (total * BASE + int(table[ord(letter)])) % 2**64
            hashes[code], lengths[code], firsts[code] = total, len(heard), ord(heard[0])
        letters = lengths[codes]
    return hashes[codes], letters
