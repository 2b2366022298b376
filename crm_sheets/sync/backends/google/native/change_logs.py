"""The change log as a tab of a Google spreadsheet: made once, later only its rows are written anew."""

from crm_sheets.change_log import ChangeLog
from crm_sheets.sync.backends.google.native.looks import dimension, pixels
from crm_sheets.sync.backends.google.native.placed import add_sheet, enlarged
from crm_sheets.sync.backends.google.native.shapes import Request, area, cell_value, number_of, style_of
from crm_sheets.sync.backends.google.native.there import SheetThere
from crm_sheets.sync.backends.xlsx.log_sheet import COLOUR, WIDTHS
from crm_sheets.sync.backends.xlsx.style import INK, SYSTEM_HEADER

SPARE = 10


def log_requests(
    log: ChangeLog, there: SheetThere | None, taken: frozenset[int] | set[int] = frozenset()
) -> list[Request]:
    """Writes the change log, into its tab or into a new one; what it no longer tells goes.

    Args:
        there: its tab as it is; None when there is none.
        taken: ids of the sheets of the spreadsheet, for that of a new one.
    """
    last, wide = len(log.rows) + 1, len(log.header)
    sheet = there or SheetThere(
        number_of("change log", taken), log.title, rows=last + SPARE, columns=wide, frozen_rows=1
    )
    requests = [add_sheet(sheet, COLOUR), *_looks(sheet.id, wide)] if there is None else []
    if there is not None:
        requests += enlarged(sheet, last, wide, SPARE)
    rows = [{"values": [{"userEnteredValue": cell_value(each)} for each in row]} for row in (log.header, *log.rows)]
    place = area(sheet.id, 1, 1, max(last, sheet.rows), wide)
    return [*requests, {"updateCells": {"range": place, "rows": rows, "fields": "userEnteredValue"}}]


def _looks(sheet: int, wide: int) -> list[Request]:
    head: Request = {
        "backgroundColorStyle": style_of(SYSTEM_HEADER),
        "textFormat": {"bold": True, "fontSize": 10, "foregroundColorStyle": style_of(INK)},
    }
    body: Request = {"wrapStrategy": "WRAP", "verticalAlignment": "TOP", "textFormat": {"fontSize": 10}}
    moment: Request = {**body, "numberFormat": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"}}
    text: Request = {**body, "numberFormat": {"type": "TEXT"}}
    looks = (
        (area(sheet, 1, 1, 1, wide), head),
        (area(sheet, 2, 1, None, 1), moment),
        (area(sheet, 2, 2, None, wide), text),
    )
    requests: list[Request] = [
        {"repeatCell": {"range": place, "cell": {"userEnteredFormat": look}, "fields": "userEnteredFormat"}}
        for place, look in looks
    ]
    requests += [
        dimension(sheet, "COLUMNS", place, place, {"pixelSize": pixels(width)}) for place, width in enumerate(WIDTHS, 1)
    ]
    return [*requests, {"setBasicFilter": {"filter": {"range": area(sheet, 1, 1, None, wide)}}}]
