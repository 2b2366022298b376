"""The Maven example from end to end: its figures agree with a count of the CSV files, and no row is dropped."""

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

STAGES = {"Prospecting": "First contact", "Engaging": "Needs analysis", "Won": "Won", "Lost": "Lost"}
ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "maven_crm"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Maven sample is not on this machine"),
    pytest.mark.skipif(shutil.which("sh") is None, reason="run.sh needs a shell"),
]


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as readable:
        return list(csv.DictReader(readable))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, run."""
    folder = tmp_path_factory.mktemp("maven") / "maven"
    shutil.copytree(ROOT / "examples" / "maven", folder, ignore=shutil.ignore_patterns("*.xlsx", "*.db", "backups"))
    program = folder / "program.sh"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crm_sheets "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", str(folder / "run.sh"), str(DATA)],
        env={"PATH": "/usr/bin:/bin", "CRM_SHEETS": str(program), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    (folder / "summary.json").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def figures(example: Path) -> Mapping[str, Decimal]:
    """Every figure of `summary --json` by its key."""
    printed = json.loads((example / "summary.json").read_text(encoding="utf-8"), parse_float=Decimal)
    return {each["key"]: Decimal(each["value"] or 0) for each in printed["figures"]}


@pytest.fixture(scope="module")
def deals() -> list[dict[str, str]]:
    """The deals that have an account: those that can come in."""
    return [row for row in read("sales_pipeline.csv") if row["account"].strip()]


def test_every_row_is_in_the_workbook_or_in_the_error_workbook(example: Path, deals: list[dict[str, str]]) -> None:
    book = openpyxl.load_workbook(example / "maven.xlsx", read_only=True)
    rows = {sheet.title: sum(any(cell is not None for cell in row) for row in sheet.values) - 1 for sheet in book}
    assert rows["Opportunities"] == len(deals)
    assert rows["Customers"] == len(read("accounts.csv"))
    errors = openpyxl.load_workbook(example / "maven.errors.xlsx", read_only=True)
    refused = [row for sheet in errors for row in list(sheet.values)[1:]]
    assert len(refused) == len(read("sales_pipeline.csv")) - len(deals)
    assert all("account" in str(row[-1]) for row in refused)


def test_deals_by_stage_won_value_and_win_rate(deals: list[dict[str, str]], figures: Mapping[str, Decimal]) -> None:
    stages = Counter(row["deal_stage"] for row in deals)
    assert {stage: figures[f"funnel.stages.deals[{STAGES[stage]}]"] for stage in stages} == stages
    assert figures["funnel.won_amount"] == sum(int(row["close_value"]) for row in deals if row["deal_stage"] == "Won")
    assert figures["funnel.win_rate"] == round(Decimal(stages["Won"]) / (stages["Won"] + stages["Lost"]), 4)


def test_mean_cycle(deals: list[dict[str, str]], figures: Mapping[str, Decimal]) -> None:
    def day(text: str) -> int:
        return datetime.strptime(text, "%d-%m-%y").toordinal()  # noqa: DTZ007 - a day has no zone

    for key, stages in (("won_cycle_days", {"Won"}), ("closed_cycle_days", {"Won", "Lost"})):
        spans = [day(row["close_date"]) - day(row["engage_date"]) for row in deals if row["deal_stage"] in stages]
        assert float(figures[f"funnel.{key}"]) == pytest.approx(sum(spans) / len(spans), abs=0.005)


def test_won_value_by_quarter_and_by_manager(deals: list[dict[str, str]], figures: Mapping[str, Decimal]) -> None:
    manager = {row["sales_agent"]: row["manager"] for row in read("sales_teams.csv")}
    expected: dict[str, int] = defaultdict(int)
    for row in deals:
        if row["deal_stage"] == "Won":
            quarter, year = row["close_quarter"].split()
            expected[f"team.quarters.won_amount[{year}{quarter}]"] += int(row["close_value"])
            expected[f"team.managers.won_amount[{manager[row['sales_agent']]}]"] += int(row["close_value"])
    assert {key: figures[key] for key in expected} == expected
