"""A small team that works in Google spreadsheets, on the emulator."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_sheets import app, reports
from crm_sheets.config import Settings, load
from crm_sheets.google_emulator import Emulator

OWNER = "lead@example.com"
CONFIG = """
[workbook]
{place}
quiet = "0s"
tabs = ["customers", "follow_ups", "people", "dictionaries"]
[summaries]
show = ["customers"]
[backups]
folder = "kept"
[google]
credentials = {{ file = "key.json" }}
url = "{url}"
"""

Grid = list[list[Any]]


@dataclass
class Team:
    """A team in a folder, with an emulator beside."""

    folder: Path
    emulator: Emulator
    account: str
    _mark: int = 0

    @property
    def config(self) -> Path:
        """Its config."""
        return self.folder / "config.toml"

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return load(self.config, {})

    def sync(self) -> reports.CycleReport:
        """One round."""
        return app.sync(self.settings)

    def init(self, *, adopt: bool = False) -> reports.InitReport:
        """Makes the workbook."""
        return app.init(self.config, workbook=None, locale=None, adopt=adopt, all_columns=False)

    def spreadsheet(self, title: str, *, shared: bool = True, role: str = "writer") -> str:
        """A new one of the team's lead, shared with the account."""
        found = self.emulator.create(title, OWNER)
        if shared:
            self.emulator.share(found, self.account, role)
        return found

    # -- what people do ------------------------------------------------------------------------------------------------

    def ask(self, method: str, target: str, body: Mapping[str, Any] | None = None, who: str = OWNER) -> Any:
        """A call that a person's browser makes."""
        from urllib.request import Request, urlopen

        token = self.emulator.user_token(who)
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = Request(f"{self.emulator.url}{target}", data, headers, method=method)
        with urlopen(request) as answer:
            return json.loads(answer.read())

    def grid(self, spreadsheet: str, tab: str) -> Grid:
        """The values of a tab, header first."""
        from urllib.parse import quote

        told = self.ask(
            "GET", f"/v4/spreadsheets/{spreadsheet}/values/{quote(tab)}?valueRenderOption=UNFORMATTED_VALUE"
        )
        return list(told.get("values", []))

    def rows(self, spreadsheet: str, tab: str) -> list[dict[str, Any]]:
        """The rows of a tab, by header."""
        header, *rows = self.grid(spreadsheet, tab)
        names = [str(name).rstrip("*") for name in header]
        return [dict(zip(names, [*row, *[""] * (len(names) - len(row))], strict=True)) for row in rows]

    def type(self, spreadsheet: str, tab: str, row: int, cells: Mapping[str, Any], who: str = OWNER) -> None:
        """Types into cells of a row, 1-based, by header."""
        from crm_sheets.cells import column_letters

        names = [str(name).rstrip("*") for name in self.grid(spreadsheet, tab)[0]]
        data = [
            {"range": f"'{tab}'!{column_letters(names.index(name) + 1)}{row}", "values": [[value]]}
            for name, value in cells.items()
        ]
        body = {"valueInputOption": "USER_ENTERED", "data": data}
        self.ask("POST", f"/v4/spreadsheets/{spreadsheet}/values:batchUpdate", body, who)

    def type_at(self, spreadsheet: str, where: str, values: Sequence[Sequence[Any]]) -> None:
        """Types into a range."""
        body = {"valueInputOption": "USER_ENTERED", "data": [{"range": where, "values": values}]}
        self.ask("POST", f"/v4/spreadsheets/{spreadsheet}/values:batchUpdate", body)

    def add(self, spreadsheet: str, tab: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Types rows below the last one."""
        first = len(self.grid(spreadsheet, tab)) + 1
        for number, cells in enumerate(rows, first):
            self.type(spreadsheet, tab, number, cells)

    def held(self, spreadsheet: str) -> str:
        """Everything that stands in a spreadsheet, looks and hidden tabs too."""
        return repr(self.emulator.book(spreadsheet))

    def told(
        self, spreadsheet: str, fields: str = "sheets(properties,protectedRanges,conditionalFormats,charts)"
    ) -> Any:
        """What Google tells of a spreadsheet to somebody who may edit it."""
        return self.ask("GET", f"/v4/spreadsheets/{spreadsheet}?fields={fields}")

    def titles(self, spreadsheet: str) -> list[str]:
        """Its tabs, those that are hidden left out."""
        sheets = (sheet["properties"] for sheet in self.told(spreadsheet)["sheets"])
        return [told["title"] for told in sheets if not told.get("hidden")]

    def calls(self) -> list[str]:
        """What the account asked since the last time, tokens and people's own calls left out."""
        calls = self.emulator.requests[self._mark :]
        self._mark = len(self.emulator.requests)
        return [f"{call.method} {call.path.rpartition('/')[2]}" for call in calls if call.path != "/token"]


def made(folder: Path, emulator: Emulator, place: str = "", more: str = "") -> Team:
    """A team in an empty folder. Without a place, in a spreadsheet that is shared with the account."""
    account = emulator.service_account()
    (folder / "key.json").write_text(json.dumps(account), encoding="utf-8")
    found = Team(folder, emulator, str(account["client_email"]))
    written = place or f'spreadsheet = "{found.spreadsheet("客户管理")}"'
    found.config.write_text(CONFIG.format(place=written, url=emulator.url) + more, encoding="utf-8")
    return found
