"""Duplicates among customers: how many are found, and what it costs beside Splink and recordlinkage.

    python -m benchmarks.duplicates [--rows 10000 100000] [--seed 7] [--shared FOLDER] [--sides ours splink]

Each side runs in a process of its own on the same CSV file, reading included. All are judged on all pairs of rows of
one firm; none sees the labels.

- `ours`: the search at default settings, exact and fuzzy combined. `exact`: rows with one credit code, phone or mailbox
  are called duplicates, nothing else. `fuzzy`: names, people and addresses only, the numbers left out.
- `splink` is given what its own tutorials give: a comparison and a blocking rule for each column, u from random pairs,
  m by expectation maximisation, pairs from 0.5 on.
- `splink_wide` is given what somebody who knows it well would: cleaned columns, blocking on parts of each, more levels,
  rare names weighing more, and, as nobody else, the labels, to choose the threshold at which it is best.
- `recordlinkage` as `splink`: the same blocks, its string comparisons, its own unsupervised classifier (ECM).

Made-up files (see customers.py) are of the second family of faults and of another seed than the weights were looked at
with; `_hard` ones have few columns filled.
"""

import argparse
import csv
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import combinations
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import psutil

from benchmarks.customers import customers
from benchmarks.targets import Target, write_targets

COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code")
AIMS = {"customers_10k": 0.985, "customers_10k_hard": 0.93, "made_10000": 0.985, "made_1000000": 0.97}
"""F1 of pairs that is aimed at."""
CERTAIN = 0.995
"""Precision of pairs called certain that is aimed at."""
CPU, MEMORY = {"made_100000": 0.65, "made_1000000": 0.45}, {"made_100000": 0.8, "made_1000000": 0.5}
"""What of Splink's may be used, by file."""
SIDES = ("ours", "exact", "fuzzy", "splink", "splink_wide", "recordlinkage")

Found: TypeAlias = tuple[str, str, bool | float]
"""Two row ids, and whether the pair is called certain; of splink_wide how likely it is."""
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
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with labelled customers_*.csv")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=[side for side in SIDES if _installed(side)])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        sys.stdout.write(json.dumps({"pairs": _FINDERS[asked.side](asked.file), "peak": _peak()}))
        return
    targets: list[Target] = []
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(asked.shared.glob("customers_*.csv")) if asked.shared.is_dir() else []
        for rows in asked.rows:
            for hard in (False, True) if rows == min(asked.rows) else (False,):
                files.append(Path(folder) / f"made_{rows}{'_hard' if hard else ''}.csv")
                _write(files[-1], rows, asked.seed, hard=hard)
        for file in files:
            results = {side: _run(side, file) for side in asked.sides}
            for side, result in results.items():
                print(f"{file.stem:20} {side:14} {json.dumps(asdict(result))}", flush=True)
            if "ours" in results:
                targets += _targets(file, results)
    write_targets(asked.json, targets)


def _installed(side: str) -> bool:
    return side in {"ours", "exact", "fuzzy"} or find_spec(side.removesuffix("_wide")) is not None


def _targets(file: Path, results: Mapping[str, Result]) -> Iterator[Target]:
    """What is aimed at: the likeness of pairs and those called certain, and the cost beside Splink."""
    ours, splink = results["ours"], results.get("splink")
    yield Target(f"{file.stem}: F1 of pairs", ours.f1, "", AIMS.get(file.stem), least=True)
    if ours.certain is not None:
        yield Target(f"{file.stem}: precision of certain pairs", ours.certain, "", CERTAIN, least=True)
    if splink is not None:
        yield Target(f"{file.stem}: CPU", ours.cpu / splink.cpu, "of Splink's", CPU.get(file.stem))
        yield Target(f"{file.stem}: peak memory", ours.peak / splink.peak, "of Splink's", MEMORY.get(file.stem))


def _write(path: Path, rows: int, seed: int, *, hard: bool) -> None:
    with path.open("w", encoding="utf-8", newline="") as writable:
        writer = csv.DictWriter(writable, [*COLUMNS, "true_cluster"])
        writer.writeheader()
        writer.writerows(asdict(row) for row in customers(rows, seed, hard, family=2))


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
    found = _at_best(answer["pairs"], truth) if side == "splink_wide" else answer["pairs"]
    pairs = {tuple(sorted(pair[:2])) for pair in found}
    certain = {tuple(sorted(pair[:2])) for pair in found if pair[2]}
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


