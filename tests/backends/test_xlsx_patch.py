"""The patcher, case by case: styles, ranges that grow, formulas that go stale, what is refused."""

import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sheets.cells import Address, CellValue, Formula
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, patch_package, patch_workbook, read_workbook
from crm_sheets.sync.backends.xlsx.formulas import reach_of
from crm_sheets.sync.backends.xlsx.recalculation import ReachMemory
from tests.backends.xlsx.independent import Book
from tests.backends.xlsx.kinds import HEAD, KINDS, MAIN, by_hand

SOFFICE = shutil.which("soffice")


def sheet_xml(rows: str, *, head: str = "", tail: str = "") -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'


def patched(folder: Path, rows: str, edits: dict[tuple[int, int], CellValue], *, head: str = "", tail: str = "") -> str:
    """The sheet's XML after a patch of the one tab T."""
    by_hand(folder / "a.xlsx", {"T": sheet_xml(rows, head=head, tail=tail)})
    patch_workbook(folder / "a.xlsx", folder / "b.xlsx", {"T": edits})
    return Book(folder / "b.xlsx").parts["xl/worksheets/sheet1.xml"].decode()


ROWS = (
    '<row r="1"><c r="A1" s="9"/></row><row r="2" spans="1:2"><c r="A2" s="1"><v>1</v></c><c r="B2" s="2" t="s"/></row>'
)


@pytest.mark.parametrize(
    ("value", "element"),
    [
        ("=1+1", '<c r="A2" s="1" t="inlineStr"><is><t>=1+1</t></is></c>'),
        (" a\n", '<c r="A2" s="1" t="inlineStr"><is><t xml:space="preserve"> a\n</t></is></c>'),
        ("a\x07\r_x0041_", '<c r="A2" s="1" t="inlineStr"><is><t>a_x0007__x000D__x005F_x0041_</t></is></c>'),
        (5.0, '<c r="A2" s="1"><v>5</v></c>'),
        (Decimal("12.30"), '<c r="A2" s="1"><v>12.3</v></c>'),
        (True, '<c r="A2" s="1" t="b"><v>1</v></c>'),
        (None, '<c r="A2" s="1"/>'),
        (date(1900, 2, 28), '<c r="A2" s="1"><v>59</v></c>'),
        (date(1900, 3, 1), '<c r="A2" s="1"><v>61</v></c>'),
        (datetime.fromisoformat("2024-03-05T12:00:00"), '<c r="A2" s="1"><v>45356.5</v></c>'),
        (Formula("A1<2", "x"), '<c r="A2" s="1" t="str"><f>A1&lt;2</f><v>x</v></c>'),
    ],
)
def test_how_a_value_is_written(tmp_path: Path, value: CellValue, element: str) -> None:
    assert f'<row r="2" spans="1:2">{element}<c r="B2" s="2" t="s"/></row>' in patched(tmp_path, ROWS, {(2, 1): value})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * 32_768, "32768 characters"),
        ("😀" * 16_384, "32768 characters"),
        (float("nan"), "no number"),
        (Decimal("Infinity"), "no number"),
        (123456789012345678, "write it as text"),
        (10**400, "write it as text"),
        (date(1899, 12, 31), "write it as text"),
        (datetime(2024, 1, 1, tzinfo=UTC), "zone"),
        ("\ud83d", "half of a character"),
        (Formula(""), "formula"),
    ],
)
def test_what_no_cell_can_hold(tmp_path: Path, value: CellValue, reason: str) -> None:
    with pytest.raises(WriteRefused, match=reason):
        patched(tmp_path, ROWS, {(2, 1): value})
    assert not (tmp_path / "b.xlsx").exists()


def test_a_cell_of_the_most_characters_is_written(tmp_path: Path) -> None:
    patched(tmp_path, ROWS, {(2, 1): "x" * 32_767})
    assert read_workbook(tmp_path / "b.xlsx").sheets["T"].rows[0].cells == ("x" * 32_767,)


def test_where_new_cells_take_their_style_from(tmp_path: Path) -> None:
    rows = ROWS + '<row r="3" s="7" customFormat="1"><c r="A3" s="4"/></row>'
    head = '<cols><col min="3" max="5" style="6"/></cols>'
    found = patched(tmp_path, rows, {(1, 3): 1, (3, 3): 2, (3, 2): 3, (9, 1): 4, (9, 4): 5, (9, 9): 6}, head=head)
    styles = dict(re.findall(r'<c r="(\w+)" s="(\d)"', found))
    assert {key: styles.get(key) for key in ("C1", "C3", "B3", "A9", "D9", "I9")} == {
        "C1": "6", "C3": "7", "B3": "7", "A9": "4", "D9": "6", "I9": None,
    }  # fmt: skip


def test_a_new_row_below_the_header_does_not_look_like_it(tmp_path: Path) -> None:
    assert '<row r="2"><c r="A2"><v>1</v></c></row>' in patched(
        tmp_path, '<row r="1"><c r="A1" s="9"/></row>', {(2, 1): 1}
    )


