"""Candidates by shared block keys, the same for the whole book and for one changed row.

Two customers are compared when they share a key whose block is not larger than its limit. A block beyond its limit says too little and is
left out; its members still meet under their other keys. The score depends on the two customers and on the sizes of their own
blocks only, so a change concerns nobody beyond the blocks that it touches.
"""

from collections.abc import Callable, Collection
from typing import Protocol, TypeAlias

from crm_sheets.rules.duplicates.compare import compare
from crm_sheets.rules.duplicates.profiles import Profile, block_keys, crowd_keys
from crm_sheets.rules.duplicates.subjects import Pair

LIMITS = {"b": 40, "f": 20}
LIMIT = 64
"""Largest block that is compared, by the letter of its key; it is never below CROWD_LIMIT for names."""

Sizes: TypeAlias = Callable[[str], int]


def limit_of(key: str) -> int:
    """How many customers a block may have and still be compared."""
    return LIMITS.get(key[0], LIMIT)


class Blocks(Protocol):
    """An index of block keys, in memory or in a table."""

    def size(self, key: str) -> int:
        """How many customers have the key."""

    def members(self, key: str) -> Collection[str]:
        """Their keys."""


def crowd_of(one: Profile, other: Profile, sizes: Sizes) -> int:
    """How many bear the name of two customers: of the same city where both tell it, otherwise everywhere."""
    same_city = one.name.region.city and one.name.region.city == other.name.region.city
    letter = "m" if same_city else "n"
    return max((sizes(key) for side in (one, other) for key in crowd_keys(side) if key[0] == letter), default=1)


def partners(profile: Profile, profiles: Callable[[str], Profile], blocks: Blocks) -> tuple[Pair, ...]:
    """The pairs of one customer with all others, ordered by key.

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
    found = (compare(profile, other, crowd_of(profile, other, blocks.size)) for other in map(profiles, candidates))
    return tuple(sorted((pair for pair in found if pair), key=lambda pair: (pair.one, pair.other)))
