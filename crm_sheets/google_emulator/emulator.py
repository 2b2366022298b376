"""The emulator: a set of spreadsheets and accounts behind a server on loopback."""

import random
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from crm_sheets import clock as clocks
from crm_sheets.google_emulator.api import Api
from crm_sheets.google_emulator.calls import Answer, Call, call_of
from crm_sheets.google_emulator.control import Control
from crm_sheets.google_emulator.creating import blank_sheets, new_id, new_permission, store
from crm_sheets.google_emulator.files import Files, Permission
from crm_sheets.google_emulator.json_values import Json, Object
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.people import Person
from crm_sheets.google_emulator.quotas import Limits, Quotas
from crm_sheets.google_emulator.server import Server
from crm_sheets.google_emulator.session import Session
from crm_sheets.google_emulator.switches import Switches
from crm_sheets.google_emulator.tokens import SHEETS_SCOPES, Login, Tokens, key_file, new_key
from crm_sheets.google_emulator.trouble import Trouble


class Interceptor(Protocol):
    """Something that stands between the wire and the APIs: faults, quotas, people who act between two requests.

    It is called without the emulator's lock, so it may call `Emulator.handle` itself.
    """

    def before(self, call: Call) -> Answer | None:
        """An answer to give instead of doing what the call asks for, or None."""

    def after(self, call: Call, answer: Answer) -> Answer:
        """The answer to give once it is done: the same one or another."""


