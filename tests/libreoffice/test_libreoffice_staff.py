"""Somebody works in LibreOffice while the cycles run: nothing is lost or doubled, and what is open is not written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.libreoffice.office import WHY_NOT, libreoffice, python_with_uno

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]


def crm(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "crm_sheets", *words, "--config", str(folder / "config.toml")]
    now = {"CRM_SHEETS_NOW": "2026-11-22T09:00:00+08:00"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **now}
    )


def test_nothing_is_written_while_the_workbook_is_open(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    assert crm(tmp_path, "init", "--workbook", str(book)).returncode == 0
    crm(tmp_path, "sync")
    with libreoffice(tmp_path) as staff:
        staff.open(book)
        staff.act("type", "客户", 2, 3, "北京样例有限公司")
        staff.save()
        saved = book.read_bytes()
        assert crm(tmp_path, "sync").returncode == 3
        assert book.read_bytes() == saved
        staff.close()
        crm(tmp_path, "sync")
        with staff.at(book, saves=False):
            row = staff.rows("客户")[1]
    assert str(row[0]).startswith("C-")
    assert row[2] == "北京样例有限公司"
