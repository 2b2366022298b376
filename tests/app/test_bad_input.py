"""Whatever stands in the place of the workbook, or in it: a message with place and remedy, never a traceback."""

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from crm_sheets import app
from crm_sheets.cells import CellValue, column_letters
from crm_sheets.errors import ServiceError, UsageError, WorkbookError
from crm_sheets.language import in_words, language
from tests.app.offices import CONFIG, Office, made_anew

SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def rewritten(office: Office, change: Callable[[bytes], bytes], part: str = SHEET) -> None:
    with zipfile.ZipFile(office.book) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(office.book, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def with_excel(office: Office, change: Callable[[openpyxl.Workbook], object]) -> None:
    book = openpyxl.load_workbook(office.book)
    change(book)
    book.save(office.book)


def refused(office: Office) -> WorkbookError:
    """The error of a cycle that leaves the file as it is."""
    before = office.digest()
    with pytest.raises(WorkbookError) as caught:
        office.sync()
    assert office.digest() == before
    assert caught.value.exit_code == 3
    assert str(office.book) in str(caught.value)
    return caught.value


BROKEN: dict[str, tuple[Callable[[Office], object], str]] = {
    "truncated": (lambda o: o.book.write_bytes(o.book.read_bytes()[:5_000]), "copy it again"),
    "empty": (lambda o: o.book.write_bytes(b""), "take the last backup"),
    "no xlsx": (lambda o: o.book.write_text("客户,电话", encoding="utf-8"), "save it as .xlsx"),
    "password": (
        lambda o: o.book.write_bytes(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")),
        "without a password|password",
    ),
    "zip bomb": (
        lambda o: rewritten(o, lambda x: x.replace(b"</sheetData>", b"<!--" + bytes(80 << 20) + b"--></sheetData>")),
        "take the last backup",
    ),
    "XML bomb": (
        lambda o: rewritten(o, lambda x: b'<!DOCTYPE a [<!ENTITY b "cc">]>' + x[x.index(b"<worksheet") :]),
        "take the last backup",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_workbook(office: Office, name: str) -> None:
    spoil, remedy = BROKEN[name]
    spoil(office)
    assert re.search(remedy, str(refused(office)))


def test_a_workbook_that_vanished_and_a_folder_in_its_place(office: Office) -> None:
    office.book.unlink()
    with pytest.raises(WorkbookError, match="check \\[workbook\\] path"):
        office.sync()
    office.book.mkdir()
    with pytest.raises(WorkbookError, match="check the path"):
        office.sync()


def test_a_mended_file_goes_on_as_if_nothing_had_been(office: Office) -> None:
    good = office.book.read_bytes()
    office.book.write_bytes(good[:5_000])
    refused(office)
    office.book.write_bytes(good)
    assert office.sync().written == ()


# -- tabs and headers --------------------------------------------------------------------------------------------------


def retitled(cell: str, text: str | None) -> Callable[[openpyxl.Workbook], object]:
    return lambda book: book["客户"].__setitem__(cell, text)


def doubled(book: openpyxl.Workbook) -> None:
    book.copy_worksheet(book["客户"]).title = "客户资料"


HELD: dict[str, tuple[Callable[[openpyxl.Workbook], object], str, str]] = {
    "tab missing": (lambda book: book.remove(book["客户"]), "tab-missing", "“客户”"),
    "tab doubled": (doubled, "tab-doubled", "客户资料"),
    "header row gone": (lambda book: book["客户"].delete_rows(1), "header-row-missing", "恢复表头"),
    "header renamed": (retitled("F1", "随便什么"), "column-missing", "“联系人”"),
    "header doubled": (retitled("G1", "联系人"), "header-doubled", "F1, G1"),
    "header merged": (lambda book: book["客户"].merge_cells("F1:G1"), "header-merged", "F1:G1"),
}


@pytest.mark.parametrize("name", HELD)
def test_a_tab_that_cannot_be_made_out_is_held_and_the_others_go_on(office: Office, name: str) -> None:
    spoil, code, place = HELD[name]
    with_excel(office, spoil)
    customers = None if name == "tab missing" else office.snapshot().sheets["客户"]
    office.add("跟进", [{"客户": "上海宏图机械有限公司", "跟进方式": "电话", "跟进内容": "报价"}])
    report = office.sync()
    assert report.halted is not None
    assert place in report.halted
    assert [issue.code for issue in report.issues if issue.code == code] == [code]
    assert customers is None or office.snapshot().sheets["客户"] == customers
    (follow_up,) = office.rows("跟进")
    assert str(follow_up["编号"]).startswith("F-")
    assert "计划完成时间" in str(follow_up["检查"])
    assert office.sync().written == ()


# -- cells -------------------------------------------------------------------------------------------------------------


def found(office: Office) -> set[tuple[str | None, str]]:
    """Column and code of what a cycle found; the second one writes nothing."""
    report = office.sync()
    assert report.halted is None
    assert office.sync().written == ()
    return {(issue.column, issue.code) for issue in report.issues}


CELLS: dict[str, tuple[dict[str, CellValue], set[tuple[str | None, str]]]] = {
    "text that begins a formula": ({"备注": "=1+1", "职位": "+86", "需求与痛点": "@SUM(A1)"}, set()),
    "emoji and rare characters": ({"备注": "😀🀄", "客户名称": "𠮷林𪚥公司"}, set()),
    "control characters": ({"备注": "a\x0bb\x00c\x1f"}, set()),
    "a full cell": ({"备注": "长" * 32_767}, set()),
    "a date before 1900": ({"客户类型": "个人客户", "生日": -5}, {("birthday", "not-a-date")}),
    "a date after all dates": ({"客户类型": "个人客户", "生日": 3e9}, {("birthday", "not-a-date")}),
    "text as numbers": ({"联系电话": 13800138001, "联系人": 12345, "客户名称": 3.5}, set()),
    "a number beyond money": ({"年收入": 1e308}, {("annual_revenue", "out-of-range")}),
    "a word where a person stands": ({"负责人": True}, {("owner", "person-unknown")}),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_that_are_odd(office: Office, name: str) -> None:
    cells, codes = CELLS[name]
    office.type("客户", 2, cells)
    typed = office.rows("客户")[0]
    assert found(office) == codes
    kept = office.rows("客户")[0]
    assert {header: kept[header] for header in cells if header != "联系电话"} == {
        header: typed[header] for header in cells if header != "联系电话"
    }


def test_numbers_typed_as_text_become_numbers(office: Office) -> None:
    office.type("客户", 2, {"员工数": "１２３", "年收入": "1,200.50", "年采购预算": " 12 "})
    assert found(office) == set()
    row = office.rows("客户")[0]
    assert (row["员工数"], row["年收入"], row["年采购预算"]) == (123, 1200.5, 12)


def test_errors_of_formulas_are_findings_and_formulas_stay(office: Office) -> None:
    note = office.header("客户").index("备注") + 1

    def spoil(book: openpyxl.Workbook) -> None:
        book["客户"]["F2"] = "#REF!"
        for column in range(3, note + 1):
            book["客户"].cell(3, column).value = f"=A{column}"

    with_excel(office, spoil)
    codes = found(office)
    assert ("contact", "cell-error") in codes
    assert ("name", "formula-without-value") in codes
    formulas = openpyxl.load_workbook(office.book)["客户"]
    assert formulas["F2"].value == "#REF!"
    assert [formulas.cell(3, column).value for column in (3, note)] == ["=A3", f"=A{note}"]


def test_a_row_of_spaces_is_no_row(office: Office) -> None:
    office.add("客户", [{"客户名称": "   ", "备注": " "}])
    assert office.sync().changes == ()


def test_the_last_row_of_a_sheet_and_a_dimension_that_lies(office: Office) -> None:
    rewritten(office, lambda x: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', x))
    assert office.sync().written == ()
    with_excel(office, lambda book: book["客户"].__setitem__("C1048576", "末行公司"))
    assert ("contact", "required") in found(office)
    assert str(office.rows("客户")[-1]["编号"]).startswith("C-")


def test_hidden_and_filtered_rows_and_tabs_are_read(office: Office) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        sheet = book["客户"]
        sheet.row_dimensions[3].hidden = True
        sheet.auto_filter.ref = "A1:AN6"
        sheet.sheet_state = "hidden"
        sheet["F3"] = None

    with_excel(office, hide)
    assert found(office) == {("contact", "required")}


def test_a_workbook_that_counts_from_1904(office: Office) -> None:
    office.type("客户", 2, {"客户类型": "个人客户", "生日": "1985-03-05"})
    office.sync()

    def turn(book: openpyxl.Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    with_excel(office, turn)
    report = office.sync()
    assert (report.issues, report.reverted, report.changes) == ((), (), ())


def test_links_to_other_workbooks_stay(office: Office) -> None:
    place = f"{column_letters(office.header('客户').index('备注') + 1)}2"
    with_excel(office, lambda book: book["客户"].__setitem__(place, "=[other.xlsx]Sheet1!A1"))
    office.sync()
    assert openpyxl.load_workbook(office.book)["客户"][place].value == "=[other.xlsx]Sheet1!A1"


# -- another workbook, another state -----------------------------------------------------------------------------------


def test_a_workbook_of_another_team_is_left_alone(office: Office, tmp_path: Path) -> None:
    other = made_anew(tmp_path / "other")
    shutil.copy(other.book, office.book)
    before = office.digest()
    report = office.sync()
    assert report.halted is not None
    assert "init --adopt" in report.halted
    assert (report.written, office.digest()) == ((), before)


def test_a_state_store_that_fails_is_an_error_of_a_service(office: Office) -> None:
    office.type("客户", 2, {"联系电话": "123"})
    before = office.digest()
    (office.folder / "state.db").write_bytes(b"rubbish" * 1_000)
    with pytest.raises(ServiceError, match="state store"):
        office.sync()
    office.config.write_text(CONFIG + '[state]\nurl = "nonsense"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"state\.url"):
        office.sync()
    assert office.digest() == before


# -- the disk ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("a small disk of its own can be mounted by root on Linux only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def filled(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, bytes(512))
    except OSError:
        os.close(handle)


@pytest.mark.parametrize("everything", [False, True], ids=["the workbook's disk", "the disk of all"])
def test_a_full_disk(office: Office, small_disk: Path, everything: bool) -> None:
    if everything:
        office = office.copied(small_disk / "office")
    else:
        book = small_disk / office.book.name
        shutil.move(office.book, book)
        office.config.write_text(CONFIG.replace("客户.xlsx", book.as_posix()), encoding="utf-8")
    office.type("客户", 2, {"联系电话": "123"})
    before = office.digest()
    filled(small_disk / "rest")
    with pytest.raises((WorkbookError, ServiceError), match="disk"):
        office.sync()
    assert office.digest() == before
    (small_disk / "rest").unlink()
    assert found(office) == {("phone", "not-a-phone")}
    assert "联系电话" in str(office.rows("客户")[0]["检查"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="to root no file is read-only")
def test_a_read_only_workbook(office: Office) -> None:
    office.type("客户", 2, {"联系电话": "123"})
    office.book.chmod(0o444)
    assert "read-only" in str(refused(office))


TEAM_HEADER = ["客户名称", "客户类型", "所属行业", "联系人", "联系电话"]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ([*TEAM_HEADER, "联系电话"], "表头“联系电话”出现了 2 次（E1, F1），请只保留一列"),
        ([*TEAM_HEADER, "merged"], "表头有合并单元格（B1:C1），请取消合并"),
        (None, "没有这个文件|截断|不完整"),
    ],
)
def test_what_cannot_be_adopted_is_told_and_leaves_no_config(
    tmp_path: Path, header: list[str] | None, told: str
) -> None:
    book, config = tmp_path / '我们的"客户".xlsx', tmp_path / "config.toml"
    team = openpyxl.Workbook()
    sheet = team.worksheets[0]
    sheet.title = "客户"
    sheet.append(header or TEAM_HEADER)
    if header and header[-1] == "merged":
        sheet.merge_cells("B1:C1")
    team.save(book)
    if header is None:
        book.write_bytes(book.read_bytes()[:3000])
    before = book.read_bytes()

    with pytest.raises(WorkbookError) as caught:
        app.init(config, workbook=book, locale=None, adopt=True, all_columns=False)

    assert re.search(told, in_words(caught.value, language("zh-CN")))
    assert str(book) in str(caught.value)
    assert book.read_bytes() == before
    assert not config.exists()  # so that the same command does once the workbook is mended
