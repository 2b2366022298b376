"""Notes on cells of a spreadsheet whose edit was put back: 检查 says why in the row, the note at the cell."""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crm_sheets.cells import column_letters
from crm_sheets.errors import CrmSheetsError
from crm_sheets.language import Language
from crm_sheets.plan import Plan
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.schema.layout import Layout, find_tabs
from crm_sheets.state import EntryKind, RowId, note_of
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.backends.google.backend import GoogleBackend
from crm_sheets.sync.backends.google.native.notes import CellNote, is_noted, note_requests
from crm_sheets.sync.backends.google.native.shapes import quoted
from crm_sheets.sync.logs import Event, log
from crm_sheets.sync.round import OpenView
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey

NOTED_NOTE: Final = "google-notes"
"""Rows of a spreadsheet in which a cell bears a note of ours."""

CHECK: Final = ColumnKey("check")
FIELDS: Final = "sheets(properties(sheetId,title),data(startRow,rowData(values(note,effectiveValue))))"


@dataclass
class RevertNotes:
    """Writes them in the turn after the cycle that put something back. Implements sync.round.Views.

    Attributes:
        backend_of: the back end of a replica, as far as it was opened.
    """

    state: SqlState
    tabs: Mapping[TabKey, Tab]
    words: Language
    backend_of: Callable[[ReplicaKey], Backend | None]
    _seen: set[tuple[ReplicaKey, int]] = field(default_factory=set, repr=False)

    def look(self, now: datetime) -> None:
        """See Views."""

    def renew(self, view: ReplicaKey) -> None:
        """See Views."""

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views: it opens none."""
        for plan in () if wish.dry_run else done:
            key = plan.commit.replica, plan.commit.run
            backend = self.backend_of(plan.commit.replica)
            if key in self._seen or not isinstance(backend, GoogleBackend):
                continue
            self._seen.add(key)
            try:
                self._write(plan, backend)
            except CrmSheetsError as error:  # 检查 says it all the same
                log(Event("notes not written", workbook=backend.name, message=str(error)), logging.WARNING)
        return ()

    def _write(self, plan: Plan, backend: GoogleBackend) -> None:
        """Asks nothing of Google when nothing was put back, and no row that bears a note was written."""
        name = note_of(NOTED_NOTE, plan.commit.replica)
        noted = {(TabKey(tab), RowKey(row)) for tab, row in json.loads(self.state.note(name) or "[]")}
        reverted: dict[RowId, set[ColumnKey]] = {}
        for entry in plan.commit.journal:
            if entry.kind is EntryKind.REVERT and entry.column is not None:
                reverted.setdefault((entry.tab, entry.row), set()).add(entry.column)
        written = {(edits.sheet, cell.row) for edits in plan.edits for cell in edits.cells}
        places = {row: place for row in noted | reverted.keys() if (place := plan.places.get(row)) is not None}
        touched = {row: at for row, at in places.items() if row in reverted or (at.tab, at.row) in written}
        if not touched:
            return
        rows = _Rows(backend, self.tabs, self.words, [(row[0], at.tab, at.row) for row, at in touched.items()])
        notes: list[CellNote] = []
        for row, at in touched.items():
            found = rows.notes(row[0], at.tab, at.row, reverted.get(row, set()))
            notes += found
            noted = noted | {row} if any(each.text for each in found) else noted - {row}
        requests = note_requests(notes, rows.there)
        if requests:
            backend.spreadsheet.batch({"requests": requests}, "spreadsheetId", repeatable=True)
        self.state.set_note(name, json.dumps(sorted(noted)))


class _Rows:
    """Rows of a spreadsheet with their notes, as of now."""

    def __init__(
        self,
        backend: GoogleBackend,
        tabs: Mapping[TabKey, Tab],
        words: Language,
        wanted: Sequence[tuple[TabKey, str, int]],
    ) -> None:
        """`wanted`: tab, title of its sheet, 1-based row."""
        self.tabs, self.words = tabs, words
        sheets = backend.read({}).sheets
        self.layouts: Mapping[TabKey, Layout] = find_tabs(
            sheets, [tabs[key] for key in dict.fromkeys(tab for tab, _, _ in wanted)], words_of=words
        ).layouts
        self.known = {(title, row.number): row.cells for title, sheet in sheets.items() for row in sheet.rows}
        ranges = [
            f"{quoted(title)}!A{row}:{column_letters(max(self.layouts[tab].columns.values()))}{row}"
            for tab, title, row in wanted
            if tab in self.layouts
        ]
        self.cells: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
        self.ids: dict[str, int] = {}
        for sheet in backend.spreadsheet.get(FIELDS, ranges).get("sheets", ()) if ranges else ():
            title = sheet["properties"]["title"]
            self.ids[title] = sheet["properties"].get("sheetId", 0)
            for part in sheet.get("data", ()):
                for number, told in enumerate(part.get("rowData", ()), part.get("startRow", 0) + 1):
                    self.cells[title, number] = list(told.get("values", ()))
        self.there = {
            (self.ids[title], row, column): str(cell.get("note", ""))
            for (title, row), cells in self.cells.items()
            for column, cell in enumerate(cells, 1)
        }

    def notes(self, tab: TabKey, title: str, row: int, reverted: Collection[ColumnKey]) -> list[CellNote]:
        """What our notes of a row are to say; nothing of a row that somebody moved meanwhile."""
        layout, cells = self.layouts.get(tab), self.cells.get((title, row), [])
        if layout is None or not self._is_still(layout, title, row):
            return []
        said = self._text(cells, layout.columns.get(CHECK, 0))
        found = []
        for key, place in layout.columns.items():
            label = f"【{column_label(tab, key, self.words)}】"
            lines = [line for line in said.splitlines() if line.startswith(label)]
            bears = place <= len(cells) and is_noted(str(cells[place - 1].get("note", "")))
            if key in reverted or bears:
                text = "\n".join(lines) or (self.words.text("google.note.reverted") if key in reverted else "")
                found.append(CellNote(self.ids[title], row, place, text))
        return found

    def _is_still(self, layout: Layout, title: str, row: int) -> bool:
        """Whether the row is the one that the cycle wrote: by its hidden key."""
        place = layout.columns.get(ColumnKey("key_"), 0)
        before = self.known.get((title, row), ())
        if not place or place > len(before):
            return False
        return self._text(self.cells.get((title, row), []), place) == str(before[place - 1] or "")

    def _text(self, cells: Sequence[Mapping[str, Any]], place: int) -> str:
        if not 0 < place <= len(cells):
            return ""
        return str(cells[place - 1].get("effectiveValue", {}).get("stringValue", ""))
