"""Customers that stand in the book twice: found by exact keys and by likeness, explained, never merged here.

`find_pairs` searches a whole book; `block_keys`, `affected`, `partners` and `around` do the same for the customers that
a cycle changed, against an index that is kept; `Register` shows how they work together. `hint` says it to staff.
"""

from crm_sheets.rules.duplicates.groups import TOGETHER, around, by_member, groups, pairs_of
from crm_sheets.rules.duplicates.hints import hint
from crm_sheets.rules.duplicates.index import Blocks, affected, partners
from crm_sheets.rules.duplicates.profiles import Profile, block_keys, profile_of
from crm_sheets.rules.duplicates.register import Register
from crm_sheets.rules.duplicates.search import find_links, find_pairs, pairs_from_rows
from crm_sheets.rules.duplicates.subjects import Group, Pair, Subject

__all__ = [
    "TOGETHER",
    "Blocks",
    "Group",
    "Pair",
    "Profile",
    "Register",
    "Subject",
    "affected",
    "around",
    "block_keys",
    "by_member",
    "find_links",
    "find_pairs",
    "groups",
    "hint",
    "pairs_from_rows",
    "pairs_of",
    "partners",
    "profile_of",
]
