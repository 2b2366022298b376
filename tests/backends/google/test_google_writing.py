"""What a write does to a Google spreadsheet: to its cells, to all else that is there, and in how many calls."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from crm_sheets.cells import CellValue, Formula
from crm_sheets.errors import OutcomeUnknown, ServiceError, WorkbookChanged, WorkbookUnreadable, WriteRefused
from crm_sheets.google_emulator.calls import Answer, Call
from crm_sheets.google_emulator.json_values import Object, part
from crm_sheets.google_emulator.model.cell import Cell
from crm_sheets.google_emulator.model.sheet import Row
from crm_sheets.projection import CellWrite, TabEdits
from crm_sheets.schema.base import Kind
from crm_sheets.sync.backends.base import ReplicaWrite, Written
from crm_sheets.sync.backends.google.backend import GoogleBackend
from crm_sheets.sync.backends.google.look import SERVICE
from crm_sheets.tables import ReplicaKey, Snapshot, Stamp
from tests.backends.google.rooms import ROBOT, Room, google

ONE, TWO = "客户", "跟进"
STAMP = Stamp("0123456789abcdef", ReplicaKey("shared"), 1)
ROWS: list[list[CellValue]] = [
    ["编号", "_key", "名称", "状态", "检查"],
    ["C1", "k1", "甲", "新"],
    ["C2", "k2", "乙", "新"],
    [None, None, "丙", "新"],
]


@pytest.fixture
def room() -> Iterator[Room]:
    with google((ONE, TWO, "三", "四", "五", "六")) as found:
        found.fill(ONE, ROWS)
        found.fill(TWO, [["编号", "_key"], ["F1", "x1"]])
        yield found


def edits(*cells: tuple[int, int, CellValue], old: CellValue = None, sheet: str = ONE, last: int = 4) -> TabEdits:
    writes = [CellWrite(row, column, value, Kind.TEXT, old) for row, column, value in cells]
    there, below = (tuple(w for w in writes if (w.row > last) is new) for new in (False, True))
    return TabEdits(sheet, 1, there, below, last)


def write(backend: GoogleBackend, *tabs: TabEdits, generation: int = 1, snapshot: Snapshot | None = None) -> Written:
    snapshot = snapshot or backend.read({})
    return backend.write(ReplicaWrite(snapshot.fingerprint, replace(STAMP, generation=generation), tabs))


def column(room: Room, at: int) -> list[CellValue]:
    return [row[at - 1] if at <= len(row) else None for row in room.grid(ONE)[1:]]


# -- calls -------------------------------------------------------------------------------------------------------------


def test_a_write_takes_three_calls_and_an_idle_look_one(room: Room) -> None:
    backend = room.backend()
    backend.read({})
    room.watch.time += 10
    known = backend.read({}).part_digests
    room.type(ONE, 2, 3, "甲甲")
    room.watch.time += 10
    before = len(room.calls)

    backend.fingerprint()
    snapshot = backend.read(known)
    write(backend, edits((2, 5, "完整")), edits((2, 1, "F9"), sheet=TWO, last=2), snapshot=snapshot)

    assert room.calls[before:] == ["values.batchGet", "values.batchGet", "batchUpdate"]
    room.watch.time += 10
    before = len(room.calls)
    assert backend.read({}).fingerprint == backend.fingerprint()
    assert room.calls[before:] == ["values.batchGet", "values.batchGet"], "what we wrote ourselves needs no other look"


def test_twenty_spreadsheets_keep_within_the_budget_of_one_account() -> None:
    with google((ONE,), reads=60, writes=60) as room:
        ids = [room.id, *(room.emulator.create(f"表{n}", sheets=(ONE,)) for n in range(19))]
        rooms = [replace(room, id=each) for each in ids]
        asked: list[tuple[float, str]] = []
        for each in rooms:
            room.emulator.share(each.id, ROBOT, "writer")
            each.fill(ONE, ROWS)
        room.actors.told = lambda call: asked.append((room.watch.time, call.method))
        backends = [each.backend() for each in rooms]
        for generation in range(1, 6):
            for backend in backends:
                write(backend, edits((2, 5, f"第{generation}次"), old=None), generation=generation)
            room.watch.time += 5
        for method in ("GET", "POST"):
            times = [time for time, kind in asked if kind == method]
            assert len(times) >= 100
            assert all(later - first >= 60 for first, later in zip(times, times[60:], strict=False)), method


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_only_what_changes_is_written(room: Room) -> None:
    chip: Object = {"chipRuns": [{"startIndex": 0, "chip": {"personProperties": {"email": "a@example.com"}}}]}
    look: Object = {"backgroundColor": {"red": 1.0}}
    with room.emulator.lock:
        room.sheet(ONE).put(
            1, {2: Cell("@某人", note="注", rest=dict(chip)), 3: Cell("新", format=dict(look), note="批注")}
        )
    write(room.backend(), edits((2, 4, "=1+1"), old="新"))

    assert room.sheet(ONE).cell(1, 2) == Cell("@某人", note="注", rest=dict(chip))
    assert room.sheet(ONE).cell(1, 3) == Cell("=1+1", format=dict(look), note="批注")
    service = room.sheet(SERVICE)
    assert service.properties["hidden"] is True
    (protected,) = service.features["protectedRanges"]
    assert part(protected, "editors")["users"] == [ROBOT, "lead@example.com"], "and the owner, whom nobody keeps out"


def test_the_grid_grows_where_it_is_too_small(room: Room) -> None:
    with room.emulator.lock:
        del room.sheet(ONE).rows[5:], room.sheet(ONE).columns[5:]
    write(room.backend(), edits((8, 7, "远"), (9, 1, "C9"), (10, 1, "C10"), last=8))

    assert room.grid(ONE)[7:] == [[None] * 6 + ["远"], ["C9"], ["C10"]]
    write(room.backend(), edits((9, 2, "k9"), last=10), generation=2)
    assert room.grid(ONE)[8] == ["C9", "k9"]


def test_a_date_in_a_cell_of_text_gets_a_format(room: Room) -> None:
    cells = (
        CellWrite(2, 5, 46348, Kind.DATE),
        CellWrite(3, 5, 46348.5, Kind.DATETIME),
        CellWrite(4, 5, 7, Kind.NUMBER),
    )
    room.type(ONE, 3, 5, "2026/11/22")
    write(room.backend(), TabEdits(ONE, 1, cells, (), 4))

    formats = [(cell.format or {}).get("numberFormat") for row in (1, 2, 3) if (cell := room.sheet(ONE).cell(row, 4))]
    assert formats == [
        {"type": "DATE", "pattern": "yyyy-mm-dd"},
        {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"},
        None,
    ]


def test_dates_in_added_rows_are_read_as_dates(room: Room) -> None:
    with room.emulator.lock:
        room.sheet(ONE).put(5, {3: Cell(format={"numberFormat": {"type": "DATE", "pattern": "yyyy年"}})})
    added = [CellWrite(row, column, 46348, Kind.DATE) for row in (5, 6) for column in (4, 5)]
    backend = room.backend()
    backend.read({})
    before = len(room.calls)
    write(backend, TabEdits(ONE, 1, (), tuple(added), 4))

    shown = [
        (cell.format or {}).get("numberFormat")
        for row in (4, 5)
        for at in (3, 4)
        if (cell := room.sheet(ONE).cell(row, at))
    ]
    ours = {"type": "DATE", "pattern": "yyyy-mm-dd"}
    assert shown == [ours, ours, {"type": "DATE", "pattern": "yyyy年"}, ours]
    assert room.calls[before:][-2:] == ["batchUpdate", "batchUpdate"]


def erasing(row: int) -> TabEdits:
    cells = tuple(CellWrite(row, column, None, Kind.TEXT) for column in range(1, 6))
    return TabEdits(ONE, 1, cells, (CellWrite(5, 2, "k5", Kind.WITNESS), CellWrite(5, 3, "丁", Kind.TEXT)), 4,
                    emptied=frozenset({row}))  # fmt: skip


def test_a_row_that_goes_leaves_no_gap_and_takes_no_other_with_it(room: Room) -> None:
    room.type(TWO, 2, 3, Formula("客户!C3"))
    backend = room.backend()
    written = write(backend, erasing(2))

    assert [row[2] for row in room.grid(ONE)[1:]] == ["乙", "丙", "丁"]
    assert room.grid(TWO)[1][2] == Formula("客户!C2"), "what named a row goes on naming it"
    assert written.removed == {ONE: (2,)}
    assert backend.fingerprint() == written.fingerprint == room.backend().fingerprint()


@pytest.mark.parametrize("what", ["a note of the team's own", "merged cells"])
def test_a_row_in_which_something_stands_stays(room: Room, what: str) -> None:
    if what == "merged cells":
        area: Object = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}
        room.sheet(ONE).features["merges"] = [area]
    else:
        room.type(ONE, 2, 7, "自己的备注")
    written = write(room.backend(), erasing(2))

    assert [row[2] if len(row) > 2 else None for row in room.grid(ONE)[1:]] == [None, "乙", "丙", "丁"]
    assert not written.removed


def test_the_row_of_somebody_else_is_moved_at_worst(room: Room) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    room.actors.at(1, lambda: room.insert(ONE, 2, ["C0", "k0", "零"]))
    with pytest.raises(WorkbookChanged):
        write(backend, erasing(2), snapshot=snapshot)

    rows = [row for row in room.grid(ONE)[1:] if row]
    assert sorted(str(row[2]) for row in rows) == sorted(["零", "甲", "乙", "丙"])
    assert ["C0", "k0", "零"] in rows


# -- people who act just before the batch ------------------------------------------------------------------------------


def _name(row: Row) -> str:
    cell = row.cell(2)
    return str(cell.value) if cell is not None else ""


CHANGES: dict[str, Callable[[Room], None]] = {
    "a row is inserted above": lambda room: room.insert(ONE, 2, ["C0", "k0", "零"]),
    "rows are sorted": lambda room: room.order(ONE, _name),
    "the row is deleted": lambda room: room.delete(ONE, 2),
    "the cell is typed into": lambda room: room.type(ONE, 2, 5, "人写的"),
    "a formula is typed into it": lambda room: room.type(ONE, 2, 5, Formula("1+1")),
    "the key is blanked": lambda room: room.type(ONE, 2, 2, None),
    "a column is inserted": lambda room: room.insert_column(ONE, 3),
}


@pytest.mark.parametrize("what", CHANGES)
def test_who_is_faster_wins(room: Room, what: str) -> None:
    action = CHANGES[what]
    shadow = room.backend()
    write(shadow, edits((3, 5, "旧"), old=None))
    room.type(ONE, 3, 5, None)
    backend = room.backend(fresh=-1)
    snapshot = backend.read({})
    before = len(room.calls)
    room.actors.at(1, lambda: action(room))

    with pytest.raises(WorkbookChanged):
        write(backend, edits((2, 5, "d"), (5, 2, "k5"), (5, 3, "d")), snapshot=snapshot, generation=2)

    after = room.grid(ONE)
    assert "d" not in {cell for row in after for cell in row}, "what was written has been taken back"
    assert room.calls[before] == "batchUpdate"
    stamp = backend.read({}).stamp
    assert stamp is not None
    assert stamp.generation == 1, "and so has its generation"
    room.fill(ONE, ROWS)
    action(room)
    assert [row for row in after if row] == [row for row in room.grid(ONE) if row], "all else is as people left it"


def test_a_row_that_somebody_adds_at_the_same_time_is_not_written_over(room: Room) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    room.actors.at(1, lambda: room.insert(ONE, 5, ["", "", "人加的"]))
    write(backend, edits((5, 2, "k5"), (5, 3, "丁"), (6, 2, "k6"), (6, 3, "戊")), snapshot=snapshot)

    assert [row[2] for row in room.grid(ONE)[1:]] == ["甲", "乙", "丙", "人加的", "丁", "戊"]
    room.watch.time += 10
    assert backend.read({}).fingerprint != snapshot.fingerprint


def test_what_somebody_else_types_beside_our_cells_is_not_taken_for_known(room: Room) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    room.actors.at(1, lambda: room.type(ONE, 3, 4, "改"))
    written = write(backend, edits((2, 5, "d")), snapshot=snapshot)

    assert backend.fingerprint() != written.fingerprint
    assert list(backend.read(written.parts).sheets) == [ONE]


@pytest.mark.parametrize("what", ["renamed", "deleted", "enlarged"])
def test_other_tabs_than_before_are_found_out(room: Room, what: str) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    book = room.emulator.book(room.id)
    if what == "renamed":
        room.sheet(ONE).title = "老客户"
    elif what == "deleted":
        book.sheets.remove(room.sheet(ONE))
    else:
        del room.sheet(ONE).rows[3:]

    if what == "renamed":
        write(backend, edits((2, 5, "d")), snapshot=snapshot)
        assert book.sheets[0].cell(1, 4) == Cell("d"), "it is the same tab, whatever it is called"
        return
    with pytest.raises(WorkbookChanged):
        write(backend, edits((5, 5, "d"), (2, 5, "d"), last=5), snapshot=snapshot)
    assert all("d" not in row for sheet in book.sheets for row in room.grid(sheet.title))


def test_two_programs_never_write_on_top_of_each_other(room: Room) -> None:
    one, other = room.backend(), room.backend()
    write(one, edits((2, 5, "一")))
    snapshots = [each.read({}) for each in (one, other)]
    write(one, edits((2, 5, "二"), old="一"), snapshot=snapshots[0], generation=2)
    with pytest.raises(WorkbookChanged):
        write(other, edits((3, 5, "三")), snapshot=snapshots[1], generation=2)
    assert column(room, 5) == ["二", None, None]


# -- answers that are lost ---------------------------------------------------------------------------------------------


def losing(room: Room, *which: int) -> None:
    """The answers to these calls from now on never arrive, though what they ask for is done."""
    room.actors.lost |= {room.actors.seen + nth for nth in which}


@pytest.mark.parametrize("times", [1, 2])
def test_a_lost_answer_is_neither_doubled_nor_lost(room: Room, times: int) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    losing(room, *range(1, times + 1))
    written = write(backend, edits((2, 5, "d"), (5, 2, "k5"), (5, 3, "丁")), snapshot=snapshot)

    assert column(room, 5)[0] == "d"
    assert column(room, 3) == ["甲", "乙", "丙", "丁"]
    assert backend.fingerprint() == written.fingerprint


def test_a_version_that_is_put_back_after_a_lost_answer_is_a_change_like_any_other(room: Room) -> None:
    """Its tabs are those from before the write, so nothing but the lost answer tells why the second try was refused."""
    write(room.backend(), edits((2, 5, "旧")))
    backend = room.backend(fresh=-1)
    snapshot = backend.read({})
    version = room.emulator.book(room.id).snapshot()
    losing(room, 1)
    room.actors.at(3, lambda: room.emulator.book(room.id).restore(version))
    with pytest.raises(WorkbookChanged):
        write(backend, edits((2, 5, "新"), old="旧"), snapshot=snapshot, generation=2)
    write(backend, edits((2, 5, "新"), old="旧"), snapshot=backend.read({}), generation=3)
    assert column(room, 5)[0] == "新"


@pytest.mark.parametrize("moved", [False, True])
def test_whoever_comes_next_finds_out_what_became_of_an_interrupted_write(room: Room, moved: bool) -> None:
    write(room.backend(), edits((3, 5, "旧")))
    backend = room.backend(fresh=-1)
    snapshot = backend.read({})
    if moved:
        room.actors.at(1, lambda: room.insert(ONE, 2, ["C0", "k0", "零"]))
    losing(room, *range(1, 60))
    with pytest.raises(OutcomeUnknown):
        write(backend, edits((2, 5, "d"), (5, 2, "k5"), (5, 3, "丁")), snapshot=snapshot, generation=2)
    room.actors.lost.clear()

    room.confirmed = lambda: 1
    stamp = room.backend().read({}).stamp

    assert stamp is not None
    assert stamp.generation == (1 if moved else 2)
    if moved:
        assert [row[2] for row in room.grid(ONE)[1:] if row] == ["零", "甲", "乙", "丙"]
        assert column(room, 5)[:4] == [None, None, "旧", None]
    else:
        assert column(room, 5)[:2] == ["d", "旧"]
        assert column(room, 3) == ["甲", "乙", "丙", "丁"]


def test_a_journal_that_somebody_wrote_into_stops_nobody(room: Room) -> None:
    write(room.backend(), edits((2, 5, "d")))
    room.type(SERVICE, 2, 1, "这是什么")
    room.confirmed = lambda: 0
    backend = room.backend()

    assert backend.read({}).stamp == STAMP
    write(backend, edits((3, 5, "d")), generation=2)


def test_a_batch_that_arrives_late_finds_another_in_its_place(room: Room) -> None:
    backend = room.backend()
    write(backend, edits((2, 5, "一")))
    write(backend, edits((2, 5, "二"), old="一"), generation=2)
    late = next(call for call in room.emulator.requests if call.kinds)
    grid = room.grid(ONE)

    assert room.emulator.handle(late).status == 400
    assert room.grid(ONE) == grid


# -- trouble -----------------------------------------------------------------------------------------------------------


def test_nothing_is_left_of_what_a_reader_may_no_longer_see(room: Room) -> None:
    backend = room.backend()
    private = replace(edits((2, 4, None), (2, 3, None)), private=frozenset({(2, 4)}))
    room.type(ONE, 2, 4, "机密词")
    write(backend, private)

    cells = {
        str(cell) for sheet in room.emulator.book(room.id).sheets for row in room.grid(sheet.title) for cell in row
    }
    assert not [cell for cell in cells if "机密词" in cell]
    assert backend.fingerprint() == room.backend().fingerprint()


@pytest.mark.parametrize(("role", "kind"), [("reader", WriteRefused), (None, WorkbookUnreadable)])
def test_a_right_that_is_missing_is_told(room: Room, role: str | None, kind: type[Exception]) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    room.emulator.unshare(room.id, ROBOT)
    if role:
        room.emulator.share(room.id, ROBOT, role)
        with pytest.raises(kind):
            write(backend, edits((2, 5, "d")), snapshot=snapshot)
    else:
        with pytest.raises(kind):
            backend.fingerprint()


def test_a_permanent_429_ends_in_time(room: Room) -> None:
    backend = room.backend()
    snapshot = backend.read({})
    said = b'{"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}'
    room.actors.answer = Answer(429, said, {"Content-Type": "application/json"})
    start = room.watch.time
    for ask in (backend.fingerprint, lambda: write(backend, edits((2, 5, "d")), snapshot=snapshot)):
        with pytest.raises(ServiceError) as error:
            ask()
        assert error.value.exit_code == 4
    assert room.watch.time - start <= 2 * 90
    room.actors.answer = None
    write(room.backend(), edits((2, 5, "d")))


def test_protected_cells_of_others_are_told(room: Room) -> None:
    room.sheet(ONE).features["protectedRanges"] = [{"protectedRangeId": 1, "range": {"sheetId": 0}, "editors": {}}]
    with pytest.raises(WriteRefused, match="protected"):
        write(room.backend(), edits((2, 5, "d")))


def test_the_log_of_calls_holds_no_other_kind_of_write(room: Room) -> None:
    write(room.backend(), edits((2, 5, "d"), (5, 2, "k5")))
    posts: list[Call] = [call for call in room.emulator.requests if call.method != "GET" and call.method_id != "token"]
    assert [call.method_id.rpartition(".")[2] for call in posts] == ["batchUpdate"]
    assert "appendCells" in posts[0].kinds
