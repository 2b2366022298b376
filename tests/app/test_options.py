"""What the config says reaches the code that it is about."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from crm_sheets import app
from crm_sheets.errors import UsageError
from tests.app.offices import CONFIG, CUSTOMERS, NOW, Office, made

TWIN = {**CUSTOMERS[0], "客户名称": "上海宏图机械公司"}


def configured(office: Office, text: str) -> None:
    office.config.write_text(CONFIG + text, encoding="utf-8")


def hints(office: Office) -> int:
    return sum(bool(row.get("疑似重复")) for row in office.rows("客户"))


def test_duplicates_are_told_from_the_likeness_that_the_team_wants(office: Office) -> None:
    office.add("客户", [TWIN])
    report = office.sync()
    (pair,) = report.duplicates
    assert hints(office) == 2
    configured(office, "[duplicates]\nenabled = false\n")
    assert (office.sync().duplicates, hints(office)) == ((), 0)
    configured(office, "[duplicates]\nthreshold = 0.0\n")
    assert len(office.sync().duplicates) >= 1
    assert hints(office) >= 2
    configured(office, "")
    assert office.sync().duplicates == (pair,)


def reminded(office: Office, monkeypatch: pytest.MonkeyPatch, days: int) -> list[str]:
    planned = {"客户": CUSTOMERS[0]["客户名称"], "跟进方式": "电话", "跟进内容": "报价", "跟进人": "王芳"}
    office.add("跟进", [{**planned, "计划完成时间": "2026-11-20 10:30"}])
    office.sync()
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(days=days)).isoformat())
    return [reminder.kind for reminder in office.sync().reminders]


def test_reminders_as_the_team_wants_them(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(office, "[reminders]\noverdue_after = [1]\n")
    assert reminded(office, monkeypatch, 2) == ["due"]
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(days=4)).isoformat())
    assert [reminder.kind for reminder in office.sync().reminders] == ["overdue"]


def test_no_reminders_for_a_team_that_wants_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(office, "[reminders]\nenabled = false\n")
    assert reminded(office, monkeypatch, 2) == []


def test_our_columns_are_locked_where_the_team_wants_it(tmp_path: Path) -> None:
    office = made(tmp_path / "locked", CONFIG + 'protect = "system"\n')
    assert openpyxl.load_workbook(office.book)["客户"].protection.sheet


def test_times_are_those_of_the_team(office: Office) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    entries = app.history(office.settings, app.HistoryRequest(limit=5)).entries
    assert {entry.at.utcoffset() for entry in entries} == {NOW.astimezone(zone).utcoffset()}


def test_an_explanation_is_in_the_words_of_the_team(office: Office) -> None:
    configured(office, '[[grant]]\nrole = "shared"\ntab = "*"\ncolumns = { "*" = "edit" }\n')
    configured(
        office,
        '[[grant]]\nrole = "shared"\ntab = "*"\ncolumns = { "*" = "edit", note = "read" }\ncreate = true\n'
        '[[deny]]\nrole = "*"\ntab = "customers"\ncolumns = ["level"]\nreason = "由销售部决定"\n',
    )
    row = str(office.rows("客户")[0]["编号"])
    cells = {cell.column: cell for cell in app.explain(office.settings, row, None).cells}
    assert (cells["level"].level, cells["level"].reason) == ("read", "由销售部决定")
    assert (cells["note"].level, cells["note"].reason) == ("read", "权限设置不允许修改此列")
    assert (cells["name"].level, cells["name"].source, cells["name"].reason) == ("edit", "staff", "按权限设置")
    assert (cells["created_at"].level, cells["created_at"].source) == ("read", "system")


def test_quoted_line_breaks_in_a_file_of_customers(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(
        "row_id,name,contact,phone,email,address,credit_code\n"
        '1,上海宏图机械有限公司,李娜,13800138001,,"上海市\n浦东新区1号",\n'
        '2,上海宏图机械公司,李娜,13800138001,,"上海市\n浦东新区1号",\n',
        encoding="utf-8",
    )
    (pair,) = app.duplicates_in_file(None, file).pairs
    assert {pair.one, pair.other} == {"1", "2"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_file_of_customers_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "customers.csv"
    rows = "".join(f"{key},上海宏图机械有限公司,13800138001,中国\n" for key in (1, 2))
    file.write_text(f"row_id,name,phone,country\n{rows}", encoding=encoding)
    (pair,) = app.duplicates_in_file(None, file).pairs
    assert (pair.one, pair.other, pair.keys, pair.certain) == ("1", "2", ("phone", "name"), True)


@pytest.mark.parametrize("before", ['row_id,name\n1,"上海宏图', 'row_id,"name'], ids=["row", "header"])
def test_a_quotation_mark_that_is_not_closed_is_named(tmp_path: Path, before: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(before + "机械,\n" * 300_000, encoding="utf-8")
    with pytest.raises(UsageError, match="quotation mark"):
        app.duplicates_in_file(None, file)
