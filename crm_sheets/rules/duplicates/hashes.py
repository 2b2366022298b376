"""Hashes of many texts at once, the same in every process: they are kept in an index.

A text hashes to the polynomial of its characters, modulo 2**64; so sums from the start give the hash of every part of a
text without looking at it again. Equal texts have equal hashes; two texts that differ share one about once in a hundred
thousand books of a million rows.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates.text import EVERY_CHARACTER, Table, codes_of, sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.text import Codes

    Numbers: TypeAlias = NDArray[np.int64]
    Places: TypeAlias = NDArray[np.int64] | NDArray[np.int32]
    Hashes: TypeAlias = NDArray[np.uint64]

BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)


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
    """Characters, and the hash of any part of them."""

    def __init__(self, codes: "Codes", of: Of = Of.LETTERS) -> None:
        import numpy as np

        self._at: NDArray[np.int32] | None = None
        """Where the sums of each place are, if not of every character something is hashed."""
        self._until: NDArray[np.int32] | None = None
        """How many letters come before each place, if characters have several."""
        if of is Of.SOUND:
            values, sizes = _sounds_of(codes)
            self._until = _cumulated(sizes)
            self._powers, inverses = _powers(int(self._until[-1]) + 1)
            values *= inverses.take(self._until[1:], mode="clip")
        else:
            if of is not Of.LETTERS:
                digits = (codes >= ord("0")) & (codes <= ord("9"))
                letters = digits if of is Of.DIGITS else ~digits
                self._at, codes = _cumulated(letters), codes[letters]
            self._powers, inverses = _powers(len(codes) + 1)
            values = letters_of(codes)
            values *= inverses[1 : len(codes) + 1]
        self._sums = np.empty(len(codes) + 1, np.uint64)
        self._sums[0] = 0
        np.cumsum(values, out=self._sums[1:])

    def part(self, first: "Places", end: "Places") -> "Hashes":
        """The hash of what stands from each place to before another; 0 for nothing."""
        if self._at is not None:
            first, end = (self._at.take(places, mode="clip") for places in (first, end))
        found: Hashes = self._sums.take(end, mode="clip")
        found -= self._sums.take(first, mode="clip")
        found *= self._powers.take(end if self._until is None else self._until.take(end, mode="clip"), mode="clip")
        return found

    def spread(self, first: "Numbers", end: "Numbers") -> "Hashes":
        """The same with every bit spread over all."""
        return mixed(self.part(first, end))


def _cumulated(counts: "NDArray[np.uint8] | NDArray[np.bool_]") -> "NDArray[np.int32]":
    """How many come before each place, and in all."""
    import numpy as np

    found = np.empty(len(counts) + 1, np.int32)
    found[0] = 0
    np.cumsum(counts, out=found[1:])
    return found


def joint(hashes: "Hashes", others: "Hashes", lengths: "Numbers") -> "Hashes":
    """The hash of one part and another behind it, given the length of the other."""
    return hashes * _powers(int(lengths.max(initial=0)) + 1)[0][lengths] + others


def sums_of(codes: "Codes", first: "Numbers", end: "Numbers") -> "Hashes":
    """For each part of some characters a number that does not depend on their order."""
    import numpy as np

    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(letters_of(codes), out=sums[1:])
    found: Hashes = sums[end] - sums[first]
    return found


def signatures_of(codes: "Codes", first: "Numbers", end: "Numbers", order: "Numbers", of: Of) -> "Hashes":
    """For each part of some characters the set of what it consists of: one bit of 64 for each letter or sound.

    Two parts that are one slip apart have sets that differ in two bits at most.

    Args:
        codes: the characters.
        first: where each part begins.
        end: where it ends.
        order: that in which the parts stand; no two have anything in common.
        of: letters or sounds.
    """
    import numpy as np

    bounds = np.stack([first[order], end[order]], axis=1).ravel()
    found = np.zeros(len(first), np.uint64)
    found[order] = np.bitwise_or.reduceat(_signs(of)(codes), bounds)[::2] if len(first) else 0
    found[first == end] = 0
    return found


@cache
def _signs(of: Of) -> Table:
    """By character the bit of its letter or its sound."""

    def sign(character: str) -> int:
        code = codes_of(character)
        return 1 << (int((_sounds_of(code)[0] if of is Of.SOUND else letters_of(code))[0]) >> 58)

    return Table(sign, 2**64 - 1)


def count_signatures_of(codes: "Codes", first: "Numbers", end: "Numbers") -> tuple["Hashes", "Hashes"]:
    """The same for texts of few letters, which nearly all have: bits say how often each is there, up to four times.

    Letters are told apart by their last five bits. The first number says which are there once, twice; the second which
    three times, four times.
    """
    import numpy as np

    sizes = end - first
    rows = np.repeat(np.arange(len(first)), sizes)
    places = np.arange(len(rows)) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    letters = rows << 5 | codes[places] & np.uint32(31)
    often = np.bincount(letters, minlength=len(first) << 5)
    bits = np.packbits(np.stack([often.reshape(-1, 32) > times for times in range(4)], axis=1)).view(np.uint64)
    return bits[::2], bits[1::2]


def beginnings_of(codes: "Codes") -> "Codes":
    """For each character how its sound may begin, as bits: one for its first two letters, see beginnings_of_two.

    A sound of one letter may go on with any: it has all bits. What sounds like no letter has none.
    """
    import numpy as np

    found: Codes = _beginnings()(codes) & np.uint32(_ANY_BEGINNING)
    return found


def beginnings_of_two(first: "Codes", second: "Codes") -> "Codes":
    """The bit of each two characters, none where the first is no letter."""
    import numpy as np

    bits = np.uint32(2) << (first * 7 + second * 11) % 31
    found: Codes = np.where((first >= ord("a")) & (first <= ord("z")), bits, np.uint32(0))
    return found


_ANY_BEGINNING = 2**32 - 2


@cache
def _beginnings() -> Table:
    def bits(character: str) -> int:
        first, *others = map(ord, sound(character))
        if not ord("a") <= first <= ord("z"):
            return 1
        return 1 | (2 << (first * 7 + others[0] * 11) % 31 if others else _ANY_BEGINNING)

    return Table(bits)


def hashes_of(texts: Sequence[str]) -> "Hashes":
    """The hash of each text, every bit spread over all; 0 for an empty one."""
    return mixed(parts_of_all(texts))


def parts_of_all(texts: Sequence[str]) -> "Hashes":
    """The hash of each text, as Parts gives it."""
    import numpy as np

    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    return Parts(codes_of("".join(texts))).part(np.concatenate([[0], ends[:-1]]).astype(np.int64), ends)


def letters_of(codes: "Codes") -> "Hashes":
    """A number for each character."""
    import numpy as np

    found: Hashes = _letters().take(codes.astype(np.intp), mode="clip")
    return found


@cache
def _letters() -> "Hashes":
    """A number for each character."""
    import numpy as np

    return mixed(np.arange(1, EVERY_CHARACTER + 1, dtype=np.uint64) * np.uint64(BASE))


def _powers(count: int) -> tuple["Hashes", "Hashes"]:
    """The powers of BASE and of its inverse, from 0 on; at least so many."""
    return _powers_of(BASE, count.bit_length()), _powers_of(INVERSE, count.bit_length())


@cache
def _powers_of(base: int, bits: int) -> "Hashes":
    """2**bits powers: sizes of many texts differ a little each time, and share their powers."""
    import numpy as np

    factors = np.full(1 << bits, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


@cache
def _sound_tables() -> tuple["Hashes", "NDArray[np.uint8]"]:
    """By character: hash and number of letters of its sound; 0 for those not worked out yet."""
    import numpy as np

    return np.zeros(EVERY_CHARACTER, np.uint64), np.zeros(EVERY_CHARACTER, np.uint8)


def _sounds_of(codes: "NDArray[np.uint32]") -> tuple["Hashes", "NDArray[np.uint8]"]:
    import numpy as np

    hashes, lengths = _sound_tables()
    places = codes.astype(np.intp)
    letters = lengths.take(places, mode="clip")
    if not letters.min(initial=1):
        table = _letters()
        for code in set(codes[letters == 0].tolist()):
            heard = sound(chr(code))
            total = 0
            for letter in heard:
                total = (total * BASE + int(table[ord(letter)])) % 2**64
            hashes[code], lengths[code] = total, len(heard)
        letters = lengths[places]
    return hashes.take(places, mode="clip"), letters
