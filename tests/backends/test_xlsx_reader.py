"""The reader: quick and thorough way agree, and both agree with openpyxl where openpyxl can tell."""

from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.outline import Outline
from crm_sheets.sync.backends.xlsx import fingerprint, open_package, patch_workbook, read_workbook
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet
from crm_sheets.sync.backends.xlsx.rows_general import read_rows
from crm_sheets.sync.backends.xlsx.strings import _general as general_strings
from crm_sheets.sync.backends.xlsx.strings import shared_strings
from crm_sheets.tables import Sheet
from tests.backends.xlsx.kinds import HEAD, KINDS, MAIN, STRICT, by_hand

DATA = Path(__file__).parents[2] / "../shared/data/maven_crm/data_model.xlsx"


def cell(sheet: Sheet, row: int, column: int) -> CellValue:
    found = next((line.cells for line in sheet.rows if line.number == row), ())
    return found[column - 1] if column <= len(found) else None


def one_sheet(folder: Path, rows: str, *, head: str = "", tail: str = "", strings: str | None = None) -> Sheet:
    path = folder / "one.xlsx"
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'
    by_hand(path, {"T": sheet}, strings=strings)
    return read_workbook(path).sheets["T"]


def framed(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


@pytest.mark.parametrize("kind", KINDS)
def test_quick_and_thorough_way_agree(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    KINDS[kind](path)
    package = open_package(path)
    part = package.shared_strings
    strings = shared_strings(package.read(part), part) if part else []
    assert not part or strings == general_strings(package.read(part), part)
    for sheet in package.sheets:
        if sheet.kind == "worksheet":
            content = package.read(sheet.part)
            assert read_sheet(content, strings, package.date1904, "p") == read_rows(
                content, strings, package.date1904, "p"
            )


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_it_agrees_with_openpyxl(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    for kind in ("openpyxl_plain", "xlsxwriter_rich"):
        path = tmp_path / f"{kind}.xlsx"
        KINDS[kind](path)
        formulas, values = load_workbook(path), load_workbook(path, data_only=True)
        for name, sheet in read_workbook(path).sheets.items():
            if sheet.kind != "worksheet":
                continue
            for line in formulas[name].iter_rows():
                for other in line:
                    place = (other.row or 0, other.column or 0)
                    found = cell(sheet, *place)
                    if isinstance(found, Formula):
                        assert f"={found.text}" == getattr(other.value, "text", other.value)
                        assert found.cached == values[name].cell(*place).value
                    else:
                        assert found == other.value, (name, other.coordinate)


CELLS = st.one_of(
    st.text("aé<&>\"' \n客_x41 =", max_size=12).map(
        lambda text: '<c r="{0}" t="inlineStr"><is><t>{1}</t></is></c>'.replace(
            "{1}", text.replace("&", "&amp;").replace("<", "&lt;")
        )
    ),
    st.integers(-(10**18), 10**18).map(lambda number: f'<c r="{{0}}" s="1{number % 9}"><v>{number}</v></c>'),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f'<c r="{{0}}"><v>{number!r}</v></c>'),
    st.sampled_from(
        [
            '<c r="{0}" s="3"/>',
            '<c r="{0}" t="b"><v>1</v></c>',
            '<c r="{0}" t="e"><v>#REF!</v></c>',
            '<c r="{0}" t="s"><v>1</v></c>',
            '<c r="{0}" t="s"><v>9</v></c>',
            '<c r="{0}" t="str"><f>A1&amp;""</f><v></v></c>',
            '<c r="{0}"><f>A1*2</f><v>4</v></c>',
            '<c r="{0}"><f t="shared" si="0"/><v>4</v></c>',
            '<c r="{0}"><f>B1</f></c>',
            '<c r="{0}" t="d"><v>2024-05-06</v></c>',
            '<c r="{0}"> <v> 7 </v> </c>',
            "<c r='{0}'><v>8</v></c>",
            '<c r="{0}"><v/></c>',
            '<c r="{0}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>',
            '<c r="{0}" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>',
            '<c r="{0}" t="str"><v>a&#10;b&#x5BA2;</v></c>',
            '<c r="{0}"><v>abc</v></c>',
            "",
        ]
    ),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8), st.sampled_from(["", "\n", "\r\n  "]))
def test_any_rows_read_the_same_both_ways(rows: list[list[str]], space: str) -> None:
    lines = []
    for number, line in enumerate(rows, start=1):
        cells = space.join(text.format(f"{'ABCDEFG'[n]}{number}") if text else "" for n, text in enumerate(line))
        lines.append(f'<row r="{number}">{space}{cells}{space}</row>' if number % 4 else f'<row r="{number}"/>')
    content = f'<worksheet xmlns="{MAIN}"><sheetData>{space.join(lines)}</sheetData></worksheet>'.encode()
    assert read_sheet(content, ["a", ""], False, "p") == read_rows(content, ["a", ""], False, "p")


SIMPLE_CELLS = (
    "",
    '<c r="{0}" s="3"/>',
    '<c r="{0}" s="3" t="n"></c>',
    '<c r="{0}"><v>{1}</v></c>',
    '<c r="{0}" t="s"><v>0</v></c>',
    '<c r="{0}" t="inlineStr"><is><t>&#23458;&#x6237;&amp;; {1}";</t></is></c>',
    '<c r="{0}" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>',
    '<c r="{0}" t="str"><v>a&lt;{1}</v></c>',
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(st.sampled_from(SIMPLE_CELLS), min_size=1, max_size=9), max_size=12), st.integers(0, 5))
def test_rows_that_leave_out_cells_read_the_same_both_ways(rows: list[list[str]], repeated: int) -> None:
    lines = []
    for number, line in enumerate([*rows, *rows[:1] * repeated], start=1):
        cells = "".join(text.format(f"{'ABCDEFGHI'[n]}{number}", number) for n, text in enumerate(line))
        lines.append(f'<row r="{number}">{cells}</row>')
    content = framed("".join(lines)).encode()
    assert read_sheet(content, ["a"], False, "p") == read_rows(content, ["a"], False, "p")


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="B1"><v>1</v></c><c r="A1"><v>2</v></c>',
        '<c r="A1"><v>1</v></c><c r="A1"/><c r="C1"><v>2</v></c>',
        '<c r="B1"/><c r="A1"><v>2</v></c>',
        '<c r="A2"><v>1</v></c>',
        '<c r="A1"><v>1</v></c> <c r="B1"><f>A1</f><v>1</v></c><c r="C1"><v>2</v></c>',
        '<c r="A1" t="inlineStr"><v>1</v></c><c r="B1"><is><t>2</t></is></c>',
        '<c r="A1"><v>1</v></c><x/><c r="B1"><v>2</v></c>',
        '<c r="A1" t="str"><v>1 &#128512; 2</v></c>',
    ],
)
def test_unusual_rows_read_the_same_both_ways(cells: str) -> None:
    content = framed(f'<row r="1">{cells}</row>').encode()
    assert read_sheet(content, [], False, "p") == read_rows(content, [], False, "p")


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1"><v>1</t></is></c>',
        '<c r="A1" t="inlineStr"><is><t>1</v></c>',
        '<c r="A1"><v>1</v></c><c r="B1"><v>2</v>',
        '<c r="A1" t="str"><v>1 &; 2</v></c>',
        '<c r="A1" t="str"><v>1 &amp 2</v></c>',
        '<c r="A1" t="str"><v>1 & 2;</v></c>',
        '<c r="A1" t="str"><v>&#55357;</v></c>',
    ],
)
def test_what_is_no_markup_is_refused(cells: str) -> None:
    with pytest.raises(WorkbookUnreadable):
        read_sheet(framed(f'<row r="1">{cells}</row>').encode(), [], False, "p")


