"""The control port, and trouble on the wire: what a client in another process meets."""

import time
from datetime import timedelta
from typing import Any

import pytest
import requests

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.faults import FaultKind
from crm_sheets.google_emulator.quotas import Limits

ROBOT, LEAD = "robot@emulated.iam.gserviceaccount.com", "lead@example.com"


class Outside:
    """A process that knows nothing but the two addresses."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.book = self.control("POST", "/spreadsheets", title="客户")["spreadsheetId"]
        self.control("POST", "/shares", spreadsheet=self.book, email=ROBOT)
        self.headers = {"Authorization": f"Bearer {emulator.user_token(ROBOT)}"}

    def control(self, verb: str, path: str, /, **body: Any) -> Any:
        answer = self.session.request(verb, self.emulator.control_url + path, json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def acts(self, *acts: dict[str, Any], user: str = LEAD) -> dict[str, Any]:
        return {"user": user, "spreadsheet": self.book, "acts": list(acts)}

    def write(self, text: str, timeout: float = 10) -> requests.Response:
        url = f"{self.emulator.url}/v4/spreadsheets/{self.book}/values/A1?valueInputOption=RAW"
        return self.session.put(url, json={"values": [[text]]}, headers=self.headers, timeout=timeout)

    def a1(self) -> str:
        values = self.control("GET", f"/values?spreadsheet={self.book}&range=A1:A2")["values"]
        return str(values[0][0]) if values else ""


@pytest.fixture
def outside(emulator: Emulator) -> Outside:
    return Outside(emulator)


def typing(text: str, cell: str = "A1") -> dict[str, Any]:
    return {"do": "type", "tab": "Sheet1", "cell": cell, "text": text}


def test_people_act_over_the_control_port(outside: Outside) -> None:
    outside.control("POST", "/acts", **outside.acts(typing("张三")))
    assert outside.a1() == "张三"
    outside.control("POST", "/acts", **outside.acts({"do": "undo"}))
    assert outside.a1() == ""


def test_somebody_acts_between_two_calls(outside: Outside) -> None:
    outside.control("POST", "/hooks", when="after", method="values.update", nth=2, **outside.acts(typing("later")))
    outside.control("POST", "/hooks", when="before", method="values.update", nth=3, **outside.acts(typing("x", "A2")))
    seen = []
    for text in ("first", "second", "third"):
        assert outside.write(text).ok
        seen.append(outside.control("GET", f"/values?spreadsheet={outside.book}&range=A1:A2")["values"])
    assert seen == [[["first"]], [["later"]], [["third"], ["x"]]]


def test_who_acts_at_a_hook_may_call_the_emulator_too(outside: Outside) -> None:
    def call() -> None:
        url = f"{outside.emulator.url}/v4/spreadsheets/{outside.book}/values/A2?valueInputOption=RAW"
        token = {"Authorization": f"Bearer {outside.emulator.user_token(LEAD)}"}
        requests.put(url, json={"values": [["theirs"]]}, headers=token, timeout=5).raise_for_status()

    outside.emulator.trouble.hooks.before(call, nth=None)
    assert outside.write("ours").ok
    assert outside.control("GET", f"/values?spreadsheet={outside.book}&range=A1:A2")["values"] == [["ours"], ["theirs"]]
    assert len(outside.emulator.requests) == 2


def test_what_somebody_may_not_do_at_a_hook_is_told_and_stops_nothing(outside: Outside) -> None:
    outside.control("POST", "/hooks", **outside.acts(typing("mine"), user="stranger@elsewhere.org"))
    assert outside.write("robot").ok
    assert outside.control("GET", "/calls")["refusedActs"] == ["The caller does not have permission"]
    assert outside.a1() == "robot"


@pytest.mark.parametrize(
    ("fault", "status", "content"),
    [
        (FaultKind.TOO_MANY_REQUESTS, 429, "application/json"),
        (FaultKind.SERVER_ERROR, 500, "application/json"),
        (FaultKind.UNAVAILABLE, 503, "application/json"),
        (FaultKind.RATE_LIMIT, 403, "application/json"),
        (FaultKind.TOKEN_EXPIRED, 401, "application/json"),
        (FaultKind.HTML, 200, "text/html"),
        (FaultKind.BAD_GATEWAY, 502, "text/html"),
    ],
)
@pytest.mark.parametrize("applied", [False, True])
def test_faults_come_once_and_are_carried_out_or_not(
    outside: Outside, fault: FaultKind, status: int, content: str, applied: bool
) -> None:
    outside.control("POST", "/faults", fault=str(fault), method="values.update", applied=applied)
    answer = outside.write("x")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, content)
    assert outside.a1() == ("x" if applied and fault is not FaultKind.TOKEN_EXPIRED else "")
    assert outside.write("y").status_code == (401 if fault is FaultKind.TOKEN_EXPIRED else 200)


@pytest.mark.parametrize("fault", [FaultKind.CLOSED, FaultKind.RESET])
@pytest.mark.parametrize("applied", [False, True])
def test_answers_are_lost_before_or_after_the_work(outside: Outside, fault: FaultKind, applied: bool) -> None:
    outside.control("POST", "/faults", fault=str(fault), applied=applied)
    with pytest.raises(requests.ConnectionError):
        outside.write("x")
    assert outside.a1() == ("x" if applied else "")
    assert outside.write("y").ok


@pytest.mark.parametrize("applied", [False, True])
def test_a_call_that_hangs_is_left_by_its_timeout(outside: Outside, applied: bool) -> None:
    outside.control("POST", "/faults", fault="hang", seconds=30, applied=applied)
    began = time.monotonic()
    with pytest.raises(requests.Timeout):
        outside.write("x", timeout=0.2)
    assert time.monotonic() - began < 5
    assert outside.a1() == ("x" if applied else "")


def test_nobody_listens_until_somebody_does_again(outside: Outside) -> None:
    assert outside.write("x").ok
    outside.control("POST", "/listening", on=False)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError, match="refused"):
            outside.write("y")
    outside.control("POST", "/listening", on=True)
    assert outside.a1() == "x"
    assert outside.write("z").ok


def test_quotas_are_set_and_told(outside: Outside) -> None:
    outside.control("POST", "/quotas", perUser=2, perProject=300)
    assert [outside.write("x").status_code for _ in range(3)] == [200, 200, 429]
    assert outside.control("GET", f"/quotas?user={ROBOT}") == {"reads": 0, "writes": 2}


def test_without_limits_calls_are_counted_only(emulator: Emulator) -> None:
    outside = Outside(emulator)
    assert {outside.write("x").status_code for _ in range(70)} == {200}
    assert emulator.trouble.quotas.most(writes=True) == 70
    assert Emulator(limits=Limits()).trouble.quotas.limits == Limits(60, 300)


def test_shares_tokens_and_switches(outside: Outside) -> None:
    outside.control("POST", "/tokens", expire=ROBOT)
    assert outside.write("x").status_code == 401
    outside.headers = {"Authorization": f"Bearer {outside.emulator.user_token(ROBOT)}"}
    outside.control("POST", "/shares", spreadsheet=outside.book, email=ROBOT, role="none")
    assert outside.write("x").status_code == 403
    outside.control("POST", "/switches", metadata_follows_sort=True, modified_time_lag=120)
    assert outside.emulator.switches.metadata_follows_sort is True
    assert outside.emulator.switches.modified_time_lag == timedelta(minutes=2)


def test_an_account_of_the_control_port_may_sign_in(outside: Outside) -> None:
    key = outside.control("POST", "/accounts", email=ROBOT)
    assert (key["client_email"], key["token_uri"]) == (ROBOT, outside.emulator.url + "/token")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/nowhere", {}, "knows no POST /nowhere"),
        ("/faults", {"fault": "418"}, "fault: 418 is none of 429, 500"),
        ("/hooks", {"when": "while"}, "neither before nor after"),
        ("/switches", {"metadata_follows_sort": "yes"}, "There is no switch metadata_follows_sort that takes yes"),
        ("/acts", {"user": LEAD, "acts": [{"do": "fly"}]}, "do: fly is none of add_tab"),
        ("/acts", {"user": LEAD, "acts": [typing("x")]}, "Requested entity was not found"),
    ],
)
def test_wrong_words_at_the_control_port_are_told(
    outside: Outside, path: str, body: dict[str, Any], message: str
) -> None:
    answer = outside.session.post(outside.emulator.control_url + path, json=body, timeout=10)
    assert answer.status_code in (400, 404)
    assert message in answer.json()["error"]["message"]
