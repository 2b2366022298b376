"""What a batch answers: the journal, and where the rows went that it added."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm_sheets.cells import CellValue
from crm_sheets.errors import WorkbookChanged
from crm_sheets.sync.backends.google.batch import Appended, Batch
from crm_sheets.sync.backends.google.journal import Entry, entries_of
from crm_sheets.sync.backends.google.look import Mark, mark_of
from crm_sheets.sync.backends.google.requests import Request, give_format
from crm_sheets.sync.backends.google.values import from_cell, same_cell

CELLS = (
    "sheets(properties(sheetId,title,sheetType,hidden,gridProperties(rowCount,columnCount)),charts(chartId),"
    "data(startRow,rowData(values(userEnteredValue,effectiveValue,userEnteredFormat(numberFormat(type))))))"
)
"""Mask of spreadsheets.get for what a batch would have answered."""


def journal_of(spreadsheet: Mapping[str, Any], operation: int) -> tuple[Mark, list[Entry]]:
    """The service sheet of a write.

    Raises:
        WorkbookChanged: there is none, or not of that write.
    """
    rows = next((rows for _, rows in _data(spreadsheet, operation)), None)
    mark = mark_of([from_cell(cell) for cell in rows[0].get("values", ())]) if rows else None
    if rows is None or mark is None or mark.operation != operation:
        raise WorkbookChanged("somebody else wrote into the spreadsheet at the same time")
    return mark, entries_of(rows[1:], mark.rows)


def operation_in(spreadsheet: Mapping[str, Any], title: str) -> int | None:
    """Id of the sheet that has a title; None when there is none."""
    properties = (sheet["properties"] for sheet in spreadsheet.get("sheets", ()))
    return next((each.get("sheetId", 0) for each in properties if each["title"] == title), None)


def places_of(spreadsheet: Mapping[str, Any], batch: Batch) -> dict[int, list[int]] | None:
    """Where the rows that were added stand, by sheet, in their order; None when one of them is nowhere."""
    found: dict[int, list[int]] = {}
    for appended in batch.appended:
        rows = {
            start + offset + 1: [from_cell(cell) for cell in row.get("values", ())]
            for start, rows in _data(spreadsheet, appended.sheet.id)
            for offset, row in enumerate(rows)
        }
        places = _places(appended, rows)
        if len(places) != len(appended.rows):
            return None
        found[appended.sheet.id] = places
    return found


def unformatted(spreadsheet: Mapping[str, Any], batch: Batch, places: Mapping[int, Sequence[int]]) -> list[Request]:
    """Requests that let dates and percentages in added rows be read as such, where no format of the team's does."""
    made = []
    for appended in batch.appended:
        rows = {
            start + n + 1: row for start, rows in _data(spreadsheet, appended.sheet.id) for n, row in enumerate(rows)
        }
        for place, cells in zip(places[appended.sheet.id], appended.rows, strict=True):
            told = rows[place].get("values", ())
            for at, shown in appended.formats.items():
                number = isinstance(cells.get(at), (int, float)) and not isinstance(cells.get(at), bool)
                if number and _format(told[at - 1]) not in _READABLE[shown["type"]]:
                    made.append(give_format(appended.sheet.id, place, at, shown))
    return made


_READABLE = {"DATE": {"DATE", "DATE_TIME"}, "DATE_TIME": {"DATE", "DATE_TIME"}, "PERCENT": {"PERCENT"}}


def _format(cell: Mapping[str, Any]) -> str:
    return str(cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", ""))


def _places(appended: Appended, rows: Mapping[int, Sequence[CellValue]]) -> list[int]:
    places: list[int] = []
    left = dict(rows)
    for wanted in appended.rows:
        place = next((number for number, cells in left.items() if _holds(cells, wanted)), None)
        if place is not None:
            places.append(place)
            del left[place]
    return places


def _holds(cells: Sequence[CellValue], wanted: Mapping[int, CellValue]) -> bool:
    return all(same_cell(cells[at - 1] if at <= len(cells) else None, value) for at, value in wanted.items())


def _data(spreadsheet: Mapping[str, Any], sheet: int) -> Iterator[tuple[int, Sequence[Mapping[str, Any]]]]:
    """The ranges that are told of a sheet: 0-based first row, RowData."""
    for each in spreadsheet.get("sheets", ()):
        if each["properties"].get("sheetId", 0) == sheet:
            for data in each.get("data", ()):
                yield data.get("startRow", 0), data.get("rowData", ())
