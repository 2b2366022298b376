"""The report of the team and of one person, whose figures are made of nothing but what they may read."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.errors import UsageError
from tests.app.galleries import POLICY, gallery
from tests.app.offices import CONFIG, Office


def test_the_teams_page_and_how_the_daemon_stands(office: Office, tmp_path: Path) -> None:
    done = app.report(office.settings, tmp_path / "out" / "report.html", person=None, pdf=False)
    assert [file.name for file in done.files] == ["report.html", "status.html"]
    text = done.files[0].read_text(encoding="utf-8")
    assert "客户" in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "status.html"]


def test_two_readers_have_two_totals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team = gallery(tmp_path / "team", CONFIG + POLICY)
    pages = {}
    for person in ("张伟", "王芳"):
        target = tmp_path / f"{person}.html"
        assert app.report(team.settings, target, person=person, pdf=False).files == (target,)
        pages[person] = target.read_text(encoding="utf-8")
    assert pages["张伟"] != pages["王芳"].replace("王芳", "张伟")
    with pytest.raises(UsageError, match="nobody-here"):
        app.report(team.settings, tmp_path / "x.html", person="nobody-here", pdf=False)
    assert not (tmp_path / "x.html").exists()


def test_without_views_a_person_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        app.report(office.settings, tmp_path / "x.html", person="王芳", pdf=False)
