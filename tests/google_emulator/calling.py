"""Calls to an emulator in the name of somebody, straight into it: no sockets, the same checks."""

import json
from typing import Any

from crm_sheets.google_emulator import Emulator


class Said(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Caller:
    """One account, one spreadsheet."""

    def __init__(self, emulator: Emulator, user: str, spreadsheet: str) -> None:
        self.emulator, self.user, self.spreadsheet = emulator, user, spreadsheet
        self._token = emulator.user_token(user)

    def call(self, method: str, path: str, body: object = None) -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.emulator.serve(method, path, {"Authorization": f"Bearer {self._token}"}, sent)
        read = json.loads(answer.body) if answer.body else {}
        if answer.status >= 400:
            raise Said(answer.status, read["error"]["message"])
        return read

    def batch(self, *requests: dict[str, Any]) -> list[dict[str, Any]]:
        """The replies of one spreadsheets.batchUpdate."""
        replies = self.call("POST", f"/v4/spreadsheets/{self.spreadsheet}:batchUpdate", {"requests": list(requests)})
        found: list[dict[str, Any]] = replies["replies"]
        return found

    def one(self, kind: str, request: dict[str, Any]) -> Any:
        """The reply to a single request."""
        return self.batch({kind: request})[0].get(kind, {})

    def sheet(self, fields: str, number: int = 0) -> dict[str, Any]:
        """What spreadsheets.get tells of one sheet."""
        found = self.call("GET", f"/v4/spreadsheets/{self.spreadsheet}?fields=sheets({fields})").get("sheets", [])
        sheet: dict[str, Any] = found[number] if found else {}
        return sheet

    def write(self, cells: str, *rows: list[Any], typed: bool = False) -> None:
        option = "USER_ENTERED" if typed else "RAW"
        path = f"/v4/spreadsheets/{self.spreadsheet}/values/{cells}?valueInputOption={option}"
        self.call("PUT", path, {"values": list(rows)})

    def read(self, cells: str) -> list[list[Any]]:
        path = f"/v4/spreadsheets/{self.spreadsheet}/values/{cells}?valueRenderOption=UNFORMATTED_VALUE"
        values: list[list[Any]] = self.call("GET", path).get("values", [])
        return values
