"""Pairs put together into groups."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import combinations
from math import fsum
from typing import TYPE_CHECKING, TypeVar

from crm_sheets.rules.duplicates.subjects import Group, Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOGETHER = 0.45
"""What was found best on labelled data for `groups`."""
DECIMALS = 10_000
"""Scores have four decimals."""
Key = TypeVar("Key", str, int)


def groups(links: Iterable[Pair], together: float = TOGETHER) -> tuple[Group, ...]:
    """Customers that seem to be one, ordered by their first member.

    The strongest pairs are joined first. Two groups are joined on the mean of all scores between them, where a pair
    that was not found counts 0: one chance likeness does not weld two groups, as it does with connected components.

    Args:
        links: all pairs, also faint ones: they tell a pair that lacks evidence from one that has some against it.
        together: two groups become one when the mean score over the pairs between them reaches this.
    """
    scores = {(pair.one, pair.other): pair.score for pair in links}
    return tuple(Group(members, _mean(members, scores)) for members in members_of_groups(scores, together))


def members_of_groups(scores: Mapping[tuple[Key, Key], float], together: float = TOGETHER) -> list[tuple[Key, ...]]:
    """The members of `groups` of pairs, the smaller first, with scores; keys may be anything that has an order."""
    between: dict[Key, dict[Key, float]] = {}
    for (one, other), score in scores.items():
        between.setdefault(one, {})[other] = score
        between.setdefault(other, {})[one] = score
    members = {key: [key] for key in between}
    _join(members, between, together)
    return sorted(tuple(sorted(group)) for group in members.values() if len(group) > 1)


def _join(members: dict[Key, list[Key]], between: dict[Key, dict[Key, float]], together: float) -> None:
    """Joins groups in place, those with the highest mean first, until none reaches `together`.

    Args:
        members: the groups by their smallest member.
        between: the sum of the scores between two groups.
    """
    heap = [(-total, a, b) for a, row in between.items() for b, total in row.items() if total >= together and a < b]
    heapify(heap)
    while heap:
        negative, a, b = heappop(heap)
        if a not in members or b not in members:
            continue
        own, row = members[a], between[a]
        if -negative != row[b] / (len(own) * len(members[b])):
            continue  # one of them has grown since; what it is now is further down
        for c, total in between.pop(b).items():
            del between[c][b]
            if c != a:
                row[c] = between[c][a] = row.get(c, 0.0) + total
        own += members.pop(b)
        for c, total in row.items():
            mean = total / (len(own) * len(members[c]))
            if mean >= together:
                heappush(heap, (-mean, min(a, c), max(a, c)))


def _mean(group: tuple[str, ...], scores: Mapping[tuple[str, str], float]) -> float:
    pairs = list(combinations(group, 2))
    return mean_of([scores.get(pair, 0.0) for pair in pairs])


def mean_of(scores: Sequence[float]) -> float:
    """The score of a group, the same in whatever order the scores of its pairs are added up."""
    return mean_of_parts(round(fsum(scores) * DECIMALS), len(scores)) / DECIMALS


Whole = TypeVar("Whole", int, "NDArray[np.int64]")


def mean_of_parts(total: Whole, count: Whole) -> Whole:
    """The same in whole numbers, given the sum of the scores; all in parts of DECIMALS, halves rounded down."""
    return (2 * total + count - 1) // (2 * count)


def pairs_of(found: Iterable[Group], links: Iterable[Pair]) -> list[Pair]:
    """All pairs within groups, ordered by key.

    Two members whose own likeness would not have told them have the score of the group, and are never certain; without
    any likeness of their own they have no keys.
    """
    direct = {(pair.one, pair.other): pair for pair in links}
    pairs: list[Pair] = []
    for group in found:
        for one, other in combinations(group.members, 2):
            link = direct.get((one, other))
            if link is not None and link.score >= group.score:
                pairs.append(link)
            else:
                pairs.append(Pair(one, other, group.score, link.keys if link else (), False))
    return sorted(pairs, key=lambda pair: (pair.one, pair.other))


def around(seeds: Iterable[str], links_of: Callable[[Collection[str]], Iterable[Pair]]) -> set[Pair]:
    """All links that hang together with one of the customers: what groups near a change are made from.

    Args:
        seeds: customers.
        links_of: the links of some customers; it is asked once for all that are as far from the seeds.
    """
    waiting = set(seeds)
    seen = set(waiting)
    found: set[Pair] = set()
    while waiting:
        found.update(links_of(waiting))
        waiting = {key for pair in found for key in (pair.one, pair.other)} - seen
        seen |= waiting
    return found


def by_member(pairs: Iterable[Pair]) -> Mapping[str, tuple[Pair, ...]]:
    """The pairs of each customer, the most likely first."""
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[pair.one].append(pair)
        found[pair.other].append(pair)
    return {key: tuple(sorted(own, key=lambda pair: (-pair.score, pair.one, pair.other))) for key, own in found.items()}
