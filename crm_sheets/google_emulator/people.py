"""People who have a spreadsheet open while programs work on it: what they do goes past quotas, faults and the log.

Rows are counted from 1 and columns called by letters, as on the screen. What Google would not let them do is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_sheets.google_emulator.a1 import column_index, parse, quoted_title
from crm_sheets.google_emulator.areas import Box, grid_range
from crm_sheets.google_emulator.changing import change
from crm_sheets.google_emulator.conditions import holds
from crm_sheets.google_emulator.entering import enter
from crm_sheets.google_emulator.files import File
from crm_sheets.google_emulator.json_values import Json, Object, flag, part, whole
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.session import Session
from crm_sheets.google_emulator.spreadsheets import batch_update
from crm_sheets.google_emulator.surroundings import surroundings
from crm_sheets.google_emulator.undoing import Step, undone
from crm_sheets.google_emulator.writing_values import Writer

if TYPE_CHECKING:
    from crm_sheets.google_emulator.emulator import Emulator


@dataclass(slots=True)
class Person:
    """One account with one spreadsheet open; `Emulator.person` gives it."""

    emulator: "Emulator"
    email: str
    spreadsheet: str
    _steps: list[Step] = field(default_factory=list)

    def type(self, tab: str, cell: str, text: str) -> None:
        """Types into a cell; refused where a strict rule of data validation does not take it."""
        with self._working() as (session, file):
            box = parse(file.book, f"{quoted_title(tab)}!{cell}").box()
            self._check_rule(session, file, box, text)
            self._enter(session, file, tab, cell, [[text]])

    def paste(self, tab: str, cell: str, rows: list[list[str]]) -> None:
        """Pastes text from elsewhere: the grid grows where it ends, and data validation stops nothing."""
        with self._working() as (session, file):
            sheet = self._sheet(file, tab)
            corner = parse(file.book, f"{quoted_title(tab)}!{cell}")
            bottom = (corner.area.top or 0) + len(rows) - len(sheet.rows)
            right = (corner.area.left or 0) + max(map(len, rows), default=0) - len(sheet.columns)
            for dimension, missing in (("ROWS", bottom), ("COLUMNS", right)):
                if missing > 0:
                    self._send("appendDimension", {"dimension": dimension, "length": missing}, sheet)
            self._enter(session, file, tab, cell, rows)

    def clear(self, tab: str, cells: str) -> None:
        """Presses Delete on a selection: values go, formats, notes and rules stay."""
        with self._working() as (session, file), change(session, file):
            self._writer(session, file).clear(parse(file.book, f"{quoted_title(tab)}!{cells}").box())

    def insert_rows(self, tab: str, row: int, count: int = 1) -> None:
        """Inserts rows above this one, which look like the one above them."""
        span: Object = {"dimension": "ROWS", "startIndex": row - 1, "endIndex": row - 1 + count}
        self.send(tab, "insertDimension", {"range": span, "inheritFromBefore": row > 1})

    def delete_rows(self, tab: str, row: int, count: int = 1) -> None:
        """Deletes rows from this one on."""
        span: Object = {"dimension": "ROWS", "startIndex": row - 1, "endIndex": row - 1 + count}
        self.send(tab, "deleteDimension", {"range": span})

    def insert_columns(self, tab: str, column: str, count: int = 1) -> None:
        """Inserts columns left of this one."""
        start = column_index(column)
        span: Object = {"dimension": "COLUMNS", "startIndex": start, "endIndex": start + count}
        self.send(tab, "insertDimension", {"range": span})

    def delete_columns(self, tab: str, column: str, count: int = 1) -> None:
        """Deletes columns from this one on."""
        start = column_index(column)
        span: Object = {"dimension": "COLUMNS", "startIndex": start, "endIndex": start + count}
        self.send(tab, "deleteDimension", {"range": span})

    def move_columns(self, tab: str, column: str, before: str, count: int = 1) -> None:
        """Drags columns to where another stands."""
        self._move(tab, "COLUMNS", column_index(column), count, column_index(before))

    def move_rows(self, tab: str, row: int, before: int, count: int = 1) -> None:
        """Drags rows to where another stands."""
        self._move(tab, "ROWS", row - 1, count, before - 1)

    def sort(self, tab: str, column: str, *, descending: bool = False) -> None:
        """Sorts the sheet by a column; frozen rows stay where they are."""
        with self.emulator.lock:
            frozen = whole(self._sheet(self.file, tab).grid_properties, "frozenRowCount")
        order: Object = {
            "dimensionIndex": column_index(column),
            "sortOrder": "DESCENDING" if descending else "ASCENDING",
        }
        self.send(tab, "sortRange", {"range": {"startRowIndex": frozen}, "sortSpecs": [order]})

    def copy_rows(self, tab: str, row: int, to: int, count: int = 1) -> None:
        """Copies rows and pastes them over others."""
        self._copy(tab, "copyPaste", row, to, count)

    def cut_rows(self, tab: str, row: int, to: int, count: int = 1) -> None:
        """Cuts rows and pastes them over others; where they stood is blank."""
        self._copy(tab, "cutPaste", row, to, count)

    def filter(self, tab: str, cells: str, column: str, hidden: list[str]) -> None:
        """Makes a filter over cells that hides rows with these values in a column."""
        with self.emulator.lock:
            box = parse(self.file.book, f"{quoted_title(tab)}!{cells}").box()
        criteria: Object = {"hiddenValues": list[Json](hidden)}
        spec: Object = {"columnIndex": column_index(column), "filterCriteria": criteria}
        self.send(tab, "setBasicFilter", {"filter": {"range": grid_range(box), "filterSpecs": [spec]}})

    def unfilter(self, tab: str) -> None:
        """Takes the filter away."""
        self.send(tab, "clearBasicFilter", {})

    def replace(self, tab: str, old: str, new: str) -> None:
        """Finds and replaces in a whole tab."""
        self.send(tab, "findReplace", {"find": old, "replacement": new})

    def rename_tab(self, tab: str, title: str) -> None:
        """Gives a tab another name."""
        self.send(tab, "updateSheetProperties", {"properties": {"title": title}, "fields": "title"})

    def add_tab(self, title: str) -> None:
        """Adds a tab at the end."""
        with self._working():
            self._send("addSheet", {"properties": {"title": title}}, None)

    def delete_tab(self, tab: str) -> None:
        """Deletes a tab."""
        self.send(tab, "deleteSheet", {})

    def send(self, tab: str, kind: str, request: Object) -> None:
        """Any request of spreadsheets.batchUpdate; the ids of the tab are filled in where it has ranges."""
        with self._working() as (_, file):
            self._send(kind, request, self._sheet(file, tab))

    def share(self, email: str, role: str) -> None:
        """Gives somebody a role: reader, commenter, writer."""
        with self.emulator.lock:
            self._session().writing()
            self.emulator.share(self.spreadsheet, email, role)

    def revoke(self, email: str) -> None:
        """Takes somebody's access away."""
        with self.emulator.lock:
            self._session().writing()
            self.emulator.unshare(self.spreadsheet, email)

    def undo(self) -> None:
        """Takes back what this person did last; refused when others have moved rows or columns since."""
        with self.emulator.lock:
            if not self._steps:
                raise Refused("Nothing to undo.")
            session = self._session()
            file = session.writing()
            with change(session, file):
                undone(file.book, self._steps.pop())

    def name_version(self, name: str) -> None:
        """Gives the present version a name in the version history."""
        with self.emulator.lock:
            file = self._session().writing()
            file.versions[name] = file.book.snapshot()

    def restore_version(self, name: str) -> None:
        """Puts back all that a version held, hidden and protected tabs too, as the version history does."""
        with self._working() as (session, file), change(session, file):
            if name not in file.versions:
                raise Refused(f"There is no version {name}.")
            file.book.restore(file.versions[name].snapshot())

    @property
    def file(self) -> File:
        """The spreadsheet, if this person may see it."""
        return self._session().reading()

    def _session(self, *requests: Object) -> Session:
        return self.emulator.session(self.email, self.spreadsheet, {"requests": [*requests]})

    @contextmanager
    def _working(self) -> Iterator[tuple[Session, File]]:
        """Something that one undo takes back."""
        with self.emulator.lock:
            session = self._session()
            file = session.writing()
            before = file.book.snapshot()
            yield session, file
            self._steps.append(Step(before, file.book.snapshot()))

    def _send(self, kind: str, request: Object, sheet: Sheet | None) -> None:
        body = request if sheet is None else _with_sheet(kind, request, sheet.sheet_id)
        batch_update(self._session({kind: body}))

    def _enter(self, session: Session, file: File, tab: str, cell: str, rows: list[list[str]]) -> None:
        values: list[list[Json]] = [[*row] for row in rows]
        with change(session, file):
            self._writer(session, file).write(parse(file.book, f"{quoted_title(tab)}!{cell}"), values)

    def _writer(self, session: Session, file: File) -> Writer:
        return Writer(file.book, self.email, file.owner, "USER_ENTERED", session.today(file.book))

    def _sheet(self, file: File, tab: str) -> Sheet:
        sheet = file.book.titled(tab)
        if sheet is None:
            raise Refused(f"There is no tab {tab}.")
        return sheet

    def _check_rule(self, session: Session, file: File, box: Box, text: str) -> None:
        cell = box.sheet.cell(box.top, box.left)
        rule = part((cell.rest if cell else None) or {}, "dataValidation")
        today = session.today(file.book)
        value = enter(text, file.book.locale, today).value
        if not flag(rule, "strict") or value is None:
            return
        if not holds(part(rule, "condition"), value, surroundings(file.book, today)):
            raise Refused("The data you entered violates the data validation rules set on this cell.")

    def _move(self, tab: str, dimension: str, start: int, count: int, before: int) -> None:
        span: Object = {"dimension": dimension, "startIndex": start, "endIndex": start + count}
        self.send(tab, "moveDimension", {"source": span, "destinationIndex": before})

    def _copy(self, tab: str, kind: str, row: int, to: int, count: int) -> None:
        source: Object = {"startRowIndex": row - 1, "endRowIndex": row - 1 + count}
        target: Object = {"startRowIndex": to - 1, "endRowIndex": to - 1 + count}
        corner: Object = {"rowIndex": to - 1, "columnIndex": 0}
        destination = target if kind == "copyPaste" else corner
        self.send(tab, kind, {"source": source, "destination": destination, "pasteType": "PASTE_NORMAL"})


_ON_SHEET = ("deleteSheet", "clearBasicFilter", "appendDimension", "findReplace")
_HOLDERS = ("range", "source", "destination", "properties", "filter")


def _with_sheet(kind: str, request: Object, sheet_id: int) -> Object:
    """The request with the sheet's id wherever that kind of request wants it."""
    if kind in _ON_SHEET:
        return {**request, "sheetId": sheet_id}
    return {
        key: _named(part(request, key), sheet_id) if key in _HOLDERS and isinstance(value, dict) else value
        for key, value in request.items()
    }


def _named(holder: Object, sheet_id: int) -> Object:
    return holder if "range" in holder else {**holder, "sheetId": sheet_id}