def test_rows_and_cells_come_in_their_order(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="5"/>'
    rows += '<row r="9"><c r="A9"><v>3</v></c></row>'
    edits: dict[tuple[int, int], CellValue] = {(row, column): 0 for row in (1, 2, 4, 5, 7, 12) for column in (1, 3, 5)}
    found = patched(tmp_path, rows, edits, head='<dimension ref="B2:D9"/>')
    assert re.findall(r'<row r="(\d+)"', found) == ["1", "2", "4", "5", "7", "9", "12"]
    assert re.findall(r'<c r="(\w2)"', found) == ["A2", "B2", "C2", "D2", "E2"]
    assert '<dimension ref="A1:E12"/>' in found


def test_a_cell_before_one_without_a_number_stays_when_it_is_emptied(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><v>1</v></c>{}</row>'
    assert '<row r="2"><c r="A2"/><c><v>2</v></c></row>' in patched(
        tmp_path, row.format("<c><v>2</v></c>"), {(2, 1): None}
    )
    numbered = '<c r="B2"><v>2</v></c>'
    assert f'<row r="2">{numbered}</row>' in patched(tmp_path, row.format(numbered), {(2, 1): None})


TAIL = (
    '<autoFilter ref="A1:B3"/><conditionalFormatting sqref="A2:A3 B2:B9"><cfRule type="x"/></conditionalFormatting>'
    '<dataValidations><dataValidation sqref="B2:B3"/></dataValidations><extLst><ext>'
    '<x14:conditionalFormattings xmlns:x14="urn:x" xmlns:xm="urn:m"><x14:conditionalFormatting><x14:cfRule/>'
    "<xm:sqref>A2:A3</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings>"
    '<x14:sparklineGroups xmlns:x14="urn:x" xmlns:xm="urn:m"><x14:sparkline><xm:sqref>C3</xm:sqref></x14:sparkline>'
    "</x14:sparklineGroups></ext></extLst>"
)


def test_ranges_grow_over_appended_rows_when_asked(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in (1, 2, 3))
    by_hand(tmp_path / "a.xlsx", {"T": sheet_xml(rows, tail=TAIL)})
    edits: dict[str, dict[tuple[int, int], CellValue]] = {"T": {(4, 1): 4, (5, 1): 5, (7, 1): 7}}
    patch_package(tmp_path / "a.xlsx", tmp_path / "b.xlsx", edits, append_after={"T": 3})
    found = Book(tmp_path / "b.xlsx").parts["xl/worksheets/sheet1.xml"].decode()
    grown = TAIL.replace('ref="A1:B3"', 'ref="A1:B5"').replace("A2:A3", "A2:A5").replace("B2:B3", "B2:B5")
    assert found.endswith(f"</sheetData>{grown}</worksheet>")
    patch_workbook(tmp_path / "a.xlsx", tmp_path / "b.xlsx", edits)
    assert TAIL.encode() in Book(tmp_path / "b.xlsx").parts["xl/worksheets/sheet1.xml"]


def test_a_table_and_its_filter_grow(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["xlsxwriter_rich"](path)
    edits: dict[str, dict[tuple[int, int], CellValue]] = {"More": {(9, 2): 7}, "Data": {(81, 1): 7}}
    report = patch_package(path, target, edits, append_after={"More": 8, "Data": 80})
    assert "xl/tables/table1.xml" in report.parts_changed
    table = Book(target).parts["xl/tables/table1.xml"]
    assert re.findall(rb'ref="([^"]+)"', table) == [b"B3:D9", b"B3:D9"]
    names = re.findall(r"_xlnm._FilterDatabase[^>]*>([^<]+)<", Book(target).parts["xl/workbook.xml"].decode())
    assert names == ["Data!$A$1:$J$81"]
    with pytest.warns(UserWarning, match="not supported"):
        book = load_workbook(target)
    assert book["Data"].auto_filter.ref == "A1:J81"
    assert Address("More", 3, 6) in report.recalculated, "the table grew, so its sum did"


def test_formulas_that_read_a_written_cell_lose_their_result(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["xlsxwriter_rich"](path)
    report = patch_workbook(path, target, {"Data": {(5, 2): 123}})
    assert {str(place) for place in report.recalculated} == {
        "Data!L5", "Data!P2", "More!F1", "More!F2", "More!F5",
    }  # fmt: skip
    assert b'fullCalcOnLoad="1"' in Book(target).parts["xl/workbook.xml"]
    assert patch_workbook(path, target, {"Data": {(200, 30): 1}}).recalculated == frozenset()
    shared = tmp_path / "s.xlsx"
    KINDS["shared_formulas"](shared)
    found = patch_workbook(shared, target, {"F": {(7, 1): 70}}).recalculated
    assert {str(place) for place in found} == {"F!B7", "F!A25", "F!B25"}
    assert patch_workbook(shared, target, {"G": {(7, 1): 70}}).recalculated == frozenset()


def test_a_formula_that_somebody_adds_is_found_by_a_writer_that_knew_the_sheet_without(tmp_path: Path) -> None:
    path, reach = tmp_path / "a.xlsx", ReachMemory()
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>'
    data = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    for formula, lost in (("", set()), ("<f>Data!A1*2</f>", {"Sum!A1"})):
        by_hand(path, {"Data": data, "Sum": data.replace("<v>", f"{formula}<v>")})
        for value in (7, 8):  # the second time from memory
            edit = PackageEdit(open_package(path), reach)
            edit.set_cells("Data", {(1, 1): value})
            report = edit.write(tmp_path / "b.xlsx")
            assert {str(place) for place in report.recalculated} == lost


@pytest.mark.parametrize(
    ("text", "areas", "names", "everything"),
    [
        ("A1+$B$2:C3", [(None, (1, 1, 1, 1)), (None, (2, 2, 3, 3))], set(), False),
        ("SUM('My ''Tab'!A:B)", [("my 'tab", (1, 1, 1_048_576, 2))], set(), False),
        ('"A1"&客户!C5', [("客户", (5, 3, 5, 3))], set(), False),
        ("SUM(Jan:Mar!A1,2:3)", [("jan:mar", (1, 1, 1, 1)), (None, (2, 1, 3, 16_384))], set(), False),
        ("SUM(Table1[金额])*rate", [], {"table1", "rate", "金额"}, False),
        ("INDIRECT(A1)", [(None, (1, 1, 1, 1))], set(), True),
        ("A1:INDEX(B:B,3)", [(None, (1, 1, 1, 1)), (None, (1, 2, 1_048_576, 2))], set(), True),
        ("[1]Other!A1+LOG10(2)", [], set(), False),
    ],
)
def test_what_a_formula_reads(text: str, areas: list[object], names: set[str], everything: bool) -> None:
    reach = reach_of(text)
    assert (list(reach.areas), set(reach.names), reach.everything) == (areas, names, everything)


def test_a_formula_is_overwritten_only_when_allowed(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["xlsxwriter_rich"](path)
    edits: dict[str, dict[tuple[int, int], CellValue]] = {"Data": {(2, 12): 5}}
    with pytest.raises(WriteRefused, match="Data!L2: a formula stands there"):
        patch_workbook(path, target, edits)
    patch_package(path, target, edits, overwrite={"Data": {(2, 12)}})
    assert read_workbook(target).sheets["Data"].rows[1].cells[11] == 5
    same: dict[str, dict[tuple[int, int], CellValue]] = {"Data": {(2, 12): Formula("B2+C2")}}
    assert patch_workbook(path, target, same).parts_changed == ()


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (1_048_577, 1), (1, 16_385)])
def test_places_outside_of_a_sheet(tmp_path: Path, place: tuple[int, int]) -> None:
    with pytest.raises(WriteRefused, match="outside"):
        patched(tmp_path, ROWS, {place: 1})


def test_tabs_that_cannot_be_written(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["xlsxwriter_rich"](path)
    for tab, reason in (("Chart", "chartsheet"), ("Nope", "no tab")):
        with pytest.raises(WriteRefused, match=reason):
            patch_workbook(path, target, {tab: {(1, 1): 1}})


def test_the_calculation_chain_goes_when_a_formula_comes(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    by_hand(path, {"T": sheet_xml(ROWS)})
    edit = PackageEdit(open_package(path))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    edit.add_part("xl/calcChain.xml", b"<calcChain/>", kind)
    edit.add_relationship("xl/workbook.xml", "calcChain", "calcChain.xml")
    edit.write(target)
    before = Book(target)
    patch_workbook(target, path, {"T": {(9, 9): 1}})
    assert "xl/calcChain.xml" in Book(path).parts
    report = patch_workbook(target, path, {"T": {(9, 9): Formula("1+1")}})
    after = Book(path)
    assert "xl/calcChain.xml" in report.parts_changed
    assert before.parts.keys() - after.parts.keys() == {"xl/calcChain.xml"}
    assert not any(b"calcChain" in part for part in after.parts.values())


def test_rows_of_a_sheet_are_replaced(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["shared_formulas"](path)
    edit = PackageEdit(open_package(path))
    edit.replace_sheet_data("G", b'<row r="1"><c r="A1"><v>5</v></c></row>')
    edit.set_cells("F", {(1, 1): 9})
    report = edit.write(target)
    assert report.parts_changed == ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml")
    assert read_workbook(target).sheets["G"].rows[0].cells == (5,)


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_and_recalculates(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["xlsxwriter_rich"](path)
    patch_workbook(path, target, {"Data": {(5, 2): 123, (5, 3): "text", (81, 1): "=1+1"}, "More": {(4, 2): 100}})
    out = tmp_path / "out"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    sheets = read_workbook(out / "b.xlsx").sheets
    rows = {row.number: row.cells for row in sheets["Data"].rows}
    assert rows[5][1:3] == (123, "text")
    assert rows[81][0] == "=1+1"
    first = sum(value for row in rows.values() for value in row[1:2] if isinstance(value, int))
    more = {row.number: row.cells for row in sheets["More"].rows}
    formulas = [value for row in (1, 2, 3) if isinstance(value := more[row][5], Formula)]
    cached = [formula.cached for formula in formulas]
    assert cached == [first, 2 * first, 104]
