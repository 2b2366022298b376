"""What comes in, what stays out, and the workbook that says why."""

from pathlib import Path

import openpyxl
import pytest

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.errors import UsageError
from crm_sheets.importing.convert import SourceRow, SourceTable
from crm_sheets.importing.error_workbook import write_error_workbook
from crm_sheets.importing.mapping import ImportMapping, parse_mapping
from crm_sheets.importing.plan import ImportPlan, check_import
from crm_sheets.importing.sample import SampleOptions, write_sample
from crm_sheets.importing.sources import decoded, error_sheets, gather, sheet_name, tables_of
from crm_sheets.language import language
from crm_sheets.tables import ColumnKey, RowKey
from tests.importing.books import BOOK, book_of, context_of

NAME = ColumnKey("name")
WORDS = language("zh-CN")
CUSTOMERS = """
[[table]]
source = "customers.csv"
tab = "customers"
[table.columns]
name = "公司"
phone = "电话"
annual_revenue = "收入"
"""
DEALS = """
[[table]]
source = "deals.csv"
tab = "opportunities"
[table.columns]
name = "商机"
customer = "公司"
close_date = "日期"
"""


def source(name: str, header: tuple[str, ...], *rows: tuple[CellValue, ...], date1904: bool = False) -> SourceTable:
    listed = [SourceRow(line, row) for line, row in enumerate(rows, 2)]
    return SourceTable(name, sheet_name(name), header, listed, date1904)


def checked(mapping: str, *sources: SourceTable, there: tuple[str, ...] = ()) -> tuple[ImportPlan, ImportMapping]:
    parsed = parse_mapping(mapping, "m.toml", BOOK)
    rows = {RowKey(f"C-{number}"): {NAME: name} for number, name in enumerate(there)}
    return check_import(dict(enumerate(sources)), parsed, context_of(book_of(customers=rows))), parsed


def customers(*rows: tuple[CellValue, ...]) -> SourceTable:
    return source("customers.csv", ("公司", "电话", "收入"), *rows)


def deals(*rows: tuple[CellValue, ...]) -> SourceTable:
    return source("deals.csv", ("商机", "公司", "日期"), *rows)


def out(plan: ImportPlan) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(row.table, row.line, row.headers) for row in plan.bad]


def test_an_unreadable_cell_or_a_blank_name_keeps_a_row_out_and_a_missing_phone_does_not() -> None:
    plan, _ = checked(
        CUSTOMERS,
        customers(
            ("恒达", "13800000000", "12"),
            ("瑞通", None, None),
            (None, "13800000001", None),
            ("盛源", "1234", None),
            ("凯信", None, "#"),
            ("  ", "1234", None),
        ),
    )
    assert [row.values[NAME] for row in plan.good] == ["恒达", "瑞通"]
    assert out(plan) == [(0, 4, ("公司",)), (0, 5, ("电话",)), (0, 6, ("收入",)), (0, 7, ("公司", "电话"))]
    assert plan.bad[0].reasons == ("【公司】不能为空，请填写。",)


def test_every_row_is_in_or_out_and_none_is_dropped() -> None:
    rows: list[tuple[CellValue, ...]] = [(f"公司{n}", "1" * (n % 13), None) for n in range(60)]
    plan, _ = checked(CUSTOMERS, customers(*rows))
    lines = [row.line for row in plan.good] + [row.line for row in plan.bad]
    assert sorted(lines) == list(range(2, 62))


def test_a_reference_may_name_a_row_of_the_same_import_or_of_the_book() -> None:
    plan, _ = checked(
        CUSTOMERS + DEALS,
        customers(("恒达", None, None)),
        deals(("一", "恒达 ", None), ("二", "老客户", None), ("三", "无此客户", None), ("四", None, None)),
        there=("老客户",),
    )
    assert [row.line for row in plan.good if row.tab == "opportunities"] == [2, 3]
    assert out(plan) == [(1, 4, ("公司",)), (1, 5, ("公司",))]


def test_a_row_that_names_a_refused_row_stays_out_too() -> None:
    plan, _ = checked(CUSTOMERS + DEALS, customers(("恒达", "1234", None)), deals(("一", "恒达", None)))
    assert plan.good == ()
    assert [row.table for row in plan.bad] == [0, 1]


def test_rows_that_are_there_are_skipped_when_the_mapping_says_so() -> None:
    skipping = CUSTOMERS.replace('tab = "customers"', 'tab = "customers"\nexisting = "skip"')
    plan, _ = checked(skipping, customers(("恒达", None, None), ("瑞通", None, None)), there=("恒达",))
    assert [row.line for row in plan.skipped] == [2]
    assert [row.line for row in plan.good] == [3]
    adding = CUSTOMERS.replace('tab = "customers"', 'tab = "customers"\nduplicates = "add"')
    plan, _ = checked(adding, customers(("恒达", None, None)), there=("恒达",))
    assert [row.line for row in plan.good] == [2]


