"""Fields that a team adds by its config, through a real workbook: as staff see them, and as the state keeps them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm_sheets import app, reports
from crm_sheets.app.demonstration import put_aside
from crm_sheets.cli import cli
from crm_sheets.errors import UsageError
from crm_sheets.language import LOCALES, language
from tests.app.offices import CONFIG, CUSTOMERS, Office, made

FIELDS = """
[[field]]
tab = "customers"
key = "rating"
label = "合作评级"
type = "choice"
values = ["战略", "核心", "一般"]
default = "一般"
required = true

[[field]]
tab = "customers"
key = "erp"
label = { zh-CN = "ERP 编号", en = "ERP number" }
format = "[A-Z]{2}-[0-9]{5}"
example = "KH-00417"
unique = true
after = "name"
help = "财务给的编号"

[[field]]
tab = "opportunities"
key = "agent"
label = "渠道商"
type = "reference"
refers_to = "customers"
"""


def codes(report: reports.CycleReport) -> list[str]:
    return sorted(f"{issue.column}:{issue.code}" for issue in report.issues if issue.tab == "customers")


def test_a_new_book_has_the_fields_where_they_were_wanted(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS)
    header = office.header("客户")
    assert header[header.index("客户名称") + 1] == "ERP 编号"
    assert header.index("合作评级") > header.index("备注")
    assert [row["合作评级"] for row in office.rows("客户")] == ["一般"] * len(CUSTOMERS)
    values = [row["值"] for row in office.rows("字典") if row["字典"] == "合作评级"]
    assert values == ["战略", "核心", "一般"]
    assert "渠道商" in office.header("机会")


def test_values_of_fields_are_judged_as_any_other(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS)
    office.type_all(
        "客户",
        {
            2: {"ERP 编号": "KH-00417"},
            3: {"ERP 编号": "KH-00417", "合作评级": "战略客户"},
            4: {"ERP 编号": "417"},
            5: {"ERP 编号": "KH-00418", "合作评级": None},
        },
    )
    report = office.sync()
    assert codes(report) == [
        "erp:format-mismatch",
        "erp:not-unique",
        "erp:not-unique",
        "rating:not-in-dictionary-similar",
        "rating:required",
    ]
    checks = [str(row.get("检查") or "") for row in office.rows("客户")]
    assert checks[2] == "【ERP 编号】“417”的格式不对，请参照“KH-00417”填写。"
    assert "合作评级" in checks[3]
    office.type_all("客户", {2: {"ERP 编号": "KH-00001"}, 3: {"合作评级": "战略"}})
    assert codes(office.sync()) == ["erp:format-mismatch", "rating:required"]
    assert office.sync().changes == ()


def test_a_new_value_in_the_dictionary_of_a_field_is_allowed_at_once(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS)
    office.add("字典", [{"字典": "合作评级", "值": "观察"}])
    office.type("客户", 2, {"合作评级": "观察"})
    assert codes(office.sync()) == []


def test_history_and_explanations_name_a_field_as_the_team_does(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS)
    office.type("客户", 2, {"合作评级": "战略"})
    office.sync()
    key = str(office.rows("客户")[0]["编号"])
    cells = {cell.label: cell.value for cell in app.explain(office.settings, key, None).cells}
    assert cells["合作评级"] == "战略"
    assert app.explain(office.settings, key, "ERP 编号").cells[0].source == "staff"


RULES = """
[[field]]
tab = "customers"
key = "score"
label = "潜力分"
type = "integer"
computed = "employees / 10 + if(合作评级 = 战略, 50, 0)"

[[field]]
tab = "customers"
key = "reason"
label = "评级理由"
required = "when 合作评级 = 战略"

[[rule]]
name = "no-person-with-a-size"
tab = "customers"
when = "type == '企业客户'"
required = ["size"]
severity = "warning"
"""


def test_computed_fields_and_rules_of_the_team(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS + RULES)
    office.type_all("客户", {2: {"员工数": 300, "合作评级": "战略"}, 3: {"企业规模": "中型", "潜力分": 7}})
    report = office.sync()
    assert [row["潜力分"] for row in office.rows("客户")] == [80, 0, 0, 0, 0]
    found = [issue for issue in report.issues if issue.code.startswith("custom:") or issue.code == "cell-put-back"]
    assert sorted((issue.code, issue.severity) for issue in found) == [
        ("cell-put-back", "info"),
        ("custom:customers.reason", "error"),
        *[("custom:no-person-with-a-size", "warning")] * 4,
    ]
    check = str(office.rows("客户")[0]["检查"])
    assert "【评级理由】当“合作评级 = 战略”时必须填写。" in check
    assert "【企业规模】提醒：当“type == '企业客户'”时必须填写。" in check
    office.type_all("客户", {2: {"合作评级": "核心"}})
    report = office.sync()
    assert office.rows("客户")[0]["潜力分"] == 30
    assert "custom:customers.reason" not in {issue.code for issue in report.issues}


FIGURES = """
[[field]]
tab = "customers"
key = "growth"
label = "增长率"
type = "percent"
computed = "(annual_revenue - annual_budget) / annual_budget"

