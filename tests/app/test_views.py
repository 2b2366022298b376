"""The files of views on a real folder: they come and go with their people, and keep what these add."""

import os
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from crm_sheets import app, clock, reports
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.cells import CellValue, Formula
from crm_sheets.errors import UsageError
from crm_sheets.state import EntryKind
from crm_sheets.sync.backends.xlsx import patch_workbook
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ReplicaKey
from tests.app.galleries import POLICY, Desk, Gallery, gallery
from tests.app.offices import NOW, WHOLE

HONGTU, JINCHANG = "上海宏图机械有限公司", "杭州锦昌环保科技有限公司"
LIU = {"工号": "E04", "姓名": "刘洋", "部门": "销售部", "角色": "销售专员", "邮箱": "liuyang@example.com"}


@pytest.fixture(scope="session")
def first_gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        return gallery(tmp_path_factory.mktemp("gallery"))


@pytest.fixture
def team(first_gallery: Gallery, tmp_path: Path) -> Gallery:
    return first_gallery.copied(tmp_path / "team")


def row_of(desk: Desk | Gallery, name: str) -> int:
    found = [row["#"] for row in desk.rows("客户") if row["客户名称"] == name]
    assert len(found) == 1, found
    assert isinstance(found[0], int)
    return found[0]


def names(desk: Desk | Gallery) -> set[CellValue]:
    return {row["客户名称"] for row in desk.rows("客户")} - {None}


def told(report: reports.CycleReport) -> dict[str, tuple[str, ...]]:
    return {view.person: view.handled for view in report.views}


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as container:
        return {name: container.read(name) for name in container.namelist()}


def holds(path: Path, text: str) -> list[str]:
    wanted = (text.encode("utf-8"), text.encode("utf-16-le"), text.encode("utf-16-be"))
    return [name for name, content in parts(path).items() if any(each in content for each in wanted)]


def team_views(workspace: Workspace) -> set[ReplicaKey]:
    return {ReplicaKey(note.partition("@")[2]) for note in workspace.state.notes("view-file@")}


def rests(team: Gallery) -> None:
    """Another round changes no file."""
    before = {path: path.stat().st_mtime_ns for path in team.folder.rglob("*.xlsx")}
    report = team.sync()
    assert {path: path.stat().st_mtime_ns for path in team.folder.rglob("*.xlsx")} == before
    assert report.views == ()


def test_everybody_has_the_rows_that_are_theirs(team: Gallery) -> None:
    assert team.views() == ["E01-王芳", "E02-张伟", "E03-李强"]
    assert len(names(team.view("E01"))) == 4
    assert len(names(team.view("E02"))) == 5
    assert names(team.view("E03")) == {"青岛海蓝船务有限公司"}
    assert "客户等级" not in team.view("E01").header("客户")
    assert "隐私备注" in team.view("E02").header("客户")
    rests(team)


def test_a_view_that_was_only_touched_is_opened_once(team: Gallery) -> None:
    path = team.view("E01").book
    os.utime(path, (1_000_000_000, 1_000_000_000))  # as a restored share, or a copy, may have it
    rests(team)
    with opened(team.settings) as workspace:
        standings = workspace.state.standings(list(team_views(workspace)), ())
    assert path.stat().st_mtime_ns in {
        each.reading.fingerprint.modified_ns for each in standings.values() if each.reading
    }


def test_an_edit_goes_both_ways(team: Gallery) -> None:
    desk = team.view("E01")
    desk.type("客户", row_of(desk, HONGTU), {"备注": "周五回访"})
    report = team.sync()
    assert [(each.kind, each.new) for each in report.changes if each.column == "note"] == [(EntryKind.EDIT, "周五回访")]
    assert {row["备注"] for row in team.rows("客户") if row["客户名称"] == HONGTU} == {"周五回访"}
    boss = team.view("E02")
    boss.type("客户", row_of(boss, HONGTU), {"备注": "我也去"})
    team.sync()
    assert [row["备注"] for row in desk.rows("客户") if row["客户名称"] == HONGTU] == ["我也去"]
    rests(team)


