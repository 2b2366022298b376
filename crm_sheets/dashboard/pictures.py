"""The chart of a block as a PNG: what a mail shows, since mail programs know no SVG."""

import re
import warnings
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from math import nan
from typing import TYPE_CHECKING, Final, Literal

from crm_sheets.cells import display_width
from crm_sheets.dashboard.charts import COLOURS
from crm_sheets.dashboard.fonts import chinese_font
from crm_sheets.dashboard.numbers import in_short, shortened
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Block, ChartKind, Shown, Unit

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Text

WIDTH: Final = 560
HEIGHT: Final = 300
"""Of a picture on the page, in CSS pixels; it has twice as many of its own each way."""

MOST_BARS: Final = 8
SIZE: Final = 9
LONGEST: Final = 28
"""Letters of a name beside a bar."""

ROOM: Final = 84
"""Letters that stand side by side below an axis; a Chinese character counts as two."""

INK, SOFT, GRID = "#1f2937", "#6b7280", "#e5e7eb"

Series = tuple[str, Unit, list[Shown]]
Across = Literal["left", "center"]
Up = Literal["center", "bottom"]


def can_draw() -> bool:
    """Whether matplotlib and a font with Chinese characters are there."""
    try:
        return chinese_font() is not None
    except ImportError:
        return False


