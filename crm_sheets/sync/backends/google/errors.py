"""What Google's answers mean: told apart by status code, reason and message, and put into our own errors.

Bodies are `{"error": {"code", "message", "status", "details": [{"reason"}]}}` (https://cloud.google.com/apis/design/errors);
Drive, and proxies of older kinds, give `{"error": {"errors": [{"domain", "reason"}]}}`.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crm_sheets.errors import (
    CrmSheetsError,
    ServiceError,
    ServiceUnavailable,
    WorkbookUnreadable,
    WriteRefused,
)


class Why(StrEnum):
    """Why a call did not do what it was asked to."""

    RATE = "rate"  # too many calls; nothing was done
    SERVER = "server"  # 5xx, or no JSON: something may have been done
    LOGIN = "login"  # the token is not accepted
    DENIED = "denied"  # the account may not do this with this spreadsheet
    STORAGE = "storage"  # whoever owns it has no room left
    DISABLED = "disabled"  # the API is not switched on in the project
    MISSING = "missing"
    NOT_A_SPREADSHEET = "not-a-spreadsheet"
    PROTECTED = "protected"
    INVALID = "invalid"


PASSING = frozenset({Why.RATE, Why.SERVER})
"""What may be otherwise in a moment."""

_RATE = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "quotaExceeded", "dailyLimitExceeded"}
_STORAGE = {"storageQuotaExceeded", "teamDriveFileLimitExceeded", "STORAGE_QUOTA_EXCEEDED"}
_DISABLED = {"SERVICE_DISABLED", "accessNotConfigured"}
_PASSING_CODES = {408, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is none, or a no.

    Attributes:
        message: Google's own words, or what was found in their place.
    """

    why: Why
    code: int
    message: str


class Refused(CrmSheetsError):
    """Google refused a call. The back end says it again with the name of the workbook.

    Attributes:
        unsure: an attempt before this one may have been carried out, its answer was lost.
    """

    exit_code = 4

    def __init__(self, answer: Answer, *, unsure: bool = False) -> None:
        super().__init__(f"Google answered {answer.code}: {answer.message}")
        self.answer, self.unsure = answer, unsure

    @property
    def why(self) -> Why:
        """The kind of refusal."""
        return self.answer.why


def judged(code: int, content_type: str, body: bytes) -> Answer | None:
    """What an answer says; None when all is well."""
    found = _json(body) if "json" in content_type else None
    if code < 400:
        if "html" in content_type or ("json" in content_type and found is None):
            return Answer(Why.SERVER, code, f"no JSON but {body[:80]!r}")
        return None
    error = found.get("error") if isinstance(found, dict) else None
    error = error if isinstance(error, dict) else {}
    message = str(error.get("message") or body[:200].decode("utf-8", "replace"))
    return Answer(_why(code, message, _reasons(error)), code, message)


def is_rate(told: object) -> bool:
    """Whether a refusal of the address that gives tokens is one for too many of them: it says so in an error as the
    APIs do, or in one word (RFC 6749, 5.2)."""
    error = told.get("error") if isinstance(told, dict) else None
    if isinstance(error, dict):
        return error.get("code") == 429 or bool(_reasons(error) & _RATE)
    return isinstance(error, str) and error.upper() in _RATE


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _reasons(error: dict[str, Any]) -> set[str]:
    listed = [*(error.get("errors") or ()), *(error.get("details") or ())]
    return {str(each.get("reason", "")) for each in listed if isinstance(each, dict)} | {str(error.get("status", ""))}


def _why(code: int, message: str, reasons: set[str]) -> Why:  # noqa: PLR0911 - a table of cases
    if code == 429 or reasons & _RATE:
        return Why.RATE
    if code in _PASSING_CODES or code > 500:
        return Why.SERVER
    if code == 401:
        return Why.LOGIN
    if code == 403:
        if reasons & _STORAGE:
            return Why.STORAGE
        return Why.DISABLED if reasons & _DISABLED or "has not been used in project" in message else Why.DENIED
    if code == 404:
        return Why.MISSING
    if "protected cell or object" in message:
        return Why.PROTECTED
    if "not supported for this document" in message:
        return Why.NOT_A_SPREADSHEET
    return Why.INVALID


def in_our_terms(refused: Refused, workbook: str, account: str, *, writing: bool) -> CrmSheetsError:
    """A refusal as the error of our tree that says what to do about it.

    Args:
        refused: what Google said.
        workbook: how messages call the spreadsheet.
        account: the e-mail address that asked; "" when unknown.
        writing: whether something was to be written.
    """
    why, said = refused.why, refused.answer.message
    who = account or "the account of crm-sheets"
    words = {"workbook": workbook, "account": who, "said": said}
    reason = f"google-{why}"
    made: CrmSheetsError
    match why:
        case Why.MISSING:
            made = WorkbookUnreadable(
                f"{workbook}: there is no such spreadsheet, or it is not shared with {who}", reason
            )
        case Why.NOT_A_SPREADSHEET:
            made = WorkbookUnreadable(f"{workbook}: not a Google spreadsheet; open it there and save it as one", reason)
        case Why.DENIED if writing:
            made = WriteRefused(f"{workbook}: {who} may only read it; share it with that address as an editor")
        case Why.DENIED:
            made = WorkbookUnreadable(
                f"{workbook}: not shared with {who}; share it with that address as an editor", why
            )
        case Why.PROTECTED:
            made = WriteRefused(f"{workbook}: {who} may not edit a protected range; let it do so: {said}")
        case Why.STORAGE:
            made = WriteRefused(f"{workbook}: its owner has no storage left in Google Drive: {said}")
        case Why.DISABLED:
            made = ServiceUnavailable(f"the Google Sheets API is not switched on for the project of {who}: {said}")
        case Why.LOGIN:
            made = ServiceUnavailable(f"Google does not accept the credentials of {who}: {said}")
        case Why.RATE | Why.SERVER:
            made = ServiceError(f"{workbook}: Google did not answer in time: {said}")
        case Why.INVALID:
            made = WriteRefused(f"{workbook}: Google does not take it: {said}")
    key = f"{why}-writing" if why is Why.DENIED and writing else str(why)
    return made.told(f"error.google.{key}", **words)
