"""Summary tabs: made once with their looks and charts; later only values and hidden rows change."""

from collections.abc import Iterator
from itertools import groupby

from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Summary, Unit
from crm_sheets.sync.backends.google.native.charts import chart_requests
from crm_sheets.sync.backends.google.native.looks import dimension, format_of, pixels
from crm_sheets.sync.backends.google.native.placed import add_sheet, enlarged
from crm_sheets.sync.backends.google.native.shapes import Request, area, cell_value, number_of, style_of
from crm_sheets.sync.backends.google.native.there import SheetThere
from crm_sheets.sync.backends.xlsx.style import (
    BLUE,
    FONTS,
    INK,
    LEFT,
    RULE,
    STAFF_HEADER,
    SUMMARY_COLOUR,
    TILE,
    UNIT_FORMATS,
    WHITE,
)
from crm_sheets.sync.backends.xlsx.summary_layout import (
    FIRST,
    TOP_COLUMNS,
    WIDTHS,
    Line,
    Place,
    areas,
    lines,
    tiles_per_row,
)

SPARE = 10
"""Empty rows below the last line."""


def summary_id(summary: Summary, taken: frozenset[int] | set[int] = frozenset()) -> int:
    """The id of the tab of a summary, by which it is known from a tab that somebody called so; `taken` are others."""
    return number_of(f"summary {summary.key}", taken)


def sheet_for(summary: Summary, words: Language, taken: frozenset[int] | set[int]) -> SheetThere:
    """The tab of a summary that the spreadsheet does not have yet."""
    last = lines(summary, words)[-1].number
    return SheetThere(summary_id(summary, taken), summary.title, rows=last + SPARE, columns=len(WIDTHS))


def summary_requests(
    summary: Summary,
    words: Language,
    there: SheetThere | None,
    taken: frozenset[int] | set[int] = frozenset(),
    charts: frozenset[int] = frozenset(),
) -> list[Request]:
    """Writes a summary, into its tab or into a new one.

    Args:
        there: its tab as it is; None when there is none. One that was made with another layout gets
            the looks of a new one: its cells are others.
        taken: ids of the sheets of the spreadsheet, for that of a new one.
        charts: ids of all charts of the spreadsheet: somebody may have moved one of ours to a sheet of its own.
    """
    shown = lines(summary, words)
    sheet = there or sheet_for(summary, words, taken)
    requests: list[Request] = []
    fresh = there is None or summary.remake
    if there is None:
        requests.append(add_sheet(sheet, SUMMARY_COLOUR, lines=False))
    else:  # people may have deleted what stood empty; what lies outside of a tab cannot be written
        requests += enlarged(sheet, shown[-1].number, len(WIDTHS), SPARE)
    if there is not None and summary.remake:
        requests.append(dimension(sheet.id, "ROWS", 1, max(sheet.rows, shown[-1].number), {"hiddenByUser": False}))
    if fresh:
        requests += _looks(sheet, summary, shown)
    requests.append(_values(sheet, shown, fresh=fresh))
    requests += _hidden(sheet.id, summary, shown)
    return requests + chart_requests(summary, sheet.id, charts)


def _values(sheet: SheetThere, shown: list[Line], *, fresh: bool) -> Request:
    """All cells of the tab: what is not told any more goes. A cell that is there keeps its looks."""
    last = max(shown[-1].number, sheet.rows)
    by_row = {line.number: line.places for line in shown}
    rows = [{"values": _row(by_row.get(number, ()), fresh)} for number in range(1, last + 1)]
    fields = "userEnteredValue,userEnteredFormat" if fresh else "userEnteredValue"
    place = area(sheet.id, 1, 1, last, len(WIDTHS))
    return {"updateCells": {"range": place, "rows": rows, "fields": fields}}


def _row(places: tuple[Place, ...], fresh: bool) -> list[Request]:
    if not places:
        return []
    cells: list[Request] = [{} for _ in range(max(place.column for place in places))]
    for place in places:
        value = cell_value(place.value)
        cell: Request = {"userEnteredValue": value} if value else {}
        if fresh:
            cell["userEnteredFormat"] = _format(place)
        cells[place.column - 1] = cell
    return cells


def _format(place: Place) -> Request:
    name, _, unit = place.style.partition(":")
    size, bold, ink = FONTS.get(name, (10, False, INK))
    left = name in LEFT or unit == Unit.TEXT or (name == "header" and place.column == FIRST)
    tile = name.startswith("tile")
    found: Request = {
        "textFormat": {"fontSize": size, "bold": bold, "foregroundColorStyle": style_of(ink)},
        "horizontalAlignment": "CENTER" if tile else "LEFT" if left else "RIGHT",
        "verticalAlignment": "MIDDLE",
        "wrapStrategy": "WRAP" if name.startswith(("header", "wrapped", "conclusion")) else "OVERFLOW_CELL",
    }
    if tile:
        found["backgroundColorStyle"] = style_of(TILE)
        found["borders"] = {"left": {"style": "SOLID_THICK", "colorStyle": style_of(WHITE)}}
    elif name.startswith("header"):
        found["backgroundColorStyle"] = style_of(STAFF_HEADER)
        found["borders"] = {"bottom": {"style": "SOLID_MEDIUM", "colorStyle": style_of(BLUE)}}
    elif name in {"cell", "wrapped"}:
        found["borders"] = {"bottom": {"style": "SOLID", "colorStyle": style_of(RULE)}}
    shown = format_of(UNIT_FORMATS[Unit(unit)]) if unit else None
    if shown is not None:
        found["numberFormat"] = shown
    return found


def _looks(sheet: SheetThere, summary: Summary, shown: list[Line]) -> Iterator[Request]:
    """Widths, heights, and the tiles of two columns each."""
    for column, width in enumerate(WIDTHS, 1):
        yield dimension(sheet.id, "COLUMNS", column, column, {"pixelSize": pixels(width)})
    heights = groupby(enumerate(shown), key=lambda each: (each[1].number - each[0], each[1].height))
    for (_, height), run in heights:
        numbers = [line.number for _, line in run]
        yield dimension(sheet.id, "ROWS", numbers[0], numbers[-1], {"pixelSize": round(height * 4 / 3)})
    top = area(sheet.id, 1, TOP_COLUMNS[0], 1, TOP_COLUMNS[1])
    yield {"mergeCells": {"range": top, "mergeType": "MERGE_ALL"}}
    per_row = tiles_per_row(summary)
    for number in range(len(summary.headlines)):
        row, column = 4 + 4 * (number // per_row), FIRST + 2 * (number % per_row)
        for each in range(row, row + 3):
            merged = area(sheet.id, each, column, each, column + 1)
            yield {"mergeCells": {"range": merged, "mergeType": "MERGE_ALL"}}


def _hidden(sheet: int, summary: Summary, shown: list[Line]) -> Iterator[Request]:
    """Rows of blocks that are not filled are hidden, the others are not."""
    hidden = {line.number for line in shown if line.hidden}
    for each in areas(summary):
        rows = range(each.header + 1, each.header + each.block.capacity + 1)
        for away, run in groupby(rows, key=lambda row: row in hidden):
            numbers = list(run)
            yield dimension(sheet, "ROWS", numbers[0], numbers[-1], {"hiddenByUser": away})
