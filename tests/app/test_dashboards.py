"""The report of the team and of one person, whose figures are made of nothing but what they may read."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.dashboards import summaries_for
from crm_sheets.app.workspace import opened
from crm_sheets.dashboard.fonts import any_font
from crm_sheets.errors import UsageError
from tests.app.galleries import POLICY, gallery
from tests.app.offices import NOW, WHOLE, Office


def test_the_teams_page_and_how_the_daemon_stands(office: Office, tmp_path: Path) -> None:
    done = app.report(office.settings, tmp_path / "out" / "report.html", person=None, pdf=False)
    assert [file.name for file in done.files] == ["report.html", "status.html"]
    text = done.files[0].read_text(encoding="utf-8")
    assert "客户" in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "status.html"]


def test_two_readers_have_two_totals(tmp_path: Path) -> None:
    """王芳 has four customers, 张伟 manages all five; the same page tells each of their own."""
    policy = POLICY.replace(', level = "hidden", private_note = "hidden"', "")
    team = gallery(tmp_path / "team", WHOLE + policy)
    counted = {}
    with opened(team.settings) as workspace:
        for person in ("张伟", "王芳"):
            told = summaries_for(workspace, person, NOW.date())
            figures = {figure.key: figure.value for summary in told for figure in summary.figures}
            counted[person] = figures["customers.customers"]
            printed = app.summary(team.settings, person).figures
            assert {figure.key: figure.value for figure in printed} == figures
    assert counted == {"张伟": 5, "王芳": 4}


def test_the_page_of_one_person(tmp_path: Path) -> None:
    team = gallery(tmp_path / "team", WHOLE + POLICY)
    target = tmp_path / "report.html"
    assert app.report(team.settings, target, person="王芳", pdf=False).files == (target,)
    assert 'id="customers"' not in target.read_text(encoding="utf-8")  # it needs a column that she may not read
    with pytest.raises(UsageError, match="nobody-here"):
        app.report(team.settings, tmp_path / "x.html", person="nobody-here", pdf=False)
    assert not (tmp_path / "x.html").exists()


def test_without_views_a_person_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        app.report(office.settings, tmp_path / "x.html", person="王芳", pdf=False)


def test_no_pdf_on_a_machine_without_fonts(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint would end the whole process there, and with it the daemon."""
    manager = pytest.importorskip("matplotlib.font_manager")
    monkeypatch.setattr(manager, "findSystemFonts", list)
    any_font.cache_clear()
    with pytest.raises(UsageError, match="fonts-noto-cjk"):
        app.report(office.settings, tmp_path / "report.html", person=None, pdf=True)
    any_font.cache_clear()
    assert list(tmp_path.glob("*.html")) == []


def test_a_rate_of_few_cases_is_told_with_them_and_its_interval(office: Office) -> None:
    office.add("机会", [{"机会名称": "换代", "客户": "上海宏图机械有限公司", "阶段": "赢单", "预计成交金额": 500}])
    office.sync()
    (rate,) = [each for each in app.summary(office.settings).figures if each.key == "funnel.win_rate"]
    assert (rate.value, rate.cases) == (1, 1)
    assert rate.low is not None
    assert rate.high == 1
    assert 0 < rate.low < 1
