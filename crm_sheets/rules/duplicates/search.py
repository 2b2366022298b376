"""The whole book searched at once."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from crm_sheets.rules.duplicates.candidates import candidates
from crm_sheets.rules.duplicates.compare import compare
from crm_sheets.rules.duplicates.groups import groups, pairs_of
from crm_sheets.rules.duplicates.profiles import profile_of
from crm_sheets.rules.duplicates.subjects import Pair, Subject


def find_links(subjects: Iterable[Subject]) -> list[Pair]:
    """All pairs with a score, also faint ones, ordered by key: what groups are made from."""
    with _without_collector():
        profiles = [profile_of(subject) for subject in subjects]
        found: list[Pair] = []
        for one, other, crowd in candidates(profiles):
            pair = compare(profiles[one], profiles[other], crowd)
            if pair is not None:
                found.append(pair)
        found.sort(key=lambda pair: (pair.one, pair.other))
        return found


def find_pairs(subjects: Iterable[Subject]) -> list[Pair]:
    """The pairs that seem to be duplicates: all within groups, ordered by key."""
    with _without_collector():
        links = find_links(subjects)
        return pairs_of(groups(links), links)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Turns off the collector of reference cycles.

    A search makes a million tuples and not one cycle; looking through all of them again and again, as their number
    grows, costs a third of it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def pairs_from_rows(rows: Iterable[Mapping[str, str]]) -> list[tuple[str, str, float, tuple[str, ...]]]:
    """The pairs among the rows of a CSV file: two row ids, score, columns that agree.

    Args:
        rows: each with `row_id` and `name`, and any of `contact`, `phone`, `email`, `address`, `credit_code`.
    """
    subjects = (
        Subject(
            row["row_id"],
            row.get("name"),
            row.get("contact"),
            row.get("phone"),
            row.get("email"),
            row.get("address"),
            row.get("credit_code"),
            row.get("id_number"),
        )
        for row in rows
    )
    return [(pair.one, pair.other, pair.score, pair.keys) for pair in find_pairs(subjects)]
