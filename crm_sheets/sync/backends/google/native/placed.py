"""Where a tab of the book is in the spreadsheet, and how a new one is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sheets.cells import CellValue
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import tab_label
from crm_sheets.sync.backends.google.native.looks import HEADER_PIXELS, dimension, dressed_columns
from crm_sheets.sync.backends.google.native.shapes import Request, area, cell_value, number_of, style_of
from crm_sheets.sync.backends.google.native.there import SheetThere
from crm_sheets.sync.backends.xlsx.style import GREY, TAB_COLOURS
from crm_sheets.sync.backends.xlsx.tab_sheets import frozen_columns
from crm_sheets.tables import ColumnKey

SPARE_ROWS = 200
"""Empty rows of a new tab. Drop-downs, formats and colours cover them."""

Rows = Sequence[Mapping[ColumnKey, CellValue]]


@dataclass(frozen=True, slots=True)
class PlacedTab:
    """A tab of the book in the spreadsheet.

    Attributes:
        header_row: 1-based.
        columns: 1-based places of the columns that it has.
    """

    tab: Tab
    sheet: SheetThere
    header_row: int
    columns: Mapping[ColumnKey, int]

    @property
    def first_row(self) -> int:
        """1-based row of the first record."""
        return self.header_row + 1

    def with_columns(self, added: Sequence[ColumnKey], last: int) -> "PlacedTab":
        """The same with more columns behind the last one that anything stands in."""
        places = {key: last + number for number, key in enumerate(added, 1)}
        widened = replace(self.sheet, columns=max(self.sheet.columns, last + len(added)))
        return replace(self, sheet=widened, columns={**self.columns, **places})


def new_tab(tab: Tab, words: Language, rows: Rows, taken: set[int]) -> tuple[PlacedTab, list[Request]]:
    """A tab that the spreadsheet lacks: header in row 1, one row for each record below it.

    Args:
        taken: ids of sheets; the new one's is added to them.
    """
    title = tab_label(tab.key, words)
    sheet = SheetThere(
        id=number_of(f"tab {tab.key}", taken),
        title=title,
        rows=len(rows) + 1 + SPARE_ROWS,
        columns=len(tab.columns),
        frozen_rows=1,
        frozen_columns=frozen_columns(tab),
    )
    taken.add(sheet.id)
    placed = PlacedTab(tab, sheet, 1, {key: place for place, key in enumerate(tab.columns, 1)})
    made: list[Request] = [
        add_sheet(sheet, TAB_COLOURS.get(tab.key, GREY)),
        *dressed_columns(sheet.id, tab, placed.columns, 1, words),
        dimension(sheet.id, "ROWS", 1, 1, {"pixelSize": HEADER_PIXELS}),
        *_filled(sheet.id, tab, rows),
        {"setBasicFilter": {"filter": {"range": area(sheet.id, 1, 1, None, len(tab.columns))}}},
    ]
    return placed, made


def add_sheet(sheet: SheetThere, colour: str, *, lines: bool = True) -> Request:
    """Adds a sheet as it is described."""
    grid: Request = {"rowCount": sheet.rows, "columnCount": sheet.columns}
    if sheet.frozen_rows:
        grid["frozenRowCount"] = sheet.frozen_rows
    if sheet.frozen_columns:
        grid["frozenColumnCount"] = sheet.frozen_columns
    if not lines:
        grid["hideGridlines"] = True
    properties: Request = {"sheetId": sheet.id, "title": sheet.title, "gridProperties": grid}
    if sheet.hidden:
        properties["hidden"] = True
    else:
        properties["tabColorStyle"] = style_of(colour)
    return {"addSheet": {"properties": properties}}


def enlarged(sheet: SheetThere, rows: int, columns: int, spare: int) -> list[Request]:
    """Makes a sheet that is there at least so large; rows get some to spare."""
    wanted = (("ROWS", rows - sheet.rows, spare), ("COLUMNS", columns - sheet.columns, 0))
    return [
        {"appendDimension": {"sheetId": sheet.id, "dimension": kind, "length": lacking + more}}
        for kind, lacking, more in wanted
        if lacking > 0
    ]


def _filled(sheet: int, tab: Tab, rows: Rows) -> list[Request]:
    if not rows:
        return []
    cells = [{"values": [{"userEnteredValue": cell_value(row.get(key))} for key in tab.columns]} for row in rows]
    start: Request = {"sheetId": sheet, "rowIndex": 1, "columnIndex": 0}
    return [{"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}]


def new_columns(placed: PlacedTab, added: Sequence[ColumnKey], last: int, words: Language) -> list[Request]:
    """Columns behind the last one in which anything stands, in a tab that is there.

    Args:
        last: 1-based, the last column that is used in any row.
    """
    if not added:
        return []
    sheet, wider = placed.sheet, placed.with_columns(added, last)
    requests: list[Request] = []
    if last < sheet.columns:  # put in between: what somebody types there meanwhile moves aside
        place: Request = {
            "sheetId": sheet.id,
            "dimension": "COLUMNS",
            "startIndex": last,
            "endIndex": last + len(added),
        }
        requests.append({"insertDimension": {"range": place, "inheritFromBefore": False}})
    else:
        requests.append({"appendDimension": {"sheetId": sheet.id, "dimension": "COLUMNS", "length": len(added)}})
    places = {key: wider.columns[key] for key in added}
    requests += dressed_columns(sheet.id, placed.tab, places, placed.header_row, words)
    if sheet.filter is not None:
        known = sheet.filter.get("range", {})
        if known.get("endColumnIndex", last) == last:
            end: Request = {**known, "endColumnIndex": last + len(added)}
            requests.append({"setBasicFilter": {"filter": {**sheet.filter, "range": end}}})
    return requests
