"""Levels over several cycles: a second cycle changes nothing, and by RFM the whole book is asked once a day."""

from dataclasses import replace
from datetime import timedelta

from crm_sheets.cells import CellValue
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.customer_levels import customer_levels, giving_levels
from crm_sheets.rules.level_policies import LevelPolicy, Method
from tests.sync.desks import Desk

COLUMNS = {
    "customers": "id key_ name type industry contact phone status level level_basis computed_level level_since check",
    "opportunities": "id key_ name customer stage amount close_date stage_since check",
}
CUSTOMERS = "甲乙丙丁戊"
RFM = LevelPolicy(method=Method.RFM)


def book(policy: LevelPolicy = RFM) -> Desk:
    """Five customers, of which the n-th has one deal of n x 10,000, won n days ago."""
    desk = Desk(columns=COLUMNS)
    rules = {
        each.tab: tuple(giving_levels(policy) if rule is customer_levels else rule for rule in each.rules)
        for each in DEFAULT_RULES
        if each.tab in desk.tabs
    }
    desk.cycle.setup = replace(desk.setup, rules=rules, levels=policy)
    for number, name in enumerate(CUSTOMERS, 1):
        desk.add("customers", name=name)
        won(desk, name, number * 10_000, 46_348 - number)
    desk.sync()
    return desk


def won(desk: Desk, customer: str, amount: int, day: int) -> None:
    desk.add("opportunities", name=f"{customer}{day}", customer=customer, stage="赢单", amount=amount, close_date=day)


def column(desk: Desk, name: str) -> list[CellValue]:
    return [desk.cell("customers", row, name) for row in range(len(CUSTOMERS))]


def scores(desk: Desk) -> list[str]:
    """R-F-M of each customer."""
    return [str(basis).split("RFM ")[1].split("，")[0] for basis in column(desk, "level_basis")]


def test_a_second_cycle_changes_nothing() -> None:
    for policy in (RFM, LevelPolicy()):
        desk = book(policy)
        before = [list(row) for row in desk.grid("customers")]
        desk.sync()
        assert [list(row) for row in desk.grid("customers")] == before
    assert column(desk, "level") == ["C", "C", "C", "C", "B"]


def test_a_level_that_is_typed_stays_and_one_that_is_cleared_is_filled() -> None:
    desk = book(LevelPolicy())
    desk.type("customers", 0, "level", "VIP")
    desk.sync()
    desk.sync()
    assert (column(desk, "level")[0], column(desk, "level_basis")[0]) == ("VIP", "手动")
    assert column(desk, "computed_level")[0] == "C"
    won(desk, "甲", 90_000, 46_347)
    desk.sync()
    assert (column(desk, "level")[0], column(desk, "computed_level")[0]) == ("VIP", "B")
    desk.type("customers", 0, "level", None)
    desk.sync()
    assert column(desk, "level")[0] == "B"
    assert str(column(desk, "level_basis")[0]).startswith("自动")


def test_what_leaves_the_period_lowers_the_level() -> None:
    desk = book(LevelPolicy())
    desk.sync(later=timedelta(days=364))
    assert column(desk, "level") == ["C", "C", "C", "C", "C"]
    assert "由B降级" in str(column(desk, "level_basis")[4])


def test_fifths_hold_for_a_day() -> None:
    desk = book()
    assert scores(desk) == ["5-1-1", "4-1-2", "3-1-3", "2-1-4", "1-1-5"]
    won(desk, "甲", 500_000, 46_347)
    desk.sync()
    assert scores(desk) == ["5-5-5", "4-1-2", "3-1-3", "2-1-4", "1-1-5"]
    won(desk, "乙", 1, 46_347)
    desk.sync(later=timedelta(days=1))
    assert scores(desk) == ["4-4-5", "4-4-1", "3-1-2", "2-1-3", "1-1-4"]
