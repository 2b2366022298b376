"""The whole book searched at once."""

from collections.abc import Iterable

from crm_sheets.rules.duplicates.candidates import candidates
from crm_sheets.rules.duplicates.compare import LIKELY, compare
from crm_sheets.rules.duplicates.profiles import profile_of
from crm_sheets.rules.duplicates.subjects import Pair, Subject


def links_between(subjects: Iterable[Subject]) -> list[Pair]:
    """All pairs with a score, also faint ones, ordered by key."""
    profiles = [profile_of(subject) for subject in subjects]
    found: list[Pair] = []
    for one, other, crowd in candidates(profiles):
        pair = compare(profiles[one], profiles[other], crowd)
        if pair is not None:
            found.append(pair)
    found.sort(key=lambda pair: (pair.one, pair.other))
    return found


def find_pairs(subjects: Iterable[Subject]) -> list[Pair]:
    """The pairs that seem to be duplicates, ordered by key: those that score by themselves, inside groups."""
    return [pair for pair in links_between(subjects) if pair.score >= LIKELY]