def test_an_edit_that_only_this_person_may_not_make_says_so(team: Gallery) -> None:
    """The shared workbook may change the column: "as the permissions say" would be no reason to put it back."""
    boss = team.view("E02")
    boss.type("客户", row_of(boss, HONGTU), {"地址": "别处"})
    report = team.sync()
    assert [(each.column, each.typed, each.reason) for each in report.reverted] == [
        ("address", "别处", "填写人没有这样修改的权限")
    ]


def test_a_new_person_gets_one(team: Gallery) -> None:
    team.add("组织", [LIU])
    new = {"客户名称": "宁波东方模具厂", "客户类型": "企业客户", "所属行业": "制造业", "联系人": "吴刚"}
    team.add("客户", [{**new, "联系电话": "13800138009", "负责人": "刘洋"}])
    assert told(team.sync())["E04"] == ("made",)
    assert names(team.view("E04")) == {"宁波东方模具厂"}
    rests(team)
    mails = [item for item in app.outbox(team.settings, state=None).items if item.kind == "notice-welcome"]
    assert sorted(item.person for item in mails) == sorted(["王芳", "张伟", "李强", "刘洋"])


def test_the_doctor_names_what_keeps_people_from_a_workbook(team: Gallery) -> None:
    assert examination(team) == (True, "3 人有个人工作簿")
    team.add(
        "组织",
        [{**LIU, "邮箱": ""}, {**LIU, "姓名": "周杰"}, {**LIU, "工号": "E05", "角色": "客服专员", "姓名": "马丽"}],
    )
    team.sync()
    passed, found = examination(team)
    assert not passed
    assert found == "多人使用同一工号，都没有个人工作簿：E04; 没有授权的角色（没有个人工作簿）：service"


def examination(team: Gallery) -> tuple[bool, str]:
    [found] = [each for each in app.doctor(team.settings).examinations if each.name == "views"]
    return found.passed, found.found.partition("MiB; ")[2] if found.passed else found.found


def test_a_new_row_belongs_to_its_author(team: Gallery) -> None:
    desk = team.view("E03")
    desk.add("客户", [{"客户名称": "宁波东方模具厂", "客户类型": "企业客户", "所属行业": "制造业", "联系人": "吴刚"}])
    team.sync()
    [row] = [row for row in team.rows("客户") if row["客户名称"] == "宁波东方模具厂"]
    assert row["负责人"] == "李强"
    assert "宁波东方模具厂" in names(team.view("E02"))
    rests(team)


def test_a_row_of_this_very_round_can_be_deleted(team: Gallery) -> None:
    new = {"客户名称": "宁波东方模具厂", "客户类型": "企业客户", "所属行业": "制造业", "联系人": "吴刚"}
    team.add("客户", [{**new, "联系电话": "13800138009", "负责人": "王芳"}])
    team.sync()
    desk = team.view("E01")
    desk.type("客户", row_of(desk, "宁波东方模具厂"), dict.fromkeys(desk.header("客户")))
    team.sync()
    assert "宁波东方模具厂" not in names(team) | names(desk)
    rests(team)


def test_that_of_a_leaver_is_archived_off_the_share(team: Gallery) -> None:
    path = team.view("E03").book
    team.type("组织", 4, {"在职": "否"})
    team.sync()
    assert not path.parent.exists()
    kept = list((team.folder / "backups" / "views").glob("*/E03-李强.*.xlsx"))
    assert names(Desk(team.folder, kept[-1])) == {"青岛海蓝船务有限公司"}
    rests(team)


