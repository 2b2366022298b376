"""The Maven example from end to end: its figures agree with a count of the CSV files, and no row is dropped."""

import csv
import json
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from crm_sheets.rules.summaries.base import Summary
from tests.app import cdnow_figures, insight_figures, maven_figures
from tests.app.examples import rows_of
from tests.app.insights_told import differences, insights_of
from tests.app.quality_figures import CUSTOMER, Tab, quality

STAGES = {"Prospecting": "First contact", "Engaging": "Needs analysis", "Won": "Won", "Lost": "Lost"}
OF_DEALS = frozenset({"funnel", "outcomes", "team", "trends"})
ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "maven_crm"
MAPPING = ROOT / "examples" / "maven" / "mapping.toml"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Maven sample is not on this machine"),
    pytest.mark.skipif(shutil.which("sh") is None, reason="run.sh needs a shell"),
]


def read(name: str, data: Path = DATA) -> list[dict[str, str]]:
    with (data / name).open(encoding="utf-8-sig", newline="") as readable:
        return list(csv.DictReader(readable))


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d-%m-%y").date() if text else None  # noqa: DTZ007 - a day has no zone


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, run."""
    return run(tmp_path_factory.mktemp("maven") / "maven", DATA)


def run(folder: Path, data: Path) -> Path:
    """The example over a folder of data; what it printed is kept beside it."""
    shutil.copytree(ROOT / "examples" / "maven", folder, ignore=shutil.ignore_patterns("*.xlsx", "*.db", "backups"))
    program = folder / "program.sh"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crm_sheets "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", str(folder / "run.sh"), str(data)],
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


# -- every figure ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(example: Path) -> Mapping[str, Decimal | None]:
    """Every figure of `summary --json`, None for those that are blank."""
    printed = json.loads((example / "summary.json").read_text(encoding="utf-8"), parse_float=Decimal)
    return {each["key"]: None if each["value"] is None else Decimal(each["value"]) for each in printed["figures"]}


@pytest.fixture(scope="module")
def today(example: Path) -> date:
    """The day as of which the figures are told."""
    printed = json.loads((example / "summary.json").read_text(encoding="utf-8"))
    (day,) = {each["as_of"] for each in printed["figures"] if each["key"].startswith("funnel.")}
    return date.fromisoformat(day)


def by_hand(deals: list[dict[str, str]]) -> list[maven_figures.Deal]:
    teams = {row["sales_agent"]: row for row in read("sales_teams.csv")}

    return [
        maven_figures.Deal(
            stage=STAGES[row["deal_stage"]],
            worth=Decimal(row["close_value"] or 0),
            began=day(row["engage_date"]),
            closed=day(row["close_date"]),
            seller=row["sales_agent"],
            manager=teams[row["sales_agent"]]["manager"],
            office=teams[row["sales_agent"]]["regional_office"],
        )
        for row in deals
    ]


def test_every_figure_of_deals(deals: list[dict[str, str]], told: Mapping[str, Decimal | None], today: date) -> None:
    """Not one more, and not one less, than a second count gives: funnel, outcomes, team and trends."""
    rows = by_hand(deals)
    expected = {
        **maven_figures.funnel(rows, today),
        **maven_figures.outcomes(rows),
        **maven_figures.team(rows),
        **maven_figures.trends(rows, today),
    }
    mine = {key: value for key, value in told.items() if key.split(".")[0] in OF_DEALS}
    assert mine.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in mine.items() if value != expected[key]} == {}


def test_every_figure_of_customers(
    example: Path, deals: list[dict[str, str]], told: Mapping[str, Decimal | None]
) -> None:
    """Who they are, who bought again, and what they brought: the won deals."""
    sales = [
        (row["account"], datetime.strptime(row["close_date"], "%d-%m-%y").date(), 1, Decimal(row["close_value"]))  # noqa: DTZ007
        for row in deals
        if row["deal_stage"] == "Won"
    ]
    names = {key: key.capitalize() for key in ("lifecycle", "level", "status", "industry", "source", "region")}
    rows = rows_of(example / "maven.xlsx", "Customers")
    labels = {
        str(row["Customer name"]): {key: str(row[name] or cdnow_figures.BLANK) for key, name in names.items()}
        for row in rows
    }
    (made,) = {f"{row['Created at']:%Y-%m}" for row in rows}
    products = "value.by_product."
    expected = {
        **cdnow_figures.customers(list(labels.values()), made),
        **cdnow_figures.retention(sales),
        **{key: value for key, value in cdnow_figures.value(sales, labels).items() if not key.startswith(products)},
    }
    mine = {key: value for key, value in told.items() if key.split(".")[0] in {"customers", "retention", "value"}}
    assert mine.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in mine.items() if value != expected[key]} == {}


def test_every_figure_of_data_quality(example: Path, told: Mapping[str, Decimal | None]) -> None:
    """How complete the columns are, and what must be filled in and is not, by tab, person, group and department."""

    def reason(row: Mapping[str, object]) -> int:
        stage = row["Stage"]
        return {"Won": not row["Win reason"], "Lost": not row["Loss reason"]}.get(str(stage), 0)

    tabs = {tab: rows_of(example / "maven.xlsx", tab) for tab in ("Customers", "Opportunities")}
    required = ("Opportunity name", "Customer", "Stage", "Amount", "Close date")
    staff = {row["sales_agent"]: (row["manager"], row["regional_office"]) for row in read("sales_teams.csv")}
    expected = quality(
        {"Customers": Tab(tabs["Customers"], CUSTOMER), "Opportunities": Tab(tabs["Opportunities"], required, reason)},
        staff,
    )
    mine = {key: value for key, value in told.items() if key.startswith("quality.")}
    assert mine.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in mine.items() if value != expected[key]} == {}
    assert expected["quality.row_errors"] == 8209


def test_of_what_the_sample_knows_nothing_nothing_is_told(told: Mapping[str, Decimal | None]) -> None:
    empty = {"feedback", "follow_ups"}
    assert not any(value for key, value in told.items() if key.split(".")[0] in empty)
    checked = OF_DEALS | empty | {"customers", "retention", "value", "quality"}
    assert {key.split(".")[0] for key in told} <= checked


# -- win chances, through the same import ----------------------------------------------------------------------------


AFTERWARDS = date(2018, 1, 2)
"""Of when the insights are."""


def market(folder: Path, data: Path = DATA) -> tuple[list[insight_figures.Customer], list[insight_figures.Deal]]:
    """Customers and deals by the files; only when a customer was written down stands in nothing but the workbook."""
    table = next(
        each for each in tomllib.loads(MAPPING.read_text(encoding="utf-8"))["table"] if each["tab"] == "customers"
    )
    industries = table["columns"]["industry"]["values"]
    made = {row["Customer name"]: row["Created at"] for row in rows_of(folder / "maven.xlsx", "Customers")}
    customers = {}
    for row in read("accounts.csv", data):
        created = made[row["account"]]
        assert isinstance(created, datetime)
        traits = {"type": "Enterprise", "industry": industries[row["sector"]], "region": row["office_location"]}
        customers[row["account"]] = insight_figures.Customer(row["account"], traits=traits, created=created.date())
    deals = [
        insight_figures.Deal(
            name=f"{row['product']} {row['opportunity_id']}",
            customer=customers[row["account"]],
            owner=row["sales_agent"],
            amount=Decimal(row["close_value"] or 0),
            won={"Won": True, "Lost": False}.get(row["deal_stage"]),
            closed=day(row["close_date"]),
        )
        for row in read("sales_pipeline.csv", data)
        if row["account"].strip()
    ]
    return list(customers.values()), deals


def trusted(summary: Summary) -> tuple[str, str]:
    """What is said of win chances: told or not, and why."""
    [trust] = [block for block in summary.blocks if block.key == "trust"]
    [(_, verdict, why)] = [row for row in trust.rows if row[0] == "Win chances"]
    return str(verdict), str(why)


def calibration(summary: Summary) -> list[tuple[int, float, float]]:
    [block] = [block for block in summary.blocks if block.key == "calibration"]
    return [(int(str(row[1])), float(str(row[2])), float(str(row[3]))) for row in block.rows]


def test_on_maven_no_win_chance_is_told(example: Path) -> None:
    """There is no signal in it: the tab says so, with the numbers, and shows no chance of any deal."""
    summary = insights_of(example, AFTERWARDS)
    verdict, why = trusted(summary)
    assert verdict == "not published"
    model, base = (float(number) for number in re.findall(r"0\.\d{4}", why)[:2])
    assert model > base - 0.002
    assert re.search(r"AUC 0\.(?:4|5)\d", why)
    assert calibration(summary) == []
    assert differences(summary, insight_figures.insights(*market(example), AFTERWARDS)) == []


def test_with_a_signal_the_chances_beat_the_base_rate_and_are_calibrated(tmp_path: Path) -> None:
    """Made deals of the same accounts and sellers: three of four in retail are won, one of four elsewhere."""
    data = tmp_path / "data"
    data.mkdir()
    for name in ("accounts.csv", "sales_teams.csv"):
        shutil.copy(DATA / name, data / name)
    accounts, sellers = read("accounts.csv"), [row["sales_agent"] for row in read("sales_teams.csv")]
    dice, lines = random.Random(1), [",".join(read("sales_pipeline.csv")[0])]
    for number in range(900):
        account, start = dice.choice(accounts), date(2016, 10, 1) + timedelta(days=number // 2)
        chance = 0.75 if account["sector"] in {"retail", "medical"} else 0.25
        stage = "Won" if dice.random() < chance else "Lost"
        if number % 36 == 35:
            stage = "Engaging"
        days = f"{start:%d-%m-%y},{'' if stage == 'Engaging' else f'{start + timedelta(days=20):%d-%m-%y}'}"
        deal = (f"D{number:05}", dice.choice(sellers), "GTX Pro", account["account"], stage, days)
        lines.append(",".join((*deal, str(dice.randrange(500, 5000)), "Q", "Q")))
    (data / "sales_pipeline.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    folder = run(tmp_path / "made", data)
    summary = insights_of(folder, AFTERWARDS)
    verdict, why = trusted(summary)
    assert verdict == "published"
    model, base = (float(number) for number in re.findall(r"0\.\d{4}", why)[:2])
    assert model < base - 0.02
    steps = calibration(summary)
    assert sum(deals for deals, _, _ in steps) >= 200
    assert all(abs(foretold - true) < 0.2 for deals, foretold, true in steps if deals >= 20)
    assert steps[-1][2] > steps[0][2] + 0.3
    expected = insight_figures.insights(*market(folder, data), AFTERWARDS)
    assert len(expected.calls) == 20
    assert differences(summary, expected) == []
