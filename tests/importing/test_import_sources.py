"""Workbooks as people hand them in: headers of two rows, units in headers, columns without a name, hidden sheets."""

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from crm_sheets.errors import UsageError
from crm_sheets.importing.convert import SourceRow, SourceTable, convert
from crm_sheets.importing.error_workbook import write_error_workbook
from crm_sheets.importing.faults import Refusal
from crm_sheets.importing.mapping import ImportMapping, mapping_text, parse_mapping
from crm_sheets.importing.sources import gather, parted, tables_of
from crm_sheets.importing.suggest import suggest
from crm_sheets.language import language
from crm_sheets.schema import TABS
from crm_sheets.tables import ColumnKey, SheetRow, TabKey

CUSTOMERS = TabKey("customers")
TEAM = {each.key: each for each in TABS}
WORDS = language("zh-CN")


def table(header: tuple[str, ...], *rows: tuple[str | float | None, ...]) -> SourceTable:
    return SourceTable("a.xlsx", "a", header, [SourceRow(line, row) for line, row in enumerate(rows, 2)])


@pytest.mark.parametrize(
    ("labels", "below", "merged", "header"),
    [
        (
            ("单位名称", "联系方式", "", "", "备注"),
            (None, "联系人", "手机", " 座机 "),
            [(4, 2, 4, 4), (4, 1, 5, 1)],
            ("单位名称", "联系人", "手机", "座机", "备注"),
        ),
        (("客户", "计划", "", "实际", ""), (None, "日期", "金额", "日期", "金额"), [(4, 2, 4, 3), (4, 4, 4, 5)],
         ("客户", "计划 日期", "计划 金额", "实际 日期", "实际 金额")),
        (("", "联系方式", ""), ("单位名称", "联系人", "手机"), [(4, 2, 4, 3)], ("单位名称", "联系人", "手机")),
        (("单位名称", "地址", ""), ("甲", "浙江", "杭州"), [(4, 2, 4, 3)], ()),
        (("单位名称", "联系人", "手机"), (None, "张三", "13800000000"), [], ()),
        (("单位名称", "联系方式", ""), (None, "张三", 13800000000), [(4, 2, 4, 3)], ()),
    ],
    ids=["one group", "names twice", "names only below", "data below", "nothing merged", "a number below"],
)  # fmt: skip
def test_a_header_of_two_rows(
    labels: tuple[str, ...],
    below: tuple[str | float | None, ...],
    merged: list[tuple[int, int, int, int]],
    header: tuple[str, ...],
) -> None:
    assert parted(labels, 4, SheetRow(5, below), merged) == header


def test_the_unit_of_a_header_is_a_factor_of_its_mapping() -> None:
    source = table(
        ("公司名称", "年收入(万元)", "员工人数（人）"),
        ("甲", 12.5, 20),
        ("乙", "１,２００", 1),
        ("丙", "3.5万", 1),
        ("丁", "¥1,200", 1),
    )
    suggestion = suggest(source, [TEAM[CUSTOMERS]])
    assert suggestion is not None
    (mapped,) = suggestion.mapping.table
    assert mapped.columns[ColumnKey("annual_revenue")].factor == 10_000
    assert mapped.columns[ColumnKey("employees")].factor is None
    assert parse_mapping(mapping_text(suggestion.mapping), "kept.toml", TEAM) == suggestion.mapping
    place = list(TEAM[CUSTOMERS].columns).index(ColumnKey("annual_revenue"))
    rows = convert(source, mapped, TEAM[CUSTOMERS])
    assert [row.cells[place] for row in rows] == [Decimal(125_000), Decimal(12_000_000), None, None]
    assert [[flaw.code for flaw in row.flaws.values()] for row in rows] == [[], [], ["not-a-number"], ["not-a-number"]]


def test_an_error_workbook_keeps_columns_without_a_name_of_their_own(tmp_path: Path) -> None:
    source = table(("公司名称", "", "备注", "备注"), ("甲", "x", "一", "二", "三"), ("乙", "y", None, "四"))
    mapping = ImportMapping.model_validate(
        {"table": [{"source": "a.xlsx", "tab": "customers", "columns": {"name": "公司名称"}}]}
    )
    refused = [Refusal(0, CUSTOMERS, line, (), ("公司名称",)) for line in (2, 3)]
    write_error_workbook(tmp_path / "errors.xlsx", refused, {0: source}, mapping, TEAM, WORDS)
    (sheet,) = load_workbook(tmp_path / "errors.xlsx").worksheets
    assert [row[:5] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        ("甲", "x", "一", "二", "三"),
        ("乙", "y", None, "四", None),
    ]


def test_a_hidden_sheet_is_told_and_comes_in_when_a_mapping_names_it(tmp_path: Path) -> None:
    workbook = Workbook()
    (shown,) = workbook.worksheets
    for sheet in (shown, workbook.create_sheet("旧"), workbook.create_sheet("_lists")):
        sheet.append(["客户名称", "联系人", "联系电话"])
        sheet.append([sheet.title, "张三", "13800000000"])
    for sheet in workbook.worksheets[1:]:
        sheet.sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    workbook.save(path)
    for named, others in (("a.xlsx", ["a.xlsx · 旧"]), ("旧", ["a.xlsx"])):
        columns = {"name": "客户名称"}
        told = {"table": [{"source": named, "tab": "customers", "columns": columns}]}
        found = gather([path], ImportMapping.model_validate(told), WORDS)
        assert [each.name for each in found.others] == others


@pytest.mark.parametrize("start", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", b"<html><table>", b"PK\3\4"])
def test_files_of_other_programs_are_told_apart_from_a_csv_by_their_name(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(start)
    with pytest.raises(UsageError, match="another kind"):
        tables_of(path, WORDS)
    path.write_bytes("客户名称\t联系电话\n甲\t13800000000\n".encode("gb18030"))
    assert [each.header for each in tables_of(path, WORDS)] == [("客户名称", "联系电话")]