class Emulator:
    """Google Sheets and Drive on loopback, from entering the context until leaving it.

    `url` is the base of everything: Sheets under /v4/spreadsheets, Drive under /drive/v3, tokens under /token.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = clocks.now,
        zone: str = "Asia/Shanghai",
        *,
        seed: int = 1,
        port: int = 0,
        switches: Switches | None = None,
        limits: Limits | None = None,
        token_clock: Callable[[], float] = time.time,
    ) -> None:
        """Args:
        clock: for what is modified when, and for "today" in cells.
        zone: time zone of new spreadsheets.
        seed: of all ids.
        port: 0 takes a free one.
        switches: choices where Google documents nothing.
        limits: of calls a minute, `Limits()` for Google's; without any all calls pass and are counted.
        token_clock: seconds since 1970 by which tokens expire; the libraries that sign use the machine's clock.
        """
        self.zone, self.port = zone, port
        self.switches = switches or Switches()
        self.files = Files()
        self.requests: list[Call] = []
        self.interceptors: list[Interceptor] = []
        self.lock = threading.RLock()
        self._random = random.Random(seed)  # noqa: S311 - ids that are the same in every run
        self._server: Server | None = None
        self.tokens = Tokens(token_clock, random.Random(seed + 1))  # noqa: S311 - no secrets of anybody
        self.api = Api(self.files, self.tokens, self.switches, self._random, clock)
        self._clock = clock
        self.trouble = Trouble(Quotas(clock, limits), self._expire)
        self.interceptors.append(self.trouble)
        self.refused_acts: list[str] = []
        """What people at hooks wanted to do and Google would not let them."""
        self._people: dict[tuple[str, str], Person] = {}
        self._control: Server | None = None
        self._address = ""

    def __enter__(self) -> Self:
        self._server = Server(self.serve, self.port)
        self._address = self._server.url
        self.tokens.token_uri = self.url + "/token"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in (self._server, self._control):
            if server is not None:
                server.close()
        self._server = self._control = None
        self._address = ""

    @property
    def url(self) -> str:
        """Base URL, without a slash at the end. Only while it serves."""
        if not self._address:
            raise RuntimeError("the emulator serves only within its context")
        return self._address

    def listen(self, *, on: bool) -> None:
        """Refuses connections until it is told to take them again, at the same address."""
        if on and self._server is None:
            self._server = Server(self.serve, int(self.url.rpartition(":")[2]))
        elif not on and self._server is not None:
            self._server.close()
            self._server = None

    @property
    def control_url(self) -> str:
        """Where other processes reach the control port (see `control.py`); it is opened when it is first asked for."""
        if self._control is None:
            self._control = Server(Control(self).serve)
        return self._control.url

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """One call from the wire: into the log, past the interceptors, to the APIs."""
        with self.lock:
            call = call_of(len(self.requests) + 1, method, target, headers, body)
            self.api.name(call)
            self.requests.append(call)
        for interceptor in list(self.interceptors):
            given = interceptor.before(call)
            if given is not None:
                return given
        answer = self.handle(call)
        for interceptor in list(self.interceptors):
            answer = interceptor.after(call, answer)
        return answer

    def handle(self, call: Call) -> Answer:
        """Does what a call asks for, without log and interceptors; one at a time."""
        with self.lock:
            return self.api.answer(call)

    def create(
        self,
        title: str,
        owner: str = "lead@example.com",
        locale: str = "zh_CN",
        time_zone: str | None = None,
        sheets: Iterable[str] = ("Sheet1",),
    ) -> str:
        """A new spreadsheet of somebody; its id. Its sheets have 1000 rows and 26 columns."""
        with self.lock:
            grids = blank_sheets(self._random, list(sheets))
            key = new_id(self._random)
            store(
                self.files, self._random, Book(key, title, locale, time_zone or self.zone, grids), owner, self._clock()
            )
            return key

    def permission(self, email: str, role: str) -> Permission:
        """A new permission of a person or a service account."""
        return new_permission(self._random, email, role)

    def share(self, spreadsheet_id: str, email: str, role: str = "writer") -> None:
        """Gives somebody a role: reader, commenter or writer; what they had before is gone."""
        self.unshare(spreadsheet_id, email)
        with self.lock:
            self.files.held[spreadsheet_id].permissions.append(self.permission(email, role))

    def unshare(self, spreadsheet_id: str, email: str) -> None:
        """Takes somebody's access away."""
        with self.lock:
            file = self.files.held[spreadsheet_id]
            file.permissions = [held for held in file.permissions if held.email != email or held.role == "owner"]

    def book(self, spreadsheet_id: str) -> Book:
        """The model of a spreadsheet; take `lock` when calls may come meanwhile."""
        return self.files.held[spreadsheet_id].book

    def service_account(self, email: str = "robot@emulated.iam.gserviceaccount.com") -> Object:
        """A service account: the contents of its key file, whose token_uri is this emulator."""
        with self.lock:
            if self.tokens.shared_key is None:
                self.tokens.shared_key = new_key()
            self.tokens.keys[email] = self.tokens.shared_key.public_key()
            return key_file(self.tokens.shared_key, email, self.url + "/token")

    def login(self, email: str, scopes: Iterable[str] = SHEETS_SCOPES) -> Object:
        """A person logs in to a program (OAuth): the contents of the file that gspread keeps of it."""
        with self.lock:
            number = len(self.tokens.logins) + 1
            made = Login(email, f"{number}.apps.googleusercontent.com", f"GOCSPX-{number}", frozenset(scopes))
            token = f"1//refresh-{number}"
            self.tokens.logins[token] = made
        return {
            "refresh_token": token,
            "token_uri": "https://oauth2.googleapis.com/token",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
            "scopes": list[Json](sorted(made.scopes)),
            "universe_domain": "googleapis.com",
            "account": "",
        }

    def person(self, email: str, spreadsheet_id: str) -> Person:
        """Somebody who has a spreadsheet open; the same one again for the same words, with what they can undo."""
        return self._people.setdefault((email, spreadsheet_id), Person(self, email, spreadsheet_id))

    def session(self, email: str, spreadsheet_id: str, body: Object) -> Session:
        """A call of somebody on a spreadsheet, past the wire: its body is not checked."""
        parameters: Object = {"spreadsheetId": spreadsheet_id}
        now = self._clock()
        return Session(self.files, email, parameters, body, {}, self.switches, self._random, now)

    def _expire(self, user: str) -> None:
        with self.lock:
            self.tokens.expire(user)

    def user_token(self, email: str) -> str:
        """An access token of a person, for calls in their name."""
        with self.lock:
            return self.tokens.issue(email, SHEETS_SCOPES)