def test_whoever_comes_back_gets_a_new_one_and_no_old_copy(team: Gallery) -> None:
    path = team.view("E03").book
    copy = team.folder / "copy.xlsx"
    shutil.copy2(path, copy)
    team.type("组织", 4, {"在职": "否"})
    team.sync()
    team.type("组织", 4, {"在职": "是"})
    assert told(team.sync())["E03"] == ("made",)
    copy.replace(path)
    assert told(team.sync())["E03"] == ("replaced",)
    assert len(names(team)) == 5
    assert names(team.view("E03")) == {"青岛海蓝船务有限公司"}
    rests(team)


def test_a_view_stays_where_it_is_when_its_person_is_renamed(team: Gallery) -> None:
    team.type("组织", 2, {"姓名": "王芳芳"})
    for row in (2, 3, 4, 5):
        team.type("客户", row, {"负责人": "王芳芳"})
    team.sync()
    assert team.views() == ["E01-王芳", "E02-张伟", "E03-李强"]
    assert len(names(team.view("E01"))) == 4
    rests(team)


def test_a_deleted_view_is_made_again(team: Gallery) -> None:
    shutil.rmtree(team.view("E01").book.parent)
    assert told(team.sync())["E01"] == ("restored",)
    assert len(names(team.view("E01"))) == 4
    assert len(names(team)) == 5
    rests(team)


def test_no_view_is_made_while_the_folder_of_all_is_gone(team: Gallery) -> None:
    shutil.move(team.folder / "各人", team.folder / "elsewhere")
    report = team.sync()
    assert all("the folder of the views is gone" in str(view.error) for view in report.views)
    assert len(report.views) == 3
    shutil.move(team.folder / "elsewhere", team.folder / "各人")
    rests(team)


def test_a_column_that_is_hidden_leaves_no_byte(team: Gallery) -> None:
    secret = "只有经理知道的批注"
    team.type("客户", row_of(team, HONGTU), {"需求与痛点": secret})
    team.sync()
    desk = team.view("E01")
    header = len(desk.header("客户"))
    own(desk, header + 1, "我的标记", {row_of(desk, HONGTU): "重点", row_of(desk, JINCHANG): "一般"})
    own(desk, header + 2, "算的", {row_of(desk, HONGTU): Formula(f"Z{row_of(desk, HONGTU)}", "泄露")})
    desk.type("客户", row_of(desk, JINCHANG), {"备注": "最后一刻"})
    assert holds(desk.book, secret)
    team.allow('level = "hidden", private', 'needs = "hidden", level = "hidden", private')
    report = team.sync()
    assert told(report)["E01"] == ("renewed", "carried")
    desk = team.view("E01")
    assert not holds(desk.book, secret)
    assert not holds(desk.book, "需求与痛点")
    rows = {row["客户名称"]: row for row in desk.rows("客户")}
    assert (rows[HONGTU]["我的标记"], rows[JINCHANG]["我的标记"]) == ("重点", "一般")
    assert "算的" not in desk.header("客户")
    assert [row["备注"] for row in team.rows("客户") if row["客户名称"] == JINCHANG] == ["最后一刻"]
    assert holds(team.view("E02").book, secret)
    rests(team)


def test_what_cannot_be_taken_out_of_a_file_is_left_out_of_a_new_one(team: Gallery) -> None:
    desk = team.view("E01")
    own(desk, len(desk.header("客户")) + 1, "我的标记", {row_of(desk, JINCHANG): "一般"})
    content = parts(desk.book)
    content["customXml/item1.xml"] = f"<kept>{HONGTU}</kept>".encode()  # no program of ours put it there
    packed(desk.book, content)
    team.type("客户", row_of(team, HONGTU), {"负责人": "李强"})
    assert told(team.sync())["E01"] == ("renewed", "carried")
    assert not holds(desk.book, HONGTU)
    assert {row["客户名称"]: row.get("我的标记") for row in desk.rows("客户")}[JINCHANG] == "一般"
    assert HONGTU in names(team.view("E03"))
    rests(team)


