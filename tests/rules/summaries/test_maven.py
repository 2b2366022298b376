"""The summaries of the Maven sample agree with figures worked out from the CSV files in plain Python."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import language
from crm_sheets.rules.summaries.base import Figure, Frames, SummaryContext
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.rules.summaries.outcomes import OUTCOMES
from crm_sheets.rules.summaries.review import REVIEW
from crm_sheets.rules.summaries.team import TEAM
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.summaries import sales_by_hand as by_hand

DATA = Path(__file__).parents[3] / "../shared/data/maven_crm"
CODES = {"Prospecting": "contact", "Engaging": "needs", "Won": "won", "Lost": "lost"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Maven sample is not on this machine")


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as readable:
        return list(csv.DictReader(readable))


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d-%m-%y").date() if text else None  # noqa: DTZ007 - a day has no zone


def frames(deals: list[dict[str, str]]) -> Frames:
    teams = read("sales_teams.csv")
    opportunities: dict[str, list[object]] = {
        "stage": [row["deal_stage"] for row in deals],
        "amount": [Decimal(row["close_value"]) if row["close_value"] else None for row in deals],
        "close_date": [day(row["close_date"]) for row in deals],
        "started_on": [day(row["engage_date"]) for row in deals],
        "owner": [row["sales_agent"] for row in deals],
    }
    people: dict[str, list[object]] = {
        "name": [row["sales_agent"] for row in teams],
        "department": [row["regional_office"] for row in teams],
        "manager": [row["manager"] for row in teams],
    }
    return {
        TabKey("opportunities"): {ColumnKey(key): values for key, values in opportunities.items()},
        TabKey("people"): {ColumnKey(key): values for key, values in people.items()},
    }


@pytest.fixture(scope="module")
def deals() -> list[dict[str, str]]:
    return read("sales_pipeline.csv")


@pytest.fixture(scope="module")
def figures(deals: list[dict[str, str]]) -> Mapping[str, Figure]:
    entries = tuple(DictionaryEntry(value, code, place, True, {}) for place, (value, code) in enumerate(CODES.items()))
    context = SummaryContext(
        date(2026, 11, 22), ZoneInfo("UTC"), Dictionaries({"opportunity_stage": entries}), language("en")
    )
    read_frames = frames(deals)
    return {
        figure.key: figure
        for rule in (FUNNEL, TEAM, OUTCOMES, REVIEW)
        for figure in rule.compute(read_frames, context).figures
    }


def test_deals_by_stage(deals: list[dict[str, str]], figures: Mapping[str, Figure]) -> None:
    expected = Counter(row["deal_stage"] for row in deals)
    assert {stage: figures[f"funnel.stages.deals[{stage}]"].value for stage in expected} == expected


def test_won_value_and_win_rate(deals: list[dict[str, str]], figures: Mapping[str, Figure]) -> None:
    won = [Decimal(row["close_value"]) for row in deals if row["deal_stage"] == "Won"]
    lost = sum(row["deal_stage"] == "Lost" for row in deals)
    assert figures["funnel.won_amount"].value == sum(won)
    assert figures["funnel.win_rate"].value == round(Decimal(len(won)) / (len(won) + lost), 4)


@pytest.mark.parametrize(("key", "stages"), [("won_cycle_days", ("Won",)), ("closed_cycle_days", ("Won", "Lost"))])
def test_mean_cycle(
    deals: list[dict[str, str]], figures: Mapping[str, Figure], key: str, stages: tuple[str, ...]
) -> None:
    spans = []
    for row in deals:
        start, end = day(row["engage_date"]), day(row["close_date"])
        if row["deal_stage"] in stages and start and end:
            spans.append((end - start).days)
    assert float(figures[f"funnel.{key}"].value or 0) == pytest.approx(sum(spans) / len(spans), abs=0.005)


def test_won_value_by_quarter_and_by_manager(deals: list[dict[str, str]], figures: Mapping[str, Figure]) -> None:
    manager = {row["sales_agent"]: row["manager"] for row in read("sales_teams.csv")}
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for row in deals:
        if row["deal_stage"] == "Won":
            quarter, year = row["close_quarter"].split()
            expected[f"team.quarters.won_amount[{year}{quarter}]"] += Decimal(row["close_value"])
            expected[f"team.managers.won_amount[{manager[row['sales_agent']]}]"] += Decimal(row["close_value"])
    assert {key: figures[key].value for key in expected} == expected
    assert figures["team.quarters.won_amount[2017Q1]"].period == "2017Q1"


def by_hand_deals(deals: list[dict[str, str]]) -> list[by_hand.Deal]:
    code = {"Won": "won", "Lost": "lost"}
    return [
        by_hand.Deal(
            key=row["opportunity_id"],
            stage=row["deal_stage"],
            outcome=code.get(row["deal_stage"], ""),
            amount=Fraction(row["close_value"] or 0),
            weighted=Fraction(0),
            closes=day(row["close_date"]),
            began=day(row["engage_date"]),
            owner=row["sales_agent"],
        )
        for row in deals
    ]


def test_cycles_and_velocity(deals: list[dict[str, str]], figures: Mapping[str, Figure]) -> None:
    rows = by_hand_deals(deals)

    def near(key: str, expected: Fraction | None) -> bool:
        value = figures[key].value
        return value is not None and expected is not None and abs(Fraction(value) - expected) <= Fraction(6, 1000)

    for words, outcomes in (("Won", ("won",)), ("Lost", ("lost",)), ("All closed", ("won", "lost"))):
        spans = by_hand.spans(rows, *outcomes)
        assert figures[f"outcomes.cycles.cycles[{words}]"].value == len(spans)
        assert near(f"outcomes.cycles.cycle_median[{words}]", by_hand.quantile(spans, Fraction(1, 2)))
        assert near(f"outcomes.cycles.cycle_p90[{words}]", by_hand.quantile(spans, Fraction(9, 10)))
    assert near("outcomes.velocity", by_hand.velocity(rows))
    for agent in {row.owner for row in rows}:
        mine = by_hand.velocity([row for row in rows if row.owner == agent])
        assert near(f"outcomes.velocity.velocity[{agent}]", mine)
        won = sum(row.outcome == "won" for row in rows if row.owner == agent)
        decided = sum(bool(row.outcome) for row in rows if row.owner == agent)
        assert figures[f"team.people.win_rate[{agent}]"].value == round(Decimal(won) / decided, 4)
    for month in ("2017-03", "2017-12"):
        spans = by_hand.spans([row for row in rows if row.closes and by_hand.month(row.closes) == month], "won")
        assert near(f"outcomes.cycle_months.cycle_p90[{month}]", by_hand.quantile(spans, Fraction(9, 10)))
        won_amount = sum(
            row.amount for row in rows if row.outcome == "won" and row.closes and by_hand.month(row.closes) == month
        )
        assert figures[f"review.months.goal_result[{month}]"].value == won_amount
