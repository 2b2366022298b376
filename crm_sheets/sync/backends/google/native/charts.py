"""The charts of summaries: native ones with fixed ids, pointing at the fixed areas of their blocks."""

from collections.abc import Collection

from crm_sheets.rules.summaries.base import Chart, ChartKind, Summary
from crm_sheets.sync.backends.google.native.shapes import Json, Request, area, number_of, style_of
from crm_sheets.sync.backends.xlsx.style import CHART_COLOURS, INK
from crm_sheets.sync.backends.xlsx.summary_layout import CHART_ROWS, FIRST, Area, areas, chart_places, measured

WIDTH, ROW_PIXELS = 660, 27
"""Of a chart, and of a row of 20 points."""

_KINDS = {ChartKind.COLUMN: "COLUMN", ChartKind.BAR: "BAR", ChartKind.LINE: "LINE"}


def chart_id(summary: Summary, block: str) -> int:
    """The id of the chart of a block, the same for ever."""
    return number_of(f"chart {summary.key} {block}")


def chart_requests(summary: Summary, sheet: int, there: Collection[int]) -> list[Request]:
    """Adds the charts that are lacking and brings the others up to date, where people have moved them.

    Args:
        there: ids of the charts of the spreadsheet.
    """
    requests: list[Request] = []
    drawn = [each for each in areas(summary) if each.block.chart is not None]
    for each, corner in zip(drawn, chart_places(summary), strict=True):
        found, spec = chart_id(summary, each.block.key), chart_spec(each, sheet)
        if found in there:
            requests.append({"updateChartSpec": {"chartId": found, "spec": spec}})
        else:
            chart: Request = {"chartId": found, "spec": spec, "position": _position(sheet, corner)}
            requests.append({"addChart": {"chart": chart}})
    return requests


def chart_spec(place: Area, sheet: int) -> Request:
    """The ChartSpec of a block. Rows that it does not fill are hidden, and hidden rows are left out."""
    spec = place.block.chart
    if spec is None:
        raise ValueError(f"{place.block.key} has no chart")
    pie = spec.kind is ChartKind.PIE
    return {
        "title": place.block.title,
        "subtitle": measured(place.block),
        "titleTextFormat": {"bold": True, "fontSize": 12, "foregroundColorStyle": style_of(INK)},
        "hiddenDimensionStrategy": "SKIP_HIDDEN_ROWS_AND_COLUMNS",
        "pieChart" if pie else "basicChart": _pie(place, spec, sheet) if pie else _basic(place, spec, sheet),
    }


def _position(sheet: int, corner: tuple[int, int]) -> Request:
    anchor: Request = {"sheetId": sheet, "rowIndex": corner[0] - 1, "columnIndex": corner[1] - 1}
    return {"overlayPosition": {"anchorCell": anchor, "widthPixels": WIDTH, "heightPixels": CHART_ROWS * ROW_PIXELS}}


def _source(place: Area, column: int, sheet: int, *, header: bool) -> Request:
    first = place.header if header else place.header + 1
    source = area(sheet, first, FIRST + column, place.header + place.block.capacity, FIRST + column)
    return {"sourceRange": {"sources": [source]}}


def _basic(place: Area, spec: Chart, sheet: int) -> Request:
    bar = spec.kind is ChartKind.BAR
    alone = len(spec.series) == 1
    series: list[Json] = []
    for number, column in enumerate(spec.series):
        each: Request = {
            "series": _source(place, column, sheet, header=True),
            "targetAxis": "BOTTOM_AXIS" if bar else "LEFT_AXIS",
            "colorStyle": style_of(CHART_COLOURS[number % len(CHART_COLOURS)]),
        }
        if alone:
            each["dataLabel"] = {"type": "DATA"}
        series.append(each)
    found: Request = {
        "chartType": _KINDS[spec.kind],
        "legendPosition": "NO_LEGEND" if alone else "BOTTOM_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": _source(place, 0, sheet, header=True)}],
        "series": series,
    }
    if (
        spec.kind is not ChartKind.LINE and not spec.signed
    ):  # a bar that does not begin at nothing shows a difference as a multiple
        found["axis"] = [{"position": "BOTTOM_AXIS" if bar else "LEFT_AXIS", "viewWindowOptions": {"viewWindowMin": 0}}]
    return found


def _pie(place: Area, spec: Chart, sheet: int) -> Request:
    return {
        "legendPosition": "RIGHT_LEGEND",
        "domain": _source(place, 0, sheet, header=False),
        "series": _source(place, spec.series[0], sheet, header=False),
    }