def test_an_old_copy_from_before_a_column_was_hidden_is_taken_in_and_goes(team: Gallery) -> None:
    desk = team.view("E01")
    desk.type("客户", row_of(desk, HONGTU), {"备注": "旧文件里写的", "需求与痛点": "只有经理知道的批注"})
    team.sync()
    copy = Desk(team.folder, team.folder / "copy.xlsx")
    shutil.copy2(desk.book, copy.book)
    team.allow('level = "hidden", private', 'needs = "hidden", level = "hidden", private')
    team.sync()
    copy.type("客户", row_of(copy, HONGTU), {"职位": "厂长"})
    copy.book.replace(desk.book)
    assert told(team.sync())["E01"][0] == "renewed"
    assert not holds(team.view("E01").book, "只有经理知道的批注")
    assert [row["职位"] for row in team.rows("客户") if row["客户名称"] == HONGTU] == ["厂长"]
    assert len(names(team)) == 5
    rests(team)


def test_a_column_and_a_tab_more_are_added_to_the_file(team: Gallery) -> None:
    desk = team.view("E01")
    own(desk, len(desk.header("客户")) + 1, "我的标记", {row_of(desk, HONGTU): "重点"})
    before = parts(desk.book)
    team.allow('level = "hidden", private', "private")
    team.allow('tab = "follow_ups"', 'tab = ["follow_ups", "opportunities"]')
    assert told(team.sync())["E01"] == ()  # what the config shows for the first time waits
    app.access_apply(team.settings, app.access_apply(team.settings).confirm)
    assert told(team.sync())["E01"] == ("extended",)
    header = desk.header("客户")
    assert header.index("我的标记") < header.index("客户等级")
    assert {row["客户名称"]: row.get("我的标记") for row in desk.rows("客户")}[HONGTU] == "重点"
    assert {row["客户等级"] for row in desk.rows("客户")} == {"C"}
    assert "机会" in desk.snapshot().sheets
    assert before.keys() <= parts(desk.book).keys()
    rests(team)


def test_a_view_that_somebody_has_open_waits(team: Gallery) -> None:
    desk = team.view("E01")
    lock = desk.book.with_name(f".~lock.{desk.book.name}#")
    lock.write_text("王芳,pc,,,;", encoding="utf-8")
    team.type("客户", row_of(team, HONGTU), {"备注": "改过"})
    report = team.sync()
    assert {view.person: view.waiting for view in report.views} == {"E01": "王芳", "E02": None}
    assert {row["备注"] for row in desk.rows("客户")} == {None}
    lock.unlink()
    team.sync()
    assert {row["备注"] for row in desk.rows("客户")} == {None, "改过"}
    rests(team)


def test_a_view_that_cannot_be_read_stops_no_other(team: Gallery) -> None:
    desk = team.view("E01")
    broken = desk.book.read_bytes()[:2000]
    desk.book.write_bytes(broken)
    team.type("客户", row_of(team, HONGTU), {"备注": "改过"})
    report = team.sync()
    found = {view.person: view for view in report.views}
    assert found.keys() == {"E01", "E02"}
    assert found["E01"].path == desk.book
    assert (found["E01"].error or "").startswith("文件不完整")
    assert found["E02"].error is None
    assert {row["备注"] for row in team.view("E02").rows("客户")} == {None, "改过"}
    assert desk.book.read_bytes() == broken


@pytest.mark.parametrize("other", ["view", "workbook"])
def test_another_workbook_in_the_place_of_a_view_is_put_aside(team: Gallery, other: str) -> None:
    desk = team.view("E01")
    strange = Desk(team.folder, team.folder / "strange.xlsx")
    shutil.copy2(team.view("E02").book if other == "view" else team.book, strange.book)
    strange.type("客户", row_of(strange, HONGTU), {"备注": "混进来的"})
    strange.book.replace(desk.book)
    assert told(team.sync())["E01"] == ("replaced",)
    assert {row["备注"] for row in team.rows("客户")} == {None}
    assert len(names(team.view("E01"))) == 4
    [kept] = (team.folder / "backups" / "conflicts" / "views").glob("*/E01-王芳.*.xlsx")
    assert holds(kept, "混进来的")
    rests(team)


