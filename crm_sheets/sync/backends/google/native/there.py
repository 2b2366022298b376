"""What stands in a spreadsheet, as far as the builders ask: cut out of the answers of spreadsheets.get."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_sheets.cells import column_letters
from crm_sheets.sync.backends.google.native.shapes import Json, quoted

FIELDS = (
    "spreadsheetId,spreadsheetUrl,properties(title,locale,timeZone),"
    "sheets(properties,protectedRanges,conditionalFormats,basicFilter,charts,tables(tableId,range))"
)
"""The mask under which `BookThere.of` wants the spreadsheet."""

LOOKS_FIELDS = (
    "sheets(properties(sheetId,title),data(startRow,startColumn,columnMetadata(pixelSize,hiddenByUser),"
    "rowData(values(dataValidation,note,userEnteredFormat(numberFormat)))))"
)
"""The mask under which it wants the first rows of tabs (`looks_ranges`), with includeGridData."""

Answer = Mapping[str, Any]  # Google's JSON, of the shape that its discovery document gives


@dataclass(frozen=True, slots=True)
class CellThere:
    """What a cell has beside its value."""

    validation: Json = None
    note: str = ""
    number_format: str = ""
    """The type of its number format: TEXT, DATE …; "" for none."""


@dataclass(frozen=True, slots=True)
class ColumnThere:
    """A column of a tab, as far as it was asked for."""

    hidden: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class SheetThere:
    """A tab of the spreadsheet.

    Attributes:
        rows, columns: of its grid, filled or not.
        frozen_rows, frozen_columns: that stay in sight.
        protected: protected ranges, conditional formats and charts as Google gives them.
        filter: the basic filter; None for none.
        looks: what cells have beside their values, by 1-based (row, column): only where it was asked for.
        widths: of the columns, by 1-based place.
    """

    id: int
    title: str
    index: int = 0
    hidden: bool = False
    rows: int = 0
    columns: int = 0
    frozen_rows: int = 0
    frozen_columns: int = 0
    grid: bool = True
    protected: tuple[Answer, ...] = ()
    formats: tuple[Answer, ...] = ()
    charts: tuple[Answer, ...] = ()
    filter: Answer | None = None
    tables: tuple[Answer, ...] = ()
    looks: Mapping[tuple[int, int], CellThere] = field(default_factory=dict)
    widths: Mapping[int, ColumnThere] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> CellThere:
        """What a cell has; nothing where it was not asked for."""
        return self.looks.get((row, column), CellThere())


@dataclass(frozen=True, slots=True)
class BookThere:
    """The spreadsheet."""

    id: str
    url: str
    title: str
    locale: str
    zone: str
    sheets: Mapping[str, SheetThere]

    @classmethod
    def of(cls, answer: Answer, looks: Answer | None = None) -> "BookThere":
        """As Google told.

        Args:
            answer: of spreadsheets.get under FIELDS.
            looks: of spreadsheets.get under LOOKS_FIELDS, for the first rows of the tabs that are there.
        """
        told = answer.get("properties", {})
        seen = {each["properties"].get("sheetId", 0): each.get("data", []) for each in (looks or {}).get("sheets", [])}
        sheets = [_sheet(each, seen.get(each["properties"].get("sheetId", 0), [])) for each in answer.get("sheets", [])]
        return cls(
            answer.get("spreadsheetId", ""),
            answer.get("spreadsheetUrl", ""),
            told.get("title", ""),
            told.get("locale", ""),
            told.get("timeZone", ""),
            {sheet.title: sheet for sheet in sheets},
        )

    @property
    def sheet_ids(self) -> frozenset[int]:
        """Ids that are taken."""
        return frozenset(sheet.id for sheet in self.sheets.values())

    @property
    def chart_ids(self) -> frozenset[int]:
        """Ids of all charts."""
        return frozenset(chart["chartId"] for sheet in self.sheets.values() for chart in sheet.charts)


def looks_ranges(sheets: Iterable[tuple[str, int, int, int]]) -> list[str]:
    """The ranges to ask for: of each tab (title, row of its header, columns, rows) the header, the row below it, and
    the last row of its grid, which may have come later than the drop-downs."""
    found = []
    for title, header, columns, rows in sheets:
        letters = column_letters(max(1, columns))
        found.append(f"{quoted(title)}!A{header}:{letters}{header + 1}")
        if rows > header + 1:
            found.append(f"{quoted(title)}!A{rows}:{letters}{rows}")
    return found


def _sheet(told: Answer, data: list[Answer]) -> SheetThere:
    properties = told["properties"]
    grid = properties.get("gridProperties", {})
    looks, widths = _looks(data)
    return SheetThere(
        id=properties.get("sheetId", 0),
        title=properties.get("title", ""),
        index=properties.get("index", 0),
        hidden=properties.get("hidden", False),
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        frozen_rows=grid.get("frozenRowCount", 0),
        frozen_columns=grid.get("frozenColumnCount", 0),
        grid=properties.get("sheetType", "GRID") == "GRID",
        protected=tuple(told.get("protectedRanges", ())),
        formats=tuple(told.get("conditionalFormats", ())),
        charts=tuple(told.get("charts", ())),
        filter=told.get("basicFilter"),
        tables=tuple(told.get("tables", ())),
        looks=looks,
        widths=widths,
    )


def _looks(data: list[Answer]) -> tuple[dict[tuple[int, int], CellThere], dict[int, ColumnThere]]:
    cells: dict[tuple[int, int], CellThere] = {}
    widths: dict[int, ColumnThere] = {}
    for part in data:
        first_row, first_column = part.get("startRow", 0) + 1, part.get("startColumn", 0) + 1
        for number, row in enumerate(part.get("rowData", ()), first_row):
            for place, cell in enumerate(row.get("values", ()), first_column):
                number_format = cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", "")
                cells[number, place] = CellThere(cell.get("dataValidation"), cell.get("note", ""), number_format)
        for place, told in enumerate(part.get("columnMetadata", ()), first_column):
            widths[place] = ColumnThere(told.get("hiddenByUser", False), told.get("pixelSize", 0))
    return cells, widths
