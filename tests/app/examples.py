"""Runs an example of `examples/` as its README says, in a folder of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Example:
    """An example that was run.

    Attributes:
        figures: every figure of `summary --json` by its key, 0 for those that are blank.
        told: the same with None for those that are blank.
    """

    folder: Path
    figures: Mapping[str, Decimal]
    told: Mapping[str, Decimal | None]


def rows_of(workbook: Path, tab: str) -> list[dict[str, object]]:
    """The rows of a tab as openpyxl reads them, by header (without the mark of what is required)."""
    book = openpyxl.load_workbook(workbook, read_only=True)
    header, *rows = book[tab].values
    book.close()
    names = [str(name).rstrip("* ") for name in header]
    return [dict(zip(names, row, strict=True)) for row in rows]


def run_example(name: str, data: Path, into: Path) -> Example:
    """Copies the example `name` and runs its script over `data`."""
    folder = into / name
    made = shutil.ignore_patterns("*.xlsx", "*.db*", "backups", "*.csv", "*.json")
    shutil.copytree(ROOT / "examples" / name, folder, ignore=made)
    program = folder / "program.sh"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crm_sheets "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", str(folder / "run.sh"), str(data)],
        env={
            "PATH": "/usr/bin:/bin",
            "CRM_SHEETS": str(program),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    printed = json.loads(done.stdout, parse_float=Decimal)
    told = {each["key"]: None if each["value"] is None else Decimal(each["value"]) for each in printed["figures"]}
    return Example(folder, {key: value or Decimal(0) for key, value in told.items()}, told)
