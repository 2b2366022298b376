"""Answers of a form become records once; what they say is never written, what became of them stands beside them."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from crm_sheets import app
from crm_sheets.cells import CellValue
from crm_sheets.tables import Sheet
from tests.app.offices import CONFIG, Office

FORMS = """
[[form]]
sheet = "表单回复"
tab = "customers"
columns = { name = "您的公司", contact = "您的姓名", phone = "手机" }
values = { type = "企业客户", industry = "其他", source = "官网" }

[[form]]
sheet = "意见"
tab = "feedback"
columns = { customer = "公司", content = "意见", date = "时间戳" }
values = { source = "在线调查", type = "建议", state = "待处理" }
answer = "处理情况"
"""
HEADER = ("时间戳", "您的公司", "您的姓名", "手机", "想说的话")
ANSWERS = (
    ("2026-11-20 09:00", "大连海产有限公司", "孙丽", "13800138031", "=SUM"),
    ("2026-11-20 09:05", "上海宏图机械有限公司", "李娜", "13800138001", ""),
    ("2026-11-20 09:06", "", "无名", "13800138032", ""),
)


@pytest.fixture
def fed(office: Office) -> Office:
    office.config.write_text(CONFIG + FORMS, encoding="utf-8")
    book = openpyxl.load_workbook(office.book)
    sheet = book.create_sheet("表单回复", 1)
    for row in (HEADER, *ANSWERS):
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if cell.value else cell.data_type
    sheet = book.create_sheet("意见")
    sheet.append(("时间戳", "公司", "意见"))
    sheet.append(("2026-11-19", "天津新客有限公司", "发货慢"))
    book.save(office.book)
    office.sync()
    return office


def table(office: Office, tab: str) -> list[tuple[CellValue, ...]]:
    sheet: Sheet = office.snapshot().sheets[tab]
    return [row.cells for row in sheet.rows]


def customers(office: Office) -> list[str]:
    return [str(row["客户名称"]) for row in office.rows("客户")]


def rewrite(office: Office, rows: Sequence[Sequence[object]]) -> None:
    """As if somebody sorted the sheet, or put other answers there."""
    book = openpyxl.load_workbook(office.book)
    sheet = book["表单回复"]
    sheet.delete_rows(2, sheet.max_row)
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if cell.value else cell.data_type
    book.save(office.book)


def test_an_answer_becomes_a_record_once_and_is_told_about_beside_itself(fed: Office) -> None:
    assert customers(fed)[-1] == "大连海产有限公司"
    made = fed.rows("客户")[-1]
    assert (made["客户类型"], made["客户来源"], made["联系电话"]) == ("企业客户", "官网", "13800138031")
    header, taken, known, blank = table(fed, "表单回复")
    assert header == (*HEADER, "登记结果")
    assert taken == (*ANSWERS[0], f"已登记 {made['编号']}")
    assert known[:4] == ANSWERS[1][:4]
    assert "表中已有相同的记录" in str(known[-1])
    assert "不能为空" in str(blank[-1])
    digest = fed.digest()
    report = fed.sync()
    assert (fed.digest(), report.changes) == (digest, ())


def test_sorting_and_changing_answers_makes_nothing_again(fed: Office) -> None:
    before = customers(fed)
    _, taken, known, blank = table(fed, "表单回复")
    rewrite(fed, [blank, known, taken])
    fed.sync()
    assert customers(fed) == before
    changed = (*taken[:2], "孙丽丽", *taken[3:])
    rewrite(fed, [blank, known, changed])
    fed.sync()
    assert customers(fed) == before
    assert "答卷有改动" in str(table(fed, "表单回复")[3][-1])


def test_an_equal_answer_given_twice_counts_twice_and_a_deleted_one_never_again(fed: Office) -> None:
    again = ("2026-11-21 10:00", "丹东水产有限公司", "周平", "13800138041", "")
    rows = table(fed, "表单回复")[1:]
    rewrite(fed, [*rows, again])
    fed.sync()
    assert customers(fed)[-1] == "丹东水产有限公司"
    rewrite(fed, [*rows])
    fed.sync()
    rewrite(fed, [*rows, again])
    fed.sync()
    assert customers(fed).count("丹东水产有限公司") == 1


def test_feedback_waits_for_its_customer(fed: Office) -> None:
    assert fed.rows("反馈") == []
    assert "未登记" in str(table(fed, "意见")[1][3])
    fed.type("表单回复", 4, {"您的公司": "天津新客有限公司"})
    fed.sync()
    assert customers(fed)[-1] == "天津新客有限公司"
    fed.type("客户", 2, {"备注": "有人保存"})
    fed.sync()
    assert [row["反馈内容"] for row in fed.rows("反馈")] == ["发货慢"]
    assert table(fed, "意见")[0] == ("时间戳", "公司", "意见", "处理情况")


def test_a_form_without_a_named_column_stops_nothing_else(fed: Office) -> None:
    config = fed.config.read_text(encoding="utf-8").replace('"您的公司"', '"单位"')
    fed.config.write_text(config, encoding="utf-8")
    fed.type("客户", 2, {"联系人": "新人"})
    assert [change.new for change in fed.sync().changes if change.column == "contact"] == ["新人"]


def test_feedback_of_a_customer_who_was_imported_waits_for_nobody_to_save(fed: Office, tmp_path: Path) -> None:
    source = tmp_path / "新客户.csv"
    made = "天津新客有限公司,企业客户,制造业,孙丽,13800138051"
    source.write_text(f"客户名称,客户类型,所属行业,联系人,联系电话\n{made}\n", encoding="utf-8")
    mapping = app.mapping_of(fed.settings, [source], app.MappingRequest(), lambda each: None)
    report = app.import_files(fed.settings, app.ImportRequest((source,), mapping, source.with_suffix(".errors.xlsx")))
    assert report.imported == {"customers": 1}
    fed.sync()
    assert [row["反馈内容"] for row in fed.rows("反馈")] == ["发货慢"]
    assert "已登记" in str(table(fed, "意见")[1][3])
