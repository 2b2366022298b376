"""Takes out of the spreadsheet of a person what may no longer be seen there; what the person added stays.

Earlier versions of the spreadsheet still hold it, and Google lets nobody take single versions away: whoever must not
be able to look it up there needs a new spreadsheet (docs/google.md).
"""

from collections.abc import Collection, Iterable, Mapping

from crm_sheets.schema.layout import Layout
from crm_sheets.sync.backends.google.native.placed import add_sheet
from crm_sheets.sync.backends.google.native.shapes import Request, area, number_of
from crm_sheets.sync.backends.google.native.there import BookThere, SheetThere
from crm_sheets.sync.backends.xlsx.style import GREY
from crm_sheets.tables import ColumnKey, TabKey

EMPTY_ROWS, EMPTY_COLUMNS = 100, 10


def without_columns(
    book: BookThere, layouts: Mapping[TabKey, Layout], columns: Mapping[TabKey, Collection[ColumnKey]]
) -> list[Request]:
    """Takes columns out of tabs, from the right to the left."""
    requests: list[Request] = []
    for tab, gone in columns.items():
        layout = layouts.get(tab)
        for place in (
            sorted((layout.columns[key] for key in gone if key in layout.columns), reverse=True) if layout else ()
        ):
            sheet = book.sheets[layout.sheet].id if layout else 0
            span: Request = {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": place - 1, "endIndex": place}
            requests.append({"deleteDimension": {"range": span}})
    return requests


def without_tabs(book: BookThere, titles: Iterable[str], name: str) -> list[Request]:
    """Takes tabs out. A spreadsheet must have one that can be seen: an empty one called `name` where none is left."""
    gone = [book.sheets[title] for title in dict.fromkeys(titles) if title in book.sheets]
    if not gone:
        return []
    requests: list[Request] = []
    left = [sheet for sheet in book.sheets.values() if sheet not in gone and not sheet.hidden]
    if not left:
        found = number_of(f"empty {name}", book.sheet_ids)
        title = name
        while title in book.sheets:
            title += "_"
        requests.append(add_sheet(SheetThere(found, title, rows=EMPTY_ROWS, columns=EMPTY_COLUMNS), GREY))
    return requests + [{"deleteSheet": {"sheetId": sheet.id}} for sheet in gone]


def without_journal(sheet: SheetThere) -> list[Request]:
    """Empties what the service tab remembers of rows that the last write found; the stamp in its first row stays."""
    if sheet.rows < 2:
        return []
    none: Request = {"start": {"sheetId": sheet.id, "rowIndex": 0, "columnIndex": 6}, "fields": "userEnteredValue"}
    return [
        {"updateCells": {"range": area(sheet.id, 2, 1, sheet.rows, sheet.columns), "fields": "*"}},
        {"updateCells": {**none, "rows": [{"values": [{"userEnteredValue": {"numberValue": 0}}]}]}},
    ]
