"""`access`: what somebody may do with the rows of a real book, what a change opens, and the confirming of it."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.errors import UsageError
from crm_sheets.sync.backends.xlsx import read_workbook
from tests.app.offices import Office

VIEWS = """
[views]
enabled = true
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = true
"""
SALES = """
[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { name = "edit", phone = "propose", last_contact = "read" }
delete = "propose"
memo = "维护自己的客户"
[[deny]]
role = "*"
tab = "customers"
columns = ["name"]
cap = "read"
when = "contact == '李娜'"
reason = "封存"
"""
MORE = SALES.replace('name = "edit"', 'name = "edit", email = "read"')


def with_policy(office: Office, policy: str, views: str = VIEWS) -> Office:
    base = office.config.read_text(encoding="utf-8").partition("\n[views]")[0]
    office.config.write_text(base + views + policy, encoding="utf-8")
    return office


def cells(office: Office, person: str) -> dict[str, dict[str, int]]:
    report = app.access(office.settings, person)
    return {f"{tab.tab}.{each.column}": dict(each.rows) for tab in report.tabs for each in tab.columns if each.rows}


def view(office: Office) -> set[str]:
    """The header of the customers in the view of 王芳."""
    path = office.settings.views.folder / "E01-王芳" / "E01-王芳.xlsx"
    sheet = read_workbook(path).sheets["客户"]
    return {str(cell).rstrip("*") for cell in sheet.rows[0].cells if cell}


def test_what_somebody_may_do_with_how_many_rows(office: Office) -> None:
    with_policy(office, SALES)
    report = app.access(office.settings, "E01")
    assert (report.person, report.role, report.waits) == ("王芳", "销售专员", False)
    (tab,) = report.tabs
    assert (tab.visible, tab.total, tab.create, tab.deletable, tab.delete_asks) == (5, 5, "none", 0, 5)
    found = cells(office, "王芳")
    assert found["customers.name"] == {"edit": 4, "read": 1}
    assert found["customers.phone"] == {"propose": 5}
    assert found["customers.owner"] == {"read": 5}
    assert "customers.email" not in found
    assert tab.grants == (
        "本人的行：客户名称 可编辑; 联系电话 修改须审批; 最近跟进 仅查看; 删除须审批; 维护自己的客户",
    )
    assert tab.denies == ("客户名称最多仅查看，条件：contact == '李娜' (封存)",)
    why = next(each.why for each in tab.columns if each.column == "last_contact")
    assert why == "由无权全部查看的内容算出：跟进.客户、跟进.实际跟进时间、跟进.跟进结果"
    assert app.access(office.settings, "张伟").tabs == ()


def test_nobody_of_that_name(office: Office) -> None:
    with pytest.raises(UsageError, match=r"李雷”.*张伟、王芳"):
        app.access(with_policy(office, SALES).settings, "李雷")


def test_what_another_config_opens_and_closes(office: Office, tmp_path: Path) -> None:
    with_policy(office, SALES)
    other = with_policy(office.copied(tmp_path / "other"), MORE.replace('phone = "propose"', 'contact = "edit"'))
    changes = app.access_diff(office.settings, other.settings).changes
    said = [(each.role, each.column, each.change, each.before, each.after, each.rows, each.people) for each in changes]
    assert sorted(said) == [
        ("销售专员", "contact", "opens", "hidden", "edit", 5, ("王芳",)),
        ("销售专员", "email", "opens", "hidden", "read", 5, ("王芳",)),
        ("销售专员", "phone", "closes", "propose", "hidden", 5, ("王芳",)),
    ]
    assert app.access_diff(office.settings, office.settings).changes == ()


def test_what_another_config_opens_beyond_the_cells_that_there_are(office: Office, tmp_path: Path) -> None:
    with_policy(office, SALES)
    policy = SALES.replace('delete = "propose"', 'delete = "allow"\ncreate = "own"\nreveal = ["id_number"]')
    finance = '[[grant]]\nrole = "finance"\ntab = "opportunities"\ncolumns = { name = "read" }'
    own = '[[field]]\ntab = "customers"\nkey = "rating"\nlabel = "评分"\ntype = "text"'
    theirs = '[[grant]]\nrole = "sales"\ntab = "customers"\nrows = "own"\ncolumns = { rating = "read" }'
    other = with_policy(office.copied(tmp_path / "other"), "\n".join((policy, finance, theirs, own)))
    report = app.access_diff(office.settings, other.settings)
    said = {(each.label, each.change, each.before, each.after, each.rows, each.people) for each in report.changes}
    assert said >= {
        ("（删除行）", "raises", "delete_propose", "delete_edit", 5, ("王芳",)),
        ("（新增行）", "opens", "create_none", "create_own", 0, ("王芳",)),
        ("证件号码", "opens", "masked", "revealed", 0, ("王芳",)),
        ("机会名称", "opens", "hidden", "read", 0, ("（暂无人员）",)),
        ("评分", "opens", "hidden", "read", 5, ("王芳",)),
    }
    lines = {(each.role, each.tab, each.added) for each in report.lines}
    assert lines == {("销售专员", "客户", True), ("销售专员", "客户", False), ("财务", "机会", True)}
    closing = {(each.label, each.change) for each in app.access_diff(other.settings, office.settings).changes}
    assert {("评分", "closes"), ("（新增行）", "closes"), ("（删除行）", "lowers"), ("证件号码", "closes")} <= closing


def test_who_has_no_rows_yet_is_told_what_they_might_do(office: Office) -> None:
    with_policy(office, SALES + '[[grant]]\nrole = "sales"\ntab = "opportunities"\nrows = "own"\ncreate = "own"\n'
        'columns = { "*" = "edit" }\n')  # fmt: skip
    deals = next(tab for tab in app.access(office.settings, "王芳").tabs if tab.tab == "opportunities")
    assert (deals.visible, deals.create, len(deals.grants)) == (0, "own", 1)


def test_what_a_changed_config_opens_waits_until_it_is_confirmed(office: Office) -> None:
    app.sync(with_policy(office, SALES).settings)
    assert {"客户名称", "联系电话"} < view(office)
    assert "邮箱" not in view(office)
    with_policy(office, MORE)
    assert app.access(office.settings, "王芳").waits
    app.sync(office.settings)
    assert "邮箱" not in view(office)
    waiting = app.access_apply(office.settings)
    assert [(each.column, each.change) for each in waiting.changes] == [("email", "opens")]
    with pytest.raises(UsageError, match="000000"):
        app.access_apply(office.settings, "000000")
    assert "customers.email" not in cells(office, "王芳")
    assert app.access_apply(office.settings, waiting.confirm).applied
    assert cells(office, "王芳")["customers.email"] == {"read": 5}
    app.sync(office.settings)
    assert "邮箱" in view(office)
    assert app.access_apply(office.settings).confirm == ""
    with_policy(office, SALES)
    app.sync(office.settings)
    assert "邮箱" not in view(office), "what is closed is closed at once"


def test_the_first_policy_of_a_team_that_had_none_waits(office: Office) -> None:
    app.sync(with_policy(office, "").settings)
    app.sync(with_policy(office, SALES).settings)
    assert not office.settings.views.folder.exists()
    app.access_apply(office.settings, app.access_apply(office.settings).confirm)
    app.sync(office.settings)
    assert "联系电话" in view(office)


def test_the_view_that_somebody_would_get(office: Office, tmp_path: Path) -> None:
    with_policy(office, SALES)
    target = tmp_path / "preview.xlsx"
    assert app.access(office.settings, "王芳", target).preview == target
    sheets = read_workbook(target).sheets
    header, *rows = [row.cells for row in sheets["客户"].rows]
    place = [str(cell).rstrip("*") for cell in header].index("客户名称")
    assert "上海宏图机械有限公司" in [row[place] for row in rows]
    assert len(rows) == 5
    assert "邮箱" not in "".join(map(str, header))
    with pytest.raises(UsageError, match=r"preview\.xlsx"):
        app.access(office.settings, "王芳", target)
