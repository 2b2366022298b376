"""The tab 修改日志 in a real workbook: what people did, the newest first; nothing of it costs a quiet cycle a write."""

from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from crm_sheets import app
from crm_sheets.sync.backends.xlsx import log_sheet
from tests.app.offices import CONFIG, NOW, Office

LOGGED = CONFIG + '\n[history]\nroles = ["shared"]\nmost = 6\n'


@pytest.fixture
def logged(office: Office) -> Office:
    office.config.write_text(LOGGED, encoding="utf-8")
    return office


def log(office: Office) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(office.book)
    rows = [tuple(row) for row in book["修改日志"].values]
    book.close()
    return [row for row in rows if any(row)]


def test_what_was_done_stands_in_the_tab(logged: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    app.sync(logged.settings)
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(minutes=5)).isoformat())
    logged.type("客户", 2, {"备注": "=1+1 <b>", "联系电话": "13900139001"})
    app.sync(logged.settings)
    header, *rows = log(logged)
    assert header == ("时间", "修改人", "工作表", "行编号", "对象名称", "列", "修改前", "修改后", "操作")
    key, name = logged.rows("客户")[0]["编号"], "上海宏图机械有限公司"
    at = datetime(2026, 11, 20, 10, 5)  # noqa: DTZ001 - as a cell has it
    assert rows[:2] == [
        (at, "共享工作簿", "客户", key, name, "备注", None, "=1+1 <b>", "修改"),
        (at, "共享工作簿", "客户", key, name, "联系电话", "13800138001", "13900139001", "修改"),
    ]
    assert len(rows) == 6


@pytest.mark.parametrize("first", [True, False])
def test_signs_that_xml_does_not_know(logged: Office, first: bool) -> None:
    if not first:
        app.sync(logged.settings)
    logged.type("客户", 2, {"备注": "a_x0041_b\x07&"})
    app.sync(logged.settings)
    assert (
        logged.snapshot().sheets["修改日志"].rows[1].cells[7] == "a_x0041_b&"
    )  # what no cell can mean is left out as it is read


def test_a_quiet_cycle_writes_nothing(logged: Office) -> None:
    app.sync(logged.settings)
    before = logged.digest()
    assert app.sync(logged.settings).written == ()
    logged.type("客户", 3, {"备注": "新"})
    app.sync(logged.settings)
    once = logged.digest()
    assert app.sync(logged.settings).written == ()
    assert before != once == logged.digest()


def test_looks_that_somebody_chose_stay(logged: Office) -> None:
    app.sync(logged.settings)
    book = openpyxl.load_workbook(logged.book)
    for place in (1, 2, 8):
        cell = book["修改日志"].cell(2, place)
        cell.font = Font(italic=True)
    book["修改日志"].column_dimensions["H"].width = 77
    book.save(logged.book)
    logged.type("客户", 3, {"备注": "新"})
    app.sync(logged.settings)
    sheet = openpyxl.load_workbook(logged.book)["修改日志"]
    assert [sheet.cell(row, 8).font.italic for row in (1, 2, 3)] == [False, True, True]
    assert sheet.column_dimensions["H"].width == 77
    assert (sheet.freeze_panes, sheet.cell(5, 1).number_format) == ("A2", log_sheet.MOMENT)


def test_lines_older_than_asked_for_go(logged: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    app.sync(logged.settings)
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(days=31)).isoformat())
    logged.type("客户", 3, {"备注": "新"})
    app.sync(logged.settings)
    assert [row[7] for row in log(logged)[1:]] == ["新"]


def test_who_may_see_it_no_more_keeps_an_empty_tab(logged: Office) -> None:
    app.sync(logged.settings)
    logged.config.write_text(CONFIG, encoding="utf-8")
    app.sync(logged.settings)
    assert len(log(logged)) == 1
    before = logged.digest()
    app.sync(logged.settings)
    assert logged.digest() == before
    logged.config.write_text(LOGGED, encoding="utf-8")
    app.sync(logged.settings)
    assert len(log(logged)) == 7


VIEWS = """
[views]
enabled = true

[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }

[[grant]]
role = "department_manager"
tab = "customers"
rows = "department"
columns = { name = "read", phone = "read" }

[[grant]]
role = "department_manager"
tab = "customers"
rows = "own"
columns = { note = "read" }

[history]
roles = ["department_manager", "sales"]
"""


def test_a_view_tells_what_its_reader_may_read(office: Office) -> None:
    office.config.write_text(CONFIG + VIEWS, encoding="utf-8")
    office.type("客户", 2, {"备注": "不可外传", "联系电话": "13900139001"})
    office.type("客户", 3, {"负责人": "外人", "联系电话": "13900139009"})
    app.sync(office.settings)
    view = next(Path(office.folder / "views").rglob("*张伟*.xlsx"))
    rows = [row for row in openpyxl.load_workbook(view)["修改日志"].values if any(row)]
    told = {(row[4], row[5], row[7]) for row in rows[1:]}
    assert ("上海宏图机械有限公司", "联系电话", "13900139001") in told
    assert "备注" not in {row[5] for row in rows}
    assert "13900139009" not in str(rows)
    assert "不可外传" not in str(rows)
