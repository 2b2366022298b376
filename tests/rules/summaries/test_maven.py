"""The summaries of the Maven sample agree with figures worked out from the CSV files in plain Python."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import language
from crm_sheets.rules.summaries.base import PIPELINE, PIPELINE_DAYS, Figure, Frames, SummaryContext
from crm_sheets.rules.summaries.conversion import CONVERSION
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.rules.summaries.outcomes import OUTCOMES
from crm_sheets.rules.summaries.review import REVIEW
from crm_sheets.rules.summaries.team import TEAM
from crm_sheets.rules.summaries.trends import TRENDS
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


# -- as if it had been kept from the beginning ------------------------------------------------------------------------

LATER = date(2018, 1, 2)
KEPT = [date(2017, 1, 1) + timedelta(days=number) for number in range(366)]


def worth(row: Mapping[str, str]) -> int:
    """What an open deal was worth, in hundredths: the file says it of closed deals only."""
    return int(row["close_value"] or 0) * 100


def kept(deals: list[dict[str, str]]) -> list[by_hand.Kept]:
    """A line for each deal from the day on which it began to the one on which it closed, first due a month earlier."""
    lines = []
    for row in deals:
        since, until = day(row["engage_date"]), day(row["close_date"])
        if since and (until is None or since < until):
            due = (until or LATER) - timedelta(days=30)
            lines.append(by_hand.Kept(row["opportunity_id"], since, until, worth(row), worth(row) // 4, due))
    return lines


@pytest.fixture(scope="module")
def kept_figures(deals: list[dict[str, str]]) -> Mapping[str, Figure]:
    """Conversion, trends and review with the history that the two days of each deal tell."""
    moves = [
        (row["opportunity_id"], stage, at)
        for row in deals
        for stage, at in (("Engaging", day(row["engage_date"])), (row["deal_stage"], day(row["close_date"])))
        if at
    ]
    lines = kept(deals)
    columns: dict[str, dict[str, list[object]]] = {
        "stage_history": {
            "object": [deal for deal, _, _ in moves],
            "field": ["Stage" for _ in moves],
            "to_value": [stage for _, stage, _ in moves],
            "at": [datetime(at.year, at.month, at.day, 9, tzinfo=UTC) for _, _, at in moves],
        },
        PIPELINE: {
            "deal": [line.deal for line in lines],
            "since": [line.since for line in lines],
            "until": [line.until for line in lines],
            "amount": [line.amount for line in lines],
            "weighted": [line.weighted for line in lines],
            "close": [line.closes for line in lines],
        },
        PIPELINE_DAYS: {"day": list(KEPT)},
    }
    more = {TabKey(tab): {ColumnKey(key): values for key, values in of.items()} for tab, of in columns.items()}
    known = dict(frames(deals))
    ids: list[object] = [row["opportunity_id"] for row in deals]
    known[TabKey("opportunities")] = {**known[TabKey("opportunities")], ColumnKey("id"): ids}
    entries = tuple(DictionaryEntry(value, code, place, True, {}) for place, (value, code) in enumerate(CODES.items()))
    context = SummaryContext(LATER, ZoneInfo("UTC"), Dictionaries({"opportunity_stage": entries}), language("en"))
    rules = (CONVERSION, TRENDS, REVIEW)
    return {each.key: each for rule in rules for each in rule.compute({**known, **more}, context).figures}


def test_conversion_by_month_of_arrival(deals: list[dict[str, str]], kept_figures: Mapping[str, Figure]) -> None:
    outcomes = {row["opportunity_id"]: {"Won": "won", "Lost": "lost"}.get(row["deal_stage"], "") for row in deals}
    moves = [(row["opportunity_id"], "Engaging", at) for row in deals if (at := day(row["engage_date"]))]
    cohorts = by_hand.cohorts(moves, outcomes, ["Prospecting", "Engaging"])
    assert len(cohorts) > 12
    whole = [0] * 5
    for (stage, month), line in cohorts.items():
        arrived, beyond, won, lost, still = line
        counts = {"entered": arrived, "entered_lost": lost, "entered_open": still}
        for block in (f"cohorts.{{}}[{stage} {month}]",):
            told = {key: kept_figures[f"conversion.{block.format(key)}"].value for key in counts}
            assert told == counts
            for key, part in (("advanced_rate", beyond), ("entered_won_rate", won)):
                rate = kept_figures[f"conversion.{block.format(key)}"].value
                assert rate is not None
                assert abs(Fraction(rate) - Fraction(part, arrived)) <= Fraction(1, 19_000)
        whole = [total + number for total, number in zip(whole, line, strict=True)]
    assert kept_figures["conversion.stages.entered[Engaging]"].value == whole[0]
    assert kept_figures["conversion.started"].value == whole[0]
    assert kept_figures["conversion.entered_lost"].value == whole[3]


def test_the_pipeline_of_each_day_and_what_slipped(
    deals: list[dict[str, str]], kept_figures: Mapping[str, Figure]
) -> None:
    lines, rows = kept(deals), by_hand_deals(deals)
    for at in KEPT[-30::6]:
        standing = by_hand.standing(lines, at)
        key = f"[{at.isoformat()}]"
        if f"trends.days.open{key}" in kept_figures:
            assert kept_figures[f"trends.days.open{key}"].value == len(standing)
            assert kept_figures[f"trends.days.open_amount{key}"].value == Decimal(sum(x.amount for x in standing)) / 100
    for month in range(1, 13):
        first = date(2017, month, 1)
        told = [kept_figures[f"trends.slippage.{key}[{first:%Y-%m}]"].value for key in
                ("due_at_beginning", "due_won", "due_lost", "due_slipped")]  # fmt: skip
        assert tuple(told) == by_hand.fates(lines, rows, first)
        won = [
            row for row in rows if row.outcome == "won" and row.closes and by_hand.month(row.closes) == f"{first:%Y-%m}"
        ]
        assert kept_figures[f"trends.accuracy.month_result[{first:%Y-%m}]"].value == sum(row.amount for row in won)


def test_every_month_of_the_review(deals: list[dict[str, str]], kept_figures: Mapping[str, Figure]) -> None:
    won: dict[str, int] = defaultdict(int)
    for row in deals:
        if row["deal_stage"] == "Won" and (at := day(row["close_date"])):
            won[by_hand.month(at)] += int(row["close_value"])
    months = ["2017-02", *sorted(won)]
    for before, month in pairwise(months):
        assert kept_figures[f"review.months.goal_result[{month}]"].value == won[month]
        assert kept_figures[f"review.months.result_change[{month}]"].value == won[month] - won[before]
    sellers = {row["sales_agent"] for row in deals}
    for seller in sellers:
        parts = [
            sum(int(row["close_value"]) for row in deals if row["sales_agent"] == seller and row["deal_stage"] == "Won"
                and (at := day(row["close_date"])) and by_hand.month(at) == month)
            for month in ("2017-12", "2017-11")
        ]  # fmt: skip
        keys = [f"review.by_person.{key}[{seller}]" for key in ("part_now", "part_before", "part_change")]
        if any(parts):
            assert [kept_figures[key].value for key in keys] == [*parts, parts[0] - parts[1]]
