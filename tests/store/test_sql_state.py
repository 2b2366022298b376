"""The contract of the state store."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError

from crm_sheets.changes import Issue
from crm_sheets.known import KnownRow
from crm_sheets.pipeline import changed
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.schema.base import Entry, Role
from crm_sheets.schema.book import TABS
from crm_sheets.snapshots import PipelineLine
from crm_sheets.state import (
    BaseRow,
    Commit,
    EntryKind,
    Finding,
    IssuedKey,
    JournalEntry,
    OutboxItem,
    Reading,
    Source,
    TabCommit,
)
from crm_sheets.sync.store import migrations, tables
from crm_sheets.sync.store.commit import commit, confirm
from crm_sheets.sync.store.engines import engine_of
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, Fingerprint, ReplicaKey, RowKey, TabKey

TAB, SHARED = TabKey("customers"), ReplicaKey("shared")
A, B, C = RowKey("C-A"), RowKey("C-B"), RowKey("C-C")
NAME, NOTE = ColumnKey("name"), ColumnKey("note")
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
READING = Reading(Fingerprint(1, 2, 3, "d"), {"客户": "x"}, {TAB: "客户"})
VALUES = {
    NAME: "华为\n'\"\\ \U0001f600",
    ColumnKey("annual_revenue"): Decimal("1234.50"),
    ColumnKey("birthday"): datetime(1987, 9, 15, tzinfo=UTC).date(),
    ColumnKey("tags"): ("a", "b"),
    ColumnKey("created_at"): NOW,
    ColumnKey("employees"): 5,
}


def done(state: SqlState, change: TabCommit, *, run: int = 1, read: int = 0, reserved: int | None = None) -> Commit:
    made = Commit(run, NOW + timedelta(minutes=run), SHARED, read, reserved, {TAB: change})
    commit(state, made)
    return made


def base(key: RowKey, text: str) -> BaseRow:
    return BaseRow(key, f"w{key}", f"d{text}", f"c{text}", {NAME: text})


def test_records_come_back_as_they_were(state: SqlState) -> None:
    done(state, TabCommit(records={A: VALUES, B: {NAME: "小米"}}))
    done(state, TabCommit(records={B: None}), run=2)

    found = state.records(TAB, [A, B, C])
    assert dict(found[A].values) == VALUES
    assert (found[B].deleted, dict(found[B].values), C in found) == (True, {NAME: "小米"}, False)
    assert (list(state.all_records(TAB)), state.count(TAB), state.tabs_of(B)) == ([A], 1, (TAB,))


def test_many_keys_are_asked_for_at_once(state: SqlState) -> None:
    keys = [RowKey(f"C-{number:04}") for number in range(1500)]
    done(state, TabCommit(records={key: {NAME: key} for key in keys}))

    assert list(state.all_records(TAB)) == keys
    assert len(state.records(TAB, keys)) == 1500


def test_rows_are_found_by_their_entries(state: SqlState) -> None:
    hua, mi = (Entry("customers", text, Role.DEFINES) for text in ("华为", "小米"))
    done(state, TabCommit(entries={A: frozenset({hua}), B: frozenset({hua, mi})}))
    assert state.find("customers", "华为", Role.DEFINES) == ((TAB, A), (TAB, B))
    done(state, TabCommit(entries={B: frozenset({mi})}), run=2)

    assert state.find("customers", "华为", Role.DEFINES) == ((TAB, A),)
    assert state.find("customers", "华为", Role.REFERS) == ()
    assert state.find_all("customers", Role.DEFINES) == {"华为": ((TAB, A),), "小米": ((TAB, B),)}
    assert state.entries_of(TAB, [A, B]) == {A: frozenset({hua}), B: frozenset({mi})}


def test_what_stands_about_rows_and_about_the_tab(state: SqlState) -> None:
    rule = Finding(Issue("required", TAB, A, NAME, parameters={"找": "到"}), Source.RULE)
    loose = Issue("row-without-id", TAB, RowKey("#3"))
    done(state, TabCommit(findings={A: (rule,)}, loose=(loose,), wakes={A: NOW, B: NOW + timedelta(days=1)}))
    assert state.findings(TAB, None) == state.findings(TAB, [A, B]) == {A: (rule,)}
    assert state.all_findings() == (loose, rule.issue)
    assert state.wakes(NOW) == ((TAB, A),)
    assert state.severities() == {"error": 2}

    done(state, TabCommit(findings={A: ()}, wakes={A: None}), run=2)
    assert state.all_findings() == (loose,), "a tab that was not read keeps its findings"
    assert state.wakes(NOW + timedelta(days=2)) == ((TAB, B),)
    done(state, TabCommit(loose=()), run=3)
    assert state.all_findings() == ()


def test_each_generation_keeps_its_base(state: SqlState) -> None:
    done(state, TabCommit(expected={A: base(A, "a1"), B: base(B, "b1")}), reserved=1)
    done(state, TabCommit(expected={A: base(A, "a2"), B: None, C: base(C, "c2")}), run=2, read=1, reserved=2)

    def texts(generation: int) -> dict[str, object]:
        found = state.base_rows(SHARED, TAB, generation, [A, B, C])
        return {key: row.values[NAME] for key, row in found.items()}

    assert [texts(generation) for generation in (0, 1, 2)] == [
        {},
        {A: "a1", B: "b1"},
        {A: "a2", C: "c2"},
    ]
    assert state.known_rows(SHARED, TAB, 1).by_witness["wC-A"] == KnownRow(A, "wC-A", "da1", "ca1")
    assert state.moved_since(SHARED, TAB, 1) == {A, B, C}
    assert state.born_since(SHARED, TAB, 1) == {"cc2": C}
    done(state, TabCommit(observed={A: base(A, "a1, seen later")}), run=3, read=1)
    assert (texts(1)[A], texts(2)[A]) == ("a1, seen later", "a2"), "it advances in its own generation only"


def test_a_row_that_was_taken_out_of_a_generation_and_put_back_later_is_not_known_at_it(state: SqlState) -> None:
    done(state, TabCommit(expected={A: base(A, "a1"), B: base(B, "b1")}), reserved=1)
    done(state, TabCommit(expected={B: base(B, "b2")}), run=2, read=1, reserved=2)
    done(state, TabCommit(observed={A: None}, expected={A: base(A, "a3")}), run=3, read=2, reserved=3)

    assert state.known_rows(SHARED, TAB, 2).by_key.keys() == {B}
    assert state.born_since(SHARED, TAB, 2) == {"ca3": A}
    assert state.born_since(SHARED, TAB, 1) == {}, "it was there before"


def test_a_generation_that_was_overtaken_is_not_inherited(state: SqlState) -> None:
    done(state, TabCommit(expected={A: base(A, "a1")}), reserved=1)
    done(state, TabCommit(expected={A: base(A, "never written")}), run=2, read=1, reserved=2)
    done(state, TabCommit(expected={B: base(B, "b3")}), run=3, read=1, reserved=3)

    found = state.base_rows(SHARED, TAB, 3, [A, B])
    assert {key: row.values[NAME] for key, row in found.items()} == {A: "a1", B: "b3"}


def test_what_waits_is_settled_when_it_was_written(state: SqlState) -> None:
    change = TabCommit(expected={A: base(A, "a1")}, pending=frozenset({A, B}), issued=(IssuedKey(C, "wC", NOW),))
    made = done(state, change, reserved=1)
    assert (state.pending(SHARED, TAB), state.reading(SHARED)) == (frozenset({A, B}), None)
    assert (state.latest_generation(SHARED), state.confirmed_generation(SHARED)) == (1, 0)

    confirm(state, made, NOW, READING)

    assert state.pending(SHARED, TAB) == {B}, "B was not among what was written: its tab is held"
    assert (state.confirmed_generation(SHARED), state.reading(SHARED)) == (1, READING)
    assert state.issued(SHARED, TAB) == {"wC": IssuedKey(C, "wC", NOW)}
    done(state, TabCommit(arrived=(C,), settled=frozenset({B})), run=2, read=1)
    assert (state.issued(SHARED, TAB), state.has_pending(SHARED)) == ({}, False)


def test_a_generation_that_is_read_was_written(state: SqlState) -> None:
    done(state, TabCommit(), reserved=1)
    assert state.confirmed_generation(SHARED) == 0
    done(state, TabCommit(), run=2, read=1)

    assert state.confirmed_generation(SHARED) == 1


def entry(new: str, dedupe: str = "") -> JournalEntry:
    return JournalEntry(EntryKind.EDIT, TAB, A, NOTE, "{}", new, "shared", dedupe)


def test_the_journal_keeps_everything_once(state: SqlState) -> None:
    for run, entries in ((1, (entry("1"), entry("1"), entry("x", "same"))), (2, (entry("2"), entry("x", "same")))):
        commit(state, Commit(run, NOW + timedelta(minutes=run), SHARED, run, None, {}, journal=entries))

    assert [line.entry.new for line in state.journal()] == ["2", "x", "1", "1"]
    assert [line.entry.new for line in state.journal(run=1)] == ["x", "1", "1"]
    assert [line.entry.new for line in state.journal(since=NOW + timedelta(minutes=1))] == ["2"]
    assert [line.entry.new for line in state.journal((TAB, A), limit=1)] == ["2"]
    assert state.journal((TAB, B)) == ()
    assert state.next_run() == 3
    assert state.values_since(SHARED, 2, TAB, A) == {NOTE: frozenset({"{}", "2"})}


def test_messages_and_origins_are_taken_once(state: SqlState) -> None:
    mail = OutboxItem("k", "due", "王芳", NOW, TAB, A, {"subject": "回访"})
    for run in (1, 2):
        origins = ("next|1",) if run == 1 else ("next|2",)
        commit(
            state, Commit(run, NOW, SHARED, 0, None, {}, outbox=(mail, mail), origins=origins, notes={"n": str(run)})
        )

    with state.engine.connect() as connection:
        assert len(connection.execute(tables.outbox.select()).all()) == 1
    assert state.made_from(["next|1", "next|2", "next|3"]) == {"next|1", "next|2"}
    assert (state.note("n"), state.note("m")) == ("2", None)


def test_blocks_without_rows_have_no_size(state: SqlState) -> None:
    assert state.block_sizes([1, -(2**62), *range(3, 2000)], most=3) == {}


def test_pairs_take_the_place_of_those_of_the_same_rows(state: SqlState) -> None:
    pairs = (Pair(A, B, 0.9, ("name",), True), Pair(B, C, 0.8, ("phone",), False))
    done(state, TabCommit(pairs=pairs, paired=frozenset({A, B, C})))
    assert (state.pairs_of(TAB, [A]), state.all_pairs(TAB)) == ((pairs[0],), pairs)

    done(state, TabCommit(paired=frozenset({A})), run=2)
    state.dismiss(TAB, C, B, NOW, "admin")

    assert state.all_pairs(TAB) == (pairs[1],)
    assert (state.dismissed(TAB, [B]), state.count_dismissed(TAB)) == (frozenset({(B, C)}), 1)


def test_a_commit_that_fails_leaves_nothing(state: SqlState) -> None:
    twice = (IssuedKey(A, "w", NOW), IssuedKey(A, "w", NOW))
    with pytest.raises(IntegrityError):
        done(state, TabCommit(records={A: VALUES}, issued=twice), reserved=1)

    assert (state.count(TAB), state.latest_generation(SHARED)) == (0, 0)


def test_what_is_remembered_outlives_the_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new folder' / 'state.db'}"
    first = SqlState(url, TABS)
    done(first, TabCommit(records={A: VALUES}))
    secret = first.secret("witness")
    first.close()
    second = SqlState(url, TABS)

    assert (dict(second.records(TAB, [A])[A].values), second.secret("witness")) == (VALUES, secret)
    assert second.secret("other") != secret
    second.close()


def test_a_store_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    first = SqlState(url, TABS)
    done(first, TabCommit(records={A: VALUES}))
    with first.transaction() as connection:
        tables.base_known.drop(connection)
        connection.execute(tables.notes.update().where(tables.notes.c.name == migrations.NAME).values(value="1"))
    first.close()
    second = SqlState(url, TABS)

    assert dict(second.records(TAB, [A])[A].values) == VALUES
    assert second.note(migrations.NAME) == str(1 + len(migrations.MIGRATIONS))
    with second.transaction() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes(tables.base.name)}
    assert tables.base_known.name in names
    second.close()


def test_an_empty_file_gets_every_table_and_index() -> None:
    """Their SQL is put together by us, once in a process."""
    one, other = SqlState("sqlite://", TABS), engine_of("sqlite://")
    tables.metadata.create_all(other)

    def there(engine: Engine) -> set[tuple[object, ...]]:
        with engine.connect() as connection:
            return {tuple(row) for row in connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")}

    assert len(there(other)) > len(tables.metadata.tables)
    assert there(one.engine) == there(other)
    one.close()
    other.dispose()


def test_the_index_of_duplicates_counts_no_further_than_asked(state: SqlState) -> None:
    done(state, TabCommit(enlisted=frozenset({(-7, A), (-7, B), (-7, C), (9, A)})))
    assert state.block_sizes([-7, 9, 11], 2) == {-7: 2, 9: 1}
    assert state.block_members([-7, 11]) == {-7: [A, B, C]}

    done(state, TabCommit(delisted=frozenset({(-7, B), (9, A)}), enlisted=frozenset({(11, B)})), run=2)
    assert state.block_sizes([-7, 9, 11], 5) == {-7: 2, 11: 1}

    done(state, TabCommit(enlisted=frozenset({(9, C)}), reindexed=True), run=3)
    assert (state.block_sizes([-7, 9, 11], 5), state.block_members([9])) == ({9: 1}, {9: [C]})


def test_the_pipeline_keeps_what_changed(state: SqlState) -> None:
    first, second, third = (date(2026, 11, day) for day in (20, 21, 24))

    def line(deal: RowKey, day: date, amount: int) -> PipelineLine:
        return PipelineLine(deal, day, None, "谈判", amount, amount // 2, date(2026, 12, 31), "甲")

    def kept(day: date, *amounts: tuple[RowKey, int]) -> None:
        change = changed(day, state.standing_pipeline(), [line(deal, day, amount) for deal, amount in amounts])
        commit(state, Commit(1, NOW, SHARED, 0, None, {}, pipeline=change))

    assert state.pipeline_day() is None
    kept(first, (A, 100), (B, 500_000_000_00))
    kept(second, (A, 100), (B, 7))
    kept(third, (A, 100), (C, 1))
    history = state.pipeline()
    assert (state.pipeline_day(), history.days) == (third, (first, second, third))
    assert [(each.deal, each.since, each.until, each.amount) for each in history.lines] == [
        (A, first, None, 100),
        (B, first, second, 500_000_000_00),
        (B, second, third, 7),
        (C, third, None, 1),
    ]
