"""A workspace made once, and copies of it."""

from pathlib import Path

import pytest

from tests.app.offices import NOW, Office, made


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())


@pytest.fixture(scope="session")
def first_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        return made(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(first_office: Office, tmp_path: Path) -> Office:
    """Its own copy for each test."""
    return first_office.copied(tmp_path / "office")
