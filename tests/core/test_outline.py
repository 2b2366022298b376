"""Rows that were not taken apart are found by their hidden keys, however many are asked for."""

import pytest

from crm_sheets.outline import LENGTH, MANY, Outline, Standing, UnreadRows, blocks_that_stand, entries
from crm_sheets.tables import RowBlock, RowKey, SheetRow, TabRow
from tests.core.outlines import witnesses_in

SIZE = 3


def witness(number: int) -> str:
    return f"{number:0{LENGTH}x}"


def row(number: int) -> TabRow:
    return TabRow(number, f"C-{number}", witness(number), (), "")


def made(first: int) -> tuple[RowBlock, list[TabRow]]:
    return RowBlock(b"%d" % first, list, read=False), [row(number) for number in range(first, first + SIZE)]


BLOCKS = [made(10), made(20), made(30)]
READ = RowBlock(b"read", list, read=True)
OUTLINE = Outline("s", "l", b"", 1, 9, {block.mark: entries(rows) for block, rows in BLOCKS} | {b"gone": b""})


def unread() -> UnreadRows:
    rows = {block.mark: rows for block, rows in BLOCKS}
    return UnreadRows([READ, *(block for block, _ in BLOCKS)], OUTLINE, lambda block: rows[block.mark])


@pytest.mark.parametrize("asked", [0, MANY])
def test_a_row_is_found_by_its_hidden_key_in_whatever_way(asked: int) -> None:
    rows = unread()
    for _ in range(asked):
        assert witness(99) not in rows
    assert len(rows) == 9
    assert witness(31) in rows
    assert rows.number_of(witness(31)) == 31
    assert rows.row_at(31) is None, "it was not taken apart"
    assert rows.find(witness(31)) == row(31)
    assert rows.row_at(31) == row(31)
    assert witness(31) in rows, "it is unread as before"
    for wrong in (witness(99), "1", "", "一" * LENGTH):
        assert (rows.find(wrong), rows.number_of(wrong)) == (None, None)


def test_a_key_that_stands_across_two_entries_is_none() -> None:
    text = OUTLINE.blocks[b"10"]
    across = text[5 : 5 + LENGTH].decode("latin-1")
    assert unread().number_of(across) is None


@pytest.mark.parametrize("asked", [0, MANY])
def test_what_is_taken_is_unread_no_longer(asked: int) -> None:
    rows = unread()
    for _ in range(asked):
        assert witness(99) not in rows
    assert rows.take([witness(32), witness(10), witness(11), witness(99)]) == [*BLOCKS[0][1], *BLOCKS[2][1]]
    assert (len(rows), rows.take([witness(10)])) == (3, [])
    assert witness(10) not in rows
    assert list(rows.standing_blocks()) == [b"20"]
    assert list(rows.all()) == BLOCKS[1][1]
    assert rows.take_all() == BLOCKS[1][1]
    assert (len(rows), list(rows.all()), rows.take_all()) == (0, [], [])


def sheet_row(number: int) -> SheetRow:
    return SheetRow(number, ())


def test_blocks_are_remembered_as_long_as_each_of_their_rows_stands() -> None:
    rows = [row(number) for number in range(1, 10)]

    def block(at: int) -> RowBlock:
        return RowBlock(b"%d" % at, lambda: [sheet_row(each.number) for each in rows[at : at + 3]], read=True)

    blocks = [block(at) for at in (0, 3, 6)]
    standing = Standing({RowKey(each.shown): each for each in rows}, witness_of=lambda key: witness(int(key[2:])))

    def kept(*moved: str, above: int = 1, without: str = "") -> list[bytes]:
        standing.read = {RowKey(each.shown): each for each in rows if each.shown != without}
        return list(blocks_that_stand(blocks, rows, standing, {RowKey(key) for key in moved}, above))

    assert kept(above=0) == [b"0", b"3", b"6"]
    assert kept() == [b"3", b"6"], "a header may stand in the first"
    assert kept("C-5") == [b"6"]
    assert kept(without="C-8") == [b"3"], "a row that nobody knows"
    found = blocks_that_stand(blocks, rows, standing, set(), 1)
    assert witnesses_in(found[b"3"]) == [witness(4), witness(5), witness(6)]


def test_blocks_that_were_not_read_stay_remembered_unless_a_row_of_theirs_moved() -> None:
    standing = Standing(unread=unread(), witness_of=lambda key: witness(int(key[2:])))
    blocks = [block for block, _ in BLOCKS]
    assert blocks_that_stand(blocks, [], standing, set(), 1) == {
        mark: OUTLINE.blocks[mark] for mark in (b"10", b"20", b"30")
    }
    assert list(blocks_that_stand(blocks, [], standing, {RowKey("C-21")}, 1)) == [b"10", b"30"]
    assert RowKey("C-21") in standing
    assert RowKey("C-99") not in standing
    assert (standing[RowKey("C-21")], standing.number_of(RowKey("C-21")), len(standing)) == (row(21), 21, 9)
    with pytest.raises(KeyError):
        standing[RowKey("C-99")]
