"""Two people change one cell: a row of 冲突 tells it once, somebody decides, and both are told."""

from datetime import timedelta

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.commands import Act, Command
from crm_sheets.schema.pointing import target
from crm_sheets.state import EntryKind
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.sync.desks import Crash, Desk, customer

COLUMNS = {
    "customers": "id key_ name type industry contact phone owner note created_at updated_at check",
    "conflicts": "id key_ state in_tab row subject field kept kept_by put_away put_away_by at decider decision comment "
    "decided_by decided_at entry check",
    "people": "key_ id name department role manager email active check",
}
CUSTOMERS, NOTE = TabKey("customers"), ColumnKey("note")


@pytest.fixture
def desk() -> Desk:
    """A team of three: 王芳 owns 华为技术, 张伟 is her manager."""
    desk = Desk(columns=COLUMNS)
    for number, name, manager in (("E1", "王芳", "张伟"), ("E2", "张伟", None), ("E3", "李强", None)):
        desk.add(
            "people", id=number, name=name, department="销售部", role="销售专员", manager=manager,
            email=f"{number}@example.com",
        )  # fmt: skip
    customer(desk, "华为技术", owner="王芳", note="原来")
    customer(desk, "小米通讯", owner="王芳", note="原来", phone="13800138009")
    desk.sync()
    return desk


def clash(desk: Desk, *cells: int) -> None:
    """李强 types into the file while 王芳's edits come from elsewhere."""
    desk.now += timedelta(seconds=30)
    desk.backend.file.saved_by = "李强"
    commands = []
    for row in cells or (0,):
        desk.type("customers", row, "note", "我的")
        key = RowKey(str(desk.cell("customers", row, "id")))
        commands.append(Command(Act.SET, CUSTOMERS, key, {NOTE: "先到的"}, "王芳"))
    desk.cycle.run(Wish(desk.now, commands=tuple(commands)))


def told(desk: Desk, row: int = 0) -> dict[str, CellValue]:
    return {name: desk.cell("conflicts", row, name) for name in COLUMNS["conflicts"].split()}


def rows(desk: Desk) -> int:
    return sum(any(row) for row in desk.grid("conflicts")[1:])


def mails(desk: Desk, kind: str) -> dict[str, OutboxEntry]:
    return {each.person: each for each in SqlOutbox(desk.state).entries(list(State)) if each.kind == kind}


def test_a_conflict_is_told_in_a_row_once(desk: Desk) -> None:
    clash(desk)
    row = told(desk)
    assert (row["in_tab"], row["row"], row["subject"], row["field"]) == (
        "客户", desk.cell("customers", 0, "id"), "华为技术", "备注",
    )  # fmt: skip
    assert (row["kept"], row["kept_by"]) == ("先到的", "王芳")
    assert (row["put_away"], row["put_away_by"]) == ("我的", "共享工作簿 (李强)")
    assert (row["state"], row["decider"], row["decision"]) == ("待决定", "张伟", None)
    assert desk.cell("customers", 0, "note") == "先到的"
    desk.sync()
    assert rows(desk) == 1


def test_everybody_concerned_gets_one_mail_without_values(desk: Desk) -> None:
    clash(desk, 0, 1)
    found = mails(desk, "notice-conflict")
    assert sorted(found) == ["张伟", "李强", "王芳"]
    content = found["李强"].parameters["content"]
    assert content.splitlines() == [f"客户 {desk.cell('customers', row, 'id')} 备注" for row in (0, 1)]
    assert "先到的" not in str(found)


def test_the_other_value_is_chosen(desk: Desk) -> None:
    clash(desk)
    desk.backend.file.saved_by = "张伟"
    desk.type("conflicts", 0, "decision", "改用另一值")
    desk.sync()
    row = told(desk)
    assert desk.cell("customers", 0, "note") == "我的"
    assert (row["state"], row["decided_by"]) == ("已改用", "共享工作簿 (张伟)")
    last = desk.state.journal(row=(CUSTOMERS, RowKey(str(desk.cell("customers", 0, "id")))), limit=1)[0].entry
    assert (last.kind, last.author) == (EntryKind.EDIT, "shared (李强) (由 张伟 决定采用)")
    assert sorted(mails(desk, "notice-conflict-decided")) == ["李强", "王芳"]
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes


def test_the_value_that_stands_is_kept(desk: Desk) -> None:
    clash(desk)
    desk.type("conflicts", 0, "decision", "保留现值")
    desk.sync()
    assert (told(desk)["state"], desk.cell("customers", 0, "note")) == ("已保留", "先到的")


def test_a_decision_does_not_overwrite_what_was_typed_since(desk: Desk) -> None:
    clash(desk)
    desk.type("customers", 0, "note", "更新的")
    desk.sync()
    desk.type("conflicts", 0, "decision", "改用另一值")
    desk.sync()
    assert (told(desk)["state"], desk.cell("customers", 0, "note")) == ("值已变化", "更新的")


def test_a_conflict_is_decided_once(desk: Desk) -> None:
    clash(desk)
    desk.type("conflicts", 0, "decision", "保留现值")
    desk.sync()
    desk.type("conflicts", 0, "decision", "改用另一值")
    desk.sync()
    row = told(desk)
    assert (row["decision"], row["state"], desk.cell("customers", 0, "note")) == ("保留现值", "已保留", "先到的")
    assert "已经决定过" in str(row["check"])


def test_a_word_that_is_no_decision_decides_nothing(desk: Desk) -> None:
    clash(desk)
    desk.type("conflicts", 0, "decision", "随便")
    desk.sync()
    assert (told(desk)["state"], "not-in-dictionary" in desk.codes()) == ("待决定", True)


def test_rows_cannot_be_made_or_taken_away_by_hand(desk: Desk) -> None:
    clash(desk)
    desk.add("conflicts", in_tab="客户", row="C-1", decision="改用另一值")
    desk.type("conflicts", 0, "kept", "假的")
    desk.sync()
    assert (told(desk)["kept"], len(desk.records("conflicts"))) == ("先到的", 1)
    del desk.grid("conflicts")[1:]
    desk.sync()
    assert (rows(desk), told(desk)["kept"]) == (1, "先到的")


@pytest.mark.parametrize("step", ["committed", "written"])
def test_a_crash_makes_no_second_row_and_no_second_mail(desk: Desk, step: str) -> None:
    desk.crash_at = step
    with pytest.raises(Crash):
        clash(desk)
    desk.sync()
    desk.sync()
    desk.sync()
    assert (rows(desk), len(mails(desk, "notice-conflict"))) == (1, 3)


def test_a_command_decides_in_the_name_of_who_gave_it(desk: Desk) -> None:
    clash(desk)
    key = RowKey(str(told(desk)["id"]))
    decision = Command(Act.SET, TabKey("conflicts"), key, {ColumnKey("decision"): "改用另一值"}, "crm-sheets (root)")
    desk.now += timedelta(seconds=30)
    desk.cycle.run(Wish(desk.now, commands=(decision,)))
    row = told(desk)
    assert (row["decided_by"], row["state"]) == ("crm-sheets (root)", "已改用")
    assert desk.cell("customers", 0, "note") == "我的"


def test_which_cell_a_row_tells_of(desk: Desk) -> None:
    clash(desk)
    record = next(iter(desk.state.all_records(TabKey("conflicts")).values())).values
    assert target(record, desk.tabs) == (CUSTOMERS, desk.cell("customers", 0, "id"), NOTE)
    assert target({**record, ColumnKey("field"): "没有的列"}, desk.tabs) is None
    assert target({**record, ColumnKey("in_tab"): "没有的表"}, desk.tabs) is None
    whole = {column: value for column, value in record.items() if column != "field"}
    assert target(whole, desk.tabs) == (CUSTOMERS, desk.cell("customers", 0, "id"), None)
