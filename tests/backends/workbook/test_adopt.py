"""Workbooks that a team already has: what is missing is added, nothing else is touched."""

import csv
import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from crm_sheets.cells import Formula, column_letters
from crm_sheets.errors import WriteRefused
from crm_sheets.schema.book import TABS
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.layout import find_tabs
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, read_workbook
from crm_sheets.sync.backends.xlsx.adopt import Adoption, Wish, adopt, found_values
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions
from crm_sheets.sync.backends.xlsx.guidance import Highlight
from crm_sheets.sync.backends.xlsx.sheet_parts import (
    NewColumn,
    Rows,
    validated_columns,
    with_columns,
    with_highlights,
    with_wider_filter,
)
from crm_sheets.sync.backends.xlsx.style import Look
from crm_sheets.tables import ColumnKey, TabKey
from tests.backends.workbook.books import (
    DICTIONARIES,
    SUMMARY_SHEETS,
    ZH,
    cells_of,
    children_of,
    found,
    parts,
    rows,
    summaries,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

MAVEN = Path(__file__).parents[3] / "../shared/data/maven_crm/data_model.xlsx"
CUSTOMERS = TabKey("customers")
LEAN = Wish(TABS, ZH, rows(people=[{"name": "王伟"}]), WorkbookOptions(DICTIONARIES))
ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetProtection autoFilter mergeCells phoneticPr "
    "conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter drawing "
    "legacyDrawing tableParts extLst"
)


def picture(path: Path) -> Path:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0\1\2\3"))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b""))
    return path


def make_theirs(path: Path, *, table: bool = False, beside: bool = False) -> Path:
    """A team's workbook: a title above the header, a column of their own, everything that Excel offers."""
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("客户台账")
        head = workbook.add_format({"bold": True, "bg_color": "#112233"})
        header = ["公司名称", "联系电话", "我们的评分", "客户状态"]
        sheet.write(0, 0, "2026 年客户")
        sheet.write_row(2, 0, header, head)
        for row in range(3, 9):
            sheet.write_row(row, 0, [f"公司{row}", f"1380013800{row}", row * 1.5, "老客户" if row > 5 else "潜在客户"])
        if table:
            sheet.add_table(2, 0, 8, 3, {"columns": [{"header": text} for text in header]})
        else:
            sheet.autofilter(2, 0, 8, 3)
        if beside:
            sheet.write(4, 5, "旁注")
        sheet.set_column(0, 20, 18)
        sheet.write_formula("C12", "=SUM(C4:C9)", None, 49.5)
        sheet.data_validation("D4:D9", {"validate": "list", "source": ["潜在客户", "老客户"]})
        sheet.conditional_format("C4:C9", {"type": "data_bar", "data_bar_2010": True})
        sheet.write_comment("A4", "重点客户")
        sheet.insert_image("H2", str(picture(path.with_suffix(".png"))))
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=客户台账!$C$4:$C$9"})
        sheet.insert_chart("H8", chart)
        sheet.add_sparkline("E12", {"range": "客户台账!C4:C9"})
        workbook.add_worksheet("别的").write("A1", "不相干")
    return path


def wish_for_all() -> Wish:
    """Everything there is. To compute the summaries takes time, which who only collects tests must not spend."""
    return replace(LEAN, options=WorkbookOptions(DICTIONARIES, ("王伟",), summaries(), spare_rows=10))


def adopted(source: Path, target: Path, wish: Wish | None = None) -> Adoption:
    snapshot = read_workbook(source)
    layouts = find_tabs(snapshot.sheets, TABS, adopting=True).layouts
    edit = PackageEdit(open_package(source))
    adoption = adopt(edit, snapshot, layouts, wish or wish_for_all())
    edit.write(target)
    return adoption


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_theirs(tmp_path_factory.mktemp("theirs") / "theirs.xlsx")


@pytest.fixture(scope="module")
def taken(theirs: Path) -> tuple[Path, Adoption]:
    target = theirs.with_name("taken.xlsx")
    return target, adopted(theirs, target)


def test_columns_and_tabs_that_are_missing_are_added(taken: tuple[Path, Adoption]) -> None:
    path, adoption = taken
    added = adoption.columns[CUSTOMERS]
    assert set(added) >= {"id", "key_", "check", "duplicates", "contact"}
    assert "phone" not in added
    assert "email" not in added  # staff may go on without it
    ours = [tab_label(tab.key, ZH) for tab in TABS if tab.key != CUSTOMERS]
    assert sorted(adoption.tabs) == sorted([*ours, *SUMMARY_SHEETS, "_lists"])
    assert [name for name in adoption.tabs if name in SUMMARY_SHEETS] == SUMMARY_SHEETS
    assert [name for name in adoption.tabs if name in {"跟进", "机会", "汇总_销售漏斗", "组织", "字典"}] == [
        "跟进",
        "机会",
        "汇总_销售漏斗",
        "组织",
        "字典",
    ]
    again = find_tabs(read_workbook(path).sheets, TABS)
    assert set(again.layouts) == {tab.key for tab in TABS}
    assert again.layouts[CUSTOMERS].columns[ColumnKey("id")] == 5
    assert again.layouts[CUSTOMERS].header_row == 3


