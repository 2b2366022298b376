"""A team's own workbook is adopted and kept through the commands; LibreOffice reads what came of it."""

import csv
import re
import subprocess
from pathlib import Path

import pytest

from tests.backends.workbook.books import parts
from tests.backends.workbook.test_adopt import UTF8_CSV, make_theirs
from tests.libreoffice.office import WHY_NOT, configured, crm, python_with_uno, told

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]

TOUCHED = {
    *("[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml"),
    "xl/worksheets/sheet1.xml",
}
"""Parts that must say what was added: sheets, our columns, the stamp. A table also names its new columns."""


def converted(book: Path, form: str, folder: Path) -> Path:
    """What LibreOffice makes of the workbook, as a file of another kind."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(folder), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{book.stem}.{form.partition(':')[0]}"


def formats(sheet: bytes) -> list[bytes]:
    """The data bars and what else colours cells, as they were written, and those that Excel 2010 brought."""
    found = re.findall(rb"<(?:x14:)?conditionalFormatting .*?</(?:x14:)?conditionalFormatting>", sheet, re.S)
    return [each for each in found if b"dataBar" in each]


@pytest.mark.parametrize("table", [False, True], ids=["filter", "table"])
def test_a_workbook_of_the_team_is_adopted_kept_and_read(tmp_path: Path, table: bool) -> None:
    book = make_theirs(configured(tmp_path), table=table)
    before = parts(book)
    for words in (["init", "--adopt"], ["sync"]):
        done = crm(tmp_path, *words)
        assert done.returncode == 0, done.stderr
    after = parts(book)
    touched = TOUCHED | {"xl/tables/table1.xml"} if table else TOUCHED
    assert {name for name, content in before.items() if after[name] != content} == touched
    assert {"xl/charts/chart1.xml", "xl/media/image1.png", "xl/comments1.xml"} <= before.keys() - touched
    bars = formats(before["xl/worksheets/sheet1.xml"])
    assert len(bars) == 2
    assert set(bars) <= set(formats(after["xl/worksheets/sheet1.xml"]))
    assert told(tmp_path, "sync")["written"] == []
    assert parts(book) == after
    if table:  # drawn, each page with its charts; without a table test_libreoffice_macros.py has it drawn
        assert converted(book, "pdf", tmp_path).read_bytes().startswith(b"%PDF-")
    with converted(book, UTF8_CSV, tmp_path).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0][0] == "2026 年客户"
    assert rows[2][:6] == ["公司名称", "联系电话", "我们的评分", "客户状态", "编号", "_key"]
    assert [row[:2] for row in rows[3:9]] == [[f"公司{row}", f"1380013800{row}"] for row in range(3, 9)]
    assert len({row[4] for row in rows[3:9] if row[4].startswith("C-")}) == 6
    assert rows[11][2] == "49.5"
