"""Weekly reports that are kept long enough go; what somebody else put into their folders stays."""

from datetime import date
from pathlib import Path

import pytest

from crm_sheets.app.old_reports import remove_old
from crm_sheets.dashboard.page import document
from crm_sheets.dashboard.weeks import Week
from crm_sheets.language import language

LATEST = Week(date(2026, 11, 16))
PAGE = document("周报", "<p>…</p>", language("zh-CN"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Reports of five weeks, the first of last year; notes of the lead beside one of them."""
    for name in ("2025-W47", "2026-W44", "2026-W45", "2026-W46", "2026-W47"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "E02-张伟.html").write_text(PAGE, encoding="utf-8")
        (tmp_path / name / "E02-张伟.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "2026-W44" / "周会纪要.html").write_text("<html>我的笔记</html>", encoding="utf-8")
    (tmp_path / "2026-W44" / "周会纪要.pdf").write_bytes(b"%PDF-1.7")
    for name in ("2025-W60", "年终总结"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "E02-张伟.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_only_our_reports_of_weeks_long_ago_go(folder: Path) -> None:
    gone = remove_old(folder, LATEST, 3)
    assert [path.relative_to(folder).as_posix() for path in gone] == [
        "2025-W47/E02-张伟.html",
        "2025-W47/E02-张伟.pdf",
        "2026-W44/E02-张伟.html",
        "2026-W44/E02-张伟.pdf",
    ]
    assert sorted(each.name for each in folder.iterdir()) == [
        "2025-W60", "2026-W44", "2026-W45", "2026-W46", "2026-W47", "年终总结",
    ]  # fmt: skip
    assert sorted(each.name for each in (folder / "2026-W44").iterdir()) == ["周会纪要.html", "周会纪要.pdf"]
    assert remove_old(folder, LATEST, 3) == ()


def test_all_may_be_kept(folder: Path) -> None:
    assert remove_old(folder, LATEST, 0) == remove_old(folder / "none", LATEST, 3) == ()
    assert len(list(folder.glob("*/*.html"))) == 8