def test_an_old_copy_of_ones_own_view_is_merged_as_old(team: Gallery) -> None:
    desk = team.view("E01")
    copy = Desk(team.folder, team.folder / "copy.xlsx")
    shutil.copy2(desk.book, copy.book)
    team.type("客户", row_of(team, HONGTU), {"备注": "后来写的", "职位": "厂长"})
    team.sync()
    copy.type("客户", row_of(copy, HONGTU), {"邮箱": "lina@example.com"})
    copy.book.replace(desk.book)
    team.sync()
    [row] = [row for row in team.rows("客户") if row["客户名称"] == HONGTU]
    assert (row["备注"], row["职位"], row["邮箱"]) == ("后来写的", "厂长", "lina@example.com")
    [row] = [row for row in desk.rows("客户") if row["客户名称"] == HONGTU]
    assert (row["备注"], row["邮箱"]) == ("后来写的", "lina@example.com")
    rests(team)


def test_a_file_whose_stamp_a_program_dropped_is_still_ours(team: Gallery) -> None:
    desk = team.view("E01")
    desk.type("客户", row_of(desk, HONGTU), {"备注": "另存为"})
    without_stamp(desk.book)
    team.sync()
    assert len(names(team)) == 5
    assert names(team.view("E01")) == names(team) - {"青岛海蓝船务有限公司"}
    team.sync()
    rests(team)


def test_two_people_whose_names_are_one_to_a_file_system(team: Gallery) -> None:
    team.add(
        "组织",
        [{**LIU, "工号": "A/1", "姓名": "刘洋"}, {**LIU, "工号": "A?1", "姓名": "刘洋", "邮箱": "b@example.com"}],
    )
    team.sync()
    assert team.views()[:2] == ["A_1-刘洋", "A_1-刘洋-2"]
    rests(team)


def test_a_dry_run_makes_and_moves_nothing(team: Gallery) -> None:
    shutil.rmtree(team.view("E01").book.parent)
    team.type("组织", 4, {"在职": "否"})
    team.sync(dry_run=True)
    assert team.views() == ["E02-张伟", "E03-李强"]


def test_the_list_tells_what_stands_in_the_way(team: Gallery) -> None:
    team.view("E01").book.write_bytes(b"half a save")
    other = team.view("E03").book
    other.with_name(f".~lock.{other.name}#").write_text("李强,pc,,,;", encoding="utf-8")
    team.type("客户", 6, {"备注": "改过"})
    team.sync()
    found = {view.person: view for view in app.views(team.settings).views}
    assert {key: view.state for key, view in found.items()} == {"E01": "trouble", "E02": "fine", "E03": "open"}
    assert found["E01"].path == team.view("E01").book
    assert found["E01"].told.startswith("不是有效的 .xlsx 文件")
    assert found["E03"].told == "李强"
    assert found["E02"].rows["customers"] == 5
    assert app.status(team.settings).views == {"views": 3, "waiting": 1, "trouble": 1}


def test_a_view_can_be_made_anew(team: Gallery) -> None:
    desk = team.view("E01")
    desk.type("客户", row_of(desk, HONGTU), {"备注": "还没同步"})
    assert told(app.rebuild_view(team.settings, "王芳"))["E01"] == ("renewed",)
    assert {row["备注"] for row in team.rows("客户") if row["客户名称"] == HONGTU} == {"还没同步"}
    desk.book.write_bytes(b"half a save")
    assert told(app.rebuild_view(team.settings, "E01"))["E01"] == ("renewed",)
    assert len(names(desk)) == 4
    with pytest.raises(UsageError, match="E01 王芳"):
        app.rebuild_view(team.settings, "E09")
    rests(team)


