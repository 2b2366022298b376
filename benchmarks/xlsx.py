"""Reading and patching a workbook against openpyxl, in one run: `python -m benchmarks.xlsx [--rows N] [--json FILE]`.

Each measurement is a process of its own: CPU seconds (user and system) and peak memory are those of that process.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.targets import Target, write_targets

TABS = 5
COLUMNS = 20

READ_OPENPYXL = """
from openpyxl import load_workbook
for data_only in (True, False):
    book = load_workbook(path, data_only=data_only)
"""
READ_OURS = """
from pathlib import Path
from crm_sheets.sync.backends.xlsx import read_workbook
read_workbook(Path(path))
"""
SAVE_OPENPYXL = """
from openpyxl import load_workbook
book = load_workbook(path)
for name in tabs:
    book[name].cell(middle, 3).value = "changed"
book.save(target)
"""
PATCH_OURS = """
from pathlib import Path
from crm_sheets.sync.backends.xlsx import patch_workbook
patch_workbook(Path(path), Path(target), {name: {(middle, 3): "changed"} for name in tabs})
"""
LOAD_OPENPYXL = """
from openpyxl import load_workbook
load_workbook(path)
"""
QUIET_OURS = """
from pathlib import Path
from crm_sheets.sync.backends.xlsx import fingerprint
for _ in range(100):
    fingerprint(Path(path))
"""
MEASURE = """
import resource, sys, json, time
path, target, tabs, middle = json.loads(sys.argv[1])
{imports}
started = time.process_time()
{body}
spent = time.process_time() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
print(json.dumps([spent, peak]))
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison: CPU seconds and peak MiB of ours and of openpyxl, and the ratio that is aimed at."""

    name: str
    ours: float
    peer: float
    ours_memory: float
    peer_memory: float
    aim: float

    @property
    def ratio(self) -> float:
        return self.peer / self.ours if self.ours else float("inf")


def make_workbook(path: Path, rows: int, seed: int = 1) -> None:
    """A workbook as Excel leaves it: shared strings, formulas with results, dates, blanks."""
    import xlsxwriter

    chance = random.Random(seed)
    names = [f"客户{number}有限公司" for number in range(5_000)]
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for tab in range(TABS):
        sheet = book.add_worksheet(f"T{tab}")
        sheet.write_row(0, 0, [f"列{column}" for column in range(COLUMNS)])
        for row in range(1, rows + 1):
            for column in range(8):
                sheet.write_string(row, column, chance.choice(names))
            sheet.write_string(row, 8, f"{tab}-{row}")
            if chance.random() < 0.5:
                sheet.write_string(row, 9, "13800000000")
            for column in range(10, 15):
                sheet.write_number(row, column, chance.randrange(100_000))
            sheet.write_number(row, 15, chance.random() * 1_000)
            sheet.write_boolean(row, 16, row % 2 == 0)
            sheet.write_datetime(row, 17, date(2024, 1, 1) + timedelta(days=row % 900), day)
            sheet.write_formula(row, 18, f"=K{row + 1}*L{row + 1}", None, row)
            sheet.write_number(row, 19, row)
    book.close()


def measure(body: str, path: Path, tabs: list[str], middle: int, repeats: int = 1) -> tuple[float, float]:
    """CPU seconds and peak MiB of `body` in a fresh process; the least of several runs."""
    imports = "\n".join(line for line in body.strip().splitlines() if line.startswith("from "))
    rest = "\n".join(line for line in body.strip().splitlines() if not line.startswith("from "))
    task = json.dumps([str(path), str(path.with_name("target.xlsx")), tabs, middle])
    command = [sys.executable, "-c", MEASURE.format(imports=imports, body=rest), task]
    runs = []
    for _ in range(repeats):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        spent, peak = json.loads(done.stdout)
        runs.append((float(spent), float(peak)))
    return min(run[0] for run in runs), min(run[1] for run in runs)


def compare(path: Path, rows: int) -> list[Result]:
    every, middle = [f"T{tab}" for tab in range(TABS)], rows // 2
    results = []
    peers: dict[str, tuple[float, float]] = {}
    for name, ours, peer, tabs, aim in (
        ("read values and formulas", READ_OURS, READ_OPENPYXL, every, 12.0),
        ("patch one cell in each of five tabs", PATCH_OURS, SAVE_OPENPYXL, every, 40.0),
        ("patch one cell in one tab", PATCH_OURS, SAVE_OPENPYXL, every[:1], 120.0),
        ("see that nothing changed, 100 times", QUIET_OURS, LOAD_OPENPYXL, every, 100.0),
    ):
        if peer not in peers:
            peers[peer] = measure(peer, path, tabs, middle)
        mine = measure(ours, path, tabs, middle, repeats=3)
        results.append(Result(name, mine[0], peers[peer][0], mine[1], peers[peer][1], aim))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        make_workbook(path, options.rows)
        print(f"{TABS} tabs of {options.rows} rows, {COLUMNS} columns, {path.stat().st_size / 1e6:.1f} MB")
        results = compare(path, options.rows)
    for result in results:
        print(
            f"{result.name:40} {result.ours:8.3f} s  openpyxl {result.peer:8.2f} s  {result.ratio:7.1f}x "
            f"(aim {result.aim:g}x)  memory {result.ours_memory:5.0f} / {result.peer_memory:5.0f} MiB"
        )
    memory = max(result.ours_memory for result in results) / max(result.peer_memory for result in results)
    told = [Target(result.name, result.ratio, "x less CPU", result.aim, least=True) for result in results]
    write_targets(options.json, [*told, Target("peak memory", memory, "of openpyxl's", 0.5)])


if __name__ == "__main__":
    main()
