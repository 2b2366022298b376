"""gspread's HTTP client with patience of a measured kind: a timeout, bounded retries, a budget.

A call is repeated only when that can do no harm: a read, what was refused for its rate, what never left, and a batch
that carries an operation id and so fails when it was applied before. `requests` looks for proxies and certificates in
the environment as it always does (`trust_env`).
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from gspread.http_client import HTTPClient
from requests import Response, Session
from requests.exceptions import ConnectTimeout, RequestException, SSLError

from crm_sheets.errors import OutcomeUnknown, ServiceError, ServiceUnavailable
from crm_sheets.sync.backends.google.budget import Budget, Call
from crm_sheets.sync.backends.google.errors import PASSING, Answer, Refused, Why, judged
from crm_sheets.sync.backends.google.login import Unreached, is_busy, said_of, unreached

SHEETS, DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"
"""Where gspread's addresses begin."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 32.0
"""Seconds; doubled from one try to the next, and drawn at random below that, as Google asks for
(https://developers.google.com/workspace/sheets/api/limits#exponential)."""


LONGEST_SAID = 300
"""Characters of what Google said that a message repeats."""

_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
"""OpenSSL's word for it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a client waits.

    Attributes:
        now: monotonic seconds.
        sleep: seconds.
        random: a number from 0 to 1.
        timeout: seconds to connect, and between two pieces of an answer.
        patience: seconds from the first try of a call until it is given up.
        base: address that takes the place of Google's, for an emulator; "" for Google itself.
    """

    now: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    timeout: tuple[float, float] = (10.0, 60.0)
    patience: float = 90.0
    base: str = ""


class _NoToken(Exception):
    """There is no token to ask with just now; the call itself never left."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.message)
        self.answer = answer


class SheetsClient(HTTPClient):
    """See the module. Raises Refused where Google said no, ServiceError where it said nothing in time."""

    def __init__(self, session: Session, terms: Terms, budget: Budget) -> None:
        super().__init__(None, session)  # gspread asks for no credentials beside a session
        self.terms, self.budget = terms, budget
        self._gave_up = False
        """The last call was given up: until one goes through, each is tried once. Otherwise every spreadsheet of the
        account would take all the patience there is."""

    def request(
        self,
        method: str,
        endpoint: str,
        params: MutableMapping[str, Any] | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: MutableMapping[str, str] | None = None,
        *,
        repeatable: bool = False,
    ) -> Response:
        """See gspread. `repeatable`: doing it twice fails, so it may be tried again without knowing what came of it."""
        reading = method.lower() == "get"
        terms, unsure, trouble = self.terms, False, Answer(Why.SERVER, 0, "")
        start, patience = terms.now(), 0.0 if self._gave_up else terms.patience
        for attempt in count():
            start += self.budget.spend(Call.READ if reading else Call.WRITE)  # our own waiting tries no patience
            wait = _wait(attempt) * terms.random()
            try:
                response = self._send(method, endpoint, params, data, json, files, headers)
            except _NoToken as error:
                trouble = error.answer
            except ConnectTimeout as error:
                trouble = Answer(Why.SERVER, 0, f"no connection: {error}")
            except RequestException as error:
                trouble, unsure = Answer(Why.SERVER, 0, f"the connection broke: {error}"), unsure or not reading
            else:
                answer = judged(response.status_code, response.headers.get("Content-Type", ""), response.content)
                if answer is None or answer.why not in PASSING:
                    self._gave_up = False
                if answer is None:
                    return response
                if answer.why not in PASSING:
                    raise Refused(answer, unsure=unsure)
                trouble = answer
                unsure = unsure or (answer.why is Why.SERVER and not reading)
                wait = max(wait, _asked_for(response))
            if unsure and not repeatable:
                raise OutcomeUnknown(f"Google's answer was lost, it may have been done: {trouble.message}")
            if terms.now() + wait - start > patience:
                break
            terms.sleep(wait)
        self._gave_up = True
        raise _given_up(trouble, unsure=unsure)

    def _send(
        self, method: str, endpoint: str, params: Any, data: Any, json: Any, files: Any, headers: Any
    ) -> Response:
        try:
            return self.session.request(
                method,
                self.address(endpoint),
                params=params,
                data=data,
                json=json,
                files=files,
                headers=headers,
                timeout=self.terms.timeout,
            )
        except SSLError as error:
            if _UNTRUSTED not in str(error):
                raise  # broken off somewhere, as any connection may be
            raise _not_trusted(error) from error  # the call never left, and time does not mend it
        except RefreshError as error:
            if error.retryable:
                raise _NoToken(Answer(Why.RATE if is_busy(error) else Why.SERVER, 0, said_of(error))) from error
            raise ServiceUnavailable(f"Google does not accept the credentials: {error}").told(
                "error.google.credentials", said=error
            ) from error
        except TransportError as error:  # while a token was fetched: the call itself never left
            if unreached(error) is Unreached.TLS:
                raise _not_trusted(error) from error
            raise _NoToken(Answer(Why.SERVER, 0, f"no connection: {error}")) from error
        except GoogleAuthError as error:
            raise Refused(Answer(Why.LOGIN, 401, str(error))) from error

    def address(self, endpoint: str) -> str:
        """An address of gspread's where the API is."""
        if not self.terms.base:
            return endpoint
        return endpoint.replace(SHEETS, self.terms.base, 1).replace(DRIVE, self.terms.base, 1)

    def batch(self, spreadsheet: str, body: Mapping[str, Any], fields: str, *, repeatable: bool) -> Any:
        """spreadsheets.batchUpdate with a mask of what it answers."""
        endpoint = f"{SHEETS}/v4/spreadsheets/{spreadsheet}:batchUpdate"
        return self.request("post", endpoint, params={"fields": fields}, json=body, repeatable=repeatable).json()


def _not_trusted(error: Exception) -> ServiceUnavailable:
    return ServiceUnavailable(f"the certificate shown for Google is not trusted: {error}").told("error.google.tls")


def _wait(attempt: int) -> float:
    return float(min(FIRST_WAIT * 2**attempt, LONGEST_WAIT))


def _asked_for(response: Response) -> float:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); 0 when there is none, or it is a date."""
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else 0.0


def _given_up(trouble: Answer, *, unsure: bool) -> ServiceError:
    kind = OutcomeUnknown if unsure else ServiceError
    key = "error.google.given_up_rate" if trouble.why is Why.RATE else "error.google.given_up"
    said = f"{trouble.code} {trouble.message}" if trouble.code else trouble.message
    return kind(f"Google did not answer in time: {said}").told(key, said=said[:LONGEST_SAID])
