"""Undoing a run leaves the rows that the program alone writes: they are made once, and targets are measured by them."""

from crm_sheets.sync.setup import Wish
from crm_sheets.undoing import undo
from tests.sync.desks import Desk
from tests.sync.test_targets_in_cycles import COLUMNS, deal


def undo_last_run(desk: Desk) -> None:
    run = max(line.run for line in desk.state.journal())
    commands = undo(desk.state.journal(run=run), desk.state, desk.tabs, "管理员").commands
    desk.cycle.run(Wish(desk.now, commands=tuple(commands)))


def test_what_is_won_again_after_an_undo_counts() -> None:
    desk = Desk(columns=COLUMNS)
    desk.add("people", id="S1", name="张伟", department="销售部", group="一组", role="销售专员", email="a@example.com")
    desk.add("targets", period="2026-11", scope="张伟", measure="成交金额", value=1000)
    desk.sync()
    deal(desk, "机房", 100, "张伟")
    desk.sync()
    assert desk.cell("targets", 0, "actual") == 100
    undo_last_run(desk)
    assert desk.cell("targets", 0, "actual") == 0
    deal(desk, "机房", 70, "张伟")
    desk.sync()
    assert desk.cell("targets", 0, "actual") == 70
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes
