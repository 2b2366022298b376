"""Tabs added to workbooks that exist."""

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, read_workbook
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, make_workbook
from crm_sheets.sync.backends.xlsx.graft import graft, with_names
from crm_sheets.sync.backends.xlsx.stylesheets import extended, listing
from tests.backends.workbook.books import DICTIONARIES, ZH, cells_of, parts, summaries

OURS = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("theirs") / "theirs.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("数据")
        bold = workbook.add_format({"bold": True, "num_format": '0.000"kg"', "bg_color": "#FFEE00"})
        sheet.write_row(0, 0, ["甲", "乙"], bold)
        sheet.write_row(1, 0, [1.5, 2], bold)
        sheet.write_comment("A1", "备注")
        sheet.conditional_format("A1:A9", {"type": "cell", "criteria": ">", "value": 1, "format": bold})
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=数据!$A$2:$B$2"})
        sheet.insert_chart("D2", chart)
        sheet.add_sparkline("C2", {"range": "数据!A2:B2"})
        workbook.define_name("mine", "=数据!$A$1")
    return path


@pytest.fixture(scope="module")
def target(theirs: Path) -> Path:
    return grafted(theirs, theirs.with_name("target.xlsx"))


def grafted(source: Path, target: Path) -> Path:
    edit = PackageEdit(open_package(source))
    graft(edit, make_workbook((), ZH, {}, WorkbookOptions(DICTIONARIES, ("王伟",), summaries())))
    edit.write(target)
    return target


def test_nothing_but_the_lists_of_the_workbook_grows(theirs: Path, target: Path) -> None:
    before, after = parts(theirs), parts(target)
    assert {name for name in before if before[name] != after[name]} == OURS
    for name in ("fonts", "fills", "borders", "cellXfs", "dxfs"):
        old, new = listing(before["xl/styles.xml"], name), listing(after["xl/styles.xml"], name)
        assert old is not None
        assert new is not None
        assert new.entries[: len(old.entries)] == old.entries
        assert f'count="{len(new.entries)}"'.encode() in new.attributes


@pytest.mark.filterwarnings("ignore:Sparkline")
def test_the_tabs_arrive_as_they_were_made(target: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.xlsx"
    make_workbook((), ZH, {}, WorkbookOptions(DICTIONARIES, ("王伟",), summaries())).save(alone)
    one, other = read_workbook(target), read_workbook(alone)
    assert one.sheet_names == ("数据", *other.sheet_names)
    assert all(list(one.sheets[name].rows) == list(sheet.rows) for name, sheet in other.sheets.items())
    made, arrived = openpyxl.load_workbook(alone), openpyxl.load_workbook(target)
    assert arrived["_lists"].sheet_state == "hidden"
    assert set(arrived.defined_names) == {"mine"} | set(made.defined_names)
    for sheet in made.worksheets:
        there = arrived[sheet.title]
        assert len(there._charts) == len(sheet._charts)  # type: ignore[attr-defined]
        for cell, other_cell in zip(next(sheet.iter_rows(5, 5)), next(there.iter_rows(5, 5)), strict=True):
            assert (cell.font.size, cell.fill.fgColor.rgb) == (other_cell.font.size, other_cell.fill.fgColor.rgb)
            assert cell.number_format == other_cell.number_format


def test_a_tab_of_that_name_is_not_overwritten(target: Path, tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match="汇总_销售漏斗"):
        grafted(target, tmp_path / "twice.xlsx")


def test_a_strict_workbook_is_refused(theirs: Path, tmp_path: Path) -> None:
    edit = PackageEdit(open_package(theirs))
    plain = edit.read("xl/workbook.xml")
    edit.replace_part(
        "xl/workbook.xml",
        plain.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
    )
    with pytest.raises(WriteRefused, match="strict"):
        graft(edit, make_workbook((), ZH, {}, WorkbookOptions(DICTIONARIES)))


@pytest.mark.parametrize(
    ("styles", "expected"),
    [
        (b"<styleSheet><dxfs/></styleSheet>", b'<styleSheet><dxfs count="1"><dxf/></dxfs></styleSheet>'),
        (b'<styleSheet><dxfs count="0"/></styleSheet>', b'<styleSheet><dxfs count="1"><dxf/></dxfs></styleSheet>'),
        (
            b"<styleSheet><tableStyles/></styleSheet>",
            b'<styleSheet><dxfs count="1"><dxf/></dxfs><tableStyles/></styleSheet>',
        ),
        (
            b'<styleSheet><dxfs count="1" a="b"><dxf><x/></dxf></dxfs></styleSheet>',
            b'<styleSheet><dxfs a="b" count="2"><dxf><x/></dxf><dxf/></dxfs></styleSheet>',
        ),
        (
            b"<styleSheet><cellXfs><xf><extLst><ext/></extLst></xf></cellXfs><extLst><ext/></extLst></styleSheet>",
            b"<styleSheet><cellXfs><xf><extLst><ext/></extLst></xf></cellXfs>"
            b'<dxfs count="1"><dxf/></dxfs><extLst><ext/></extLst></styleSheet>',
        ),
    ],
)
def test_a_list_of_styles_grows_at_its_end(styles: bytes, expected: bytes) -> None:
    assert extended(styles, "dxfs", [b"<dxf/>"])[0] == expected
    assert extended(expected, "dxfs", [b"<dxf/>"]) == (
        expected,
        [expected.count(b"<dxf>") + expected.count(b"<dxf/>") - 1],
    )


def test_names_stand_where_the_workbook_wants_them() -> None:
    plain = b"<workbook><sheets><sheet/></sheets><calcPr/></workbook>"
    assert with_names(plain, b"<n/>", "w") == (
        b"<workbook><sheets><sheet/></sheets><definedNames><n/></definedNames><calcPr/></workbook>"
    )
    linked = plain.replace(b"<calcPr/>", b"<externalReferences><e/></externalReferences><calcPr/>")
    assert b"</externalReferences><definedNames>" in with_names(linked, b"<n/>", "w")


def test_cells_keep_their_markup(theirs: Path, target: Path) -> None:
    before, after = parts(theirs), parts(target)
    assert cells_of(after["xl/worksheets/sheet1.xml"]) == cells_of(before["xl/worksheets/sheet1.xml"])
