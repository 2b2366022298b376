"""Customers that stand in the book twice: found by exact keys and by likeness, explained, never merged here.

`find_pairs` searches a whole book; `affected`, `links_round` and `around` do the same for the customers that a cycle
changed, against an index of keys that is kept; `Register` shows how they work together. `hint` says it to staff.
"""

from crm_sheets.rules.duplicates.columns import Cells
from crm_sheets.rules.duplicates.found import Pairs
from crm_sheets.rules.duplicates.groups import TOGETHER, around, by_member, groups, pairs_of
from crm_sheets.rules.duplicates.hints import hint
from crm_sheets.rules.duplicates.index import Blocks, affected, block_keys, links_round
from crm_sheets.rules.duplicates.register import Register
from crm_sheets.rules.duplicates.search import (
    CSV_COLUMNS,
    find_links,
    find_pairs,
    links_and_keys,
    pairs_among,
    pairs_in_csv,
)
from crm_sheets.rules.duplicates.subjects import Group, Pair, Subject

__all__ = [
    "CSV_COLUMNS",
    "TOGETHER",
    "Blocks",
    "Cells",
    "Group",
    "Pair",
    "Pairs",
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
    "links_and_keys",
    "links_round",
    "pairs_among",
    "pairs_in_csv",
    "pairs_of",
]