def own(desk: Desk, place: int, header: str, cells: Mapping[int, CellValue]) -> None:
    """Adds a column of the person's own."""
    aside = desk.book.with_suffix(".typed")
    edits: dict[tuple[int, int], CellValue] = {(row, place): value for row, value in cells.items()}
    patch_workbook(desk.book, aside, {"客户": {(1, place): header, **edits}})
    aside.replace(desk.book)


def without_stamp(path: Path) -> None:
    content = parts(path)
    content["docProps/custom.xml"] = re.sub(rb"<property.*</property>", b"", content["docProps/custom.xml"])
    packed(path, content)


def packed(path: Path, content: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in content.items():
            container.writestr(name, data)


FOLLOWED = """[[grant]]
role = "department_manager"
tab = ["follow_ups", "opportunities", "feedback"]
rows = "all"
columns = { "*" = "read" }

[[grant]]
role = "department_manager"
tab = "customers"
rows = "all"
columns = { "*" = "read" }

[[grant]]
role = "department_manager"
tab = "people"
rows = "all"
columns = { "*" = "read" }

"""


FIGURES = '\n[summaries]\nshow = ["funnel", "customers", "follow_ups", "feedback"]\n' + WHOLE
"""Summaries of what the lead may read: the others, of which the view shows none or more of the same, are left out."""


def test_a_lead_reads_figures_of_what_they_may_read_and_loses_them_with_the_role(tmp_path: Path) -> None:
    views = POLICY.replace('folder = "各人"', 'folder = "各人"\nsummaries = ["department_manager"]')
    rights = FOLLOWED.replace('rows = "all"\ncolumns = { "*" = "read" }', 'rows = "all"\ncolumns = { "*" = "edit" }')
    team = gallery(tmp_path / "team", FIGURES + views + rights)
    sheets = set(team.view("E02").snapshot().sheets)
    assert {name for name in sheets if name.startswith("汇总")}, sheets
    assert not {name for name in team.view("E01").snapshot().sheets if name.startswith("汇总")}
    team.view("E02").type("客户", 2, {"所属行业": "金融"})
    team.sync()
    for office in (team, team.view("E02")):  # in the view itself, no cell is to be written
        rows = office.snapshot().sheets["汇总_客户"].rows
        assert ("金融", 1) in {row.cells[1:3] for row in rows}, office
    rests(team)
    team.view("E02").book.unlink()
    team.sync()
    assert set(team.view("E02").snapshot().sheets) == sheets, (
        "a file that is made anew has them, though no figure changed"
    )
    rests(team)
    team.allow('summaries = ["department_manager"]', "summaries = []")
    team.sync()
    assert not {name for name in team.view("E02").snapshot().sheets if name.startswith("汇总")}
    rests(team)


@pytest.mark.parametrize("note", ["{", "[]", '{"customers": 7}', "没有"])
def test_a_broken_note_of_what_a_view_shows_makes_it_anew(team: Gallery, note: str) -> None:
    with opened(team.settings) as workspace:
        for key in workspace.state.notes("view-columns@"):
            workspace.state.set_note(key, note)
    desk = team.view("E03")
    desk.type("客户", 2, {"备注": "先收下"})
    assert told(team.sync())["E03"][:1] == ("renewed",)
    assert "先收下" in {row["备注"] for row in team.view("E03").rows("客户")}


def test_a_daemon_learns_who_left_from_a_command_beside_it(team: Gallery) -> None:
    with opened(team.settings, remember=True) as daemon:
        daemon.run(Wish(clock.now()))
        team.type("组织", 4, {"在职": "否"})
        team.sync()
        assert {name[:3] for name in team.views()} == {"E01", "E02"}
        daemon.run(Wish(clock.now()))
        assert {name[:3] for name in team.views()} == {"E01", "E02"}


def test_a_team_may_begin_with_a_few(team: Gallery) -> None:
    """Who is not named has no view, and one that they had is put away."""
    team.allow("enabled = true\n", 'enabled = true\npeople = ["李强", "E02"]\n')
    team.sync()
    assert {name[:3] for name in team.views()} == {"E02", "E03"}
