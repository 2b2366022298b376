"""What LibreOffice makes of our file when it saves it, and what it shows of ours after we wrote into its."""

from pathlib import Path

import pytest

from tests.libreoffice.office import WHY_NOT, crm, libreoffice, made, python_with_uno, told

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]


def test_a_save_without_an_edit_changes_and_writes_nothing(tmp_path: Path) -> None:
    book = made(tmp_path)
    with libreoffice(tmp_path) as staff:
        with staff.at(book):
            staff.act("type", "客户", 2, 3, "北京样例有限公司")
            staff.act("type", "客户", 2, 8, "13800138000")
            staff.act("type", "机会", 2, 3, "首单")
            staff.act("type", "机会", 2, 7, 12500.5)
            staff.act("type", "机会", 2, 9, 46100)
        crm(tmp_path, "sync")
        before = told(tmp_path, "status")
        ours = book.read_bytes()
        with staff.at(book):
            pass
        theirs = book.read_bytes()
        again = told(tmp_path, "sync")
    assert theirs != ours
    assert [again[what] for what in ("changes", "reverted", "conflicts", "written", "waiting")] == [
        [],
        [],
        [],
        [],
        None,
    ]
    assert book.read_bytes() == theirs
    assert told(tmp_path, "status")["generation"] == before["generation"]


def test_formulas_of_staff_show_what_a_cycle_wrote(tmp_path: Path) -> None:
    book = made(tmp_path)
    with libreoffice(tmp_path) as staff:
        with staff.at(book):
            staff.act("type", "客户", 2, 3, "北京样例有限公司")
            staff.act("type", "客户", 3, 45, "=COUNTA(A2:A1000)")
            staff.act("type", "机会", 2, 7, "1.2万")
            staff.act("add", "我们的表")
            staff.act("type", "我们的表", 1, 1, "=COUNTA($客户.A2:A1000)")
            staff.act("type", "我们的表", 2, 1, "=SUM($机会.G2:G1000)")
            before = [staff.rows("客户")[2][44], *(row[0] for row in staff.rows("我们的表"))]
        crm(tmp_path, "sync")
        with staff.at(book, saves=False):
            after = [staff.rows("客户")[2][44], *(row[0] for row in staff.rows("我们的表"))]
    assert before == [0, 0, 0]
    assert after == [1, 1, 12000]
