"""`doctor` says what keeps us from a spreadsheet, in words that tell who can mend it and how."""

import json
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.google_emulator import Emulator
from tests.app.online.teams import Team, made


def faults(team: Team) -> dict[str, str]:
    """What is wrong of what concerns Google, by examination."""
    found = app.doctor(team.settings).examinations
    return {each.name: each.found for each in found if each.name.startswith("google") and not each.passed}


@pytest.fixture
def team(tmp_path: Path, emulator: Emulator) -> Team:
    return made(tmp_path, emulator)


def test_all_is_well(team: Team) -> None:
    assert faults(team) == {}


@pytest.mark.parametrize(("role", "word"), [(None, "共享"), ("reader", "只有查看权限")])
def test_what_is_not_shared_enough(team: Team, emulator: Emulator, role: str | None, word: str) -> None:
    place = team.settings.workbook.spreadsheet or ""
    emulator.unshare(place, team.account)
    if role is not None:
        emulator.share(place, team.account, role)
    told = faults(team)
    assert told.keys() == {"google_spreadsheet"}
    assert word in told["google_spreadsheet"]
    assert team.account in told["google_spreadsheet"]


def test_keys_that_are_none_or_of_nobody(team: Team) -> None:
    key = team.folder / "key.json"
    known = json.loads(key.read_text(encoding="utf-8"))
    stranger = {**known, "client_email": "nobody@example.iam.gserviceaccount.com"}
    for text, word in ((json.dumps(stranger), "不接受"), ("{}", ""), ("no json", "JSON")):
        key.write_text(text, encoding="utf-8")
        told = faults(team)
        assert told.keys() == {"google_account"}
        assert word in told["google_account"]
    key.unlink()
    assert faults(team).keys() == {"google_account"}


def test_a_clock_that_is_wrong(team: Team, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    now = emulator.tokens.clock
    monkeypatch.setattr(emulator.tokens, "clock", lambda: now() + 7200)
    assert "时间" in faults(team)["google_account"]


def test_commands_that_ask_google_nothing_need_no_key(team: Team) -> None:
    (team.folder / "key.json").unlink()
    assert app.status(team.settings).workbook == team.settings.workbook.place
