"""The whole book searched at once."""

from collections import defaultdict
from collections.abc import Iterable

from crm_sheets.rules.duplicates.compare import LIKELY, compare
from crm_sheets.rules.duplicates.index import crowd_of, limit_of
from crm_sheets.rules.duplicates.profiles import block_keys, profile_of
from crm_sheets.rules.duplicates.subjects import Pair, Subject


def links_between(subjects: Iterable[Subject]) -> list[Pair]:
    """All pairs with a score, also faint ones, ordered by key."""
    profiles = [profile_of(subject) for subject in subjects]
    blocks: dict[str, list[int]] = defaultdict(list)
    keys = [block_keys(profile) for profile in profiles]
    for position, own in enumerate(keys):
        for key in own:
            blocks[key].append(position)
    sizes = {key: len(block) for key, block in blocks.items()}
    found: list[Pair] = []
    for position, own in enumerate(keys):
        candidates = {
            other for key in own if 1 < sizes[key] <= limit_of(key) for other in blocks[key] if other > position
        }
        one = profiles[position]
        for candidate in candidates:
            pair = compare(one, profiles[candidate], crowd_of(one, profiles[candidate], sizes.__getitem__))
            if pair is not None:
                found.append(pair)
    return sorted(found, key=lambda pair: (pair.one, pair.other))


def find_pairs(subjects: Iterable[Subject]) -> list[Pair]:
    """The pairs that seem to be duplicates, ordered by key: those that score by themselves, inside groups."""
    return [pair for pair in links_between(subjects) if pair.score >= LIKELY]
