"""`crm-sheets approvals` on a workbook on disk, and what the mails about requests say."""

import json
from datetime import UTC
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm_sheets import app
from crm_sheets.app.digest_rows import DigestRows
from crm_sheets.app.mail import letter
from crm_sheets.app.workspace import opened
from crm_sheets.approvals import Verb
from crm_sheets.cli import cli
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import SqlOutbox
from tests.app.offices import CONFIG, NOW, Office, made

FLOW = """
[[approval]]
name = "客户流失"
tab = "customers"
change = { column = "status", to = ["lost"] }
steps = [ { approver = "张伟" } ]
timeout = "3d"

[[approval]]
name = "联系方式"
tab = "customers"
columns = ["phone", "id_number"]
steps = [ { approver = "role:admin" } ]
"""


@pytest.fixture(scope="module")
def asked(first_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        office = first_office.copied(tmp_path_factory.mktemp("asked") / "office")
        office.config.write_text(CONFIG + FLOW, encoding="utf-8")
        office.sync()
        office.type("客户", 2, {"客户状态": "流失客户"})
        office.sync()
        return office


@pytest.fixture
def office(asked: Office, tmp_path: Path) -> Office:
    """Its own copy for each test."""
    return asked.copied(tmp_path / "office")


def crm(office: Office, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, [*words, "--config", str(office.config)])
    return result.exit_code, result.output


def test_a_workbook_gets_its_tab_of_requests(office: Office) -> None:
    [row] = office.rows("审批")
    assert (row["审批状态"], row["对象名称"], row["新值"], row["审批人"]) == (
        "审批中", "上海宏图机械有限公司", "流失客户", "张伟",
    )  # fmt: skip
    assert office.rows("客户")[0]["客户状态"] is None

    office.config.write_text(office.config.read_text(encoding="utf-8").replace("张伟", "Zhang Wei"), encoding="utf-8")
    office.type("组织", 3, {"姓名": "Zhang Wei"})
    office.type("客户", 3, {"客户状态": "流失客户"})
    office.sync()
    with opened(office.settings) as workspace:
        waiting = [each.row for each in DigestRows(workspace, NOW).of("Zhang Wei", UTC) if each.section == "approvals"]
    assert [str(office.rows("审批")[1]["编号"])] == waiting, "a name of two words is one name"


def test_requests_are_listed_and_decided(office: Office) -> None:
    code, said = crm(office, "approvals", "--json")
    [line] = json.loads(said)["requests"]
    assert (code, line["open"], line["new"], line["approvers"]) == (0, True, "流失客户", "张伟")

    assert crm(office, "approvals", "approve", line["id"], "--as", "王芳")[0] == 1, "she was not asked"
    code, said = crm(office, "approvals", "approve", line["id"], "--as", "E02", "--dry-run")
    assert (code, "预览" in said) == (0, True)
    assert office.rows("客户")[0]["客户状态"] is None
    code, said = crm(office, "approvals", "approve", line["id"], "--as", "E02", "--comment", "已核实")
    assert (code, "已通过" in said) == (0, True)
    assert office.rows("客户")[0]["客户状态"] == "流失客户"
    assert app.approvals(office.settings).requests == ()
    [closed] = app.approvals(office.settings, everything=True).requests
    assert (closed.state, closed.decided_by, closed.comment) == ("已通过", "张伟", "已核实")
    with pytest.raises(UsageError, match="已经结束"):
        app.decide_approval(office.settings, line["id"], Verb.REJECT, "E02")


def test_nobody_unknown_decides(office: Office) -> None:
    [line] = app.approvals(office.settings).requests
    with pytest.raises(UsageError, match="赵六"):
        app.decide_approval(office.settings, line.id, Verb.APPROVE, "赵六")
    with pytest.raises(UsageError):
        app.decide_approval(office.settings, "AP-NONE", Verb.APPROVE, "E02")


def test_without_the_tab_there_is_nothing_to_list(tmp_path: Path) -> None:
    office = made(tmp_path / "office")
    with pytest.raises(UsageError, match="审批"):
        app.approvals(office.settings)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_mails_say_what_is_asked_and_what_came_of_it(office: Office, locale: str) -> None:
    [line] = app.approvals(office.settings).requests
    app.decide_approval(office.settings, line.id, Verb.REJECT, "E02", "再跟进一次")
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(text.replace("[workbook]", f'[workbook]\nlocale = "{locale}"'), encoding="utf-8")
    with opened(office.settings) as workspace:
        entries = {entry.kind: entry for entry in SqlOutbox(workspace.state).entries(State)}
        asked, closed = (letter(workspace, entries[f"approval-{kind}"], NOW) for kind in ("asked", "closed"))
    assert entries["approval-asked"].person == "张伟"
    assert entries["approval-closed"].person == "王芳"
    for part in (asked.text, asked.html):
        assert "上海宏图机械有限公司" in part
        assert "流失客户" in part
        assert line.id in part
    for part in (closed.text, closed.html):
        assert "再跟进一次" in part
        assert "已驳回" in part
    assert "上海宏图机械有限公司" in asked.subject


def test_a_sealed_value_is_in_no_request_and_no_mail(office: Office) -> None:
    office.type("客户", 3, {"证件号码": "11010519491231002X"})
    office.sync()
    [line] = [each for each in app.approvals(office.settings).requests if each.column == "证件号码"]
    with opened(office.settings) as workspace:
        told = repr(SqlOutbox(workspace.state).entries(State))
    assert "1949" not in repr(line) + told
    office.add("组织", [{"工号": "E09", "姓名": "钱总", "部门": "公司", "角色": "管理员", "邮箱": "q@example.com"}])
    office.sync()
    app.decide_approval(office.settings, line.id, Verb.APPROVE, "钱总")
    assert str(office.rows("客户")[1]["证件号码"]).startswith("1101")


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ('tab = "custmers"\ncolumns = ["phone"]', "custmers"),
        ('tab = "customers"\ncolumns = ["fone"]', "did you mean phone"),
        ('tab = "customers"\ncolumns = ["created_at"]', "written by the program"),
        ('tab = "orders"\ncolumns = ["total"]', "not in use"),
        ('tab = "customers"', "what it is about"),
        ('tab = "customers"\ndelete = true\npropose = ["seller"]', "seller"),
        ('tab = "customers"\ndelete = true\nremind = "1d"', "without a timeout"),
        ('tab = "customers"\ndelete = true\ntimeout = "1d"\nremind = "2d"', "less than the timeout"),
        ('tab = "customers"\ndelete = true\ntimeout = "1d"\non_timeout = "approve"', "escalate"),
        ('tab = "customers"\nchange = { column = "status", too = [] }', "which values become which"),
    ],
)
def test_what_is_wrong_with_a_flow_is_told_at_the_start(tmp_path: Path, flow: str, said: str) -> None:
    steps = 'steps = [ { approver = "manager" } ]'
    config = tmp_path / "config.toml"
    config.write_text(f'{CONFIG}\n[[approval]]\nname = "x"\n{flow}\n{steps}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="approval") as caught:
        Office(tmp_path).settings  # noqa: B018 - it is loaded when it is asked for
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("[]", "at least 1"),
        ('[ { approver = "admin" } ]', 'write "role:admin"'),
        ('[ { approver = "manger" } ]', "did you mean manager"),
        ('[ { approver = "role:boss" } ]', "boss"),
        ('[ { approver = "manager", rule = "some" } ]', "who is asked"),
        ('[ { who = "manager" } ]', "who is asked"),
    ],
)
def test_what_is_wrong_with_a_step_is_told_at_the_start(tmp_path: Path, steps: str, said: str) -> None:
    config = tmp_path / "config.toml"
    flow = f'[[approval]]\nname = "x"\ntab = "customers"\ncolumns = ["phone"]\nsteps = {steps}\n'
    config.write_text(f"{CONFIG}\n{flow}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Office(tmp_path).settings  # noqa: B018 - it is loaded when it is asked for
    assert said in str(caught.value)


def test_a_merge_asks_where_the_deletion_of_a_customer_would(office: Office) -> None:
    going = '[[approval]]\nname = "删除客户"\ntab = "customers"\ndelete = true\nsteps = [ { approver = "张伟" } ]\n'
    office.config.write_text(office.config.read_text(encoding="utf-8") + going, encoding="utf-8")
    keep, other = (str(row["编号"]) for row in office.rows("客户")[:2])
    for words in (("--dry-run",), ()):
        code, said = crm(office, "duplicates", "merge", keep, other, *words)
        assert (code, "须先审批" in said, "已把" in said) == (0, True, False)
    assert [row["编号"] for row in office.rows("客户")[:2]] == [keep, other]
    (asked,) = (row for row in office.rows("审批") if row["变更项"] == "合并到")
    assert crm(office, "approvals", "approve", str(asked["编号"]), "--as", "张伟")[0] == 0
    assert other not in [row["编号"] for row in office.rows("客户")]
