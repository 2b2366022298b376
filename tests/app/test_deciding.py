"""`crm-sheets conflicts`: listed and decided in a real workbook."""

from typer.testing import CliRunner

from crm_sheets import app
from crm_sheets.app.workspace import opened
from crm_sheets.cli import cli
from crm_sheets.commands import Act, Command
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.app.offices import CONFIG, NOW, Office

TABS = CONFIG.replace(
    "[workbook]", '[workbook]\ntabs = ["customers", "follow_ups", "conflicts", "people", "dictionaries"]'
)


def called(office: Office, *arguments: str) -> str:
    done = CliRunner().invoke(cli, [*arguments, "--config", str(office.config)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_a_conflict_is_listed_and_decided(office: Office) -> None:
    office.config.write_text(TABS, encoding="utf-8")
    app.sync(office.settings)
    assert "没有冲突" in called(office, "conflicts")
    key = RowKey(str(office.rows("客户")[0]["编号"]))
    office.type("客户", 2, {"备注": "我的"})
    first = Command(Act.SET, TabKey("customers"), key, {ColumnKey("note"): "先到的"}, "张伟")
    with opened(office.settings) as workspace:
        workspace.run(Wish(NOW, commands=(first,)))
    listed = called(office, "conflicts", "list")
    assert "待决定 1 条" in listed
    assert "先到的" in listed
    conflict = str(office.rows("冲突")[0]["编号"])
    before = office.digest()
    assert "将成为“已改用”" in called(office, "conflicts", "use", conflict, "--dry-run")
    assert office.digest() == before
    assert "已改用" in called(office, "conflicts", "use", conflict)
    assert office.rows("客户")[0]["备注"] == "我的"
    done = CliRunner().invoke(cli, ["conflicts", "keep", conflict, "--config", str(office.config)])
    assert "已经决定过" in str(done.exception)
    assert "已决定 1 条" in called(office, "conflicts", "list", "--all")


def test_a_team_without_the_tab_is_told_so(office: Office) -> None:
    done = CliRunner().invoke(cli, ["conflicts", "--config", str(office.config)])
    assert "tabs" in str(done.exception)
