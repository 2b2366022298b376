"""A new workbook, read back by our own reader and by openpyxl."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText

from crm_sheets.cells import CellError, CellValue, Formula, column_letters
from crm_sheets.language import language
from crm_sheets.schema.base import Kind
from crm_sheets.schema.book import TABS
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.sync.backends.xlsx import open_package, read_workbook
from crm_sheets.sync.backends.xlsx.create import ADMINISTRATION, WorkbookOptions, create_workbook
from crm_sheets.sync.backends.xlsx.lists import SHEET
from crm_sheets.sync.backends.xlsx.stamp import read_stamp
from crm_sheets.tables import ReplicaKey, Stamp
from tests.backends.workbook.books import DICTIONARIES, SUMMARY_SHEETS, ZH, rows, summaries

STAMP = Stamp("book-1", ReplicaKey("shared"), 3)
CUSTOMER: dict[str, CellValue] = {
    "id": "C-7K3Q9",
    "name": "=HYPERLINK(1)",
    "phone": "01082345678",
    "created_at": datetime(2026, 11, 22, 9, 30),  # noqa: DTZ001 - cells show wall time
    "note": "第一行\n第二行\x07",
    "address": "规格_x0031_型",
    "contact": Formula("1+1"),
    "title": CellError("#N/A"),
}


def letters() -> dict[str, str]:
    return {key: column_letters(place) for place, key in enumerate(TABS[0].columns, start=1)}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    options = WorkbookOptions(DICTIONARIES, ("王伟", "李娜"), summaries(), stamp=STAMP)
    create_workbook(path, TABS, ZH, rows(customers=[CUSTOMER]), options)
    return path


@pytest.fixture(scope="module")
def loaded(book: Path) -> Workbook:
    return openpyxl.load_workbook(book, rich_text=True)


def test_the_tabs_stand_in_the_order_of_work(book: Path) -> None:
    work = [tab_label(tab.key, ZH) for tab in TABS if tab.key not in ADMINISTRATION]
    administration = [tab_label(tab.key, ZH) for tab in TABS if tab.key in ADMINISTRATION]
    figures = SUMMARY_SHEETS
    assert work[:4] == ["客户", "跟进", "机会", "反馈"]
    assert {"组织", "字典"} <= set(administration)
    assert read_workbook(book).sheet_names == (*work, *figures, *administration, SHEET)
    assert read_workbook(book).sheets[SHEET].hidden


def test_the_header_names_each_column_and_marks_the_required_ones(book: Path, loaded: Workbook) -> None:
    sheets = read_workbook(book).sheets
    for tab in TABS:
        header = sheets[tab_label(tab.key, ZH)].rows[0].cells
        assert header == tuple(
            column_label(tab.key, key, ZH) + ("*" if column.required else "") for key, column in tab.columns.items()
        )
    name = loaded["客户"]["C1"].value
    assert isinstance(name, CellRichText)
    assert name[1].font.color.rgb == "FFC00000"  # type: ignore[union-attr]


def test_text_that_looks_like_an_escape_is_read_back_as_it_is(book: Path) -> None:
    row = read_workbook(book).sheets["客户"].rows[1].cells
    assert row[list(letters()).index("address")] == "规格_x0031_型"


def test_text_stays_text_whatever_it_begins_with(book: Path) -> None:
    row = read_workbook(book).sheets["客户"].rows[1].cells
    places = {key: place for place, key in enumerate(TABS[0].columns)}
    read = {key: row[places[key]] for key in TABS[0].columns if key in CUSTOMER}
    assert read == CUSTOMER | {"note": "第一行\n第二行", "created_at": pytest.approx(46348.395833)}


def test_the_stamp_is_inside(book: Path) -> None:
    assert read_stamp(open_package(book)) == STAMP


def test_what_guides_the_hand(loaded: Workbook) -> None:
    sheet = loaded["客户"]
    places = letters()
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    status, phone, owner = (rules[f"{places[key]}2:{places[key]}2002"] for key in ("status", "phone", "owner"))
    assert (status.type, status.formula1, status.errorStyle) == ("list", "list_customer_status", "warning")
    assert (owner.formula1, owner.showErrorMessage) == ("list_people", False)
    assert phone.type is None
    assert "必填" in str(phone.prompt)
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == f"A1:{column_letters(len(TABS[0].columns))}2"
    assert sheet.column_dimensions["B"].hidden


def test_a_fault_colours_exactly_its_cell(loaded: Workbook) -> None:
    sheet = loaded["客户"]
    found = {
        rule.formula[0]: str(area.sqref)
        for area in sheet.conditional_formatting
        for rule in area.rules
        if "FIND" in rule.formula[0]
    }
    assert (
        found[f'ISNUMBER(FIND("【联系电话】",${letters()["check"]}2))']
        == f"{letters()['phone']}2:{letters()['phone']}2002"
    )
    assert len(found) == len(TABS[0].columns) - 2  # every column but _key and 检查 itself


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.ID, Kind.CREDIT_CODE, Kind.ID_NUMBER])
def test_numbers_that_are_names_are_text(loaded: Workbook, kind: Kind) -> None:
    sheet = loaded["客户"]
    for column in TABS[0].columns.values():
        if column.kind is kind:
            assert sheet[f"{letters()[column.key]}2"].number_format == "@"
            assert sheet.column_dimensions[letters()[column.key]].number_format == "@"


def test_no_header_is_clipped(loaded: Workbook) -> None:
    from crm_sheets.cells import display_width

    for sheet in loaded.worksheets[:4]:
        for place, text in enumerate(next(sheet.iter_rows(max_row=1, values_only=True)), start=1):
            assert display_width(str(text)) <= 2 * (sheet.column_dimensions[column_letters(place)].width - 2)


def test_protection_is_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "protected.xlsx"
    create_workbook(path, TABS[:1], language("en"), {}, WorkbookOptions(DICTIONARIES, protect="system"))
    sheet = openpyxl.load_workbook(path)["Customers"]
    assert sheet.protection.sheet
    assert not sheet.column_dimensions["C"].protection.locked
    assert sheet.column_dimensions["A"].protection.locked
    assert read_stamp(open_package(path)) is None
