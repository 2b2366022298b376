"""The pairs of labelled books: how many are found, and how many are right."""

import csv
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.customers import customers
from crm_sheets.rules.duplicates import Pair, Subject, find_pairs

SHARED = Path(__file__).parents[3] / "../shared/data/duplicates"


def true_pairs(clusters: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """All pairs of rows with one cluster; of tuples (row id, cluster)."""
    rows: dict[str, list[str]] = {}
    for row_id, cluster in clusters:
        rows.setdefault(cluster, []).append(row_id)
    return {pair for members in rows.values() for pair in combinations(sorted(members), 2)}


def quality(pairs: Sequence[Pair], truth: set[tuple[str, str]]) -> tuple[float, float]:
    """F1 over all pairs, and the precision of those called certain."""
    found = {(pair.one, pair.other) for pair in pairs}
    certain = {(pair.one, pair.other) for pair in pairs if pair.certain}
    return 2 * len(found & truth) / (len(found) + len(truth)), len(certain & truth) / len(certain)


@pytest.mark.parametrize(("name", "least"), [("customers_10k.csv", 0.985), ("customers_10k_hard.csv", 0.95)])
def test_shared_sets(name: str, least: float) -> None:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not on this machine")
    with (SHARED / name).open(encoding="utf-8", newline="") as readable:
        rows = list(csv.DictReader(readable))
    columns = ("row_id", "name", "contact", "phone", "email", "address", "credit_code")
    pairs = find_pairs(Subject(*(row[column] for column in columns)) for row in rows)
    f1, precision = quality(pairs, true_pairs((row["row_id"], row["true_cluster"]) for row in rows))
    assert f1 >= least
    assert precision >= 0.995


@pytest.mark.parametrize(("hard", "least"), [(False, 0.97), (True, 0.91)])
def test_made_up_book(hard: bool, least: float) -> None:
    rows = customers(5000, seed=7, hard=hard)
    pairs = find_pairs(
        Subject(row.row_id, row.name, row.contact, row.phone, row.email, row.address, row.credit_code) for row in rows
    )
    f1, precision = quality(pairs, true_pairs((row.row_id, str(row.true_cluster)) for row in rows))
    assert f1 >= least
    assert precision >= 0.995
