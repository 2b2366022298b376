"""Conflict copies on a file share: merged into the book that is there, and moved to the conflicts."""

import shutil
from pathlib import Path

from crm_sheets import app
from crm_sheets.cells import CellValue
from crm_sheets.sync.backends.xlsx import patch_workbook
from tests.app.offices import Office

NAME = "客户 (张三的冲突副本 2026-11-22).xlsx"


def column(office: Office, label: str) -> int:
    return office.header("客户").index(label) + 1


def parted(office: Office, name: str, row: int, label: str, value: CellValue) -> Path:
    copy = office.book.with_name(name)
    shutil.copy2(office.book, copy)
    patch_workbook(copy, copy, {"客户": {(row, column(office, label)): value}})
    return copy


def notes(office: Office) -> list[CellValue]:
    return [row.get("备注") for row in office.rows("客户")]


def test_a_copy_is_merged_and_put_away(office: Office) -> None:
    copy = parted(office, NAME, 2, "备注", "副本里写的")
    office.type("客户", 3, {"备注": "本表里写的"})
    content = copy.read_bytes()

    report = app.sync(office.settings)

    assert notes(office)[:2] == ["副本里写的", "本表里写的"]
    (told,) = report.copies
    assert (told.became, told.edited, told.conflicts) == ("merged", 1, 0)
    assert told.moved is not None
    assert told.moved.parent == office.settings.backups.conflicts
    assert told.moved.read_bytes() == content
    assert not copy.exists()
    again = app.sync(office.settings)
    assert (again.copies, again.written) == ((), ())


def test_a_file_that_only_has_such_a_name_is_left(office: Office) -> None:
    other = office.book.with_name("客户 (1).xlsx")
    other.write_bytes(b"no workbook")
    app.sync(office.settings)
    report = app.sync(office.settings)
    assert [(told.became, told.again) for told in report.copies] == [("unreadable", True)]
    assert other.read_bytes() == b"no workbook"


def test_two_values_are_a_conflict_that_is_told(office: Office) -> None:
    parted(office, NAME, 2, "备注", "副本")
    office.type("客户", 2, {"备注": "本表"})
    report = app.sync(office.settings)
    assert notes(office)[0] == "本表"
    assert [(each.kept, each.put_away) for each in report.conflicts] == [("本表", "副本")]
