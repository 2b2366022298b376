"""The hidden tab `_lists` that feeds the drop-downs."""

from crm_sheets.sync.backends.google.native.placed import add_sheet
from crm_sheets.sync.backends.google.native.shapes import Request, area, cell_value, number_of
from crm_sheets.sync.backends.google.native.there import SheetThere
from crm_sheets.sync.backends.xlsx.lists import SHEET, Grid, lists_edits
from crm_sheets.sync.backends.xlsx.style import GREY
from crm_sheets.tables import Sheet

SPARE_ROWS, SPARE_COLUMNS = 500, 10


def new_lists(content: Grid, taken: set[int]) -> tuple[SheetThere, list[Request]]:
    """The tab, where the spreadsheet has none; its id is added to those that are taken."""
    wide = max((len(row) for row in content), default=0)
    found = number_of("lists", taken)
    taken.add(found)
    sheet = SheetThere(found, SHEET, hidden=True, rows=len(content) + SPARE_ROWS, columns=wide + SPARE_COLUMNS)
    rows = [{"values": [{"userEnteredValue": cell_value(value)} for value in row]} for row in content]
    start: Request = {"sheetId": found, "rowIndex": 0, "columnIndex": 0}
    text: Request = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    return sheet, [
        add_sheet(sheet, GREY),
        {"repeatCell": {"range": {"sheetId": found}, "cell": text, "fields": "userEnteredFormat.numberFormat"}},
        {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}},
    ]


def list_requests(there: SheetThere, known: Sheet, content: Grid) -> list[Request]:
    """Brings the lists up to date, cell by cell: each stays in the column at which the drop-downs point.

    Args:
        there: the tab.
        known: what it holds.
        content: what it is to hold: a header row of keys, then the values.
    """
    edits = lists_edits(known, content)
    if not edits:
        return []
    requests: list[Request] = []
    rows, columns = max(row for row, _ in edits), max(column for _, column in edits)
    for kind, wanted, has in (("ROWS", rows, there.rows), ("COLUMNS", columns, there.columns)):
        if wanted > has:
            length = wanted - has + SPARE_COLUMNS
            requests.append({"appendDimension": {"sheetId": there.id, "dimension": kind, "length": length}})
    for column in sorted({column for _, column in edits}):
        first, last = (pick(row for row, place in edits if place == column) for pick in (min, max))
        held = {row.number: row.cells for row in known.rows}
        cells = []
        for number in range(first, last + 1):
            old = held.get(number, ())
            now = old[column - 1] if len(old) >= column else None
            cells.append({"values": [{"userEnteredValue": cell_value(edits.get((number, column), now))}]})
        place = area(there.id, first, column, last, column)
        requests.append({"updateCells": {"range": place, "rows": cells, "fields": "userEnteredValue"}})
    return requests
