"""`demo --google`: the demo in a spreadsheet of the emulator, since nobody's Google account is at hand for it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request as Call
from urllib.request import urlopen

from crm_sheets.app.backends import Backends
from crm_sheets.app.cycles import empty_summaries
from crm_sheets.app.furnished import DICTIONARIES, dictionary_rows
from crm_sheets.app.online_init import fill
from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import CellValue
from crm_sheets.errors import UsageError
from crm_sheets.language import Language
from crm_sheets.reading import cut_tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.layout import find_tabs
from crm_sheets.sync.backends.google.native.placed import Rows
from crm_sheets.sync.backends.google.native.shapes import Request, area, cell_value
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from crm_sheets.google_emulator import Emulator

LEAD = "lead@example.com"
"""Whose the spreadsheet is."""

KEY_FILE = "service-account.json"


@dataclass(frozen=True, slots=True)
class SpreadsheetHands:
    """The hands of the staff, in the browser of the one who owns the spreadsheet. See demonstration.Hands."""

    emulator: "Emulator"
    spreadsheet: str
    copy: Path
    told: str = "google.demo.copy"

    @property
    def place(self) -> str:
        """See Hands."""
        return str(self.copy)

    def make(self, workspace: Workspace, dictionaries: Dictionaries, rows: Mapping[TabKey, Rows]) -> None:
        """See Hands."""
        zone = workspace.settings.workbook.zone
        entries = dictionary_rows(dictionaries, workspace.words, zone)
        fill(workspace, dictionaries, {DICTIONARIES: entries, **rows}, {})

    def type(self, cells: Mapping[str, Mapping[tuple[int, int], CellValue]]) -> None:
        """See Hands."""
        sheets = {sheet.title: sheet.sheet_id for sheet in self.emulator.book(self.spreadsheet).sheets}
        requests: list[Request] = [
            {
                "updateCells": {
                    "range": area(sheets[title], row, column, row, column),
                    "rows": [{"values": [{"userEnteredValue": cell_value(value)}]}],
                    "fields": "userEnteredValue",
                }
            }
            for title, typed in cells.items()
            for (row, column), value in typed.items()
        ]
        call = Call(  # noqa: S310 - the emulator, on loopback
            f"{self.emulator.url}/v4/spreadsheets/{self.spreadsheet}:batchUpdate",
            json.dumps({"requests": requests}).encode(),
            {"Authorization": f"Bearer {self.emulator.user_token(LEAD)}", "Content-Type": "application/json"},
        )
        with urlopen(call) as answer:  # noqa: S310 - the emulator, on loopback
            answer.read()

    def leave(self, workspace: Workspace) -> None:
        """See Hands: a copy of the spreadsheet as a file, for the emulator ends with the demo."""
        snapshot = workspace.backend.read({})
        rows: dict[TabKey, Rows] = {}
        for key, layout in find_tabs(
            snapshot.sheets, workspace.tabs.values(), words_of=workspace.words
        ).layouts.items():
            tab = workspace.tabs[key]
            cut = cut_tab(tab, layout, snapshot.sheets[layout.sheet].rows).rows
            rows[key] = [dict(zip(tab.columns, row.cells, strict=False)) for row in cut]
        backends = Backends(workspace.settings, workspace.state, workspace.words)
        file = backends.file(self.copy, tuple(workspace.tabs.values()), self.copy.parent / "backups")
        file.create(
            workspace.dictionaries(), summaries=empty_summaries(workspace), rows=rows, people=workspace.people()
        )


@contextmanager
def emulated(folder: Path, words: Language) -> Iterator[tuple[SpreadsheetHands, str, str]]:
    """An emulator with an empty spreadsheet, and what the config says of both.

    Raises:
        UsageError: the extra that it needs is not installed.
    """
    try:
        from crm_sheets.google_emulator import Emulator
        from crm_sheets.google_emulator.discovery import sheets

        sheets()
    except (ImportError, FileNotFoundError) as error:
        raise UsageError(words.text("google.demo.extra")) from error
    with Emulator() as emulator:
        account = emulator.service_account()
        (folder / KEY_FILE).write_text(json.dumps(account, indent=2), encoding="utf-8")
        spreadsheet = emulator.create(words.text("book.file_name"), LEAD)
        emulator.share(spreadsheet, str(account["client_email"]))
        google = (
            "\n[google]\n# The emulator ended with the demo; for a spreadsheet of your own, see docs/google.md.\n"
            f'credentials = {{ file = "{KEY_FILE}" }}\nurl = "{emulator.url}"\n'
        )
        hands = SpreadsheetHands(emulator, spreadsheet, folder / words.text("demo.workbook"))
        yield hands, f'spreadsheet = "{spreadsheet}"', google
