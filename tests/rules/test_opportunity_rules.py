"""Stage, probability, forecast and dates of deals."""

from decimal import Decimal

import pytest

from crm_sheets.changes import Value
from crm_sheets.rules.close_dates import close_dates
from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.stage_probabilities import stage_probabilities
from crm_sheets.rules.stages_since import stages_since
from crm_sheets.rules.standing import default_probability
from crm_sheets.rules.weighted_amounts import weighted_amounts
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from tests.rules.tables import before, book, clock, context, lines, said


def moved(rule_row: str, **previous: Value) -> list[str]:
    """What the three rules about stages say about a deal that was different before."""
    rows = book(f"opportunities\nkey | stage | probability | amount\nO-1 | {rule_row} | 1000")
    row = before(rows.rows[0], **previous)
    rules = (stage_probabilities, stages_since, weighted_amounts)
    return [line for rule in rules for line in lines("O-1", rule(row, context(rows)))]


def test_a_blank_probability_takes_that_of_the_stage() -> None:
    table = """
    opportunities
    key | stage | probability
    O-1 | 需求分析 |
    O-2 | 需求分析 | 0.4
    O-3 | 试用 |
    O-4 | |
    O-5 | 商务谈判 |
    O-6 | 需求分析 | ?
    """
    assert said(stage_probabilities, table) == ["O-1 probability := 0.3", "O-5 probability := 0.7"]


def test_the_probability_moves_with_the_stage() -> None:
    assert moved("方案提交 | 0.3", stage="需求分析") == [
        "O-1 probability = 0.5",
        "O-1 stage_since = 2026-11-22 10:00",
        "O-1 weighted = 500.00",
    ]


@pytest.mark.parametrize(
    "previous",
    [
        {"stage": "需求分析"},
        {"stage": "需求分析", "probability": Decimal("0.3")},
    ],
    ids=["set by hand before", "set by hand in the same edit"],
)
def test_a_probability_set_by_hand_stays(previous: dict[str, Value]) -> None:
    assert moved("方案提交 | 0.42", **previous) == [
        "O-1 stage_since = 2026-11-22 10:00",
        "O-1 weighted = 420.00",
    ]


def test_won_and_lost_leave_no_doubt() -> None:
    assert moved("赢单 | 0.42", stage="方案提交")[0] == "O-1 probability = 1"
    assert moved("输单 | 0.42", stage="方案提交")[0] == "O-1 probability = 0"
    assert moved("输单 | 0.42", stage="方案提交")[-1] == "O-1 weighted = 0.00"


def test_a_stage_that_did_not_move_keeps_its_day_and_its_probability() -> None:
    rows = book("opportunities\nkey | stage | probability | stage_since\nO-1 | 方案提交 | 0.3 | 2026-10-01 08:00")
    row = before(rows.rows[0])
    assert lines("O-1", stages_since(row, context(rows))) == ["O-1 stage_since = 2026-10-01 08:00"]
    assert lines("O-1", stage_probabilities(row, context(rows))) == []


def test_since_when_a_new_deal_is_in_its_stage() -> None:
    table = """
    opportunities
    key | stage | close_date | stage_since
    O-1 | 方案提交 | 2026-12-01 |
    O-2 | 赢单 | 2025-03-05 |
    O-3 | 赢单 | 2027-01-01 |
    O-4 | | | 2026-10-01 08:00
    O-5 | ? | |
    """
    assert said(stages_since, table) == [
        "O-1 stage_since = 2026-11-22 10:00",
        "O-2 stage_since = 2025-03-05 00:00",
        "O-3 stage_since = 2026-11-22 10:00",
        "O-4 stage_since = 2026-10-01 08:00",  # since when it was in the stage that was cleared
    ]


def test_a_deal_at_the_first_stage_is_in_it_since_it_started() -> None:
    table = """
    opportunities
    key | stage | started_on
    O-1 | 初步接触 | 2026-11-03
    O-2 | 初步接触 | 2026-12-03
    O-3 | 需求分析 | 2026-11-03
    """
    assert said(stages_since, table) == [
        "O-1 stage_since = 2026-11-03 00:00",
        "O-2 stage_since = 2026-11-22 10:00",
        "O-3 stage_since = 2026-11-22 10:00",
    ]


def test_what_a_deal_adds_to_the_forecast() -> None:
    table = """
    opportunities
    key | stage | amount | probability
    O-1 | 需求分析 | 1000 | 0.4
    O-2 | 需求分析 | 1000 |
    O-3 | 赢单 | 1000 | 0.4
    O-4 | 输单 | 1000 | 0.4
    O-5 | 试用 | 1000 |
    O-6 | 需求分析 | | 0.4
    O-7 | 需求分析 | 0.05 | 0.1
    """
    assert said(weighted_amounts, table) == [
        "O-1 weighted = 400.00",
        "O-2 weighted = 300.00",
        "O-3 weighted = 1000",
        "O-4 weighted = 0.00",
        "O-5 weighted = None",
        "O-6 weighted = None",
        "O-7 weighted = 0.01",
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("30%", "0.3"),
        ("0.3", "0.3"),
        (" 30 % ", "0.3"),
        ("0", "0"),
        ("130%", None),
        ("-1", None),
        ("NaN", None),
        ("hoch", None),
        ("", None),
    ],
)
def test_how_a_probability_may_be_written_in_the_dictionary(written: str, read: str | None) -> None:
    entry = DictionaryEntry("谈判", "", 1, True, {"probability": written})
    known = Dictionaries({"opportunity_stage": (entry,)})
    assert default_probability("谈判", known) == (None if read is None else Decimal(read))


def test_an_open_deal_closes_in_the_future() -> None:
    table = """
    opportunities
    key | stage | close_date
    O-1 | 需求分析 | 2026-11-21
    O-2 | 需求分析 | 2026-11-22
    O-3 | 赢单 | 2026-11-21
    O-4 | 需求分析 |
    O-5 | 输单 | 2026-12-01
    O-6 | 赢单 | 2026-11-22
    """
    assert said(close_dates, table) == [
        "O-1 close_date warning close-date-passed",
        "O-2 wakes 2026-11-23 00:00",
    ]
    assert "O-2 close_date warning close-date-passed" in said(close_dates, table, clock("2026-11-23 00:00"))


def test_a_won_deal_has_closed() -> None:
    table = """
    opportunities
    key | stage | close_date
    O-1 | 赢单 | 2026-12-01
    """
    assert said(close_dates, table) == [
        "O-1 close_date warning date-in-future",
        "O-1 wakes 2026-12-01 00:00",
    ]
    assert said(close_dates, table, clock("2026-12-01 00:00")) == []


def test_dates_of_deals() -> None:
    table = """
    opportunities
    key | started_on | close_date
    O-1 | 2026-11-23 | 2026-12-01
    O-2 | 2026-11-20 | 2026-11-19
    O-3 | 2026-11-20 | 2026-11-20
    """
    assert said(dates_in_order, table) == [
        "O-1 started_on warning date-in-future",
        "O-1 wakes 2026-11-23 00:00",
        "O-2 close_date warning date-before-other",
    ]
