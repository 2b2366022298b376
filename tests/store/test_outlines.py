"""What is remembered of a sheet holds as long as the base of its rows does, and goes with it."""

from dataclasses import replace

from sqlalchemy import update

from crm_sheets.outline import Outline
from crm_sheets.state import TabCommit
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.commit import confirm
from crm_sheets.sync.store.sql import SqlState
from tests.store.test_sql_state import NOW, READING, SHARED, TAB, A, B, C, base, done

BLOCKS = {b"one": b"wC-A  1wC-B  2", b"two": b"wC-C  3"}
OUTLINE = Outline("客户", "looks", b"\x00meaning", 1, 3, BLOCKS)


def remembering(state: SqlState, outline: Outline = OUTLINE) -> None:
    made = done(state, TabCommit(expected={key: base(key, "x") for key in (A, B, C)}), reserved=1)
    confirm(state, made, NOW, READING, {TAB: (outline, state.outlined(SHARED).versions[TAB])})


def remembered(state: SqlState) -> Outline | None:
    return state.outlined(SHARED).outlines.get(TAB)


def test_it_comes_back_as_it_was(state: SqlState) -> None:
    remembering(state)

    assert remembered(state) == OUTLINE


def test_blocks_in_which_the_base_of_a_row_moves_go(state: SqlState) -> None:
    remembering(state)
    done(state, TabCommit(observed={B: base(B, "y")}), run=2, read=1)

    assert remembered(state) == replace(OUTLINE, blocks={b"two": BLOCKS[b"two"]})


def test_it_knows_how_many_rows_the_base_has(state: SqlState) -> None:
    remembering(state)
    done(state, TabCommit(observed={A: None}), run=2, read=1)
    left = remembered(state)
    assert left is not None
    assert (left.size, len(state.known_rows(SHARED, TAB, 1))) == (2, 2)

    done(state, TabCommit(expected={A: base(A, "z"), B: base(B, "z")}), run=3, read=1, reserved=2)
    left = remembered(state)
    assert left is not None
    assert (left.size, len(state.known_rows(SHARED, TAB, 2))) == (3, 3)


def test_what_was_made_of_another_base_is_not_remembered(state: SqlState) -> None:
    made = done(state, TabCommit(expected={A: base(A, "x")}), reserved=1)
    version = state.outlined(SHARED).versions[TAB]
    done(state, TabCommit(observed={A: base(A, "y")}), run=2, read=1)
    confirm(state, made, NOW, READING, {TAB: (OUTLINE, version)})

    assert remembered(state) is None


def test_a_base_that_was_written_by_other_means_makes_it_void(state: SqlState) -> None:
    remembering(state)
    with state.transaction() as connection:
        connection.execute(update(tables.base_versions).values(version=99))

    assert remembered(state) is None


def test_what_is_damaged_says_nothing(state: SqlState) -> None:
    remembering(state)
    with state.transaction() as connection:
        connection.execute(update(tables.outlines).values(blocks=b"\x00\x01\x02\x03\x04\x05"))

    left = remembered(state)
    assert left is not None
    assert not left.blocks


def test_a_workbook_that_is_forgotten_is_not_remembered(state: SqlState) -> None:
    remembering(state)
    state.forget(SHARED)

    assert remembered(state) is None


def test_rows_of_the_base_are_found_by_either_key(state: SqlState) -> None:
    remembering(state)
    done(state, TabCommit(observed={B: None}), run=2, read=1)

    found = state.known_among(SHARED, TAB, 1, ["C-A", "wC-C", "wC-B", "C-B", "other"])

    assert [row.key for row in found] == [A, C]