def picture(block: Block, words: Language) -> bytes:
    """The PNG of a block that has a chart and rows.

    Raises:
        ImportError: matplotlib is not installed (see can_draw).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=200, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    _Drawing(figure.add_subplot(), words).draw(block)
    made = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a character that no font has is drawn as a box, which is said
        canvas.print_png(made)
    return _smaller(made.getvalue())


def drawn_rows(block: Block) -> int:
    """How many rows of a block its picture shows: bars and slices only as many as can be told apart."""
    if block.chart is None or _kind(block) not in (ChartKind.BAR, ChartKind.PIE):
        return len(block.rows)
    return min(len(block.rows), MOST_BARS if len(block.chart.series) < 3 else MOST_BARS // 2 + 1)


def _kind(block: Block) -> ChartKind:
    """How a block is drawn: columns whose names have no room side by side lie down."""
    kind = block.chart.kind if block.chart is not None else ChartKind.BAR
    names = [shortened(str(row[0])) for row in block.rows]
    periods = all(name[:1].isdecimal() for name in names)
    return ChartKind.BAR if kind is ChartKind.COLUMN and not periods and _needed(names) > ROOM else kind


def _needed(labels: Sequence[str]) -> int:
    return len(labels) * (max(map(display_width, labels), default=0) + 2)


def _smaller(png: bytes) -> bytes:
    """The same with 64 colours, which is a third of the size: a chart has few."""
    from PIL import Image

    packed = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return min(packed.getvalue(), png, key=len)


class _Drawing:
    """Draws one block; every text is set by itself, since settings of matplotlib would hold for all threads."""

    def __init__(self, axes: "Axes", words: Language) -> None:
        from matplotlib.font_manager import FontProperties

        self._axes, self._words = axes, words
        self._font = FontProperties(family=[chinese_font() or "sans-serif", "DejaVu Sans"], size=SIZE)

    def draw(self, block: Block) -> None:
        """The whole chart."""
        if block.chart is None:
            return
        kind, rows = _kind(block), block.rows[: drawn_rows(block)]
        series = [(block.header[at], block.units[at], [row[at] for row in rows]) for at in block.chart.series]
        labels = [shortened(str(row[0]), LONGEST if kind is ChartKind.BAR else 20) for row in rows]
        for side in ("top", "right", "left", "bottom"):
            self._axes.spines[side].set_visible(side == "bottom" and kind is not ChartKind.PIE)
            self._axes.spines[side].set_color(GRID)
        drawn = {
            ChartKind.BAR: self._bars,
            ChartKind.COLUMN: self._columns,
            ChartKind.LINE: self._lines,
            ChartKind.PIE: self._pie,
        }
        drawn[kind](labels, series)

    def _bars(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        axes, thick = self._axes, 0.76 / len(series)
        handles = []
        for number, (_, unit, values) in enumerate(series):
            at = [place + (number - (len(series) - 1) / 2) * thick for place in range(len(labels))]
            bars = axes.barh(at, [_number(value) for value in values], thick * 0.9, color=_colour(number))
            handles.append(bars)
            for place, value in zip(at, values, strict=True):
                self._say(_number(value), place, f" {in_short(value, unit, self._words)}", "left", "center")
        axes.set_ylim(len(labels) - 0.4, -0.6)  # the first row on top
        axes.margins(x=0.16)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.set_yticks(range(len(labels)), labels)
        self._ticks(axes.get_yticklabels())
        axes.spines["bottom"].set_visible(False)
        self._legend(handles, series)

    def _columns(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        axes, thick = self._axes, 0.76 / len(series)
        handles = []
        for number, (_, unit, values) in enumerate(series):
            at = [place + (number - (len(series) - 1) / 2) * thick for place in range(len(labels))]
            handles.append(axes.bar(at, [_number(value) for value in values], thick * 0.9, color=_colour(number)))
            if len(labels) * len(series) <= MOST_BARS:
                for place, value in zip(at, values, strict=True):
                    self._say(place, _number(value), in_short(value, unit, self._words), "center", "bottom")
        self._scale(labels, series)
        self._legend(handles, series)

    def _lines(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        handles = []
        for number, (_, _, values) in enumerate(series):
            known = [nan if value is None else _number(value) for value in values]  # a gap: what is not known is not 0
            handles += self._axes.plot(range(len(labels)), known, color=_colour(number), marker="o", linewidth=2)
        self._scale(labels, series)
        self._legend(handles, series)

    def _pie(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        _, unit, values = series[0]
        shares = [max(0.0, _number(value)) for value in values]
        whole = sum(shares) or 1.0
        colours = [_colour(place) for place in range(len(shares))]
        drawn = self._axes.pie(
            shares, colors=colours, startangle=90, counterclock=False, wedgeprops={"width": 0.5, "edgecolor": "white"}
        )
        told = [
            f"{label}  {in_short(value, unit, self._words)} · {share / whole:.0%}"
            for label, value, share in zip(labels, values, shares, strict=True)
        ]
        legend = self._axes.legend(drawn[0], told, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
        self._ticks(legend.get_texts())

    def _scale(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        """The axes of columns and lines: a few numbers at the left, as many names below as there is room for."""
        axes, unit = self._axes, series[0][1]
        every = max(1, -(-_needed(labels) // ROOM))
        shown = range(0, len(labels), every)
        axes.set_xticks(list(shown), [labels[place] for place in shown])
        axes.margins(y=0.12)
        axes.locator_params(axis="y", nbins=5, integer=unit is Unit.COUNT)
        low, high = axes.get_ylim()
        marks = [float(mark) for mark in axes.get_yticks() if low <= mark <= high]
        axes.set_yticks(marks, [_mark(mark, unit, self._words) for mark in marks])
        axes.tick_params(length=0)
        axes.grid(axis="y", color=GRID)
        axes.set_axisbelow(True)
        self._ticks([*axes.get_xticklabels(), *axes.get_yticklabels()])

    def _legend(self, handles: "Sequence[Artist | tuple[Artist, ...]]", series: Sequence[Series]) -> None:
        if len(series) > 1:
            names = [name for name, _, _ in series]
            legend = self._axes.legend(
                handles, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(names), frameon=False
            )
            self._ticks(legend.get_texts())

    def _ticks(self, texts: Sequence["Text"]) -> None:
        for text in texts:
            text.set_parse_math(False)  # "$" in the name of a customer is no formula
            text.set_fontproperties(self._font)
            text.set_color(SOFT)

    def _say(self, x: float, y: float, text: str, across: Across, up: Up) -> None:
        self._axes.text(x, y, text, fontproperties=self._font, color=INK, parse_math=False, ha=across, va=up)


def _number(value: Shown) -> float:
    return float(value) if isinstance(value, int | Decimal) else 0.0


def _mark(value: float, unit: Unit, words: Language) -> str:
    """A number at an axis, without decimals that say nothing."""
    whole = unit in (Unit.COUNT, Unit.POINTS, Unit.SCORE) and value == int(value)
    told = in_short(int(value) if whole else Decimal(str(round(value, 6))), unit, words)
    return re.sub(r"\.0(?=\D|$)", "", told)


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]
