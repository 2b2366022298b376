"""LibreOffice opens a view with its password, and its person chooses another one there."""

from pathlib import Path

import pytest

from tests.app.galleries import gallery
from tests.app.offices import NOW
from tests.app.test_view_passwords import KEY, LOCKED, OWN, SHEET, Closed, opens, parts, plain, sent
from tests.libreoffice.office import WHY_NOT, libreoffice, python_with_uno

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]


def test_a_view_with_a_password_is_opened_edited_and_given_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    monkeypatch.setenv("CANARY_KEY", KEY)
    team = gallery(tmp_path / "team", LOCKED)
    first = Closed(team, sent(team)["王芳"])
    note = first.desk().header("客户").index("备注") + 1
    with libreoffice(tmp_path) as staff:
        staff.open(first.path, first.password)
        assert "上海宏图机械有限公司" in str(staff.rows("客户"))
        staff.act("type", "客户", 2, note, "在 LibreOffice 里填的")
        staff.act("type", SHEET, 4, 2, OWN)
        staff.act("type", SHEET, 5, 2, OWN)
        staff.save()
        staff.close()
        assert opens(first.path, first.password), "LibreOffice saves with the password by which it was opened"
        team.sync()
        assert "在 LibreOffice 里填的" in {row["备注"] for row in team.rows("客户")}
        assert opens(first.path, OWN)
        assert not opens(first.path, first.password)
        assert OWN.encode() not in parts(plain(first.path, OWN)), "the strings that LibreOffice shares are searched"
        staff.open(first.path, OWN)
        assert "您自己设置的密码" in str(staff.rows(SHEET))
        staff.close()
    assert not team.sync().written
