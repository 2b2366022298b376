"""Blank rows are taken out as a spreadsheet program does it, or not at all."""

import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package
from crm_sheets.sync.backends.xlsx.reader import read_workbook
from crm_sheets.sync.backends.xlsx.remove_rows import remove_rows

TAB, ROWS, WIDTH = "客户", 30, 4
Extra = Callable[[Workbook, Worksheet], None]


def plain(book: Workbook, sheet: Worksheet) -> None:
    """What our own tabs have: a filter, formats, validations, links, a name for what is printed."""
    bold = book.add_format({"bold": True, "bg_color": "#eeeeee"})
    sheet.autofilter(0, 0, ROWS, WIDTH - 1)
    sheet.conditional_format(1, 0, ROWS + 100, 3, {"type": "formula", "criteria": '=$B2="n7"', "format": bold})
    sheet.conditional_format(1, 1, ROWS + 100, 1, {"type": "data_bar", "data_bar_2010": True})
    sheet.data_validation(1, 2, ROWS + 100, 2, {"validate": "list", "source": "=other!$A$1:$A$3"})
    sheet.data_validation(1, 0, ROWS, 0, {"validate": "list", "source": f"={TAB}!$B$2:$B$999"})
    book.worksheets()[1].data_validation("A9", {"validate": "list", "source": f"={TAB}!$A$2:$A$31"})
    growing = f"={TAB}!$C$2:INDEX({TAB}!$C$2:$C$99,MAX(1,COUNTA({TAB}!$C$2:$C$99)))"
    book.worksheets()[1].data_validation("B9", {"validate": "list", "source": growing})
    book.define_name("names", f"={TAB}!$A$2:$A$31")
    sheet.data_validation(9, 3, 9, 3, {"validate": "integer", "criteria": ">", "value": 0})
    sheet.freeze_panes(1, 1)
    sheet.print_area(0, 0, ROWS, WIDTH - 1)
    sheet.repeat_rows(0)
    sheet.set_row(12, 40)


def made(path: Path, *extras: Extra, blank: tuple[int, ...] = ()) -> Path:
    """A sheet with rows 2 to 31, of which some are blank; row `n` holds `a<n>` and so on."""
    book = xlsxwriter.Workbook(str(path))
    sheet, other = book.add_worksheet(TAB), book.add_worksheet("other")
    other.write_column(0, 0, ["一", "二", "三"])
    other.write_formula(0, 2, "=SUM(A1:A3)", None, 0)
    sheet.write_row(0, 0, [f"列{n}" for n in range(WIDTH)])
    fill = book.add_format({"bg_color": "#ffeeee"})
    for row in range(1, ROWS + 1):
        if row + 1 in blank:
            for column in range(WIDTH):
                sheet.write_blank(row, column, None, fill)
        else:
            sheet.write_row(row, 0, [f"a{row + 1}", f"n{row + 1}", row, row * 1.5])
            sheet.write_url(row, 1, f"mailto:n{row + 1}@example.com", None, f"n{row + 1}")
    for extra in extras:
        extra(book, sheet)
    book.close()
    return path


def removed(path: Path, rows: tuple[int, ...]) -> tuple[Path, tuple[int, ...]]:
    edit = PackageEdit(open_package(path))
    done = remove_rows(edit, TAB, rows)
    target = path.with_name("after.xlsx")
    edit.write(target)
    return target, done


def cells(path: Path) -> dict[int, tuple[object, ...]]:
    return {row.number: row.cells for row in read_workbook(path).sheets[TAB].rows}


def shifted(before: dict[int, tuple[object, ...]], rows: tuple[int, ...]) -> dict[int, tuple[object, ...]]:
    return {number - sum(row < number for row in rows): row for number, row in before.items() if number not in rows}


def test_rows_below_move_up_with_what_belongs_to_them(tmp_path: Path) -> None:
    rows = (5, 6, 20)
    path = made(tmp_path / "b.xlsx", plain, blank=rows)
    before = cells(path)
    after, done = removed(path, rows)
    assert done == rows
    assert cells(after) == shifted(before, rows)
    sheet = load_workbook(after)[TAB]
    assert sheet.auto_filter.ref == "A1:D28"
    assert sorted(str(each.sqref) for each in sheet.data_validations.dataValidation) == ["A2:A28", "C2:C128", "D8"]
    assert sorted(str(each.sqref) for each in sheet.conditional_formatting) == ["A2:D128", "B2:B128"]
    assert sheet.print_area == f"'{TAB}'!$A$1:$D$28"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.parent is not None
    assert sheet.parent.defined_names["names"].attr_text == f"{TAB}!$A$2:$A$28"
    assert (sheet.row_dimensions[11].height, sheet.row_dimensions[13].height) == (39.75, None)
    assert sheet.dimensions == "A1:D28"
    links = [sheet.cell(row, 2).hyperlink for row in range(2, 29)]
    assert [link.target for link in links if link is not None][:5] == [
        f"mailto:n{n}@example.com" for n in (2, 3, 4, 7, 8)
    ]
    assert all(link is not None for link in links)
    with zipfile.ZipFile(after) as archive:
        assert archive.read("xl/workbook.xml").count(b"$A$1:$D$28") == 2
        assert b"<xm:sqref>B2:B128</xm:sqref>" in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("seed", range(12))
