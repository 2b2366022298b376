"""Rows come in from other files; those that cannot are mended and fed back; what a cycle stamps stays as it is."""

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from crm_sheets import app, reports
from crm_sheets.importing.sources import tables_of
from crm_sheets.importing.suggest import suggest
from crm_sheets.schema import TABS
from tests.app.offices import NOW, Office

ROWS = (
    "客户名称,客户类型,所属行业,联系人,联系电话,陌生列\n"
    "宁波一号有限公司,企业客户,制造业,郑爽,13800138011,x\n"
    "=大连公司,企业客户,制造业,,13800138012,y\n"
    "武汉三号有限公司,企业客户,制造业,孙丽,138,\n"
)


def imported(office: Office, source: Path, errors: Path) -> reports.ImportReport:
    (table,) = tables_of(source, office.settings.team.language)
    found = suggest(table, TABS)
    assert found is not None
    return app.import_files(office.settings, app.ImportRequest((source,), found.mapping, errors))


def test_what_could_not_come_in_is_mended_and_fed_back(office: Office, tmp_path: Path) -> None:
    source, errors = tmp_path / "in.csv", tmp_path / "errors.xlsx"
    source.write_text(ROWS, encoding="utf-8")
    report = imported(office, source, errors)
    assert (report.imported, [row.line for row in report.refused], report.flagged) == ({"customers": 2}, [4], 1)
    book = openpyxl.load_workbook(errors)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert (header[-1], sheet.max_row) == ("错误原因", 2)
    sheet.cell(2, header.index("联系电话") + 1).value = "13800138013"
    book.save(errors)
    report = imported(office, errors, tmp_path / "again.xlsx")
    assert (report.imported, report.refused) == ({"customers": 1}, ())
    names = [row["客户名称"] for row in office.rows("客户")]
    assert set(names[-3:]) == {"宁波一号有限公司", "=大连公司", "武汉三号有限公司"}


def test_the_stamps_of_an_imported_row_are_not_taken_for_edits(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(microseconds=123_456)).isoformat())
    source = tmp_path / "in.csv"
    source.write_text(ROWS, encoding="utf-8")
    imported(office, source, tmp_path / "errors.xlsx")
    for phone in ("123", "13800138019"):
        office.type("客户", int(str(office.rows("客户")[-1]["#"])), {"联系电话": phone})
        assert office.sync().reverted == ()
