"""Undo and restore: what the journal says was, stands again in the sheet."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.commands import Command
from crm_sheets.guards import Limits
from crm_sheets.restoring import restore
from crm_sheets.state import JournalLine
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import TabKey
from crm_sheets.undoing import Undoing, undo
from tests.sync.desks import Desk, customer

COLUMNS = {
    "customers": "id key_ name type industry contact phone note created_at updated_at check",
    "opportunities": "id key_ name customer stage amount probability close_date owner check",
}
LAX = Limits(delete_rows=99)


def team() -> Desk:
    desk = Desk(columns=COLUMNS, limits=LAX)
    for number, name in enumerate(("华为技术", "小米通讯", "大疆创新")):
        customer(desk, name, contact=f"c{number}", phone=f"1380013800{number}")
    desk.add("opportunities", name="新机房", customer="华为技术", stage="初步接触", amount=1000, close_date=46400)
    desk.sync()
    return desk


Undo = Callable[..., Undoing]


def apply(desk: Desk, how: Undo, lines: tuple[JournalLine, ...]) -> Undoing:
    found = how(lines, desk.state, desk.tabs, "admin")
    carry_out(desk, found.commands)
    return found


def carry_out(desk: Desk, commands: Sequence[Command]) -> None:
    desk.now += timedelta(seconds=30)
    desk.cycle.run(Wish(desk.now, commands=tuple(commands)))


def last_run(desk: Desk) -> tuple[JournalLine, ...]:
    return desk.state.journal(run=desk.state.journal(limit=1)[0].run)


def staff(desk: Desk) -> dict[str, dict[str, object]]:
    """What people filled in, by row, and when each row was made."""
    kept: dict[str, dict[str, object]] = {}
    for tab in COLUMNS:
        system = {str(key) for key, column in desk.tabs[TabKey(tab)].columns.items() if column.system} - {"created_at"}
        for key, values in desk.records(tab).items():
            kept[key] = {column: value for column, value in values.items() if column not in system}
    return kept


def sheet(desk: Desk, tab: str) -> dict[CellValue, Mapping[str, CellValue]]:
    columns = COLUMNS[tab].split()
    rows = [dict(zip(columns, row, strict=False)) for row in desk.grid(tab)[1:] if any(row)]
    return {row["id"]: row for row in rows}


def test_an_edit_is_undone() -> None:
    desk = team()
    before = staff(desk)
    desk.type("customers", 0, "note", "写错了")
    desk.type("customers", 1, "contact", None)
    desk.sync()

    found = apply(desk, undo, last_run(desk))

    assert (len(found.undone), found.kept, staff(desk)) == (2, [], before)
    assert (desk.cell("customers", 0, "note"), desk.cell("customers", 1, "contact")) == (None, "c1")


def test_undo_leaves_what_was_changed_since() -> None:
    desk = team()
    desk.type("customers", 0, "note", "一")
    desk.type("customers", 1, "note", "一")
    desk.sync()
    lines = last_run(desk)
    desk.type("customers", 0, "note", "二")
    desk.sync()

    found = apply(desk, undo, lines)

    assert (len(found.undone), len(found.kept)) == (1, 1)
    assert [desk.cell("customers", row, "note") for row in (0, 1)] == ["二", None]


def test_a_deleted_row_comes_back_as_it_was() -> None:
    desk = team()
    before, key = staff(desk), desk.cell("customers", 1, "id")
    del desk.grid("customers")[2]
    desk.sync()

    apply(desk, undo, last_run(desk))

    assert staff(desk) == before, "with its key, and the time at which it was made"
    assert sheet(desk, "customers")[key]["name"] == "小米通讯"
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes


def test_a_new_row_is_taken_out() -> None:
    desk = team()
    before = staff(desk)
    customer(desk, "不该有的", phone="13700137000")
    desk.sync()

    apply(desk, undo, last_run(desk))

    assert staff(desk) == before
    assert "不该有的" not in str(desk.grid("customers"))


def test_undoing_an_undo_is_the_change_again() -> None:
    desk = team()
    desk.type("customers", 0, "note", "对的")
    desk.sync()
    changed = staff(desk)
    apply(desk, undo, last_run(desk))
    assert staff(desk) != changed

    apply(desk, undo, last_run(desk))

    assert staff(desk) == changed


def test_what_followed_an_edit_goes_back_with_it() -> None:
    """The probability was set by hand, and moved along with the stage."""
    desk = team()
    desk.type("opportunities", 0, "probability", 0.35)
    desk.sync()
    before = staff(desk)
    desk.type("opportunities", 0, "stage", "赢单")
    desk.sync()
    assert staff(desk) != before

    apply(desk, undo, last_run(desk))

    assert staff(desk) == before


def scribble(desk: Desk, random: Random) -> None:
    """One thing that people do."""
    tab = random.choice(tuple(COLUMNS))
    rows = [row for row in range(len(desk.grid(tab)) - 1) if desk.cell(tab, row, "id")]
    what = random.choice(("note", "name", "contact", "delete", "new", "stage", "probability", "amount"))
    if what == "new":
        customer(desk, f"新客户{random.randrange(99)}", phone=f"137{random.randrange(10**8):08}")
    elif rows and what == "delete":
        del desk.grid(tab)[random.choice(rows) + 1]
    elif rows and what in COLUMNS[tab].split():
        value = {
            "stage": random.choice(("初步接触", "赢单", "输单")),
            "probability": random.choice((0.35, 0.5, None)),
            "amount": random.randrange(9999),
        }.get(what, f"t{random.randrange(99)}")
        desk.type(tab, random.choice(rows), what, value)


@pytest.mark.parametrize("seed", range(12))
def test_restoring_to_a_time_brings_back_what_people_had_filled_in(seed: int) -> None:
    desk, random = team(), Random(seed)
    past: list[tuple[datetime, dict[str, dict[str, object]]]] = []
    for _ in range(5):
        past.append((desk.now, staff(desk)))
        for _ in range(3):
            scribble(desk, random)
        desk.sync()
    instant, then = random.choice(past)

    plan = restore(desk.state.changed_since(instant), desk.state, desk.tabs, "admin")
    carry_out(desk, plan.commands)

    assert staff(desk) == then
    for tab in COLUMNS:
        shown = {str(key): row for key, row in sheet(desk, tab).items()}
        assert shown.keys() == desk.records(tab).keys()
        for key, row in shown.items():
            assert (row["name"] or None) == then[key].get("name")
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes
