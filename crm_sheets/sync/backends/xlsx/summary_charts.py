"""The native charts of summary tabs, pointing at the fixed areas of their blocks."""

from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.cells import column_letters
from crm_sheets.rules.summaries.base import Chart, ChartKind, Unit
from crm_sheets.sync.backends.xlsx.style import CHART_COLOURS, FONT, GREY, INK
from crm_sheets.sync.backends.xlsx.summary_layout import CHART_ROWS, FIRST, Area, measured

if TYPE_CHECKING:
    from openpyxl.chart import BarChart, LineChart, PieChart
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.chart.text import RichText
    from openpyxl.chart.title import Title
    from openpyxl.drawing.text import CharacterProperties
    from openpyxl.worksheet.worksheet import Worksheet

_WIDTH, _ROW = 17.5, 0.7  # centimetres: of a chart, and of a row of 20 points
_PALE = "A9C9E8"
"""Of bars on which their numbers are written."""
_LABEL_FORMATS = {Unit.MONEY: "#,##0", Unit.RATIO: "0%", Unit.POINTS: "0.0", Unit.SCORE: "0", Unit.DAYS: "0.0"}


def add_chart(sheet: "Worksheet", area: Area, place: tuple[int, int], money_format: str) -> None:
    """Draws the chart of a block with its upper left corner in the cell (row, column) `place`."""
    from openpyxl.chart import Reference

    spec = area.block.chart
    if spec is None:
        return
    unit = area.block.units[spec.series[0]]
    chart = _made(spec, money_format if unit is Unit.MONEY else _LABEL_FORMATS.get(unit, "#,##0"))
    last = area.header + area.block.capacity
    for number in spec.series:
        column = FIRST + number
        chart.add_data(Reference(sheet, min_col=column, min_row=area.header, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=FIRST, min_row=area.header + 1, max_row=last))
    chart.title = _title(area.block.title, measured(area.block))
    chart.width, chart.height = _WIDTH, CHART_ROWS * _ROW  # type: ignore[assignment]  # centimetres, fractions too
    chart.legend = chart.legend if len(spec.series) > 1 or spec.kind is ChartKind.PIE else None
    if chart.legend is not None:
        chart.legend.position = "r" if spec.kind is ChartKind.PIE else "b"
        chart.legend.txPr = _text(900, INK)
    _label(chart, unit, spec)
    _colour(chart, spec, area.block.capacity)
    sheet.add_chart(chart, f"{column_letters(place[1])}{place[0]}")


def _made(spec: Chart, scale: str) -> "BarChart | LineChart | PieChart":
    from openpyxl.chart import BarChart, LineChart, PieChart
    from openpyxl.chart.axis import ChartLines, TextAxis

    if spec.kind is ChartKind.PIE:
        return PieChart()
    chart: BarChart | LineChart = LineChart() if spec.kind is ChartKind.LINE else BarChart()
    if isinstance(chart, BarChart):
        if not spec.signed:
            chart.y_axis.scaling.min = 0  # a bar that does not begin at nothing shows a difference as a multiple
        chart.x_axis.tickLblPos = "low"  # names stand beside the chart, and not under bars that go below 0
        chart.type = "bar" if spec.kind is ChartKind.BAR else "col"
        chart.gapWidth = 60
    if spec.kind is ChartKind.BAR:
        if isinstance(chart.x_axis, TextAxis):
            chart.x_axis.tickLblSkip = 1  # each bar has its name, however close they stand
        chart.x_axis.scaling.orientation = "maxMin"  # the first row of the table on top
        chart.y_axis.crosses = "max"  # and the scale below all the same
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False  # openpyxl leaves the element out, which Excel takes for "no axis"
        axis.txPr = _text(900, GREY)
    chart.y_axis.number_format = scale
    chart.y_axis.majorGridlines = ChartLines(spPr=_line("E3E8EE"))
    return chart


@cache
def _line(colour: str) -> "GraphicalProperties":
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    return GraphicalProperties(ln=LineProperties(solidFill=colour, w=6350))


@cache
def _text(size: int, colour: str, bold: bool = False) -> "RichText":
    """Font of a chart's text, one object for all that look alike; `size` in hundredths of a point.

    The unit is that of ECMA-376 part 1, 21.1.2.3.9.
    """
    from openpyxl.chart.text import RichText
    from openpyxl.drawing.text import Paragraph, ParagraphProperties

    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=_font(size, colour, bold)), endParaRPr=None)])


@cache
def _font(size: int, colour: str, bold: bool) -> "CharacterProperties":
    from openpyxl.drawing.text import CharacterProperties, Font

    font = Font(typeface=FONT)
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=font, ea=font)


def _title(text: str, below: str) -> "Title":
    """A title, and in a smaller line below it what the chart shows."""
    from openpyxl.chart.text import RichText, Text
    from openpyxl.chart.title import Title
    from openpyxl.drawing.text import Paragraph, ParagraphProperties, RegularTextRun

    paragraphs = []
    for line, properties in ((text, _font(1200, INK, True)), (below, _font(900, GREY, False))):
        if line:
            run = RegularTextRun(rPr=properties, t=line)
            paragraphs.append(Paragraph(pPr=ParagraphProperties(defRPr=properties), r=[run]))
    return Title(tx=Text(rich=RichText(p=paragraphs)), overlay=False)


def _label(chart: "BarChart | LineChart | PieChart", unit: Unit, spec: Chart) -> None:
    """Numbers at the bars; on a pie the share. Where bars stand side by side, the axis must do."""
    from openpyxl.chart.label import DataLabelList

    if len(spec.series) > 1:
        return
    labels = DataLabelList()
    pie = spec.kind is ChartKind.PIE
    labels.showVal, labels.showPercent = not pie, pie
    labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showLeaderLines = False
    labels.numFmt = "0%" if pie else _LABEL_FORMATS.get(unit, "#,##0")
    labels.txPr = _text(900, INK)
    # A label at the end of a bar below 0 would stand on the names beside the chart.
    labels.position = "t" if spec.kind is ChartKind.LINE else "inBase" if spec.signed else "outEnd"
    chart.dataLabels = labels


def _colour(chart: "BarChart | LineChart | PieChart", spec: Chart, capacity: int) -> None:
    from openpyxl.chart.marker import DataPoint

    for number, series in enumerate(chart.series):
        if spec.kind is ChartKind.PIE:
            for place in range(capacity):
                point = DataPoint(idx=place)
                point.graphicalProperties.solidFill = CHART_COLOURS[place % len(CHART_COLOURS)]
                point.graphicalProperties.line.solidFill = "FFFFFF"
                series.dPt.append(point)
        elif spec.kind is ChartKind.LINE:
            series.graphicalProperties.line.solidFill = CHART_COLOURS[number]
            series.graphicalProperties.line.width = 28575
            series.smooth = False
            series.marker.symbol = "circle"
            series.marker.size = 6
            series.marker.graphicalProperties.solidFill = CHART_COLOURS[number]
        else:
            series.graphicalProperties.solidFill = _PALE if spec.signed else CHART_COLOURS[number]
            series.invertIfNegative = False  # Excel would draw what is below 0 in white
