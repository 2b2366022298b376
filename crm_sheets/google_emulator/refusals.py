"""What Google refuses, with its error bodies (google.rpc.Status as JSON)."""

from dataclasses import dataclass

from crm_sheets.google_emulator.json_values import Json, Object

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """A request that Google would refuse with 400; the message is Google's, without the place in a batch."""


class GoogleError(Exception):
    """An answer that is an error: its code, Google's message, and details where Google gives any."""

    def __init__(self, code: int, message: str, status: str = "", details: list[Json] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details or []
        self.status = status or STATUSES[code]

    def body(self) -> Object:
        """The JSON body of the answer."""
        error: Object = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in a request that its schema does not know; `field` is its path in proto names, empty at the root."""

    field: str
    description: str


def bad_request(message: str, violations: list[Violation]) -> GoogleError:
    """400 with one fieldViolation for each thing that is wrong."""
    found: list[Json] = []
    for violation in violations:
        entry: Object = {"field": violation.field} if violation.field else {}
        entry["description"] = violation.description
        found.append(entry)
    detail: Object = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": found}
    return GoogleError(400, message, details=[detail])


def not_found() -> GoogleError:
    """404 as Sheets gives it for a spreadsheet that is not there, or not for this account to know of."""
    return GoogleError(404, "Requested entity was not found.")


def forbidden() -> GoogleError:
    """403 for an account that may not do this with this spreadsheet."""
    return GoogleError(403, "The caller does not have permission")
