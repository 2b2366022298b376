"""What every back end does, asked of each of them in the same words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from crm_sheets.cells import CellValue
from crm_sheets.errors import WorkbookBusy, WorkbookChanged
from crm_sheets.projection import CellWrite, TabEdits
from crm_sheets.schema.base import Kind
from crm_sheets.schema.book import TABS
from crm_sheets.sync.backends.base import Backend, ReplicaWrite
from crm_sheets.sync.backends.memory import MemoryBackend, MemoryFile
from crm_sheets.sync.backends.xlsx import patch_workbook
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend, XlsxSettings
from crm_sheets.tables import ReplicaKey, Stamp
from tests.backends.google.rooms import google
from tests.sync.desks import WORDS

ONE, TWO = "客户", "跟进"
GRIDS: dict[str, list[list[CellValue]]] = {
    ONE: [["客户名称", "备注"], ["华为", None], [None, "小米"]],
    TWO: [["客户", "内容"], ["华为", 5]],
}
STAMP = Stamp("0123456789abcdef", ReplicaKey("shared"), 1)


@dataclass(frozen=True, slots=True)
class Subject:
    """A back end, and hands that work beside it; nobody can hold a workbook that all may have open."""

    backend: Backend
    type: Callable[[str, int, int, CellValue], None]
    hold: Callable[[str | None], None] | None


def in_memory() -> Subject:
    backend = MemoryBackend(MemoryFile({name: [list(row) for row in grid] for name, grid in GRIDS.items()}))

    def put(sheet: str, row: int, column: int, value: CellValue) -> None:
        backend.file.sheets[sheet][row - 1][column - 1] = value

    def hold(who: str | None) -> None:
        backend.held_by = who

    return Subject(backend, put, hold)


def in_a_file(folder: Path) -> Subject:
    path = folder / "book.xlsx"
    workbook = Workbook()
    for name, grid in GRIDS.items():
        sheet = workbook.create_sheet(name)
        for row in grid:
            sheet.append(row)
    del workbook["Sheet"]
    workbook.save(path)
    lock = folder / ".~lock.book.xlsx#"

    def put(sheet: str, row: int, column: int, value: CellValue) -> None:
        patch_workbook(path, path.with_suffix(".new"), {sheet: {(row, column): value}})
        path.with_suffix(".new").replace(path)

    def hold(who: str | None) -> None:
        if who is None:
            lock.unlink()
        else:
            lock.write_text(f"{who},host,,;", encoding="utf-8")

    settings = XlsxSettings(TABS, WORDS, folder / "backups", quiet=timedelta(0))
    return Subject(XlsxBackend(path, settings), put, hold)


def in_google() -> Iterator[Subject]:
    with google(tuple(GRIDS)) as room:
        for name, grid in GRIDS.items():
            room.fill(name, grid)
        # Nothing that was worked out counts as read: each reading asks for what is there.
        yield Subject(room.backend(fresh=-1), room.type, None)


@pytest.fixture(params=["memory", "xlsx", "google"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "google":
        yield from in_google()
    else:
        yield in_memory() if request.param == "memory" else in_a_file(tmp_path)


def rows(backend: Backend, sheet: str) -> list[tuple[int, tuple[CellValue, ...]]]:
    return [(row.number, tuple(row.cells)) for row in backend.read({}).sheets[sheet].rows]


def write_of(backend: Backend, *cells: tuple[int, int, CellValue, Kind], generation: int = 1) -> ReplicaWrite:
    last = len(GRIDS[ONE])
    writes = [CellWrite(row, column, value, kind) for row, column, value, kind in cells]
    edits = TabEdits(
        ONE, 1, tuple(w for w in writes if w.row <= last), tuple(w for w in writes if w.row > last), last
    )  # fmt: skip
    return ReplicaWrite(backend.read({}).fingerprint, replace(STAMP, generation=generation), (edits,))


def test_what_is_there_is_read(subject: Subject) -> None:
    snapshot = subject.backend.read({})

    assert (snapshot.sheet_names, snapshot.stamp, snapshot.holder) == ((ONE, TWO), None, None)
    assert rows(subject.backend, ONE) == [(1, ("客户名称", "备注")), (2, ("华为",)), (3, (None, "小米"))]
    assert snapshot.fingerprint == subject.backend.fingerprint()


def test_what_was_written_is_read_back(subject: Subject) -> None:
    texts: list[CellValue] = ["=1+1", "  两端 ", "一\n二\t三", "_x000D_", "\U0001f600", "甲" * 3000, "0086", "<&>"]
    numbers: list[CellValue] = [0, -5, 0.1 + 0.2, 1e-9, 123456789012345, 46348.37534722222]
    cells = [(row, 1, value, Kind.LONG_TEXT) for row, value in enumerate(texts, 2)]
    cells += [(row, 2, value, Kind.NUMBER) for row, value in enumerate(numbers, 2)]

    written = subject.backend.write(write_of(subject.backend, *cells))
    after = subject.backend.read({})

    shown = {row.number: (*row.cells, None, None) for row in after.sheets[ONE].rows}
    assert [shown[row][0] for row in range(2, 2 + len(texts))] == texts
    assert [shown[row][1] for row in range(2, 2 + len(numbers))] == numbers
    assert [type(shown[row][1]) for row in range(2, 2 + len(numbers))] == [type(number) for number in numbers]
    assert (after.stamp, after.fingerprint, after.part_digests) == (STAMP, written.fingerprint, dict(written.parts))


def test_a_cell_is_blanked(subject: Subject) -> None:
    subject.backend.write(write_of(subject.backend, (2, 1, None, Kind.TEXT)))

    assert [number for number, _ in rows(subject.backend, ONE)] == [1, 3], "a row of blanks is none"


def test_each_write_has_its_generation(subject: Subject) -> None:
    for generation in (1, 2, 7):
        subject.backend.write(write_of(subject.backend, (2, 2, f"第{generation}次", Kind.TEXT), generation=generation))
        stamp = subject.backend.read({}).stamp
        assert stamp is not None
        assert stamp.generation == generation


def test_digests_say_which_sheet_changed(subject: Subject) -> None:
    before = subject.backend.read({}).part_digests
    subject.type(TWO, 2, 2, 6)
    again = subject.backend.read(before)

    assert (again.unchanged, list(again.sheets)) == (frozenset({ONE}), [TWO])
    assert again.part_digests[ONE] == before[ONE]
    assert again.part_digests[TWO] != before[TWO]
    assert subject.backend.read(again.part_digests).sheets == {}


def test_our_own_write_changes_the_digests_of_what_it_wrote_only(subject: Subject) -> None:
    before = subject.backend.read({}).part_digests
    written = subject.backend.write(write_of(subject.backend, (2, 2, "新", Kind.TEXT)))

    assert written.parts[TWO] == before[TWO]
    assert written.parts[ONE] != before[ONE]
    assert subject.backend.read(written.parts).unchanged == {ONE, TWO}


def test_nothing_is_written_into_what_was_saved_since(subject: Subject) -> None:
    write = write_of(subject.backend, (2, 2, "新", Kind.TEXT))
    subject.type(ONE, 2, 1, "刚改的")
    saved = subject.backend.fingerprint()

    with pytest.raises(WorkbookChanged):
        subject.backend.write(write)

    assert subject.backend.fingerprint() == saved
    assert rows(subject.backend, ONE)[1] == (2, ("刚改的",))


def test_nothing_is_written_while_it_is_held(subject: Subject) -> None:
    if subject.hold is None:
        assert subject.backend.holder() is None
        return
    subject.hold("王芳")
    write = write_of(subject.backend, (2, 2, "新", Kind.TEXT))
    before = subject.backend.fingerprint()

    assert (subject.backend.holder(), subject.backend.read({}).holder) == ("王芳", "王芳")
    with pytest.raises(WorkbookBusy) as busy:
        subject.backend.write(write)
    assert busy.value.holder == "王芳"
    assert subject.backend.fingerprint() == before

    subject.hold(None)
    subject.backend.write(write)
    assert rows(subject.backend, ONE)[1] == (2, ("华为", "新"))
