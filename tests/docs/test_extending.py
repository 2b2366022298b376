"""docs/extending.md and its Chinese counterpart: what they show is what is run here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm_sheets.config_fields import FieldSettings
from hatch_build import compile_catalogues
from tests.app.offices import CONFIG, NOW, made

ROOT = Path(__file__).parents[2]
PAGE, CHINESE = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("extending.md", "extending.zh-CN.md"))


def blocks(language: str, section: str) -> list[str]:
    """The code of one language under a heading."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())


def test_a_field_in_five_lines(tmp_path: Path) -> None:
    field, computed = blocks("toml", "A field in five lines")
    assert len(field.strip().splitlines()) == 1 + 5
    (rules,) = blocks("toml", "A rule")
    office = made(tmp_path)
    office.config.write_text(CONFIG + field + computed + rules, encoding="utf-8")
    office.sync()
    assert office.header("客户")[-1] == "合作评级"
    assert [row["值"] for row in office.rows("字典") if row["字典"] == "合作评级"] == ["战略", "核心", "一般"]
    office.type("客户", 2, {"合作评级": "战略", "地区": "上海"})
    office.add("机会", [{"机会名称": "扩建", "客户": "上海宏图机械有限公司", "预计成交金额": 1000, "折扣": 0.1}])
    report = office.sync()
    found = {issue.code for issue in report.issues}
    assert {"custom:strategic-needs-a-budget", "custom:companies-have-a-code"} <= found
    deal = office.rows("机会")[0]
    assert (deal["折后金额"], deal["客户地区"]) == (900, "上海")
    assert "战略客户请先了解年采购预算" in str(office.rows("客户")[0]["检查"])


def test_both_pages_show_the_same() -> None:
    assert re.findall(r"```\w+\n.*?```", CHINESE, re.DOTALL) == re.findall(r"```\w+\n.*?```", PAGE, re.DOTALL)
    assert CHINESE.count("\n## ") == PAGE.count("\n## ")
    options = [[re.findall(r"`([^`]*)`", row.split("|")[1]) for row in page.splitlines() if row.startswith("| `")]
               for page in (PAGE, CHINESE)]  # fmt: skip
    assert options[0] == options[1]


def test_every_option_of_a_field_that_the_page_names_exists() -> None:
    table = PAGE.split("| option | |")[1].split("\n\n")[0]
    options = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for option in options for name in re.findall(r"`([a-z_]+)`", option)}
    assert len(named) > 10
    assert named <= FieldSettings.model_fields.keys()


STEPS = """
from pathlib import Path
import sys
from crm_sheets import app
from crm_sheets.config import load
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook

config, (tab, name, customer, day) = Path(sys.argv[1]), sys.argv[2:]
app.init(config, workbook=None, locale=None, adopt=False, all_columns=False)
settings = load(config)
book = settings.workbook.path
header = [cell.rstrip(" *") for cell in read_workbook(book).sheets[tab].rows[0].cells]
cells = {(2, header.index(name) + 1): "数控机床", (2, header.index(customer) + 1): "无此客户",
         (2, header.index(day) + 1): "2026/3/5", (3, header.index(day) + 1): "2026-03-06"}
patch_workbook(book, book.with_suffix(".typed"), {tab: cells})
book.with_suffix(".typed").replace(book)
report = app.sync(settings)
print("|".join(header))
print(sorted((issue.column, issue.code) for issue in report.issues))
print(read_workbook(book).sheets[tab].rows[1].cells[0][:3])
print(len(app.sync(settings).changes))
"""


@pytest.mark.parametrize(
    ("locale", "called"),
    [
        ("zh-CN", ["设备", "设备名称", "客户", "安装日期", "编号", "检查"]),
        ("en", ["Equipment", "Machine", "Customer", "Installed on", "ID", "Check"]),
    ],
)
def test_a_tab_with_a_module_and_a_line_in_a_tuple(tmp_path: Path, locale: str, called: list[str]) -> None:
    (module,) = blocks("python", "A tab in the program")
    (patch,) = blocks("diff", "A tab in the program")
    imported, line = (each[1:] for each in patch.splitlines() if each.startswith("+"))
    program = tmp_path / "program"
    shutil.copytree(ROOT / "crm_sheets", program / "crm_sheets", ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copytree(ROOT / "templates", program / "templates")
    (program / "crm_sheets" / "schema" / "equipment.py").write_text(module, encoding="utf-8")
    for words in blocks("po", "A tab in the program"):
        (language,) = re.findall(r'"Language: (\w+)\\n"', words)
        catalogue = program / "crm_sheets" / "locale" / language / "LC_MESSAGES" / "equipment.po"
        catalogue.write_text(words, encoding="utf-8")
    book = program / "crm_sheets" / "schema" / "book.py"
    text = book.read_text(encoding="utf-8")
    text = text.replace("from crm_sheets.schema.feedback", f"{imported}\nfrom crm_sheets.schema.feedback")
    text = text.replace('    tab_of(Customer, "C"),\n', f'    tab_of(Customer, "C"),\n{line}\n')
    book.write_text(text, encoding="utf-8")
    compile_catalogues(program)
    config = tmp_path / "config.toml"
    tabs = 'tabs = ["customers", "equipment", "people", "dictionaries"]\n'
    config.write_text(CONFIG.replace("[workbook]\n", f'[workbook]\nlocale = "{locale}"\n') + tabs, encoding="utf-8")
    tab, name, customer, day, number, check = called
    environment = {**os.environ, "PYTHONPATH": str(program), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        [sys.executable, "-c", STEPS, str(config), tab, name, customer, day],
        cwd=program,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        f"{number}|_key|{name}|{customer}|{day}|{check}",
        "[('customer', 'reference-not-found'), ('customer', 'required'), ('name', 'required')]",
        "EQ-",
        "0",
    ]
