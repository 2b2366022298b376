"""What a row was at an instant, when it went and came back in between."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from crm_sheets.restoring import restore
from crm_sheets.schema import TABS
from crm_sheets.schema.storage import encode_values
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, RowKey

START = datetime(2026, 11, 22, 1, tzinfo=UTC)
NOTE, ID = ColumnKey("note"), ColumnKey("id")
TABS_BY_KEY = {tab.key: tab for tab in TABS}


def note(text: str) -> str:
    return encode_values(TABS[0], {ID: "C-1", NOTE: text})


def kept(now: str, *entries: tuple[str, str | None, str, str]) -> SqlState:
    """A customer whose note is `now`, and a journal of (kind, column, old, new), a minute apart."""
    state = SqlState("sqlite://", TABS)
    with state.transaction() as connection:
        connection.execute(insert(tables.records).values(tab="customers", key="C-1", data=note(now), deleted=0))
        for number, (kind, column, old, new) in enumerate(entries, 1):
            connection.execute(
                insert(tables.journal).values(
                    run=number, at=(START + timedelta(minutes=number)).isoformat(), replica="shared", generation=1,
                    kind=kind, tab="customers", key="C-1", column=column, old=old, new=new, author=f"author {number}",
                )
            )  # fmt: skip
    return state


def restored(state: SqlState) -> list[tuple[str, str, str]]:
    plan = restore(state.changed_since(START), state, TABS_BY_KEY, "admin")
    return [(cell.entry.old, cell.entry.new, cell.by) for cell in plan.cells]


def test_a_row_that_went_and_came_back_is_what_it_was_before_it_went() -> None:
    state = kept(
        "c",
        ("delete", None, note("a"), "{}"),
        ("resurrect", None, "{}", note("b")),
        ("edit", "note", '{"note":"b"}', '{"note":"c"}'),
    )
    assert restored(state) == [('{"note":"c"}', '{"note":"a"}', "author 3")]


def test_edits_before_it_went_are_taken_back_too() -> None:
    state = kept(
        "b",
        ("edit", "note", '{"note":"first"}', '{"note":"a"}'),
        ("delete", None, note("a"), "{}"),
        ("resurrect", None, "{}", note("b")),
    )
    assert restored(state) == [('{"note":"b"}', '{"note":"first"}', "author 1")]


def test_a_row_that_was_not_there_goes() -> None:
    state = kept("b", ("create", None, "{}", note("a")), ("edit", "note", '{"note":"a"}', '{"note":"b"}'))
    plan = restore(state.changed_since(START), state, TABS_BY_KEY, "admin")
    assert [(each.act, each.key) for each in plan.commands] == [("delete", RowKey("C-1"))]
