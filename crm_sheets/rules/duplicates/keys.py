"""The keys under which customers are kept in the index: customers that share one are compared.

A key is a 64-bit number: a hash of what is shared, and in its last four bits what kind of thing that is.
"""

from enum import IntEnum
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.hashes import mixed

if TYPE_CHECKING:
    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers


class Shared(IntEnum):
    """What the customers under a key share."""

    NAME = 1
    NAME_IN_CITY = 2
    BRAND = 3
    BEGINNING = 4
    CONTACT_AND_FIRST = 5
    CONTACT_AND_LAST = 6
    CODE = 7
    ID_NUMBER = 8
    PHONE = 9
    EMAIL = 10
    HOUSE = 11


KIND_BITS = 15
VERSION = 3
"""Of the keys: an index of another version must be made anew. Raise it with every change of what keys are made from."""
LIMIT = 64
"""Largest block that is compared. A larger one says too little; its members still meet under their other keys."""
LIMITS = {Shared.BRAND: 24, Shared.BEGINNING: 8}
CROWDS = frozenset({Shared.NAME, Shared.NAME_IN_CITY})
"""The keys whose blocks tell how many bear a name."""


def kind_of(key: int) -> Shared:
    """What the customers under a key share."""
    return Shared(key & KIND_BITS)


def limit_of(key: int) -> int:
    """How many customers may be under a key and still be compared."""
    return limit_for(kind_of(key))


def limit_for(kind: Shared) -> int:
    """How many customers may be under a key of a kind and still be compared."""
    return LIMITS.get(kind, LIMIT)


def keyed(kind: Shared, hashes: "Hashes") -> "Numbers":
    """The keys of customers by the hash of what they share; 0 where that is 0."""
    import numpy as np

    found = mixed(hashes)
    found &= np.uint64(2**64 - 1 - KIND_BITS)
    found |= np.uint64(kind)
    found[hashes == 0] = 0
    return found.view(np.int64)
