"""A book of which most rows are not read fares as one that is read as a whole, whatever people do to it."""

import os
from random import Random

import pytest

from crm_sheets.guards import Limits
from crm_sheets.sync.backends.memory import MemoryFile
from crm_sheets.tables import SHARED, TabKey
from tests.sync.desks import Crash, Desk, customer

SEEDS = int(os.environ.get("CRM_SHEETS_EXAMPLES", "2"))
ROWS = 14
CUSTOMERS = TabKey("customers")


def book(head: int) -> Desk:
    columns = {"customers": "id key_ name type industry contact phone note created_at check"}
    desk = Desk(columns=columns, limits=Limits(delete_rows=99, change_cells=999), head=head)
    for number in range(ROWS):
        customer(desk, f"客户{number}", contact=f"联系人{number}", phone=f"138001380{number:02}")
    desk.sync()
    desk.type("customers", ROWS - 1, "note", "已读")
    desk.sync()
    return desk


def act(desk: Desk, dice: Random) -> None:
    """One thing that somebody does."""
    grid = desk.grid("customers")
    at = dice.randrange(1, len(grid))
    row = grid[at]
    match dice.choice(("edit", "edit", "ours", "copy", "delete", "insert", "append", "blank", "key", "move", "header")):
        case "edit":
            desk.type("customers", at - 1, "note", f"改{dice.randrange(99)}")
        case "ours":
            desk.type("customers", at - 1, "created_at", "x")
        case "copy":
            grid.insert(dice.randrange(1, len(grid)), list(row))
        case "delete" if len(grid) > 4:
            del grid[at]
        case "insert":
            grid.insert(at, desk.row("customers", name=f"新{dice.randrange(99)}", contact="某人"))
        case "append":
            customer(desk, f"后来{dice.randrange(99)}")
        case "blank":
            row[:] = [None] * len(row)
        case "key":
            row[desk.place("customers", "key_")] = None
        case "move":
            grid.insert(dice.randrange(1, len(grid)), grid.pop(at))
        case "header":
            grid[0][desk.place("customers", "note")] = dice.choice(("备注", "备注说明"))


def story(desk: Desk, seed: int) -> list[object]:
    """What a book looks like after each cycle while people work in it, and what the journal says in the end."""
    dice, told, old = Random(seed), list[object](), list[MemoryFile]()
    for _ in range(6):
        for _ in range(dice.randrange(1, 3)):
            act(desk, dice)
        if old and dice.random() < 0.1:
            desk.backend.file = dice.choice(old).copied()
        desk.crash_at = dice.choice((None, None, None, "committed", "written"))
        try:
            desk.sync()
        except Crash as crash:
            told.append(str(crash))
        desk.crash_at = None
        old.append(desk.backend.file.copied())
        key = desk.place("customers", "key_")  # each book has its own
        told.append(([row[:key] + row[key + 1 :] for row in desk.grid("customers")], desk.codes()))
    told.append([(line.entry.kind, line.entry.row, line.entry.column, line.entry.new) for line in desk.state.journal()])
    desk.state.close()
    return told


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_need_not_be_read_need_not_have_been_read(seed: int) -> None:
    skimmed, whole = book(1), book(1_000)

    assert story(skimmed, seed) == story(whole, seed)
    assert skimmed.unread > 0
    assert whole.unread == 0


def test_only_what_changed_is_read() -> None:
    desk = book(1)
    desk.type("customers", 4, "note", "改")
    outlines = {each.sheet: each for each in desk.state.outlined(SHARED).outlines.values()}
    (sheet,) = desk.backend.skim({}, outlines).sheets.values()

    assert outlines
    assert {row.number for row in sheet.rows} < set(range(1, ROWS + 2))
    assert 6 in {row.number for row in sheet.rows}, "the row that was edited"
    assert len(sheet.rows) <= 8, "its block, the header, the last block, and that of the edit before"


def test_a_row_that_is_read_has_those_read_that_it_names() -> None:
    """Somebody copies a row of a block that need not be read, and edits the copy: that one is new, not the row."""
    desk = book(0)
    grid = desk.grid("customers")
    row = list(grid[4])
    grid.append(list(row))
    desk.type("customers", ROWS, "note", "抄来的")
    desk.sync()
    key, name = desk.place("customers", "key_"), desk.place("customers", "name")
    assert desk.grid("customers")[4][: name + 1] == row[: name + 1]
    assert desk.grid("customers")[-1][key] not in {None, row[key]}
    assert len(desk.records("customers")) == ROWS + 1
    assert [values.get("note") for values in desk.records("customers").values()].count("抄来的") == 1
    assert desk.records("customers")[str(row[desk.place("customers", "id")])].get("note") is None
