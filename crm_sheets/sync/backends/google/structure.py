"""Which sheets a spreadsheet has, as one small call tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_sheets.cells import column_letters

FIELDS = (
    "properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,sheetType,hidden,gridProperties(rowCount,columnCount)),merges,charts(chartId))"
)
KINDS = {"GRID": "worksheet", "OBJECT": "chartsheet"}


@dataclass(frozen=True, slots=True)
class GridSheet:
    """A sheet as it is called and how large it is.

    Attributes:
        id: Google's, which stays when it is renamed.
        kind: as in tables.Sheet; only a worksheet has cells.
        rows, columns: of the grid; what is outside cannot be written before it is made larger.
        merged: areas as (first row, first column, last row, last column), 1-based.
        charts: their ids.
    """

    title: str
    id: int
    kind: str
    hidden: bool
    rows: int
    columns: int
    merged: tuple[tuple[int, int, int, int], ...] = ()
    charts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Structure:
    """A spreadsheet without its cells.

    Attributes:
        locale: by which Google reads what people type, such as zh_CN.
        zone: of NOW() and of what people type as a time.
        sheets: by title, in the order of the tabs.
    """

    title: str
    locale: str
    zone: str
    sheets: Mapping[str, GridSheet]

    def by_id(self, sheet_id: int) -> GridSheet | None:
        """The sheet with an id."""
        return next((each for each in self.sheets.values() if each.id == sheet_id), None)


def structure_of(answer: Mapping[str, Any]) -> Structure:
    """What spreadsheets.get with FIELDS gives."""
    properties = answer.get("properties", {})
    sheets = [_sheet(each) for each in answer.get("sheets", ())]
    return Structure(
        properties.get("title", ""),
        properties.get("locale", ""),
        properties.get("timeZone", ""),
        {sheet.title: sheet for sheet in sheets},
    )


def _sheet(told: Mapping[str, Any]) -> GridSheet:
    properties = told["properties"]
    grid = properties.get("gridProperties", {})
    kind = properties.get("sheetType", "GRID")
    return GridSheet(
        properties["title"],
        properties.get("sheetId", 0),
        KINDS.get(kind, kind.lower()),
        bool(properties.get("hidden")),
        grid.get("rowCount", 0),
        grid.get("columnCount", 0),
        tuple(_area(each) for each in told.get("merges", ())),
        frozenset(each["chartId"] for each in told.get("charts", ())),
    )


def _area(told: Mapping[str, int]) -> tuple[int, int, int, int]:
    return (
        told.get("startRowIndex", 0) + 1,
        told.get("startColumnIndex", 0) + 1,
        told.get("endRowIndex", 0),
        told.get("endColumnIndex", 0),
    )


def quoted(title: str) -> str:
    """A title as an A1 reference names it."""
    return "'" + title.replace("'", "''") + "'"


def tail_range(title: str, first_row: int, columns: int) -> str:
    """A1 of everything from a row on."""
    return f"{quoted(title)}!A{first_row}:{column_letters(columns)}"
