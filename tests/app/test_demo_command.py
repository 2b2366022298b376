"""`crm-sheets demo` as a new user runs it."""

from pathlib import Path

import pytest

from crm_sheets import app, clock
from crm_sheets.config import load
from crm_sheets.language import language
from crm_sheets.schema.book import TABS
from crm_sheets.sync.backends.xlsx import read_workbook
from tests.app import demo_columns


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_demo_finds_what_was_planted_and_comes_to_rest(tmp_path: Path, locale: str) -> None:
    report = app.demo(tmp_path / "demo", seed=1, locale=locale)
    assert len(report.planted) > 20
    assert {name: counts for name, counts in report.planted.items() if counts[0] != counts[1]} == {}
    assert len(report.mails) >= 6
    settings = load(tmp_path / "demo" / "config.toml")
    assert settings.workbook.path is not None
    words, sheets = language(locale), read_workbook(settings.workbook.path).sheets
    assert [tab.key for tab in TABS if len(sheets[words.text(f"tab.{tab.key}")].rows) < 2] == []
    again = app.sync(settings)
    assert again.written == ()
    if locale == "zh-CN":  # its words are Chinese
        book = demo_columns.read(tmp_path / "demo" / "客户管理.xlsx")
        now = clock.now().astimezone(settings.workbook.zone).replace(tzinfo=None)
        recount = demo_columns.Recount(book, now)
        assert all(len(book[tab]) > 30 for tab in recount.columns())
        assert list(recount.differences()) == []
