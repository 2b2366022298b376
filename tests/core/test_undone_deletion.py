"""A row that an undo brings back remembers what it knew before somebody deleted it."""

from crm_sheets.sync.setup import Wish
from crm_sheets.undoing import undo
from tests.sync.desks import Desk

COLUMNS = {
    "opportunities": "id key_ name customer stage amount close_date owner stage_since slips check",
}


def test_what_our_columns_remember_comes_back_with_the_row() -> None:
    desk = Desk(columns=COLUMNS)
    desk.add("opportunities", name="机房", customer="华为", stage="初步接触", amount=1, close_date="2026-12-01")
    desk.add("opportunities", name="维保", customer="华为", stage="初步接触", amount=1, close_date="2026-12-01")
    desk.sync()
    desk.type("opportunities", 0, "close_date", "2026-12-20")
    desk.sync()
    before = desk.records("opportunities")
    assert sorted(str(row.get("slips")) for row in before.values()) == ["1", "None"]
    del desk.grid("opportunities")[1]
    desk.sync()
    assert len(desk.records("opportunities")) == 1
    run = max(line.run for line in desk.state.journal())
    commands = undo(desk.state.journal(run=run), desk.state, desk.tabs, "管理员").commands
    desk.sync()
    desk.cycle.run(Wish(desk.now, commands=tuple(commands)))
    assert desk.records("opportunities") == before
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes
