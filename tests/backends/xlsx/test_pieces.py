"""Large parts packed piece by piece: whatever is remembered, the file says the same as one written without."""

import random
import zipfile
import zlib
from pathlib import Path

import pytest

from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, read_workbook
from crm_sheets.sync.backends.xlsx import pieces as packing
from crm_sheets.sync.backends.xlsx.pieces import PieceMemory
from tests.backends.xlsx.kinds import HEAD, MAIN, by_hand

SMALL = 1 << 12
PART = "xl/worksheets/sheet1.xml"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "PIECE", SMALL)


def sheet(rows: dict[int, str]) -> bytes:
    body = "".join(
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for number, text in rows.items()
    )
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'.encode()


def texts(count: int) -> dict[int, str]:
    chance = random.Random(count)
    return {number: chance.randbytes(30).hex() for number in range(1, count + 1)}


def packed_anew(memory: PieceMemory, content: bytes) -> int:
    """Packs a part, checks what it unpacks to, and tells how many pieces were packed for it."""
    known = [piece for piece in memory._known.get(PART, ()) if piece.packed is not None]
    stream = memory.packed(PART, content)
    memory.let_go()
    assert stream is not None
    assert zlib.decompress(stream, -15) == content
    return sum(not any(piece is each for each in known) for piece in memory._known[PART])


def test_one_edit_packs_one_piece() -> None:
    memory, rows = PieceMemory(), texts(1_000)
    pieces = packed_anew(memory, sheet(rows))
    assert pieces > 20
    for number, text in ((1, "first"), (500, "longer than before " * 9), (1_000, ""), (501, "beside")):
        rows[number] = text
        assert packed_anew(memory, sheet(rows)) <= 2
    assert packed_anew(memory, sheet(rows)) == 0
    rows |= dict.fromkeys(range(1001, 1011), "added")
    assert packed_anew(memory, sheet(rows)) <= 2
    shifted = dict(enumerate(rows.values(), start=2))
    assert packed_anew(memory, sheet(shifted)) > 20
    assert packed_anew(memory, sheet(texts(100))) > 0


def test_whatever_changes_the_stream_is_that_of_the_content() -> None:
    memory, chance, rows = PieceMemory(), random.Random(7), texts(400)
    for _ in range(60):
        places = sorted(rows)
        for number in chance.sample(places, chance.randint(0, 6)):
            match chance.randint(0, 3):
                case 0:
                    del rows[number]
                case 1:
                    rows[number] = "x" * chance.choice([0, 5, 3 * SMALL])
                case 2:
                    rows[number] = rows.get(chance.choice(places), "")
                case _:
                    rows[max(rows) + 1] = "new"
        packed_anew(memory, sheet(dict(sorted(rows.items()))))


def test_a_formula_is_seen_wherever_it_is_put() -> None:
    memory, rows = PieceMemory(), texts(1_000)
    assert not memory.may_have_formulas(PART, sheet(rows))
    for number in (1, 499, 1_000):
        content = sheet({**rows, number: "</t></is><f>1+1</f><is><t>"})
        assert memory.may_have_formulas(PART, content)
        assert not memory.may_have_formulas(PART, sheet(rows))
    assert PieceMemory().may_have_formulas(PART, sheet({1: '<f t="dataTable"/>'}))


def test_a_part_without_rows_and_a_small_one() -> None:
    memory = PieceMemory()
    assert memory.packed(PART, b"x" * SMALL) is None
    assert packed_anew(memory, bytes(range(256)) * SMALL) > 0


def test_edits_by_a_process_that_remembers_make_the_workbook_of_one_that_does_not(tmp_path: Path) -> None:
    path, other, memory = tmp_path / "a.xlsx", tmp_path / "b.xlsx", PieceMemory()
    by_hand(path, {"T": sheet(texts(1_000)).decode()})
    for number in (3, 800, 801, 1_001, 2):
        edits = {(number, 1): f"edit {number}", (number, 2): number}
        plain = PackageEdit(open_package(path))
        plain.set_cells("T", edits)
        plain.write(other)
        edit = PackageEdit(open_package(path), pieces=memory)
        edit.set_cells("T", edits)
        edit.write(path)
        with zipfile.ZipFile(path) as ours, zipfile.ZipFile(other) as theirs:
            assert ours.testzip() is None
            assert {name: ours.read(name) for name in ours.namelist()} == {
                name: theirs.read(name) for name in theirs.namelist()
            }
    assert read_workbook(path).sheets["T"].rows[-1].cells == ("edit 1001", 1001)
