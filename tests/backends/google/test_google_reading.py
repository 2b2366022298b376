"""What is read of a Google spreadsheet, and with how many calls."""

from collections.abc import Iterator

import pytest

from crm_sheets.cells import CellError, CellValue, Formula
from tests.backends.google.rooms import Room, google

ONE, TWO = "客户", "跟进's"


@pytest.fixture
def room() -> Iterator[Room]:
    with google((ONE, TWO)) as found:
        found.fill(ONE, [["客户名称", "备注"], ["华为", None], [None, "小米"], [], ["甲", True, 5, 1.5, False]])
        found.fill(TWO, [["客户"], ["=1+1"]])
        yield found


def test_rows_are_read_as_they_are_typed(room: Room) -> None:
    sheet = room.backend().read({}).sheets[ONE]

    cells: list[tuple[int, tuple[CellValue, ...]]] = [(row.number, row.cells) for row in sheet.rows]
    assert cells == [
        (1, ("客户名称", "备注")), (2, ("华为",)), (3, (None, "小米")), (5, ("甲", True, 5, 1.5, False)),
    ]  # fmt: skip
    assert [type(cell) for cell in cells[3][1]] == [str, bool, int, float, bool]


def test_formulas_and_errors_are_told_from_texts(room: Room) -> None:
    room.type(ONE, 2, 3, Formula("1+2"))
    room.type(ONE, 3, 3, Formula('""'))
    room.type(ONE, 5, 6, Formula("1/0"))
    room.type(ONE, 5, 1, "=SUM(A1)")

    rows = {row.number: row.cells for row in room.backend().read({}).sheets[ONE].rows}

    assert rows[2] == ("华为", None, Formula("1+2", 3))
    assert rows[3] == (None, "小米", Formula('""', ""))
    assert rows[5] == ("=SUM(A1)", True, 5, 1.5, False, Formula("1/0", CellError("#DIV/0!")))


def test_an_idle_look_is_one_call(room: Room) -> None:
    backend = room.backend()
    backend.read({})
    before = len(room.calls)
    prints = {backend.fingerprint().digest for _ in range(5)}

    assert len(prints) == 1
    assert room.calls[before:] == ["values.batchGet"] * 5


def test_one_cycle_looks_once_and_the_next_reading_looks_again(room: Room) -> None:
    backend = room.backend()
    backend.fingerprint()
    before = len(room.calls)
    known = backend.read({}).part_digests
    assert room.calls[before:] == ["values.batchGet"]  # the formulas; the values are those of the fingerprint
    room.type(ONE, 2, 2, "新")

    assert list(backend.read(known).sheets) == [ONE]  # in the same second


def test_formulas_are_asked_for_where_something_changed(room: Room) -> None:
    backend = room.backend(fresh=0)
    room.watch.time += 1
    known = backend.read({}).part_digests
    room.type(TWO, 2, 1, "新")
    room.watch.time += 1
    before = len(room.emulator.requests)

    again = backend.read(known)

    assert list(again.sheets) == [TWO]
    asked = room.emulator.requests[before:]
    assert [call.query.get("valueRenderOption") for call in asked] == [["UNFORMATTED_VALUE"], ["FORMULA"]]
    assert asked[1].query["ranges"] == ["'跟进''s'"]


def test_a_renamed_tab_and_a_new_one_are_found(room: Room) -> None:
    backend = room.backend(fresh=0)
    backend.read({})
    room.sheet(TWO).title = "拜访"
    room.watch.time += 1

    assert backend.read({}).sheet_names == (ONE, "拜访")


def test_what_is_typed_between_values_and_formulas_is_read_in_one_piece(room: Room) -> None:
    backend = room.backend()
    room.actors.at(3, lambda: room.insert(ONE, 2, ["插队"]))  # structure, values, then the formulas

    snapshot = backend.read({})

    assert [row.cells[0] for row in snapshot.sheets[ONE].rows][:3] == ["客户名称", "插队", "华为"]
    assert snapshot.fingerprint == backend.fingerprint()


def test_an_unchanged_row_is_the_same_object(room: Room) -> None:
    backend = room.backend(fresh=0)
    before = backend.read({}).sheets[ONE].rows
    room.type(ONE, 5, 2, 1)
    room.watch.time += 1
    after = backend.read({}).sheets[ONE].rows

    assert [one is other for one, other in zip(before, after, strict=True)] == [True, True, True, False]
    assert after[3].cells[1] == 1
    assert after[3].cells[1] is not True
