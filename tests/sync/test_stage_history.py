"""Lines of the stage history over several cycles: one for each move, whatever happens in between."""

from datetime import timedelta

import pytest

from crm_sheets.cells import CellValue
from tests.sync.desks import Crash, Desk, played

COLUMNS = {
    "customers": "id key_ name type industry contact phone status level check",
    "opportunities": "id key_ name customer stage amount close_date stage_since stage_was stage_days check",
    "stage_history": "id key_ object name opportunity customer field number from_value to_value at days who check",
}
OUTWARD, BACK = "需求分析", "初步接触"


def deal(desk: Desk) -> None:
    desk.add("customers", name="华为", status="潜在客户")
    desk.add("opportunities", name="新机房", customer="华为", stage=BACK)


@pytest.fixture
def desk() -> Desk:
    return played(deal, columns=COLUMNS)


def moves(desk: Desk) -> list[tuple[CellValue, ...]]:
    """The lines as they stand in the sheet: number, from, to, days."""
    columns = ("number", "from_value", "to_value", "days")
    lines = len(desk.grid("stage_history")) - 1
    return [tuple(desk.cell("stage_history", row, column) for column in columns) for row in range(lines)]


FIRST = (1, None, BACK, None)


def test_a_new_deal_begins_its_history(desk: Desk) -> None:
    assert moves(desk) == [FIRST]
    desk.sync()
    assert moves(desk) == [FIRST]


def test_to_and_fro_leaves_a_line_each_time(desk: Desk) -> None:
    for number, stage in enumerate((OUTWARD, BACK, OUTWARD), 2):
        desk.type("opportunities", 0, "stage", stage)
        desk.sync(later=timedelta(days=number))
        desk.sync()
    assert moves(desk) == [FIRST, (2, BACK, OUTWARD, 2), (3, OUTWARD, BACK, 3), (4, BACK, OUTWARD, 4)]
    assert desk.cell("opportunities", 0, "stage_was") == BACK


def test_a_stage_that_is_cleared_and_typed_again_goes_on(desk: Desk) -> None:
    """Nothing has moved: neither the days in the stage begin anew, nor is there a line."""
    since = desk.cell("opportunities", 0, "stage_since")
    days = []
    for stage in (None, BACK, None):
        desk.type("opportunities", 0, "stage", stage)
        desk.sync(later=timedelta(days=1))
        days.append(desk.cell("opportunities", 0, "stage_days"))
    assert days == [None, 2, None]
    assert desk.cell("opportunities", 0, "stage_since") == since
    assert moves(desk) == [FIRST]
    desk.type("opportunities", 0, "stage", OUTWARD)
    desk.sync(later=timedelta(days=1))
    assert desk.cell("opportunities", 0, "stage_days") == 0
    assert desk.cell("opportunities", 0, "stage_was") == BACK
    assert moves(desk) == [FIRST, (2, BACK, OUTWARD, 4)]


def test_moves_within_one_second_leave_a_line_each(desk: Desk) -> None:
    for stage in (OUTWARD, BACK, OUTWARD):
        desk.type("opportunities", 0, "stage", stage)
        desk.sync(later=timedelta(0))
    assert [line[2] for line in moves(desk)] == [BACK, OUTWARD, BACK, OUTWARD]


@pytest.mark.parametrize("step", ["committed", "written"])
def test_a_crash_makes_no_second_line(desk: Desk, step: str) -> None:
    desk.type("opportunities", 0, "stage", OUTWARD)
    desk.crash_at = step
    with pytest.raises(Crash):
        desk.sync()
    desk.sync()
    desk.sync()
    assert moves(desk) == [FIRST, (2, BACK, OUTWARD, 0)]


def test_the_status_of_a_customer_leaves_lines_too(desk: Desk) -> None:
    desk.type("customers", 0, "status", "意向客户")
    desk.sync()
    assert moves(desk) == [FIRST, (1, "潜在客户", "意向客户", None)]
    assert desk.cell("stage_history", 1, "field") == "客户状态"
    assert desk.cell("stage_history", 1, "customer") == desk.cell("customers", 0, "id")


def test_lines_that_people_change_are_put_back(desk: Desk) -> None:
    desk.type("stage_history", 0, "to_value", "赢单")
    desk.add("stage_history", name="混进来的")
    desk.sync()
    assert moves(desk)[0] == FIRST
    assert "row-may-not-be-made" in desk.codes()


def test_moves_leave_no_line_for_a_team_without_the_tab() -> None:
    desk = played(deal, columns={tab: names for tab, names in COLUMNS.items() if tab != "stage_history"})
    desk.type("opportunities", 0, "stage", OUTWARD)
    desk.sync()
    assert desk.cell("opportunities", 0, "stage_was") == BACK
