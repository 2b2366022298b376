"""Tokens: what comes in the place of one, and what is made of it."""

import pytest
from google.auth.exceptions import RefreshError, TransportError
from requests.exceptions import ProxyError, SSLError

from crm_sheets.errors import ServiceError, ServiceUnavailable
from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.faults import Fault, FaultKind
from crm_sheets.google_emulator.patterns import CallPattern
from crm_sheets.google_emulator.tokens import SHEETS_SCOPES
from crm_sheets.sync.backends.google.budget import Budget
from crm_sheets.sync.backends.google.connect import connect
from crm_sheets.sync.backends.google.http import Terms
from crm_sheets.sync.backends.google.login import Unreached, is_busy, said_of, unreached
from tests.backends.google.watches import Watch

ROBOT = "robot@emulated.iam.gserviceaccount.com"


class Door:
    """An account that wants to read one spreadsheet."""

    def __init__(self, emulator: Emulator, *, person: bool) -> None:
        self.watch = Watch()
        user = "lead@example.com" if person else ROBOT
        self.book = emulator.create("客户")
        emulator.share(self.book, ROBOT)
        info = emulator.service_account(ROBOT)
        if person:
            info = emulator.login(user)
        terms = Terms(self.watch.now, self.watch.sleep, lambda: 1.0, base=emulator.url, timeout=(5.0, 5.0))
        budget = Budget(self.watch.now, self.watch.sleep, reads=60, writes=60)
        self.client = connect(info, terms, budget).client

    def read(self) -> object:
        address = f"https://sheets.googleapis.com/v4/spreadsheets/{self.book}"
        return self.client.request("get", address, params={"fields": "spreadsheetId"}).json()


@pytest.mark.parametrize("person", [False, True])
@pytest.mark.parametrize("page", [FaultKind.HTML, FaultKind.BAD_GATEWAY, FaultKind.CLOSED])
def test_a_page_in_the_place_of_a_token_is_trouble_that_passes(page: FaultKind, person: bool) -> None:
    with Emulator() as emulator:
        door = Door(emulator, person=person)
        emulator.trouble.faults.add(Fault(page, CallPattern("token"), times=2))
        assert door.read() == {"spreadsheetId": door.book}
        assert len(door.watch.slept) == 2
        door.client.session.close()


def test_pages_for_ever_end_and_say_what_they_are() -> None:
    with Emulator() as emulator:
        door = Door(emulator, person=False)
        emulator.trouble.faults.add(Fault(FaultKind.HTML, CallPattern("token"), times=None))
        with pytest.raises(ServiceError, match="the address that gives tokens answered with a page"):
            door.read()
        door.client.session.close()


def test_an_account_that_is_gone_is_told_at_once() -> None:
    with Emulator() as emulator:
        door = Door(emulator, person=False)
        emulator.tokens.keys.clear()
        with pytest.raises(ServiceUnavailable, match=r"does not accept the credentials.*account not found"):
            door.read()
        assert door.watch.slept == []
        door.client.session.close()


@pytest.mark.parametrize("kind", [FaultKind.LOGIN_LIMIT, FaultKind.RATE_LIMIT])
def test_too_many_logins_are_waited_for(kind: FaultKind) -> None:
    with Emulator() as emulator:
        door = Door(emulator, person=False)
        emulator.trouble.faults.add(Fault(kind, CallPattern("token"), times=2))
        assert door.read() == {"spreadsheetId": door.book}
        assert len(door.watch.slept) == 2
        emulator.tokens.expire(ROBOT)
        emulator.trouble.faults.add(Fault(kind, CallPattern("token"), times=None))
        with pytest.raises(ServiceError, match="in time") as told:
            door.read()
        assert not isinstance(told.value, ServiceUnavailable)
        door.client.session.close()


def test_a_person_asks_for_what_they_agreed_to_and_nothing_else() -> None:
    with Emulator() as emulator:
        door = Door(emulator, person=True)
        door.read()
        (token,) = emulator.tokens.access.values()
        assert (token.user, token.scopes) == ("lead@example.com", SHEETS_SCOPES)
        door.client.session.close()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (TransportError(SSLError("self-signed")), Unreached.TLS),
        (TransportError(ConnectionError(ProxyError("407"))), Unreached.PROXY),
        (TransportError("nobody answers"), Unreached.NETWORK),
        (RefreshError("too many", {}, retryable=True), Unreached.BUSY),
        (RefreshError("invalid_grant"), None),
        (ValueError("no JSON"), None),
    ],
)
def test_why_no_answer_came(error: Exception, why: Unreached | None) -> None:
    assert unreached(error) is why


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RefreshError("long", {"error": {"message": "API is off"}}), "API is off"),
        (RefreshError("invalid_grant: x", {"error": "invalid_grant"}), "invalid_grant: x"),
        (RefreshError("long", {"error": {}}), "long"),
        (RefreshError("page", "<html>"), "page"),
        (RefreshError(), ""),
    ],
)
def test_what_was_said_of_it(error: RefreshError, said: str) -> None:
    assert said_of(error) == said
    assert not is_busy(error)