def test_what_is_inside_of_a_data_bar_stays_as_it_was(theirs: Path, taken: tuple[Path, Adoption]) -> None:
    bar = re.compile(rb'<conditionalFormatting sqref="C4:C9">.*?</conditionalFormatting>', re.DOTALL)
    before, after = (bar.findall(parts(path)["xl/worksheets/sheet1.xml"]) for path in (theirs, taken[0]))
    assert b"<extLst>" in before[0]
    assert after == before


def test_what_is_not_ours_keeps_its_bytes(theirs: Path, taken: tuple[Path, Adoption]) -> None:
    before, after = parts(theirs), parts(taken[0])
    assert {name for name in before if before[name] != after[name]} == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
    }
    old, new = (cells_of(each["xl/worksheets/sheet1.xml"]) for each in (before, after))
    assert {place: new[place] for place in old} == old
    assert {re.sub("[A-Z]", "", place) for place in new.keys() - old.keys()} == {"3"}


def test_a_sheet_stays_in_the_order_of_the_standard(taken: tuple[Path, Adoption]) -> None:
    names = children_of(parts(taken[0])["xl/worksheets/sheet1.xml"])
    places = [ORDER.split().index(name) for name in names]
    assert places == sorted(places)


def test_our_columns_look_like_theirs_and_the_key_is_hidden(taken: tuple[Path, Adoption]) -> None:
    sheet = openpyxl.load_workbook(taken[0])["客户台账"]
    assert (sheet["E3"].value, sheet["F3"].value) == ("编号", "_key")
    assert sheet["E3"].fill.fgColor.rgb == sheet["D3"].fill.fgColor.rgb == "FF112233"
    assert sheet.column_dimensions["F"].hidden
    assert sheet.column_dimensions["E"].number_format == "@"
    assert sheet.column_dimensions["A"].width == pytest.approx(18, abs=1)


def test_sorting_moves_our_columns_too(taken: tuple[Path, Adoption]) -> None:
    workbook = openpyxl.load_workbook(taken[0])
    last = column_letters(4 + len(taken[1].columns[CUSTOMERS]))
    assert workbook["客户台账"].auto_filter.ref == f"A3:{last}9"
    assert f"!$A$3:${last}$9</definedName>" in parts(taken[0])["xl/workbook.xml"].decode()


def test_hints_and_colours_reach_their_columns_but_not_over_their_own(taken: tuple[Path, Adoption]) -> None:
    sheet = openpyxl.load_workbook(taken[0])["客户台账"]
    areas = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert areas["D4:D9"] == '"潜在客户,老客户"'
    assert "D4:D22" not in areas
    assert "B4:B22" in areas
    faults = {rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules if rule.formula}
    assert any("【联系电话】" in formula for formula in faults)


def test_values_that_the_team_uses_are_found(theirs: Path) -> None:
    snapshot = read_workbook(theirs)
    layouts = {CUSTOMERS: found("客户台账", 3, name=1, phone=2, status=4)}
    assert found_values(snapshot, layouts, TABS) == {"customer_status": ("潜在客户", "老客户")}


def test_a_table_gets_our_columns(tmp_path: Path) -> None:
    source = make_theirs(tmp_path / "table.xlsx", table=True)
    adoption = adopted(source, tmp_path / "out.xlsx", LEAN)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["客户台账"]
    table = next(iter(sheet.tables.values()))
    header = [cell.value for cell in sheet[3]]
    assert [column.name for column in table.tableColumns] == header
    assert len({column.id for column in table.tableColumns}) == len(header) == 4 + len(adoption.columns[CUSTOMERS])
    last = column_letters(len(header))
    assert (table.ref, table.autoFilter.ref) == (f"A3:{last}9", f"A3:{last}9")


def test_a_table_with_something_beside_it_is_refused(tmp_path: Path) -> None:
    source = make_theirs(tmp_path / "beside.xlsx", table=True, beside=True)
    with pytest.raises(WriteRefused, match="at the right of the table"):
        adopted(source, tmp_path / "out.xlsx", LEAN)


def test_an_adopted_workbook_has_nothing_missing(taken: tuple[Path, Adoption], tmp_path: Path) -> None:
    again = adopted(taken[0], tmp_path / "again.xlsx")
    assert again.tabs == ()
    assert set(again.columns.values()) == {()}
    sheet = "xl/worksheets/sheet1.xml"
    assert parts(tmp_path / "again.xlsx")[sheet] == parts(taken[0])[sheet]


@pytest.mark.skipif(not MAVEN.is_file(), reason="the Maven sample is not on this machine")
def test_a_workbook_with_a_data_model_and_queries(tmp_path: Path) -> None:
    layouts = {
        TabKey("opportunities"): found("sales_pipeline", name=1, owner=2, customer=4, stage=5, amount=6, close_date=8),
        CUSTOMERS: found("accounts", name=1, industry=2, annual_revenue=4),
    }
    edit = PackageEdit(open_package(MAVEN))
    adoption = adopt(edit, read_workbook(MAVEN), layouts, LEAN)
    edit.write(tmp_path / "out.xlsx")
    before, after = parts(MAVEN), parts(tmp_path / "out.xlsx")
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml"} == {
        f"xl/{part}{number}.xml"
        for part in ("tables/table", "queryTables/queryTable", "worksheets/sheet")
        for number in (2, 4)
    }
    old, new = (each["xl/worksheets/sheet2.xml"].partition(b'<row r="2"')[2] for each in (before, after))
    assert new.partition(b"</sheetData>")[0] == old.partition(b"</sheetData>")[0]
    columns = len(adoption.columns[TabKey("opportunities")])
    query = after["xl/queryTables/queryTable2.xml"]
    assert f'nextId="{15 + columns}"'.encode() in query
    assert query.count(b'dataBound="0"') == columns
    assert f'count="{10 + columns}"'.encode() in query


UTF8_CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
"""Comma, quotation mark, UTF-8: the words are LibreOffice's."""


def convert(path: Path, to: str, folder: Path) -> None:
    """Has LibreOffice save a file in another format into `folder`."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    arguments = ["soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder), str(path)]
    subprocess.run(arguments, check=True, capture_output=True, timeout=120)


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
@pytest.mark.parametrize("table", [False, True])
def test_a_workbook_that_libreoffice_saved(tmp_path: Path, table: bool) -> None:
    convert(make_theirs(tmp_path / "theirs.xlsx", table=table), "xlsx", tmp_path / "saved")
    source, target = tmp_path / "saved" / "theirs.xlsx", tmp_path / "out.xlsx"
    assert adopted(source, target).columns[CUSTOMERS]
    before, after = parts(source), parts(target)
    shared = {"[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml"}
    changed = {name for name in before if before[name] != after[name]} - shared
    assert changed == {"xl/worksheets/sheet1.xml"} | ({"xl/tables/table1.xml"} if table else set())
    old, new = (cells_of(each["xl/worksheets/sheet1.xml"]) for each in (before, after))
    assert {place: new[place] for place in old} == old
    convert(target, UTF8_CSV, tmp_path)
    assert all(f"公司{row}" in (tmp_path / "out.csv").read_text(encoding="utf-8") for row in range(3, 9))


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_knows_our_lists_and_computes_their_formulas(taken: tuple[Path, Adoption], tmp_path: Path) -> None:
    path = tmp_path / "asked.xlsx"
    edit = PackageEdit(open_package(taken[0]))
    edit.set_cells("别的", {(1, 1): Formula("ROWS(list_customer_status)"), (2, 1): Formula("SUM(客户台账!C4:C9)")})
    edit.set_cells("别的", {(3, 1): Formula("INDEX(list_people,1)"), (4, 1): Formula("COLUMNS(list_customer_status)")})
    edit.write(path)
    convert(path, f"{UTF8_CSV},1,,0,false,true,false,false,false,2", tmp_path)
    with (tmp_path / "asked-别的.csv").open(encoding="utf-8", newline="") as readable:
        assert [row[0] for row in csv.reader(readable)] == ["3", "49.5", "王伟", "1"]


def test_a_range_of_columns_that_covers_ours_is_cut() -> None:
    sheet = b'<worksheet><cols><col min="2" max="16384" width="9"/></cols><sheetData/></worksheet>'
    columns = [NewColumn(5, 12, False, 3), NewColumn(6, 20, True, 3)]
    assert re.findall(rb'min="(\d+)" max="(\d+)"', with_columns(sheet, columns)) == [
        (b"2", b"4"), (b"5", b"5"), (b"6", b"6"), (b"7", b"16384"),
    ]  # fmt: skip
    bare = with_columns(b"<worksheet><sheetData/></worksheet>", columns)
    assert bare.startswith(b"<worksheet><cols><col min=")


def test_formats_go_behind_those_of_other_peoples_views() -> None:
    sheet = (
        b"<worksheet><sheetData/><customSheetViews><customSheetView><pageMargins/></customSheetView></customSheetViews>"
        b'<conditionalFormatting sqref="A1"><cfRule priority="7"/></conditionalFormatting><pageMargins/></worksheet>'
    )
    changed = with_highlights(sheet, [Highlight(3, 'A2<"x"', Look.LATE)], Rows(2, 9), {Look.LATE: 4})
    assert changed.index(b"</conditionalFormatting><conditionalFormatting") < changed.rindex(b"<pageMargins")
    assert b'sqref="C2:C9"><cfRule type="expression" dxfId="4" priority="8"><formula>A2&lt;"x"</formula>' in changed


def test_columns_with_validations_of_their_own() -> None:
    sheet = b'<dataValidation sqref="B2:C9 $E$1"/><x14:dataValidation><xm:sqref>AA:AA</xm:sqref></x14:dataValidation>'
    assert validated_columns(sheet) == {2, 3, 5, 27}


def test_a_filter_over_other_columns_stays() -> None:
    sheet = b'<worksheet><sheetData/><autoFilter ref="A1:C9"/></worksheet>'
    assert with_wider_filter(sheet, 3, 5) == sheet.replace(b"C9", b"E9")
    assert with_wider_filter(sheet, 4, 5) == sheet