[[field]]
tab = "customers"
key = "review_on"
label = "复审日"
type = "date"
computed = "if(employees is blank, none, 2026-11-20 + employees)"
"""


def test_a_computed_figure_is_never_that_of_another_day(tmp_path: Path) -> None:
    """A share that staff type is at most 100 %; what is computed may be 1500 %, and may shrink."""
    office = made(tmp_path, CONFIG + FIGURES)

    def figures(revenue: int, employees: int) -> list[object]:
        office.type_all("客户", {2: {"年收入": revenue, "年采购预算": 1000, "员工数": employees}})
        office.sync()
        row = office.rows("客户")[0]
        assert "撤回" not in str(row["检查"]), "nobody typed what was computed"
        return [row["增长率"], row.get("复审日")]

    assert figures(1500, 10) == [0.5, 46356]
    assert figures(16000, 10) == [15, 46356]
    assert figures(0, 100_000) == [-1, None], "no cell holds a day of the year 2300"


def test_doctor_names_values_that_no_drop_down_has(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS + RULES)

    def rules() -> reports.Examination:
        return next(each for each in app.doctor(office.settings).examinations if each.name == "rules")

    assert rules().passed
    assert rules().found == "规则 1 条、字段 5 个，均有效"
    values = {row["#"]: row["值"] for row in office.rows("字典") if row["字典"] == "合作评级"}
    office.type("字典", next(int(str(row)) for row, value in values.items() if value == "战略"), {"值": "战略级"})
    office.sync()
    assert not rules().passed
    assert "customers.reason" in rules().found
    assert "战略" in rules().found


def test_commands_speak_of_fields_as_the_team_does(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + FIELDS)
    office.type("客户", 2, {"合作评级": "战略"})
    office.sync()
    last = app.history(office.settings, app.HistoryRequest(limit=1)).entries[0].run
    dry = CliRunner().invoke(cli, ["undo", str(last), "--dry-run", "--config", str(office.config)])
    assert "将恢复 1 项" in dry.output
    assert "合作评级" in dry.output
    assert office.rows("客户")[0]["合作评级"] == "战略"
    assert "已恢复 1 项" in CliRunner().invoke(cli, ["undo", str(last), "--config", str(office.config)]).output


def test_errors_that_people_meet_are_in_the_language_of_the_workbook(tmp_path: Path) -> None:
    office = made(tmp_path)
    office.book.write_bytes(b"PK nothing")
    program = [sys.executable, "-m", "crm_sheets", "sync", "--config", str(office.config)]
    ran = subprocess.run(program, capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (
        3,
        f"crm-sheets: {office.book}：文件不完整，请重新复制一份，或使用最近的备份\n",
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_every_error_with_a_key_has_its_words(locale: str) -> None:
    root = Path(__file__).parents[2] / "crm_sheets"
    source = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    keys = set(re.findall(r'"(error\.[a-z.]+)"', source))
    assert len(keys) >= 6
    assert [key for key in keys if not language(locale).has(key)] == []


def test_a_new_book_counts_the_rows_that_it_has(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    report = app.init(config, workbook=None, locale=None, adopt=False, all_columns=False)
    assert report.tabs["字典"] == len(Office(tmp_path).rows("字典"))
    assert report.tabs["客户"] == 0


def test_a_demo_is_made_anew_when_asked_for_and_the_old_one_kept(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="--dir"):
        app.demo(folder, seed=1, locale="en", again=True)
    (folder / "config.toml").write_text("# A made-up team. All options: config.example.toml\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--again"):
        app.demo(folder, seed=1, locale="en")
    put_aside(folder, language("en"), again=True)
    assert not folder.exists()
    assert (tmp_path / "demo.old" / "mine.txt").read_text(encoding="utf-8") == "mine"
