"""Pairs put together into groups."""

from collections.abc import Iterable, Mapping
from itertools import combinations

from crm_sheets.rules.duplicates.subjects import Group, Pair

TOGETHER = 0.45
"""Two groups become one when the mean score over the pairs between them reaches this."""


def groups(pairs: Iterable[Pair], together: float = TOGETHER) -> tuple[Group, ...]:
    """Customers that seem to be one, ordered by their first member.

    The strongest pairs are joined first. Two groups are joined on the mean of all scores between them, where a pair that was not found counts 0:
    one chance likeness does not weld two groups, as it does with connected components.
    """
    ordered = sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other))
    group_of: dict[str, int] = {}
    members: dict[int, list[str]] = {}
    between: dict[int, dict[int, float]] = {}
    for number, key in enumerate(sorted({key for pair in ordered for key in (pair.one, pair.other)})):
        group_of[key], members[number], between[number] = number, [key], {}
    for pair in ordered:
        a, b = group_of[pair.one], group_of[pair.other]
        between[a][b] = between[b][a] = pair.score
    scores = {(pair.one, pair.other): pair.score for pair in ordered}
    _join_strongest(members, between, together)
    found = [sorted(group) for group in members.values() if len(group) > 1]
    return tuple(Group(tuple(group), _mean(group, scores)) for group in sorted(found))


def _join_strongest(members: dict[int, list[str]], between: dict[int, dict[int, float]], together: float) -> None:
    """Joins groups in place, the pair of groups with the highest mean first, until none reaches `together`.

    `between` holds the sum of the scores between two groups.
    """
    from heapq import heapify, heappop, heappush

    heap = [(-total, a, b) for a, row in between.items() for b, total in row.items() if a < b and total >= together]
    heapify(heap)
    while heap:
        negative, a, b = heappop(heap)
        if a not in members or b not in members:
            continue
        if -negative != between[a].get(b, 0.0) / (len(members[a]) * len(members[b])):
            continue
        for c, total in between.pop(b).items():
            del between[c][b]
            if c != a:
                between[a][c] = between[c][a] = between[a].get(c, 0.0) + total
        members[a] += members.pop(b)
        for c, total in between[a].items():
            mean = total / (len(members[a]) * len(members[c]))
            if mean >= together:
                heappush(heap, (-mean, min(a, c), max(a, c)))


def _mean(group: list[str], scores: Mapping[tuple[str, str], float]) -> float:
    pairs = list(combinations(group, 2))
    return round(sum(scores.get(pair, 0.0) for pair in pairs) / len(pairs), 4)
