"""`doctor --launch`: what is missing on the day on which a team begins."""

from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from crm_sheets import app, reports
from crm_sheets.cli import cli
from crm_sheets.errors import UsageError
from tests.app.offices import CONFIG, Office

GRANTS = """
[views]
enabled = true

[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { name = "read", phone = "edit" }
"""
MANAGERS = """
[[grant]]
role = "department_manager"
tab = "*"
rows = "all"
columns = { "*" = "read" }
"""
FLOW = """
[[approval]]
name = "流失"
tab = "customers"
change = { column = "status", to = ["lost"] }
steps = [{ approver = "manager" }]
"""


def launched(office: Office, config: str, checklist: Path | None = None) -> dict[str, reports.Examination]:
    office.config.write_text(config, encoding="utf-8")
    return {each.name: each for each in app.launch(office.settings, checklist).examinations}


def test_an_open_book_is_ready(office: Office) -> None:
    found = launched(office, CONFIG)
    assert {name for name, each in found.items() if not each.passed} <= {"calendar", "sealed"}
    assert "没有 [[grant]]" in found["launch_roles"].found
    assert "5 行" in found["launch_backup"].found or "行" in found["launch_backup"].found
    assert not any(path.suffix == ".zip" for path in office.folder.rglob("*")), "the trial leaves nothing behind"


def test_what_each_role_would_see(office: Office) -> None:
    found = launched(office, CONFIG + GRANTS + MANAGERS)
    assert found["launch_sight"].passed
    lines = dict(line.split(": ", 1) for line in found["launch_sight"].found.splitlines())
    assert lines["销售专员"].startswith("客户 ")
    assert "（可改 1 列）" in lines["销售专员"]
    assert "跟进" in lines["部门经理"]
    assert found["launch_roles"].found.endswith("部门经理; 销售专员")


def test_made_up_people_try_the_config(office: Office) -> None:
    contact = 'columns = { name = "read", phone = "edit", note = "edit", title = "propose" }'
    policy = GRANTS.replace('columns = { name = "read", phone = "edit" }', contact) + MANAGERS
    before = (office.digest(), {path.name for path in office.folder.rglob("*")} | {"views"})
    found = launched(office, CONFIG + policy)
    assert found["launch_trial"].passed, found["launch_trial"].found
    said = dict(line.split(": ", 1) for line in found["launch_trial"].found.splitlines() if ": " in line)
    assert said["测试-销售专员"] == "改“客户.备注”已写入、改“客户.职位”已提交审批"
    assert said["测试-部门经理"].endswith("已退回")
    assert "“客户.职位”的申请已审批通过并写入" in found["launch_trial"].found
    mails = found["launch_mails"]
    assert mails.passed
    assert all(word in mails.found for word in ("待审批", "审批结果", "您的工作簿已准备好"))
    assert (office.digest(), {path.name for path in office.folder.rglob("*")}) == before


def test_a_request_that_nobody_decides_in_the_trial_is_told(office: Office) -> None:
    flow = (
        '[[approval]]\nname = "备注"\ntab = "customers"\ncolumns = ["note"]\nsteps = [{ approver = "role:finance" }]\n'
    )
    policy = GRANTS.replace('columns = { name = "read", phone = "edit" }', 'columns = { "*" = "read", note = "edit" }')
    found = launched(office, CONFIG + policy + flow)["launch_trial"]
    assert (found.passed, found.found) == (False, "“客户.备注”的申请没有人能审批")
    assert not any(office.folder.glob("trial*"))


def test_a_role_without_a_grant_is_told(office: Office) -> None:
    found = launched(office, CONFIG + GRANTS)
    assert not found["launch_roles"].passed
    assert "department_manager (张伟)" in found["launch_roles"].found
    assert not found["launch_sight"].passed


def test_requests_that_nobody_could_decide(office: Office) -> None:
    found = launched(office, CONFIG + FLOW)["launch_approvals"]
    assert (found.passed, "王芳" in found.found, "张伟" in found.found) == (False, True, True)
    office.type("组织", 2, {"上级": "张伟"})
    app.sync(office.settings)
    found = launched(office, CONFIG + FLOW)["launch_approvals"]
    assert (found.passed, "王芳" in found.found, "张伟" in found.found) == (False, False, True)
    office.type("组织", 3, {"上级": "王芳"})
    app.sync(office.settings)
    assert launched(office, CONFIG + FLOW.replace('"manager"', '"王芳"'))["launch_approvals"].passed is False
    assert launched(office, CONFIG + FLOW)["launch_approvals"].passed


def test_a_leaver_who_holds_customers_is_told(office: Office) -> None:
    office.type("组织", 2, {"在职": "否"})
    app.sync(office.settings)
    found = launched(office, CONFIG)["leavers"]
    assert (found.passed, found.found) == (False, "王芳: 客户 5 条")


def test_a_broken_template_is_told(office: Office) -> None:
    own = office.folder / "own" / "zh-CN"
    own.mkdir(parents=True)
    (own / "handover.txt.j2").write_text("{{ nobody }}", encoding="utf-8")
    found = launched(office, CONFIG + '\n[templates]\nfolder = "own"\n')["launch_letters"]
    assert not found.passed
    assert "handover.txt" in found.found


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_checklist_is_a_workbook_to_sign(office: Office, locale: str) -> None:
    config = CONFIG.replace("[workbook]", f'[workbook]\nlocale = "{locale}"')
    target = office.folder / "list" / "go-live.xlsx"
    found = launched(office, config, target)
    sheet = openpyxl.load_workbook(target).worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=4, values_only=True) if isinstance(row[0], int)]
    assert len(rows) == len(found) + 9
    text = str(list(sheet.values))
    assert not any(key in text for key in ("checklist.", "doctor."))
    with pytest.raises(UsageError, match="go-live"):
        app.launch(office.settings, target)


def test_the_command_says_what_is_missing(office: Office) -> None:
    office.config.write_text(CONFIG + GRANTS, encoding="utf-8")
    done = CliRunner().invoke(cli, ["doctor", "--launch", "--config", str(office.config)])
    assert done.exit_code == 1
    assert "角色授权" in done.output
    assert "需要处理" in done.output