def test_random_rows(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    blank = tuple(sorted(chance.sample(range(2, ROWS + 2), chance.randrange(1, 12))))
    path = made(tmp_path / "b.xlsx", *([plain] if 10 not in blank else []), blank=blank)
    before = cells(path)
    after, done = removed(path, tuple(chance.sample(range(2, ROWS + 5), 20)) + blank)
    assert done == blank, "rows in which something stands are left"
    assert cells(after) == shifted(before, blank)
    load_workbook(after)


def test_a_table_shrinks(tmp_path: Path) -> None:
    path = made(tmp_path / "b.xlsx", lambda book, sheet: sheet.add_table(0, 0, ROWS, WIDTH - 1) and None, blank=(4, 9))
    after, _ = removed(path, (4, 9))
    (table,) = load_workbook(after)[TAB].tables.values()
    assert table.ref == "A1:D29"
    assert table.autoFilter is not None
    assert table.autoFilter.ref == "A1:D29"


def merged(book: Workbook, sheet: Worksheet) -> None:
    sheet.merge_range("F20:G21", "x")


def commented(book: Workbook, sheet: Worksheet) -> None:
    sheet.write_comment("A2", "看")


def charted(book: Workbook, sheet: Worksheet) -> None:
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": f"={TAB}!$C$2:$C$9"})
    book.worksheets()[1].insert_chart("D1", chart)


def own_formula(book: Workbook, sheet: Worksheet) -> None:
    sheet.write_formula("F1", "=1+1", None, 2)


def read_by_another(book: Workbook, sheet: Worksheet) -> None:
    book.worksheets()[1].write_formula("C9", f"={TAB}!C3", None, 2)


def read_unseen(book: Workbook, sheet: Worksheet) -> None:
    book.worksheets()[1].write_formula("C9", '=INDIRECT("A"&2)', None, 2)


def named(book: Workbook, sheet: Worksheet) -> None:
    book.define_name("某行", f"={TAB}!$A$9")


def read_by_name(book: Workbook, sheet: Worksheet) -> None:
    book.define_name("各行", f"={TAB}!$A$2:$A$31")
    book.worksheets()[1].write_formula("C9", "=COUNTA(各行)", None, 2)


def validated_by_another(book: Workbook, sheet: Worksheet) -> None:
    book.worksheets()[1].data_validation("A9", {"validate": "list", "source": f"={TAB}!$A$9:$A$12"})


def format_below(book: Workbook, sheet: Worksheet) -> None:
    sheet.conditional_format("A9:A12", {"type": "formula", "criteria": "=$B9>1", "format": book.add_format()})


def format_of_one_row(book: Workbook, sheet: Worksheet) -> None:
    sheet.conditional_format("A2:A99", {"type": "formula", "criteria": "=$B2>$B$12", "format": book.add_format()})


def validated_row(book: Workbook, sheet: Worksheet) -> None:
    sheet.data_validation("C5", {"validate": "integer", "criteria": ">", "value": 0})


def sparkling(book: Workbook, sheet: Worksheet) -> None:
    sheet.add_sparkline("F2", {"range": "other!A1:C1"})


def broken_pages(book: Workbook, sheet: Worksheet) -> None:
    sheet.set_h_pagebreaks([9])


def small_table(book: Workbook, sheet: Worksheet) -> None:
    sheet.add_table("H4:I5")


REFUSED = (
    merged, commented, charted, own_formula, read_by_another, read_unseen, named, read_by_name, validated_by_another,
    format_below, format_of_one_row, validated_row, sparkling, broken_pages, small_table,
)  # fmt: skip


@pytest.mark.parametrize("extra", REFUSED, ids=lambda extra: extra.__name__)
def test_what_would_be_torn_apart_keeps_the_rows(tmp_path: Path, extra: Extra) -> None:
    path = made(tmp_path / "b.xlsx", plain, extra, blank=(5,))
    edit = PackageEdit(open_package(path))
    with pytest.raises(WriteRefused):
        remove_rows(edit, TAB, (5,))
    assert not edit.changed


@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not on this machine")
def test_libreoffice_reads_it_as_it_was_meant(tmp_path: Path) -> None:
    import subprocess

    rows = (5, 6, 20)
    path = made(tmp_path / "b.xlsx", plain, blank=rows)
    before = cells(path)
    after, _ = removed(path, rows)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(after)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    again = tmp_path / "out" / "after.xlsx"
    assert cells(again) == shifted(before, rows)
    assert load_workbook(again)[TAB].auto_filter.ref == "A1:D28"