def test_a_cell_that_stands_twice_reads_the_same_both_ways() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="A1" t="inlineStr"><is><t></t></is></c></row>'
    content = framed(rows).encode()
    assert read_sheet(content, [], False, "p") == read_rows(content, [], False, "p")


def test_types_of_cells(tmp_path: Path) -> None:
    strings = (
        f'{HEAD}<sst xmlns="{MAIN}"><si><t>plain</t></si><si><r><t>ri</t></r><r><rPr/><t>ch</t></r>'
        '<rPh sb="0" eb="1"><t>phonetic</t></rPh></si><si><t xml:space="preserve"> s </t></si><si><t>a_x000D_b</t></si>'
        "</sst>"
    )
    rows = (
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c>'
        '<c r="D2" t="s"><v>3</v></c><c r="E2"><v>5.0</v></c><c r="F2"><v>1.38E+10</v></c><c r="G2" t="b"><v>0</v></c>'
        '<c r="H2" t="e"><v>#SPILL!</v></c><c r="I2" t="str"><f>A1</f><v>x</v></c><c r="J2" t="d"><v>2024-03-05</v></c>'
        '<c r="XFE2"><v>1</v></c></row>'
    )
    sheet = one_sheet(tmp_path, rows, strings=strings, tail='<mergeCells><mergeCell ref="A2:B3"/></mergeCells>')
    assert [cell(sheet, 2, column) for column in range(1, 11)] == [
        "plain", "rich", " s ", "a\rb", 5, 13_800_000_000, False, CellError("#SPILL!"), Formula("A1", "x"), 45356,
    ]  # fmt: skip
    assert cell(sheet, 2, 16_385) == 1
    assert sheet.merged == ((2, 1, 3, 2),)


