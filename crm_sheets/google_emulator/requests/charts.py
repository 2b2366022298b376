"""Charts: their ids may be given by the client, which is what makes setting one up twice a refusal."""

from typing import Final

from crm_sheets.google_emulator.features import entries, exactly_one, needed
from crm_sheets.google_emulator.json_values import Json, Object, optional_whole, part, parts
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.requests.positions import new_object_id, placed

FEATURE: Final = "charts"
_KINDS: Final = (
    "basicChart",
    "pieChart",
    "bubbleChart",
    "candlestickChart",
    "orgChart",
    "histogramChart",
    "waterfallChart",
    "treemapChart",
    "scorecardChart",
)
_NO_KIND: Final = (
    "One of basicChart, pieChart, bubbleChart, candelstickChart, histogramChart, or orgChart must be set on chartSpec."
)


def add_chart(batch: Batch, request: Object) -> Object:
    """AddChartRequest; an id that an object has already is refused."""
    chart = part(request, "chart")
    if "spec" not in chart:
        raise Refused("No chart spec specified.")
    _check_spec(batch.book, part(chart, "spec"))
    chart_id = new_object_id(batch, optional_whole(chart, "chartId"), "chart")
    sheet, position = placed(batch, part(chart, "position"))
    added: Object = {**chart, "chartId": chart_id, "position": position}
    entries(sheet, FEATURE).append(added)
    return {"chart": added}


def update_chart_spec(batch: Batch, request: Object) -> None:
    """UpdateChartSpecRequest: the whole spec is another one; the position stays."""
    place = needed(batch.book, FEATURE, "chartId", optional_whole(request, "chartId") or 0, "chart")
    spec = part(request, "spec")
    _check_spec(batch.book, spec)
    place.replace({**place.entry, "spec": spec})


def _check_spec(book: Book, spec: Object) -> None:
    kind = exactly_one(spec, _KINDS, _NO_KIND)
    chart = part(spec, kind)
    if kind == "basicChart" and not parts(chart, "domains") and not parts(chart, "series"):
        raise GoogleError(500, "Internal error encountered.")
    if kind == "basicChart" and len(parts(chart, "domains")) > 1:
        raise Refused("Only a single domain is supported for basic charts.")
    _check_sources(book, chart)


def _check_sources(book: Book, value: Json) -> None:
    """Every range of data that a chart names, however deep it stands: on a sheet that exists, one cell wide or high."""
    if isinstance(value, list):
        for entry in value:
            _check_sources(book, entry)
    if not isinstance(value, dict):
        return
    for source in parts(value, "sources"):
        book.sheet(optional_whole(source, "sheetId") or 0)
        if not (_one(source, "startRowIndex", "endRowIndex") or _one(source, "startColumnIndex", "endColumnIndex")):
            raise Refused("ChartSourceRange ranges require all rows or all columns to have length of 1")
    for entry in value.values():
        _check_sources(book, entry)


def _one(source: Object, first: str, last: str) -> bool:
    start, end = optional_whole(source, first) or 0, optional_whole(source, last)
    return end is not None and end - start == 1


HANDLERS: dict[str, Handler] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
}
