"""`export`: the rows that a condition means, in the report, as CSV and as a workbook."""

import csv
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from crm_sheets import app, reports
from crm_sheets.errors import UsageError
from crm_sheets.importing.sources import tables_of
from tests.app.offices import NOW, Office


@pytest.fixture(scope="module")
def first_told(first_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Customers that somebody told more about."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        return telling(first_office.copied(tmp_path_factory.mktemp("told") / "office"))


@pytest.fixture
def told(first_told: Office, tmp_path: Path) -> Office:
    """Its own copy for each test."""
    return first_told.copied(tmp_path / "told")


def telling(office: Office) -> Office:
    rows = office.rows("客户")
    office.type("客户", int(str(rows[0]["#"])), {"标签": "级别-A类；行业-物流", "客户等级": "VIP", "年收入": 1234567.5})
    office.type("客户", int(str(rows[1]["#"])), {"标签": "级别-A类", "客户状态": "流失客户", "备注": "=1+1"})
    office.type("客户", int(str(rows[2]["#"])), {"备注": "＠home", "客户等级": "A"})
    office.add(
        "跟进",
        [{"客户": rows[0]["客户名称"], "跟进方式": "电话", "跟进内容": "试", "计划完成时间": "2026-12-01 09:00"}],
    )
    office.sync()
    return office


def export(office: Office, *columns: str, where: str | None = None, **more: object) -> reports.ExportReport:
    return app.export(office.settings, app.ExportRequest(where=where, columns=columns, **more))  # type: ignore[arg-type]


def names(report: reports.ExportReport) -> list[str]:
    return sorted(str(row["name"]) for row in report.rows)


def test_a_segment_is_the_rows_of_which_the_condition_holds(told: Office) -> None:
    first, second, third, *_ = (str(row["客户名称"]) for row in told.rows("客户"))
    assert names(export(told, "name", where="级别-A类")) == sorted([first, second])
    assert names(export(told, "客户名称", where="级别-A类 且 非 流失客户")) == [first]
    assert names(export(told, "公司名称", where="level in (VIP, A)")) == sorted([first, third])
    report = export(told, where="联系人 不为空 and 年收入 > 100万")
    assert (report.count, report.total, report.condition) == (1, 5, "not contact is blank and annual_revenue > 1000000")
    assert "id_number" not in report.columns
    assert "key_" not in report.columns
    assert export(told).count == 5


def test_a_tag_that_nothing_has_is_told_with_the_nearest(told: Office) -> None:
    assert export(told, where="级别-A类 或 has(标签, '行业-物流')").strange == {}
    report = export(told, where="行业-物流业 或 区域-华东 或 has(标签, '级别-A')")
    assert (report.count, report.strange) == (0, {"行业-物流业": "行业-物流", "区域-华东": "", "级别-A": "级别-A类"})


def test_a_condition_may_ask_for_the_customer_of_a_row(told: Office) -> None:
    assert export(told, tab="follow_ups", where="customer.level == VIP").count == 1
    assert export(told, tab="follow_ups", where="客户.客户等级 = A").count == 0
    assert export(told, tab="跟进").tab == "follow_ups", "a tab is called as the workbook calls it, too"


def test_what_looks_like_a_formula_stays_text(told: Office, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    report = export(told, "name", "note", "年收入", "tags", where="note 不为空 or VIP", target=target)
    assert (report.count, report.rows, report.file) == (3, (), target)
    text = target.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(text.decode("utf-8-sig").splitlines())
    assert header == ["客户名称", "备注", "年收入", "标签"]
    assert sorted(row[1] for row in rows) == ["", "'=1+1", "'＠home"]
    assert sorted(row[2:] for row in rows)[-1] == ["1234567.5", "级别-A类; 行业-物流"]
    (table,) = tables_of(target, told.settings.team.language)
    assert sorted(str(row.cells[1]) for row in table.rows) == ["=1+1", "None", "＠home"]


def test_a_workbook_has_the_columns_that_were_wanted(told: Office, tmp_path: Path) -> None:
    target = tmp_path / "a.xlsx"
    export(told, "name", "note", "created_at", where="note 不为空", target=target)
    sheet = openpyxl.load_workbook(target)["客户"]
    assert [cell.value for cell in sheet[1]] == ["客户名称*", "备注", "创建时间"]
    cells = [sheet.cell(row, 2) for row in (2, 3)]
    assert sorted((str(cell.value), cell.data_type) for cell in cells) == [("=1+1", "s"), ("＠home", "s")]
    assert isinstance(sheet.cell(2, 3).value, datetime)


def test_a_condition_that_holds_of_nobody_gives_a_file_without_rows(told: Office, tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.csv"):
        report = export(told, "name", "status", where="name = '无此客户'", target=tmp_path / name)
        assert (report.count, report.total) == (0, 5)
        (table,) = tables_of(tmp_path / name, told.settings.team.language)
        assert table.rows == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (app.ExportRequest(tab="custom"), "no tab 'custom'"),
        (app.ExportRequest(columns=("客户名城",)), "did you mean '客户名称'"),
        (app.ExportRequest(columns=("证件号码",)), "sealed"),
        (app.ExportRequest(where="levle == VIP and foo"), "“levle”"),
        (app.ExportRequest(where="id_number == 'x'"), "“id_number”"),
        (app.ExportRequest(target=Path("a.pdf")), ".csv or .xlsx"),
    ],
)
def test_what_cannot_be_exported_is_told(office: Office, request_: app.ExportRequest, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace(".", r"\.")):
        app.export(office.settings, request_)


def test_nothing_is_overwritten(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        export(office, target=target)
    assert target.read_text(encoding="utf-8") == "mine"
