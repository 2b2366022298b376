"""HTTP calls and answers, apart from any server."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from crm_sheets.google_emulator.json_values import Json, Object, parts
from crm_sheets.google_emulator.refusals import GoogleError


@dataclass(slots=True)
class Call:
    """One request; those of the log stand in the order in which they came."""

    number: int
    """From 1."""
    method: str
    """GET, POST …"""
    path: str
    """Without the query, still encoded."""
    query: dict[str, list[str]]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    user: str = ""
    """The account's e-mail address, once it is known."""
    method_id: str = ""
    """Of the API: "sheets.spreadsheets.values.get"; "token" for the exchange of tokens; empty for an unknown path."""

    @property
    def json(self) -> Json:
        """The body read as JSON; None without one.

        Raises:
            GoogleError: 400 for a body that is no JSON.
        """
        if not self.body.strip():
            return None
        try:
            found: Json = json.loads(self.body, parse_constant=_no_number)
        except ValueError:
            raise GoogleError(400, "Invalid JSON payload received. Unexpected token.") from None
        return found

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the requests of a batchUpdate, in their order."""
        try:
            body = self.json
        except GoogleError:
            return ()
        requests = parts(body, "requests") if isinstance(body, dict) else []
        return tuple(next(iter(request), "") for request in requests)


def _no_number(word: str) -> Json:
    """NaN and Infinity are no JSON, though Python would read them."""
    raise ValueError(word)


def call_of(number: int, method: str, target: str, headers: dict[str, str], body: bytes) -> Call:
    """A call from the request line; `target` may be a whole URL, as a proxy gets it."""
    address = urlsplit(target)
    query = parse_qs(address.query, keep_blank_values=True)
    lower = {name.lower(): value for name, value in headers.items()}
    return Call(number, method, address.path, query, lower, body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `lost` closes the connection instead, rudely (RST) with `reset`; `delay` are seconds before."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False
    reset: bool = False
    delay: float = 0.0


def json_answer(status: int, body: Object) -> Answer:
    """An answer with a JSON body."""
    text = json.dumps(body, ensure_ascii=False, indent=2 if status >= 400 else None)
    return Answer(status, text.encode("utf-8"), {"Content-Type": "application/json; charset=UTF-8"})


def error_answer(error: GoogleError) -> Answer:
    """Google's answer to a call that it refuses."""
    return json_answer(error.code, error.body())
