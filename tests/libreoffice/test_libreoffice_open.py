"""Somebody has the workbook open in LibreOffice while cycles run: it is not written, and what was saved is taken in."""

import json
from pathlib import Path

import pytest

from tests.libreoffice.office import WHY_NOT, crm, libreoffice, made, places, python_with_uno, told

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]


CUSTOMERS = "客户"
NAME, PHONE, NOTE = places("name", "phone", "note")


def test_an_open_workbook_is_read_and_not_written(tmp_path: Path) -> None:
    book = made(tmp_path)
    lock = tmp_path / ".~lock.book.xlsx#"
    with libreoffice(tmp_path) as staff:
        with staff.at(book):
            staff.act("type", CUSTOMERS, 2, NAME, "北京样例有限公司")
        crm(tmp_path, "sync")
        staff.open(book)
        locked_by = [part.strip() for part in lock.read_text(encoding="utf-8").split(",")]
        staff.act("type", CUSTOMERS, 2, PHONE, "不是电话")
        staff.act("type", CUSTOMERS, 2, NOTE, "开着的时候写的")
        staff.act("type", CUSTOMERS, 3, NAME, "上海新客户有限公司")
        staff.save()
        saved = book.read_bytes()
        busy, status = crm(tmp_path, "sync", "--json"), told(tmp_path, "status")
        assert busy.returncode == 3
        assert book.read_bytes() == saved
        staff.close()
        assert not lock.exists()
        crm(tmp_path, "sync")
        with staff.at(book, saves=False):
            old, new = staff.rows(CUSTOMERS)[1:3]
    report = json.loads(busy.stdout)
    assert status["holder"] == report["waiting"] in locked_by
    assert "not-a-phone" in {issue["code"] for issue in report["issues"] if issue["column"] == "phone"}
    assert "开着的时候写的" in {change["new"] for change in report["changes"]}
    assert [old[NAME - 1], new[NAME - 1]] == ["北京样例有限公司", "上海新客户有限公司"]
    assert [old[PHONE - 1], old[NOTE - 1]] == ["不是电话", "开着的时候写的"]
    assert len({str(row[0]) for row in (old, new) if str(row[0]).startswith("C-")}) == 2
    assert told(tmp_path, "status")["holder"] is None
    assert told(tmp_path, "sync")["written"] == []
