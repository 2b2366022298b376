"""What goes wrong between a client and Google, by schedule.

A fault says which calls it hits, how many of them it lets pass first, and how many it hits then. Whether the call was
carried out before it failed is a word of its own: an answer that is lost after the work was done is the worst of them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from crm_sheets.google_emulator.calls import Answer, Call, error_answer, json_answer
from crm_sheets.google_emulator.json_values import Json, Object
from crm_sheets.google_emulator.patterns import CallPattern, is_write
from crm_sheets.google_emulator.quotas import PROJECT_NUMBER, exceeded
from crm_sheets.google_emulator.refusals import GoogleError, forbidden


class FaultKind(StrEnum):
    """What happens instead of the answer."""

    TOO_MANY_REQUESTS = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    RATE_LIMIT = "403 rateLimitExceeded"
    USER_RATE_LIMIT = "403 userRateLimitExceeded"
    PERMISSION_DENIED = "403 PERMISSION_DENIED"
    STORAGE_QUOTA = "403 storageQuotaExceeded"
    API_DISABLED = "403 SERVICE_DISABLED"
    LOGIN_LIMIT = "403 rate_limit_exceeded"
    """As the address that gives tokens says it."""
    TOKEN_EXPIRED = "401"  # noqa: S105 - no password
    """The token is taken back: only a new one helps."""
    CLOSED = "connection closed"
    RESET = "connection reset"
    HANG = "hang"
    """Nothing comes for `seconds`; then the answer does when the call was carried out, and nothing when it was not."""
    HTML = "200 HTML"
    BAD_GATEWAY = "502 HTML"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the schedule.

    Attributes:
        after: calls that match and pass first.
        times: calls that it hits then; None for all of them.
        applied: whether a call that it hits is carried out nevertheless.
        seconds: how long it hangs; for a 429 and a 503, Retry-After, which Google does not send of itself (None).
    """

    kind: FaultKind
    calls: CallPattern = field(default_factory=CallPattern)
    after: int = 0
    times: int | None = 1
    applied: bool = False
    seconds: float | None = None


class Faults:
    """The schedule, asked once for each call that arrives. Calls may arrive at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Counts from now on."""
        with self._lock:
            self._seen.append((fault, 0))

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._seen.clear()

    def hit(self, call: Call) -> Fault | None:
        """The first fault whose turn it is. Each one that matches counts the call, whichever hits it."""
        found: Fault | None = None
        with self._lock:
            for place, (fault, seen) in enumerate(self._seen):
                if not fault.calls.matches(call):
                    continue
                self._seen[place] = (fault, seen + 1)
                if found is None and fault.after <= seen and (fault.times is None or seen < fault.after + fault.times):
                    found = fault
        return found


def fault_answer(fault: Fault, call: Call) -> Answer:
    """What is sent instead of the answer, of a fault that is one of the answer and not of the connection."""
    if fault.kind is FaultKind.TOO_MANY_REQUESTS:
        kind = "Write" if is_write(call) else "Read"
        return exceeded(kind, 60, per_user=True, retry_after=_whole(fault.seconds))
    answer = _ANSWERS[fault.kind]()
    if fault.kind is FaultKind.UNAVAILABLE and fault.seconds is not None:
        answer = replace(answer, headers={**answer.headers, "Retry-After": str(_whole(fault.seconds))})
    return answer


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _usage(reason: str, message: str) -> Answer:
    """A refusal in the layout of the Drive API, which names a reason and no status."""
    errors: list[Json] = [{"domain": "usageLimits", "reason": reason, "message": message}]
    return json_answer(403, {"error": {"errors": errors, "code": 403, "message": message}})


def _disabled() -> Answer:
    """What the project of an account is told whose owner did not switch the API on."""
    place = f"https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project={PROJECT_NUMBER}"
    message = (
        f"Google Sheets API has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it by "
        f"visiting {place} then retry. If you enabled this API recently, wait a few minutes for the action to "
        "propagate to our systems and retry."
    )
    detail: Object = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com", "consumer": f"projects/{PROJECT_NUMBER}"},
    }
    return error_answer(GoogleError(403, message, details=[detail]))


def _page(status: int, title: str) -> Answer:
    """What a proxy, a captive portal or Google's own front end sends when it is none of the API's business."""
    page = f"<!DOCTYPE html>\n<html lang=en>\n<title>{title}</title>\n<p>That is all we know.\n"
    return Answer(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8"})


_ANSWERS: Final[dict[FaultKind, Callable[[], Answer]]] = {
    FaultKind.SERVER_ERROR: lambda: error_answer(GoogleError(500, "Internal error encountered.")),
    FaultKind.UNAVAILABLE: lambda: error_answer(GoogleError(503, "The service is currently unavailable.")),
    FaultKind.RATE_LIMIT: lambda: _usage("rateLimitExceeded", "Rate Limit Exceeded"),
    FaultKind.USER_RATE_LIMIT: lambda: _usage("userRateLimitExceeded", "User Rate Limit Exceeded"),
    FaultKind.PERMISSION_DENIED: lambda: error_answer(forbidden()),
    FaultKind.STORAGE_QUOTA: lambda: _usage(
        "storageQuotaExceeded", "The user's Drive storage quota has been exceeded."
    ),
    FaultKind.API_DISABLED: _disabled,
    FaultKind.LOGIN_LIMIT: lambda: json_answer(
        403, {"error": "rate_limit_exceeded", "error_description": "You have exceeded the rate limit."}
    ),
    FaultKind.HTML: lambda: _page(200, "Sign in"),
    FaultKind.BAD_GATEWAY: lambda: _page(502, "Error 502 (Server Error)!!1"),
}