def _at_best(found: Sequence[Found], truth: Set[tuple[str, ...]]) -> list[tuple[str, str, bool]]:
    """The pairs from the likelihood on at which F1 is best; none is certain."""
    ordered = sorted(found, key=itemgetter(2), reverse=True)
    right, best, many = 0, 0.0, 0
    for count, (one, other, likelihood) in enumerate(ordered, 1):
        right += tuple(sorted((one, other))) in truth
        last = count == len(ordered) or ordered[count][2] != likelihood
        if last and 2 * right / (count + len(truth)) > best:
            best, many = 2 * right / (count + len(truth)), count
    return [(one, other, False) for one, other, _ in ordered[:many]]


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
    if (status := Path("/proc/self/status")).exists():  # rusage knows the process, too, that started this one
        (kilobytes,) = (line.split()[1] for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) / 2**10
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _cells(file: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    with file.open(encoding="utf-8", newline="") as readable:
        rows = csv.reader(readable)
        header = next(rows)
        yield from map(itemgetter(*(header.index(column) for column in columns)), rows)


def _ours(file: Path) -> list[Found]:
    from crm_sheets.rules.duplicates import pairs_in_csv

    with file.open("rb") as readable:
        found = pairs_in_csv(readable, "utf-8")
    return list(zip(found.ones, found.others, found.certain, strict=True))


def _fuzzy(file: Path) -> list[Found]:
    from crm_sheets.rules.duplicates import pairs_among

    rows = _cells(file, ("row_id", "name", "contact", "address"))
    found = pairs_among((key, name, contact, "", "", address) for key, name, contact, address in rows)
    return list(zip(found.ones, found.others, found.certain, strict=True))


def _exact(file: Path) -> list[Found]:
    from crm_sheets.rules.duplicates.columns import columns_of
    from crm_sheets.rules.duplicates.keys import Shared

    columns = columns_of(_cells(file, COLUMNS))
    blocks: dict[int, list[int]] = {}
    for kind in (Shared.CODE, Shared.PHONE, Shared.EMAIL):
        for column in columns.keys[kind]:
            for row in column.nonzero()[0].tolist():
                blocks.setdefault(int(column[row]), []).append(row)
    pairs = {pair for rows in blocks.values() if len(rows) <= 64 for pair in combinations(sorted(rows), 2)}
    keys = [cells[0] for cells in _cells(file, ("row_id", "name"))]
    return [(keys[one], keys[other], False) for one, other in pairs]


def _splink(file: Path) -> list[Found]:
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


def _splink_wide(file: Path) -> list[Found]:
    import pandas
    import splink.comparison_library as comparisons
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    table = pandas.read_csv(file, dtype=str, usecols=list(COLUMNS), keep_default_na=True)
    for column in COLUMNS[1:]:
        table[column] = table[column].str.normalize("NFKC").str.lower().str.strip()
    table["phone"] = table["phone"].str.replace(r"\D", "", regex=True).str[-10:]
    table["name"] = table["name"].str.replace(_FORMS, "", regex=True).str.strip(" ,.")
    table["mailbox"] = table["email"].str.partition("@")[0]
    table = table.astype(object).where(table.notna() & (table != ""), None)
    blocks = [
        block_on("name"),
        block_on("substr(name, 1, 4)"),
        block_on("contact", "substr(name, 1, 2)"),
        block_on("contact", "right(name, 2)"),
        block_on("right(phone, 7)"),
        block_on("left(phone, 7)"),
        block_on("mailbox"),
        block_on("right(address, 9)", "substr(name, 1, 2)"),
        block_on("substr(address, 1, 14)"),
        block_on("credit_code"),
        block_on("substr(credit_code, 1, 12)"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row_id",
        blocking_rules_to_generate_predictions=blocks,
        comparisons=[
            comparisons.JaroWinklerAtThresholds("name", [0.95, 0.9, 0.8, 0.7]).configure(
                term_frequency_adjustments=True
            ),
            comparisons.JaroWinklerAtThresholds("contact", [0.9, 0.75]),
            comparisons.DamerauLevenshteinAtThresholds("phone", [1, 2]),
            comparisons.JaroWinklerAtThresholds("email", [0.95, 0.88]),
            comparisons.JaroWinklerAtThresholds("address", [0.97, 0.92, 0.85]),
            comparisons.DamerauLevenshteinAtThresholds("credit_code", [1, 2]),
        ],
    )
    linker = Linker(DuckDBAPI().register(table), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("credit_code"), block_on("phone"), block_on("email")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for rule in (block_on("phone"), block_on("name"), block_on("email")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.2).as_pandas_dataframe()
    return list(zip(found["row_id_l"], found["row_id_r"], found["match_probability"].tolist(), strict=True))


_FORMS = (
    r"(?:股份|集团|控股)*(?:有限)?(?:责任)?公司|[ ,]*\b(?:co|ltd|limited|inc|corp|corporation|company|gmbh|llc)\b\.?"
)
"""Forms of company, which `splink_wide` leaves out."""


def _recordlinkage(file: Path) -> list[Found]:
    import pandas
    import recordlinkage

    table = pandas.read_csv(file, dtype=str, usecols=list(COLUMNS)).set_index("row_id")
    table = table.astype(object).where(table.notna(), None)
    indexer = recordlinkage.Index()
    for column in ("name", "phone", "email", "address", "credit_code"):
        indexer.block(column)
    compare = recordlinkage.Compare()
    for column, threshold in (("name", 0.9), ("contact", 0.9), ("phone", 0.9), ("email", 0.95), ("address", 0.9)):
        compare.string(column, column, method="jarowinkler", threshold=threshold)
    compare.exact("credit_code", "credit_code")
    features = compare.compute(indexer.index(table), table)
    found = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(features)
    return [(one, other, False) for one, other in found]


_FINDERS = {
    "ours": _ours,
    "exact": _exact,
    "fuzzy": _fuzzy,
    "splink": _splink,
    "splink_wide": _splink_wide,
    "recordlinkage": _recordlinkage,
}


if __name__ == "__main__":
    main()
