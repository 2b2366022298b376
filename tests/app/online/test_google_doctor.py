"""`doctor` says what keeps us from a spreadsheet, in words that tell who can mend it and how."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sheets import app, reports
from crm_sheets.app import online_doctor
from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.faults import Fault, FaultKind
from crm_sheets.google_emulator.patterns import CallPattern
from tests.app.online.teams import OWNER, Team, made
from tests.google_emulator.tls_proxy import tls_proxy


def failed(team: Team) -> list[reports.Examination]:
    found = app.doctor(team.settings).examinations
    return [each for each in found if each.name.startswith("google") and not each.passed]


def faults(team: Team) -> dict[str, str]:
    """What is wrong of what concerns Google, by examination."""
    return {each.name: each.found for each in failed(team)}


@pytest.fixture
def team(tmp_path: Path, emulator: Emulator) -> Iterator[Team]:
    yield made(tmp_path, emulator)
    emulator.trouble.faults.clear()


def by_googles_addresses(team: Team) -> None:
    """The config names no emulator."""
    text = team.config.read_text(encoding="utf-8")
    team.config.write_text(text.replace(f'url = "{team.emulator.url}"', ""), encoding="utf-8")
    key = team.folder / "key.json"
    known = json.loads(key.read_text(encoding="utf-8"))
    key.write_text(json.dumps({**known, "token_uri": "https://oauth2.googleapis.com/token"}), encoding="utf-8")


def test_all_is_well(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(team) == {}
    monkeypatch.setattr(online_doctor, "MOST_SECONDS_APART", -1)  # no clock is as right as that
    assert faults(team).keys() == {"google_clock"}


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


@pytest.mark.parametrize(
    ("kind", "calls", "words"),
    [
        (FaultKind.API_DISABLED, "", ["没有启用 Google Sheets API", "project=104729104729"]),
        (FaultKind.STORAGE_QUOTA, "batchUpdate", ["空间已满", "所有者"]),
        (FaultKind.PERMISSION_DENIED, "batchUpdate", ["只有查看权限", "编辑者"]),
    ],
)
def test_what_google_refuses(team: Team, emulator: Emulator, kind: FaultKind, calls: str, words: list[str]) -> None:
    emulator.trouble.faults.add(Fault(kind, CallPattern(f"spreadsheets.{calls or 'get'}"), times=None))
    told = faults(team)
    assert told.keys() == {"google_spreadsheet"}
    for word in words:
        assert word in told["google_spreadsheet"]


@pytest.mark.parametrize("kind", [FaultKind.LOGIN_LIMIT, FaultKind.RATE_LIMIT])
def test_too_many_logins_are_no_fault_of_the_key(team: Team, emulator: Emulator, kind: FaultKind) -> None:
    emulator.trouble.faults.add(Fault(kind, CallPattern("token"), times=None))
    (told,) = failed(team)
    assert told.name == "google_reach"
    assert "过几分钟" in told.remedy
    assert "密钥没有问题" in told.remedy


def test_a_page_in_the_place_of_google(team: Team, emulator: Emulator) -> None:
    emulator.trouble.faults.add(Fault(FaultKind.HTML, CallPattern("token"), times=None))
    (told,) = failed(team)
    assert (told.name, "网络" in told.remedy) == ("google_reach", True)


def test_a_proxy_whose_certificate_is_not_trusted(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    by_googles_addresses(team)
    with tls_proxy(team.emulator.url, team.folder) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.environment["HTTPS_PROXY"])
        monkeypatch.setenv("NO_PROXY", "")
        (told,) = failed(team)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", proxy.environment["REQUESTS_CA_BUNDLE"])
        assert failed(team) == []
    assert told.name == "google_reach"
    assert "REQUESTS_CA_BUNDLE" in told.remedy


def test_a_proxy_that_is_not_there(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    by_googles_addresses(team)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        (told,) = failed(team)
    assert told.name == "google_reach"
    assert "HTTPS_PROXY" in told.remedy


def test_the_login_of_a_person(team: Team, emulator: Emulator) -> None:
    login = emulator.login(OWNER)
    key = team.folder / "key.json"
    key.write_text(json.dumps(login), encoding="utf-8")
    assert faults(team) == {}
    emulator.tokens.revoked.add(str(login["refresh_token"]))
    assert "已过期或被撤销" in faults(team)["google_account"]
    key.write_text(json.dumps({"installed": {"client_id": "c", "client_secret": "s"}}), encoding="utf-8")
    assert "还没有人登录过" in faults(team)["google_account"]
