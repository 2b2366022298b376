"""Questions about the journal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from crm_sheets.schema import TABS
from crm_sheets.sync.store import journal_queries, tables
from crm_sheets.sync.store.journal_queries import Question
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, RowKey, TabKey

START = datetime(2026, 11, 22, 1, tzinfo=UTC)


def kept(*entries: tuple[str, str, str | None, str, str]) -> SqlState:
    """A journal of (kind, row, column, new value, author), a minute apart, each a run of its own."""
    state = SqlState("sqlite://", TABS)
    with state.transaction() as connection:
        for number, (kind, row, column, new, author) in enumerate(entries):
            connection.execute(
                insert(tables.journal).values(
                    run=number, at=(START + timedelta(minutes=number)).isoformat(), replica="shared", generation=1,
                    kind=kind, tab="customers", key=row, column=column, old=f"before {new}", new=new, author=author,
                )
            )  # fmt: skip
    return state


def news(state: SqlState, question: Question) -> list[str]:
    return [line.entry.new for line in state.told(question)]


AUTHORS = ("王芳", "shared (王芳)", "王芳 (approved by 张伟)", "王芳芳", "shared (王芳芳)", "小王芳", "shared", "_芳")


@pytest.mark.parametrize(
    ("name", "found"),
    [("王芳", ["2", "1", "0"]), ("王芳芳", ["4", "3"]), ("小王芳", ["5"]), ("张伟", []), ("_芳", ["7"])],
)
def test_what_a_person_did(name: str, found: Sequence[str]) -> None:
    state = kept(*(("edit", "C-1", "note", str(number), author) for number, author in enumerate(AUTHORS)))
    assert news(state, Question(authors=(name,))) == found


def test_entries_of_a_cell_and_of_its_whole_row() -> None:
    state = kept(
        ("create", "C-1", None, "a", "x"),
        ("edit", "C-1", "note", "b", "x"),
        ("edit", "C-1", "phone", "c", "x"),
        ("edit", "C-2", "note", "d", "x"),
    )
    row = (TabKey("customers"), RowKey("C-1"))
    assert news(state, Question(row=row, column=ColumnKey("note"))) == ["b", "a"]
    assert news(state, Question(run=3)) == ["d"]
    assert news(state, Question(since=START, until=START + timedelta(minutes=2))) == ["c", "b"]


def test_pages_miss_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_queries, "PAGE", 3)
    state = kept(*(("edit", "C-1", "note", str(number), "x") for number in range(7)))
    assert [line.entry.new for line in state.telling(Question())] == ["6", "5", "4", "3", "2", "1", "0"]


def test_what_each_cell_was_at_a_time_and_who_changed_it_last() -> None:
    state = kept(
        ("edit", "C-1", "note", "a", "x"),
        ("edit", "C-1", "note", "b", "x"),
        ("revert", "C-1", "note", "r", "x"),
        ("edit", "C-1", "note", "c", "y"),
        ("edit", "C-1", "phone", "d", "z"),
        ("delete", "C-2", None, "e", "z"),
    )
    found = state.changed_since(START)
    assert [(past.line.entry.row, past.line.entry.column, past.line.entry.old, past.by) for past in found] == [
        ("C-2", None, "before e", "z"),
        ("C-1", "phone", "before d", "z"),
        ("C-1", "note", "before b", "y"),
    ]
    assert state.changed_since(START, tabs=[TabKey("orders")]) == ()
    assert len(state.changed_since(START, row=(TabKey("customers"), RowKey("C-1")))) == 2