def test_the_1904_system_counts_from_1904(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    KINDS["strict_1904"](path)
    snapshot = read_workbook(path)
    assert snapshot.date1904
    assert cell(snapshot.sheets["S"], 5, 1) == 43894.5


def test_a_dimension_of_all_rows_costs_nothing(tmp_path: Path) -> None:
    sheet = one_sheet(tmp_path, "", head='<dimension ref="A1:XFD1048576"/>')
    assert sheet.rows == []


def test_known_sheets_are_not_read_again(tmp_path: Path) -> None:
    path, other = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["shared_formulas"](path)
    first = read_workbook(path)
    assert read_workbook(path, first.part_digests).sheets == {}
    patch_workbook(path, other, {"G": {(1, 1): "new"}})
    again = read_workbook(other, first.part_digests)
    assert again.unchanged == {"F"}
    assert list(again.sheets) == ["G"]


def test_the_fingerprint_follows_content(tmp_path: Path) -> None:
    path, other = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["shared_formulas"](path)
    assert fingerprint(path) == read_workbook(path).fingerprint
    patch_workbook(path, other, {})
    assert fingerprint(other).digest == fingerprint(path).digest
    patch_workbook(path, other, {"G": {(1, 1): 1}})
    assert fingerprint(other).digest != fingerprint(path).digest


def test_a_strict_workbook_has_sheets(tmp_path: Path) -> None:
    path = tmp_path / "strict.xlsx"
    by_hand(
        path,
        {"T": framed('<row r="1"><c r="A1"><v>1</v></c></row>').replace(MAIN, STRICT)},
        strict=True,
    )
    assert cell(read_workbook(path).sheets["T"], 1, 1) == 1


@pytest.mark.parametrize(
    ("sheet", "reason"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + framed(""), "doctype"),
        (framed('<row r="1"><c r="A1">'), "bad-xml"),
        (framed('<row r="1"><c r="A1"><v>&x;</v></c></row>'), "bad-xml"),
        (framed('<row r="1"><c r="1A"><v>1</v></c></row>'), "bad-xml"),
    ],
)
def test_a_bad_sheet_is_named(tmp_path: Path, sheet: str, reason: str) -> None:
    path = tmp_path / "bad.xlsx"
    by_hand(path, {"T": sheet})
    with pytest.raises(WorkbookUnreadable, match=r"bad\.xlsx") as caught:
        read_workbook(path)
    assert caught.value.reason == reason


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the shared data are not beside this checkout")
def test_the_data_model_reads_as_openpyxl_reads_it() -> None:
    from openpyxl import load_workbook
    from openpyxl.utils.datetime import to_excel

    values = load_workbook(DATA, data_only=True)
    for name, sheet in read_workbook(DATA).sheets.items():
        for line in sheet.rows:
            for column, value in enumerate(line.cells, start=1):
                plain = value.cached if isinstance(value, Formula) else value
                other = values[name].cell(line.number, column).value
                other = None if other == "" else other  # a text without letters is a blank cell to us
                assert plain == (to_excel(other) if isinstance(other, datetime) else other)  # type: ignore[no-untyped-call]


def test_a_sheet_of_which_blocks_are_known_is_the_same_sheet(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    outlines: dict[str, Outline] = {}
    unread = []
    texts = [f"文{number % 7}" for number in range(400)]
    for place, text in ((0, "文0"), (200, "改"), (10, "改"), (399, "从未见过"), (0, "从未见过也不在后面")):
        texts[place] = text
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, each in enumerate(texts):
                sheet.write_row(number, 0, [each, number, f"=B{number + 1}*2"])
        whole, skimmed = read_workbook(path).sheets, read_workbook(path, outlines=outlines).sheets
        for name, found in skimmed.items():
            rows = [row for block in found.blocks for row in block.rows()]
            assert rows == whole[name].rows
            unread.append(len(rows) - len(found.rows))
            outlines[name] = Outline(name, "", found.meaning, 1, 0, dict.fromkeys((b.mark for b in found.blocks), b""))
    assert unread[0] == unread[-1] == 0, "nothing was known, or the strings are others"
    assert all(200 < rows < 400 for rows in unread[1:-1])
