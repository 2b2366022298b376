"""Rows that are found by a text are the rows that a whole reading has."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.package import Package, open_package
from crm_sheets.sync.backends.xlsx.reader import read_workbook
from crm_sheets.sync.backends.xlsx.row_search import MOST_TEXTS, rows_with
from crm_sheets.tables import Sheet

HEAD = 20


def workbook(path: Path, *, inline: bool, rows: int = 300) -> Path:
    """Keys in column 2, saved as shared strings; or patched in, which makes texts of the cells' own."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "客户"
    sheet.append(["名称", "_key", "数"])
    for number in range(2, rows + 1):
        sheet.append([f"公司{number}", None if inline else key(number), number])
    book.save(path)
    if inline:
        edit = PackageEdit(open_package(path))
        edit.set_cells("客户", {(number, 2): key(number) for number in range(2, rows + 1)})
        edit.write(path)
    return path


def key(number: int) -> str:
    return f"KEY{number:05d}ABCDEFGH"


def found(path: Path, *texts: str) -> Sheet | None:
    package: Package = open_package(path)
    part = package.sheets[0]
    return rows_with(package, part, package.read(part.part), texts, HEAD)


@pytest.mark.parametrize("inline", [True, False])
def test_rows_with_a_text_the_first_ones_and_the_last_are_found(tmp_path: Path, *, inline: bool) -> None:
    path = workbook(tmp_path / "book.xlsx", inline=inline)
    whole = {row.number: row for row in read_workbook(path).sheets["客户"].rows}
    sheet = found(path, key(77), key(250))
    assert sheet is not None
    numbers = [row.number for row in sheet.rows]
    assert set(range(1, HEAD + 1)) | {77, 250, 300} <= set(numbers)
    assert len(numbers) < 30
    assert [whole[number] for number in numbers] == list(sheet.rows)


def test_a_text_that_stands_nowhere_is_for_a_whole_reading(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", inline=False)
    assert found(path, key(77), "NOWHERE") is None


def test_many_texts_are_for_a_whole_reading(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", inline=False)
    assert found(path, *map(key, range(2, 2 + MOST_TEXTS))) is not None
    assert found(path, *map(key, range(2, 3 + MOST_TEXTS))) is None


def test_the_last_row_is_the_last_one_that_holds_a_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", inline=False, rows=60)
    edit = PackageEdit(open_package(path))
    edit.set_cells("客户", {(row, column): None for row in (59, 60) for column in (1, 2, 3)})
    edit.write(path)
    sheet = found(path, key(40))
    whole = read_workbook(path).sheets["客户"].rows
    assert sheet is None or sheet.rows[-1] == whole[-1]


def test_markup_that_only_a_parser_knows_is_for_a_whole_reading(tmp_path: Path) -> None:
    package = open_package(workbook(tmp_path / "book.xlsx", inline=False))
    part = package.sheets[0]
    content = package.read(part.part)
    assert rows_with(package, part, content, [key(77)], HEAD) is not None
    commented = content.replace(b"<sheetData>", b"<!-- a comment --><sheetData>")
    assert rows_with(package, part, commented, [key(77)], HEAD) is None
