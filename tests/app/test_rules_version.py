"""Rows are looked at anew when they may mean something else, and for no other reason."""

from pathlib import Path

from crm_sheets.app.workspace import rules_version
from crm_sheets.config import load
from tests.app.offices import CONFIG


def version_in(folder: Path, more: str = "") -> str:
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG + more, encoding="utf-8")
    return rules_version(load(folder / "config.toml"))


def test_a_workspace_that_moves_means_what_it_meant(tmp_path: Path) -> None:
    assert version_in(tmp_path / "here") == version_in(tmp_path / "there")


def test_another_rule_means_something_else(tmp_path: Path) -> None:
    more = '[status]\ndormant_after = "90d"\n'
    assert version_in(tmp_path / "here") != version_in(tmp_path / "there", more)
