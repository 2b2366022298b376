"""Bases that are kept from cycle to cycle are those of the database, whoever wrote it."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from crm_sheets.known import KnownRows
from crm_sheets.schema.book import TABS
from crm_sheets.state import BaseRow, TabCommit
from crm_sheets.sync.store.replica_queries import known_in
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import RowKey
from tests.store.test_sql_state import SHARED, TAB, A, B, base, done


@pytest.fixture
def states(tmp_path: Path) -> Iterator[tuple[SqlState, SqlState]]:
    """One that remembers, and another process."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    kept, other = SqlState(url, TABS, remember=True), SqlState(url, TABS)
    yield kept, other
    kept.close()
    other.close()


def agree(kept: SqlState, generation: int) -> None:
    with kept.engine.connect() as connection:
        stored = KnownRows(known_in(connection, SHARED, TAB, generation, None))
    known = kept.known_rows(SHARED, TAB, generation)
    assert (known.by_key, known.by_witness) == (stored.by_key, stored.by_witness)


def test_what_we_write_is_taken_in_without_reading_the_base_again(states: tuple[SqlState, SqlState]) -> None:
    kept, _ = states
    done(kept, TabCommit(expected={A: base(A, "a"), B: base(B, "b")}), reserved=1)
    known = kept.known_rows(SHARED, TAB, 1)
    done(kept, TabCommit(observed={A: base(A, "c")}, expected={B: None}), run=2, read=1, reserved=2)

    assert kept.known_rows(SHARED, TAB, 2) is known
    assert {key: row.digest for key, row in known.by_key.items()} == {A: "dc"}
    agree(kept, 2)


def test_what_another_process_writes_is_read(states: tuple[SqlState, SqlState]) -> None:
    kept, other = states
    done(kept, TabCommit(expected={A: base(A, "a")}), reserved=1)
    agree(kept, 1)
    done(other, TabCommit(observed={A: base(A, "b"), B: base(B, "b")}), run=2, read=1)
    agree(kept, 1)
    done(other, TabCommit(observed={A: base(A, "x")}), run=3, read=1)
    done(kept, TabCommit(observed={B: base(B, "c")}), run=4, read=1)
    agree(kept, 1)


def test_a_base_that_was_forgotten_and_written_anew_is_read(states: tuple[SqlState, SqlState]) -> None:
    kept, other = states
    done(kept, TabCommit(expected={A: base(A, "a")}), reserved=1)
    agree(kept, 1)
    other.forget(SHARED)
    done(other, TabCommit(observed={B: base(B, "b")}), run=2, read=1)
    agree(kept, 1)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_reads_and_writes(states: tuple[SqlState, SqlState], seed: int) -> None:
    random, latest = Random(seed), 0
    for run in range(1, 25):
        rows: dict[RowKey, BaseRow | None] = {
            key: random.choice((None, base(key, random.choice("abc"))))
            for key in map(RowKey, random.sample("ABCDE", 2))
        }
        read = random.choice((latest, latest, max(0, latest - 1)))
        reserved = latest + 1 if random.random() < 0.5 else None
        change = TabCommit(observed=rows, expected=rows if reserved and random.random() < 0.5 else {})
        done(states[random.random() < 0.2], change, run=run, read=read, reserved=reserved)
        latest = reserved or latest
        if random.random() < 0.7:
            agree(states[0], random.choice((latest, latest, max(0, latest - 1))))
