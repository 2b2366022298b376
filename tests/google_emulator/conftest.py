"""One emulator for a test, and somebody who calls it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urlsplit

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Object, part, text
from tests.google_emulator.team import Team

LEAD = "lead@example.com"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class Caller:
    """Calls the emulator over HTTP as one person, on one spreadsheet."""

    def __init__(self, emulator: Emulator, spreadsheet: str, user: str) -> None:
        self.emulator, self.spreadsheet = emulator, spreadsheet
        self.token = emulator.user_token(user)
        self.status = 0
        self._connection = HTTPConnection(urlsplit(emulator.url).netloc, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: object = None, **query: object) -> Object:
        """One call; the answer's JSON, whatever its status, which is kept in `status`."""
        target = path + ("?" + urlencode(query, doseq=True) if query else "")
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, target, sent, {"Authorization": f"Bearer {self.token}"})
        answer = self._connection.getresponse()
        self.status = answer.status
        found: Object = json.loads(answer.read() or b"{}")
        return found

    def sheets(self, method: str, rest: str, body: object = None, **query: object) -> Object:
        return self.call(method, f"/v4/spreadsheets/{self.spreadsheet}{rest}", body, **query)

    def values(self, range_name: str, **query: object) -> object:
        return self.sheets("GET", "/values/" + quote(range_name, safe=""), **query).get("values", [])

    def write(self, range_name: str, values: object, how: str = "USER_ENTERED") -> Object:
        path = "/values/" + quote(range_name, safe="")
        return self.sheets("PUT", path, {"values": values}, valueInputOption=how)

    def batch(self, *requests: object, **body: object) -> Object:
        return self.sheets("POST", ":batchUpdate", {"requests": list(requests), **body})

    def refusal(self, *requests: object) -> str:
        """The message of a batch that is refused."""
        return message(self.batch(*requests))


def message(answer: Object) -> str:
    return text(part(answer, "error"), "message")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=lambda: NOON) as running:
        yield running
        assert running.api.defects == []


@pytest.fixture
def lead(emulator: Emulator) -> Iterator[Caller]:
    caller = Caller(emulator, emulator.create("Book", owner=LEAD, locale="en_US", sheets=("Sheet1", "客户")), LEAD)
    yield caller
    caller.close()


@pytest.fixture
def team() -> Iterator[Team]:
    found = Team()
    yield found
    assert found.emulator.api.defects == []


@pytest.fixture
def gspread_at(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points gspread's addresses at the emulator."""
    import gspread.client
    import gspread.http_client
    import gspread.spreadsheet

    # google-auth asks another host of Google, in a thread, where an account may be used; nothing leaves this machine.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    for module in (gspread.client, gspread.http_client, gspread.spreadsheet):
        for name, value in vars(module).items():
            if isinstance(value, str) and "googleapis.com" in value:
                monkeypatch.setattr(module, name, emulator.url + "/" + value.split("/", 3)[3])