def test_unique_takes_equal_rows_once() -> None:
    once = CUSTOMERS.replace('tab = "customers"', 'tab = "customers"\nunique = ["name"]')
    plan, _ = checked(once, customers(("恒达", None, "1"), ("恒达", None, "2"), ("瑞通", None, None)))
    assert [row.line for row in plan.good] == [2, 4]


def test_a_mapping_without_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="gives no name"):
        checked(CUSTOMERS.replace('name = "公司"\n', ""), customers())


def test_the_error_workbook_has_the_source_and_the_reasons_and_can_be_fed_back(tmp_path: Path) -> None:
    sources = (
        customers(("=1+1", "1234", "12"), ("恒达", None, None), (None, "13800000000", "\x07")),
        deals(("一", "无", 45000)),
    )
    plan, mapping = checked(CUSTOMERS + DEALS, *sources)
    target = tmp_path / "errors.xlsx"
    write_error_workbook(target, plan.bad, dict(enumerate(sources)), mapping, BOOK, WORDS)
    workbook = openpyxl.load_workbook(target)
    assert workbook.sheetnames == ["customers", "deals"]
    sheet = workbook["customers"]
    assert [cell.value for cell in sheet[1]] == ["公司", "电话", "收入", "错误原因"]
    assert [cell.value for cell in sheet[2]][:3] == ["=1+1", "1234", "12"]
    assert sheet["A2"].data_type == "s"
    assert "【电话】" in str(sheet["D2"].value)
    assert sheet["B2"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["A2"].fill.fgColor.rgb == "00000000"
    assert sheet.max_row == 3
    assert workbook["deals"]["C2"].number_format == "yyyy-mm-dd"
    sheet["B2"].value, sheet["A3"].value, workbook["deals"]["B2"].value = "13800000009", "瑞通", "恒达"
    workbook.save(target)
    again = gather([target], mapping, WORDS).tables
    plan, _ = checked(CUSTOMERS + DEALS, *again.values(), there=("恒达",))
    assert plan.bad == ()
    assert len(plan.good) == 3


def test_columns_of_one_name_each_keep_what_they_say_in_the_error_workbook(tmp_path: Path) -> None:
    both = source("customers.csv", ("公司", "电话", "收入", "电话", "", ""), ("甲", "12", None, "34", "五", "六"))
    plan, mapping = checked(CUSTOMERS, both)
    write_error_workbook(tmp_path / "e.xlsx", plan.bad, {0: both}, mapping, BOOK, WORDS)
    row = [cell.value for cell in openpyxl.load_workbook(tmp_path / "e.xlsx")["customers"][2]]
    assert row[:6] == ["甲", "12", None, "34", "五", "六"]


def test_a_sample_is_drawn_from_a_source_with_rubbish_in_its_header(tmp_path: Path) -> None:
    odd = source("customers.csv", ("公司\x07", "电话", "收入"), ("甲", None, None))
    plan, mapping = checked(CUSTOMERS.replace("公司", "公司\\u0007"), odd)
    options = SampleOptions(BOOK, context_of(book_of()).codec, WORDS, 1)
    write_sample(tmp_path / "s.xlsx", plan.good, 1, {0: odd}, mapping, options)
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx").worksheets[0]
    assert [sheet["C1"].value, sheet["C2"].value] == ["原：公司", "甲"]


def book_with(path: Path, **sheets: tuple[CellValue, ...]) -> Path:
    """A workbook of sheets with a header and one row each."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, row in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(("公司", "电话", "收入"))
        sheet.append(row)
    book.save(path)
    return path


def test_sources_whose_sheets_have_one_name_are_two_in_the_error_workbook(tmp_path: Path) -> None:
    files = [book_with(tmp_path / f"{name}.xlsx", Sheet1=(f"{name}公司", "12", None)) for name in ("东区", "西区")]
    both = "".join(CUSTOMERS.replace("customers.csv", file.name) for file in files)
    sources = gather(files, parse_mapping(both, "m.toml", BOOK), WORDS).tables
    plan, mapping = checked(both, *sources.values())
    target = tmp_path / "e.xlsx"
    write_error_workbook(target, plan.bad, sources, mapping, BOOK, WORDS)
    written = openpyxl.load_workbook(target)
    assert {sheet.title: [cell.value for cell in sheet["A"]] for sheet in written} == {
        "东区": ["公司", "东区公司"],
        "西区": ["公司", "西区公司"],
    }
    found = gather([target], mapping, WORDS).tables
    assert [table.rows[0].cells[0] for table in found.values()] == ["东区公司", "西区公司"]


def test_sheets_of_a_workbook_are_found_again_in_the_error_workbook(tmp_path: Path) -> None:
    file = book_with(tmp_path / "两区.xlsx", 东区=("甲", "12", None), 西区=("乙", "13800138000", None))
    both = "".join(CUSTOMERS.replace("customers.csv", f"{file.name} · {name}") for name in ("东区", "西区"))
    sources = gather([file], parse_mapping(both, "m.toml", BOOK), WORDS).tables
    plan, mapping = checked(both, *sources.values())
    assert (len(plan.good), len(plan.bad)) == (1, 1)
    target = tmp_path / "e.xlsx"
    write_error_workbook(target, plan.bad, sources, mapping, BOOK, WORDS)
    found = gather([target], mapping, WORDS).tables
    assert {place: table.rows[0].cells[0] for place, table in found.items()} == {0: "甲"}


@pytest.mark.parametrize("given", ["file", "folder"])
def test_a_workbook_that_two_tables_read_is_read_once(tmp_path: Path, given: str) -> None:
    """Each reading starts a process."""
    file = book_with(tmp_path / "customers.xlsx", 客户=("甲", "12", None))
    twice = CUSTOMERS.replace("customers.csv", file.name) * 2
    found = gather([file if given == "file" else tmp_path], parse_mapping(twice, "m.toml", BOOK), WORDS).tables
    assert found[0].rows[0].cells[0] == "甲"
    assert found[0] is found[1]


def test_names_of_sheets_in_an_error_workbook_are_short_and_differ() -> None:
    long = "一" * 31
    names = ("Deals.csv", "old/deals.xlsx", f"{long}甲.csv", f"{long}乙.csv", "a · b.csv", "Deals.csv")
    titles = error_sheets(parse_mapping("".join(CUSTOMERS.replace("customers.csv", name) for name in names), "m", BOOK))
    assert list(titles.values()) == ["Deals", "deals (2)", long, f"{long[:27]} (2)", "a · b", "Deals"]


def test_formulas_errors_and_other_date_systems_become_values_in_the_error_workbook(tmp_path: Path) -> None:
    sources = (
        source("deals.csv", ("商机", "公司", "日期"), (Formula("A1", "一"), CellError("#REF!"), 0), date1904=True),
    )
    plan, mapping = checked(DEALS, *sources)
    write_error_workbook(tmp_path / "e.xlsx", plan.bad, dict(enumerate(sources)), mapping, BOOK, WORDS)
    row = [cell.value for cell in openpyxl.load_workbook(tmp_path / "e.xlsx")["deals"][2]]
    assert row[0] == "一"
    assert row[1] == "#REF!"
    assert str(row[2]).startswith("1904-01-01")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "客户.csv"
    lines = [["公司", "说明"], ["恒达", '"一行,\r\n两行"'], ["", ""], ["007", "x"]]
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    (table,) = tables_of(path, WORDS)
    assert table.header == ("公司", "说明")
    assert [(row.line, row.cells) for row in table.rows] == [(2, ("恒达", "一行,\r\n两行")), (5, ("007", "x"))]


def test_a_csv_may_name_its_separator_and_hold_errors_of_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text('sep=|\n公司|说明\n恒达,一|#REF!\n"#N/A 是什么"|sep=;\n', encoding="utf-8")
    (table,) = tables_of(path, WORDS)
    assert table.header == ("公司", "说明")
    assert [(row.line, row.cells) for row in table.rows] == [
        (3, ("恒达,一", CellError("#REF!"))),
        (4, ("#N/A 是什么", "sep=;")),
    ]


def test_a_csv_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x"y\n', encoding="utf-8")
    with pytest.raises(UsageError, match="line 2"):
        tables_of(path, WORDS)
    path.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="empty"):
        tables_of(path, WORDS)
    with pytest.raises(UsageError, match="neither UTF-8 nor GB 18030"):
        decoded(b"\xff\xff\x80", None, "a.csv")
    with pytest.raises(UsageError, match="no such file"):
        tables_of(tmp_path / "none.csv", WORDS)


def test_a_source_without_a_mapped_column_names_it(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("公司,电话\n恒达,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="收入"):
        gather([tmp_path], parse_mapping(CUSTOMERS, "m.toml", BOOK), WORDS)


def test_files_that_the_mapping_does_not_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"it wants customers\.csv"):
        gather([path], parse_mapping(CUSTOMERS, "m.toml", BOOK), WORDS)


@pytest.mark.parametrize(("date1904", "day"), [(False, "2023-03-15"), (True, "2027-03-16")])
def test_serial_dates_count_from_the_date_system_of_the_source(date1904: bool, day: str) -> None:
    rows = source("deals.csv", ("商机", "公司", "日期"), ("一", "老客户", 45000), date1904=date1904)
    plan, _ = checked(DEALS, rows, there=("老客户",))
    assert str(plan.good[0].values[ColumnKey("close_date")]) == day
