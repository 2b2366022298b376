"""Which calls are meant, by quotas, faults and hooks."""

import re
from dataclasses import dataclass
from typing import Final

from crm_sheets.google_emulator.calls import Call

_READ_BY_POST: Final = ("getByDataFilter", "batchGetByDataFilter", "developerMetadata.search")
_SPREADSHEET: Final = re.compile(r"/v4/spreadsheets/([^/:]+)")


def is_write(call: Call) -> bool:
    """Whether a call of the Sheets API counts as a write."""
    return call.method != "GET" and not call.method_id.endswith(_READ_BY_POST)


def spreadsheet_of(call: Call) -> str:
    """The id of the spreadsheet in the path of a call of the Sheets API; "" for other calls."""
    match = _SPREADSHEET.match(call.path)
    return match.group(1) if match else ""


@dataclass(frozen=True, slots=True)
class CallPattern:
    """Which calls are meant; what is "" is not asked.

    Attributes:
        method: the whole id or its end: `batchUpdate` is that of values and that of spreadsheets,
            `spreadsheets.batchUpdate` only one of them; `token` is the exchange of tokens.
        kind: of a request that the batch holds: `appendCells`.
    """

    method: str = ""
    kind: str = ""
    user: str = ""
    spreadsheet: str = ""

    def matches(self, call: Call) -> bool:
        """Whether it is one of those that are meant."""
        return (
            (not self.method or f".{call.method_id}".endswith(f".{self.method}"))
            and (not self.kind or self.kind in call.kinds)
            and self.user in ("", call.user)
            and self.spreadsheet in ("", spreadsheet_of(call))
        )
