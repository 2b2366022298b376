"""Customers that stand in the book twice: found by exact keys and by likeness, explained, never merged here."""

from crm_sheets.rules.duplicates.groups import groups
from crm_sheets.rules.duplicates.profiles import block_keys, profile_of
from crm_sheets.rules.duplicates.search import find_pairs
from crm_sheets.rules.duplicates.subjects import Group, Pair, Subject

__all__ = ["Group", "Pair", "Subject", "block_keys", "find_pairs", "groups", "profile_of"]
