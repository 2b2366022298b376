"""`crm-sheets demo` as a new user runs it."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.config import load


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_demo_finds_what_was_planted_and_comes_to_rest(tmp_path: Path, locale: str) -> None:
    report = app.demo(tmp_path / "demo", seed=1, locale=locale)
    assert len(report.planted) > 20
    assert {name: counts for name, counts in report.planted.items() if counts[0] != counts[1]} == {}
    assert len(report.mails) >= 6
    again = app.sync(load(tmp_path / "demo" / "config.toml"))
    assert again.written == ()
