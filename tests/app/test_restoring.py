"""History and restore of a real workbook: asked for as on the command line, seen in its cells."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from crm_sheets import app
from crm_sheets.cli import cli
from crm_sheets.cli.past import instant
from crm_sheets.errors import UsageError
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.app.offices import NOW, Office

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def first_worked(first_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An hour of work: a phone is changed twice, a note written."""
    office = first_office.copied(tmp_path_factory.mktemp("worked") / "office")
    with pytest.MonkeyPatch.context() as patched:
        for minute, number in ((1, "13900139001"), (2, "13900139002")):
            patched.setenv("CRM_SHEETS_NOW", (NOW + timedelta(minutes=minute)).isoformat())
            office.type("客户", 2, {"联系电话": number, "备注": f"第{minute}次"})
            app.sync(office.settings)
    return office


@pytest.fixture
def worked(first_worked: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Its own copy for each test, at the end of that work."""
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(minutes=2)).isoformat())
    return first_worked.copied(tmp_path / "worked")


def key(office: Office, place: int = 0) -> str:
    return str(office.rows("客户")[place]["编号"])


def called(office: Office, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--config", str(office.config)], input=answer)


def at(minute: float) -> str:
    return (NOW + timedelta(minutes=minute)).isoformat()


def told(office: Office, *arguments: str) -> list[tuple[str, str, str]]:
    entries = json.loads(called(office, "history", *arguments, "--json").stdout)["entries"]
    return [(each["column"], each["old"], each["new"]) for each in entries]


def test_the_history_of_a_cell(worked: Office) -> None:
    assert told(worked, key(worked), "联系电话") == [
        ("phone", "13900139001", "13900139002"),
        ("phone", "13800138001", "13900139001"),
        ("phone", "", "13800138001"),
    ]


def test_history_of_a_span_of_time_and_of_a_run(worked: Office) -> None:
    notes = told(worked, key(worked), "note", "--since", at(0.5), "--until", at(1.5))
    assert notes == [("note", "", "第1次")]
    entries = app.history(worked.settings, app.HistoryRequest(key(worked), "note")).entries
    assert told(worked, key(worked), "note", "--run", str(entries[0].run)) == [("note", "第1次", "第2次")]


def test_history_of_a_person(worked: Office) -> None:
    assert told(worked, "--by", "王芳") == []
    assert len(told(worked, "--by", "shared", "--limit", "3")) == 3


def test_a_reader_is_told_of_what_they_may_read_and_gets_as_much_as_asked(worked: Office) -> None:
    def may_read(tab: TabKey, row: RowKey, column: ColumnKey | None) -> bool:
        return column in {None, "note"}

    found = app.history(worked.settings, app.HistoryRequest(key(worked), limit=2), may_read).entries
    assert [(each.column, each.new) for each in found] == [("note", "第2次"), ("note", "第1次")]


def test_a_cell_gets_the_value_before_the_last(worked: Office) -> None:
    assert called(worked, "restore", key(worked), "联系电话", "--yes").exit_code == 0
    row = worked.rows("客户")[0]
    assert (row["联系电话"], row["备注"]) == ("13900139001", "第2次")


def test_a_cell_and_a_row_as_they_were_at_a_time(worked: Office) -> None:
    assert called(worked, "restore", key(worked), "note", "--at", at(0.5), "--yes").exit_code == 0
    assert worked.rows("客户")[0]["备注"] is None
    assert called(worked, "restore", key(worked), "--at", at(1.5), "--yes").exit_code == 0
    row = worked.rows("客户")[0]
    assert (row["联系电话"], row["备注"]) == ("13900139001", "第1次")


def test_a_deleted_row_is_brought_back(worked: Office) -> None:
    gone = key(worked, 4)
    worked.type("客户", 6, dict.fromkeys(worked.header("客户")))
    app.sync(worked.settings)
    assert gone not in {row["编号"] for row in worked.rows("客户")}
    assert called(worked, "restore", gone, "--yes").exit_code == 0
    assert gone in {row["编号"] for row in worked.rows("客户")}
    assert "没有被删除" in str(called(worked, "restore", gone, "--yes").exception)


def test_a_plan_shows_who_changed_what_and_writes_nothing(worked: Office) -> None:
    before = worked.digest()
    done = called(worked, "restore", "--at", at(0.5), "--dry-run")
    assert done.exit_code == 0
    for text in ("将恢复 2 项", "恢复为", "联系电话", "13900139002", "13800138001", "shared"):
        assert text in done.output
    assert worked.digest() == before


def test_only_some_tabs_are_restored(worked: Office) -> None:
    then = datetime.fromisoformat(at(0.5))
    only = app.restore(worked.settings, app.RestoreRequest(at=then, only=("客户",)), dry_run=True)
    others = app.restore(worked.settings, app.RestoreRequest(at=then, skip=("customers",)), dry_run=True)
    assert ({each.tab for each in only.restored}, others.restored) == ({"customers"}, ())


def test_a_run_is_put_back_and_a_restore_is_undone(worked: Office) -> None:
    run = app.history(worked.settings, app.HistoryRequest(key(worked), "note", limit=1)).entries[0].run
    assert called(worked, "restore", "--run", str(run), "--yes").exit_code == 0
    assert worked.rows("客户")[0]["备注"] == "第1次"
    last = app.history(worked.settings, app.HistoryRequest(limit=1)).entries[0].run
    app.undo(worked.settings, last, dry_run=False)
    assert worked.rows("客户")[0]["备注"] == "第2次"


def test_nothing_is_restored_unasked(worked: Office) -> None:
    before = worked.digest()
    done = called(worked, "restore", "--at", at(0.5))
    assert "--yes" in str(done.exception)
    asked = app.RestoreRequest(at=datetime.fromisoformat(at(0.5)))
    assert not app.restore(worked.settings, asked, agreed=lambda plan: False).done
    assert worked.digest() == before


def test_a_plan_that_is_old_when_it_is_agreed_to_is_not_carried_out(worked: Office) -> None:
    def meanwhile(plan: object) -> bool:
        worked.type("客户", 3, {"备注": "刚写的"})
        app.sync(worked.settings)
        return True

    with pytest.raises(UsageError, match="又有改动"):
        app.restore(worked.settings, app.RestoreRequest(at=datetime.fromisoformat(at(0.5))), agreed=meanwhile)
    assert worked.rows("客户")[1]["备注"] == "刚写的"


def test_a_day_counts_whole_as_an_end(office: Office) -> None:
    assert instant("--until", "2026-11-20", ZONE, end_of_day=True) == datetime(
        2026, 11, 20, 15, 59, 59, 999999, tzinfo=UTC
    )
    assert instant("--at", "2026-11-20", ZONE) == datetime(2026, 11, 19, 16, tzinfo=UTC)
    with pytest.raises(UsageError, match="yesterday"):
        instant("--at", "yesterday", ZONE)


def test_what_was_typed_since_the_last_cycle_is_taken_in_first(worked: Office) -> None:
    run = app.history(worked.settings, app.HistoryRequest(key(worked), "note")).entries[0].run
    worked.type("客户", 2, {"备注": "刚写的"})  # the run put 第2次 there
    undone = app.undo(worked.settings, run, dry_run=False)
    assert {each.column for each in undone.kept} == {"note"}
    row = worked.rows("客户")[0]
    assert (row["备注"], row["联系电话"]) == ("刚写的", "13900139001")
    worked.type("客户", 3, {"负责人": "张伟"})
    given = app.handover(worked.settings, "张伟", "王芳", dry_run=False)
    assert [each.row for each in given.rows] == [key(worked, 1)]
    assert {each["负责人"] for each in worked.rows("客户")} == {"王芳"}
    worked.type("客户", 2, {"备注": "写错了"})
    restored = app.restore(worked.settings, app.RestoreRequest(at=NOW + timedelta(minutes=1.5), only=("客户",)))
    assert restored.done
    assert worked.rows("客户")[0]["备注"] == "第1次"
