"""Candidates by shared block keys, the same for the whole book and for one changed row.

Two customers are compared when they share a key whose block is not larger than its limit. A block beyond its limit
says too little and is left out; its members still meet under their other keys. A score depends on the two customers and
on the sizes of their own blocks only, so a change concerns nobody beyond the blocks that it touches.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from crm_sheets.rules.duplicates.compare import compare
from crm_sheets.rules.duplicates.profiles import Profile, block_keys, crowd_keys
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.rules.duplicates.weights import CROWD_LIMIT

LIMIT = 64
LIMITS = {"b": 24, "f": 8}
"""Largest block that is compared, by the letter of its key."""
CROWD_LETTERS = frozenset("nm")


def limit_of(key: str) -> int:
    """How many customers a block may have and still be compared."""
    return LIMITS.get(key[0], LIMIT)


class Blocks(Protocol):
    """An index of block keys, in memory or in a table."""

    def size(self, key: str) -> int:
        """How many customers have the key."""

    def members(self, key: str) -> Collection[str]:
        """The keys of the customers that have it."""


def crowd_of(one: Profile, other: Profile, size: Callable[[str], int]) -> int:
    """How many bear the name of two customers: in their city where both tell the same, otherwise everywhere."""
    city = one.name.region.city
    letter = "m" if city and city == other.name.region.city else "n"
    return max((size(key) for side in (one, other) for key in crowd_keys(side) if key[0] == letter), default=0)


def partners(profile: Profile, profiles: Callable[[str], Profile], blocks: Blocks) -> tuple[Pair, ...]:
    """The pairs of one customer with all others, also faint ones, ordered by key.

    Args:
        profile: the customer, already in the index.
        profiles: gives the profile of another customer.
        blocks: the index.
    """
    candidates: set[str] = set()
    for key in block_keys(profile):
        if 1 < blocks.size(key) <= limit_of(key):
            candidates.update(blocks.members(key))
    candidates.discard(profile.key)
    found = [compare(profile, other, crowd_of(profile, other, blocks.size)) for other in map(profiles, candidates)]
    return tuple(sorted((pair for pair in found if pair is not None), key=lambda pair: (pair.one, pair.other)))


def affected(gone: Iterable[str], come: Iterable[str], blocks: Blocks) -> set[str]:
    """Customers other than the changed ones whose pairs must be looked at again.

    A block that passes its limit, or a name whose crowd passes to another weight, concerns all its members; any other
    change concerns only the customers that changed.

    Args:
        gone: block keys that the changed customers had, one for each customer that had it.
        come: block keys that they have now.
        blocks: the index after the change.
    """
    growth = Counter(come)
    growth.subtract(Counter(gone))
    found: set[str] = set()
    for key, by in growth.items():
        now = blocks.size(key)
        if by and _standing(key, now) != _standing(key, now - by):
            found.update(blocks.members(key))
    return found


def _standing(key: str, size: int) -> tuple[bool, int]:
    """What a comparison sees of the size of a block."""
    crowd = min(size, CROWD_LIMIT).bit_length() if key[0] in CROWD_LETTERS else 0
    return size <= limit_of(key), crowd
