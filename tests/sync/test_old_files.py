"""Old files that come back, with rows that stand beside the records they once were."""

import pytest

from crm_sheets.state import EntryKind
from crm_sheets.sync.backends.memory import MemoryFile
from tests.sync.desks import Desk, customer, played
from tests.sync.galleries import TeamDesk, columns_in, grid_of, rows, sales_team

ANY = "customers"
HELD = "row-new-in-old-file"
COPIED = "row-copied-in-old-file"


def two(desk: Desk) -> None:
    customer(desk, "华为技术", note="最早写的")
    customer(desk, "小米通讯", contact="王五", phone="13900139000")


def taken(desk: Desk) -> list[tuple[str, str]]:
    """What was taken into the records since they were made."""
    lines = [line for line in desk.state.journal() if line.run > 1]
    return [
        (str(line.entry.column), line.entry.new)
        for line in reversed(lines)
        if line.entry.kind in {EntryKind.CREATE, EntryKind.EDIT, EntryKind.RESURRECT}
    ]


def notes(desk: Desk) -> list[object]:
    return [desk.cell(ANY, row, "note") for row in range(len(desk.grid(ANY)) - 1)]


@pytest.fixture
def desk() -> Desk:
    """A row was deleted while somebody else edited it, so it came back; then the file from before comes back, too."""
    desk = played(two)
    old = desk.backend.file.copied()
    desk.type(ANY, 1, "note", "别的")
    desk.sync()
    desk.type(ANY, 0, "note", "后来写的")
    desk.sync()
    desk.backend.file = old.copied()
    del desk.grid(ANY)[1]
    desk.sync()
    desk.backend.file = old
    desk.sync()
    return desk


def test_what_is_held_of_an_old_file_beside_its_own_record_is_not_taken_in_when_nobody_touched_it(desk: Desk) -> None:
    assert (notes(desk), desk.codes()) == (["最早写的", "别的", "后来写的"], [HELD, "row-restored-changed"])
    desk.type(ANY, 1, "note", "与此无关")
    desk.sync()

    assert taken(desk)[2:] == [("note", '{"note":"与此无关"}')]
    assert len(desk.records(ANY)) == 2
    assert HELD in desk.codes()


def test_an_edit_of_the_record_goes_on_beside_what_is_held(desk: Desk) -> None:
    desk.type(ANY, 2, "note", "又写的")
    desk.sync()

    assert taken(desk)[2:] == [("note", '{"note":"又写的"}')]
    assert notes(desk) == ["最早写的", "别的", "又写的"]
    assert len(desk.records(ANY)) == 2


def test_what_is_held_is_a_row_of_its_own_once_its_number_says_so(desk: Desk) -> None:
    desk.type(ANY, 0, "id", "新")
    desk.sync()

    assert len(desk.records(ANY)) == 3
    assert HELD not in desk.codes()


def test_a_copy_made_in_an_old_file_stays_held() -> None:
    desk = played(two)
    old = desk.backend.file.copied()
    desk.type(ANY, 1, "note", "后来写的")
    desk.sync()
    desk.backend.file = old
    desk.grid(ANY).append([*desk.grid(ANY)[1]])
    desk.type(ANY, 2, "note", "抄来的")
    for note in ("甲", "乙"):
        desk.sync()
        assert COPIED in desk.codes()
        desk.type(ANY, 1, "note", note)
    desk.sync()

    assert "抄来的" not in str(taken(desk))
    assert len(desk.records(ANY)) == 2


def test_a_row_that_its_reader_may_not_delete_is_that_row_in_a_file_from_before_they_tried() -> None:
    desk = TeamDesk(policy=sales_team(nosy=True))
    desk.person("E1", "安妮", "销售专员")
    desk.person("E2", "包博", "销售专员")
    customer(desk, "华为技术", owner="安妮", note="安妮写的")
    customer(desk, "小米通讯", owner="包博", contact="王五", phone="13900139000")
    desk.go()
    columns = columns_in(desk.view("E2").file, ANY)
    grid_of(desk.view("E2").file, ANY)[2][columns["note"]] = "包博写的"
    desk.go()
    grid_of(desk.view("E2").file, ANY)[2][columns["note"]] = "包博又写的"
    desk.go()
    old: MemoryFile = desk.view("E2").file.copied()
    del grid_of(desk.view("E2").file, ANY)[1]
    desk.go()
    desk.view("E2").file = old
    desk.go()

    assert HELD not in desk.codes()
    shown = [row[columns["note"]] for row in grid_of(desk.view("E2").file, ANY)[1:]]
    assert sorted(map(str, shown)) == ["包博又写的", "安妮写的"]


def test_what_others_write_goes_into_the_row_itself_and_not_into_a_copy_of_it_that_is_held() -> None:
    desk = TeamDesk(policy=sales_team())
    desk.person("E2", "包博", "销售专员")
    customer(desk, "小米通讯", owner="包博", contact="王五", phone="13900139000")
    desk.go()
    old = desk.view("E2").file.copied()
    desk.type(ANY, 0, "note", "先写的")
    desk.go()
    grid = grid_of(old, ANY)
    grid.append([*grid[1]])
    grid[2][columns_in(old, ANY)["note"]] = "抄来的"
    desk.view("E2").file = old
    desk.go()
    desk.type(ANY, 0, "note", "后来写的")
    desk.go()

    assert rows(desk, "E2", ANY, "note") == [("后来写的",), ("抄来的",)]
