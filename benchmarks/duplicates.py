"""Duplicates among customers: how many are found, and what it costs beside Splink.

    python -m benchmarks.duplicates [--rows 100000] [--seed 1] [--shared FOLDER] [--skip-splink]

Each side runs in a process of its own on the same CSV file, reading included. Splink is given what its own tutorials
give: a comparison and a blocking rule for each column, u from random pairs, m by expectation maximisation. Both are
judged on all pairs of rows of one firm; neither sees the labels.
"""

import argparse
import csv
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import combinations
from operator import itemgetter
from pathlib import Path

import psutil

from benchmarks.customers import customers
from benchmarks.targets import Target, write_targets

COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code")
AIMS = {"customers_10k": 0.98, "customers_10k_hard": 0.92}
"""F1 of pairs that is aimed at on the labelled files."""

SHARED = Path(__file__).parents[2] / "shared/data/duplicates"


@dataclass(frozen=True, slots=True)
class Result:
    """What one side made of one file.

    Attributes:
        cpu: seconds of the whole process, user and system, all threads.
        peak: of the resident memory, in MB.
        certain: precision of the pairs called certain; None where there is no such thing.
    """

    cpu: float
    peak: float
    pairs: int
    precision: float
    recall: float
    f1: float
    certain: float | None


def main() -> None:
    """Runs what the arguments ask for and prints one line per side and file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with labelled customers_*.csv")
    parser.add_argument("--skip-splink", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=("ours", "splink"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        found = _ours(asked.file) if asked.side == "ours" else _splink(asked.file)
        json.dump({"pairs": found, "peak": _peak()}, sys.stdout)
        return
    sides = ("ours",) if asked.skip_splink or find_spec("splink") is None else ("ours", "splink")
    targets: list[Target] = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"made_{asked.rows}.csv"
        _write(made, asked.rows, asked.seed)
        files = [*sorted(asked.shared.glob("customers_*.csv")), made] if asked.shared.is_dir() else [made]
        for file in files:
            results = {side: _run(side, file) for side in sides}
            for side, result in results.items():
                print(f"{file.stem:24} {side:7} {json.dumps(asdict(result))}", flush=True)
            targets += _targets(file, results)
    write_targets(asked.json, targets)


def _targets(file: Path, results: Mapping[str, Result]) -> Iterator[Target]:
    """What is aimed at: the likeness of pairs on the labelled files, the cost beside Splink on the made one."""
    ours, splink = results["ours"], results.get("splink")
    yield Target(f"{file.stem}: F1 of pairs", ours.f1, "", AIMS.get(file.stem), least=True)
    if splink is not None:
        made = file.stem.startswith("made_")
        yield Target(f"{file.stem}: CPU", ours.cpu / splink.cpu, "of Splink's", 1.0 if made else None)
        yield Target(f"{file.stem}: peak memory", ours.peak / splink.peak, "of Splink's", 1.0 if made else None)


def _write(path: Path, rows: int, seed: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as writable:
        writer = csv.DictWriter(writable, [*COLUMNS, "true_cluster"])
        writer.writeheader()
        writer.writerows(asdict(row) for row in customers(rows, seed))


def _run(side: str, file: Path) -> Result:
    """One side in a child process, and how good its pairs are."""
    command = [sys.executable, "-m", "benchmarks.duplicates", "--side", side, "--file", str(file)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        child = psutil.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        cpu = 0.0
        while child.poll() is None:
            try:
                times = child.cpu_times()
                cpu = times.user + times.system
            except psutil.Error:
                break
            time.sleep(0.02)
        if child.wait():
            raise SystemExit(f"{side} failed: {' '.join(command)}")
        output.seek(0)
        answer = json.load(output)
    truth = _truth(file)
    pairs = {tuple(sorted(pair[:2])) for pair in answer["pairs"]}
    certain = {tuple(sorted(pair[:2])) for pair in answer["pairs"] if pair[2]}
    right = len(pairs & truth)
    return Result(
        cpu=round(cpu, 2),
        peak=round(answer["peak"], 1),
        pairs=len(pairs),
        precision=round(right / max(1, len(pairs)), 4),
        recall=round(right / max(1, len(truth)), 4),
        f1=round(2 * right / max(1, len(pairs) + len(truth)), 4),
        certain=round(len(certain & truth) / len(certain), 4) if certain else None,
    )


def _truth(file: Path) -> set[tuple[str, ...]]:
    firms: dict[str, list[str]] = {}
    for row in _rows(file):
        firms.setdefault(row["true_cluster"], []).append(row["row_id"])
    return {pair for members in firms.values() for pair in combinations(sorted(members), 2)}


def _rows(file: Path) -> Iterable[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as readable:
        yield from csv.DictReader(readable)


def _peak() -> float:
    """Of the memory of this process, in MB."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _ours(file: Path) -> list[tuple[str, str, bool]]:
    from crm_sheets.rules.duplicates import Subject, find_pairs

    with file.open(encoding="utf-8", newline="") as readable:
        rows = csv.reader(readable)
        header = next(rows)
        cells = itemgetter(*(header.index(column) for column in COLUMNS))
        found = find_pairs(Subject(*cells(row)) for row in rows)
    return [(pair.one, pair.other, pair.certain) for pair in found]


def _splink(file: Path) -> list[tuple[str, str, bool]]:
    import pandas
    import splink.comparison_library as comparisons
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    table = pandas.read_csv(file, dtype=str, usecols=list(COLUMNS), keep_default_na=True)
    table = table.astype(object).where(table.notna(), None)
    blocks = [block_on("name"), block_on("phone"), block_on("email"), block_on("address"), block_on("credit_code")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row_id",
        blocking_rules_to_generate_predictions=[*blocks, block_on("contact", "substr(name, 1, 3)")],
        comparisons=[
            comparisons.JaroWinklerAtThresholds("name", [0.97, 0.9, 0.8]),
            comparisons.JaroWinklerAtThresholds("contact", [0.9]),
            comparisons.DamerauLevenshteinAtThresholds("phone", [1]),
            comparisons.JaroWinklerAtThresholds("email", [0.95]),
            comparisons.JaroWinklerAtThresholds("address", [0.95, 0.85]),
            comparisons.ExactMatch("credit_code"),
        ],
    )
    interface = DuckDBAPI()
    linker = Linker(interface.register(table), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("credit_code")], recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for rule in (block_on("phone"), block_on("name")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    found = predicted.as_pandas_dataframe()
    return [(one, other, False) for one, other in zip(found["row_id_l"], found["row_id_r"], strict=True)]


if __name__ == "__main__":
    main()
