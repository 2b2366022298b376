"""The chart of a block as SVG: drawn by hand, so that a page needs no script and prints as it looks."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from math import ceil, cos, floor, pi, sin
from typing import Final

from crm_sheets.dashboard.numbers import in_short, shortened
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Block, ChartKind, Shown, Unit

WIDTH: Final = 560
COLOURS: Final = ("#2563eb", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#06b6d4", "#84cc16", "#ec4899", "#64748b")
ROW: Final = 30
LABEL: Final = 132
HEIGHT: Final = 250
FLOOR: Final = 44
LEFT: Final = 56
_FINEST: Final = {Unit.RATIO: Decimal("0.001"), Unit.DAYS: Decimal("0.1"), Unit.POINTS: Decimal("0.1")}
"""The smallest step of an axis: what its numbers show (numbers.shown); of what is counted, and of money, it is 1."""


def chart(block: Block, words: Language) -> str:
    """The SVG of a block; "" where it has no chart, or nothing to draw."""
    if block.chart is None or not block.rows:
        return ""
    draw = {ChartKind.BAR: _bars, ChartKind.COLUMN: _columns, ChartKind.LINE: _lines, ChartKind.PIE: _pie}
    series = [(block.header[at], block.units[at], [row[at] for row in block.rows]) for at in block.chart.series]
    labels = [str(row[0]) for row in block.rows]
    if not any(_number(value) for _, _, values in series for value in values):
        return ""
    return draw[block.chart.kind](block.title, labels, series, words)


_Series = Sequence[tuple[str, Unit, list[Shown]]]


def _number(value: Shown) -> float:
    return float(value) if isinstance(value, int | Decimal) else 0.0


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" font-size="12" xmlns="http://www.w3.org/2000/svg">'
    return f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>"


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    sides = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}"'
    return f'<rect {sides} rx="2" fill="{colour}"/>'


def _legend(series: _Series, y: float) -> list[str]:
    """Names of the series side by side; none for one series, whose name is the title."""
    if len(series) < 2:
        return []
    found, x = [], float(LEFT)
    for number, (name, _, _) in enumerate(series):
        found += [_rect(x, y - 9, 10, 10, COLOURS[number % len(COLOURS)]), _text(x + 14, y, name, kind="legend")]
        x += 30 + 13 * len(name)
    return found


def _bars(title: str, labels: list[str], series: _Series, words: Language) -> str:
    most, least = _bounds(series)
    scale = (WIDTH - LABEL - 70) / (most - least)
    zero = LABEL - least * scale
    thick = (ROW - 8) / len(series)
    parts = _legend(series, 14)
    top = 24.0 if parts else 4.0
    for place, label in enumerate(labels):
        y = top + place * ROW
        parts.append(_text(LABEL - 8, y + ROW / 2 + 4, shortened(label), "end"))
        for number, (_, unit, values) in enumerate(series):
            width = _number(values[place]) * scale
            at = y + 4 + number * thick
            parts.append(_rect(zero + min(0.0, width), at, abs(width), thick - 2, COLOURS[number % len(COLOURS)]))
            told, beside = in_short(values[place], unit, words), zero + max(0.0, width) + 5
            parts.append(_text(beside, at + thick / 2 + 3, told, kind="value"))
    return _svg(title, top + len(labels) * ROW + 4, parts)


def _marks(series: _Series) -> list[Decimal]:
    """The numbers at an axis, 0 among them: round ones, of which none is told as another one than it is."""
    most, least = _bounds(series)
    finest = _FINEST.get(series[0][1], Decimal(1))
    rough = Decimal(str((most - least) / 5))
    power = Decimal(1).scaleb(rough.adjusted())
    step = max(finest, next(by * power for by in (1, 2, 5, 10) if by * power >= rough))
    return [step * place for place in range(floor(Decimal(str(least)) / step), ceil(Decimal(str(most)) / step) + 1)]


def _grid(marks: list[Decimal], unit: Unit, words: Language) -> list[str]:
    parts = []
    for mark in marks:
        y = _height(float(mark), marks)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        told = int(mark) if unit is Unit.COUNT else mark
        parts.append(_text(LEFT - 6, y + 4, in_short(told, unit, words), "end", "axis"))
    return parts


def _height(value: float, marks: list[Decimal]) -> float:
    least, most = float(marks[0]), float(marks[-1])
    return 24 + (HEIGHT - 24 - FLOOR) * (1 - (value - least) / (most - least))


def _bounds(series: _Series) -> tuple[float, float]:
    values = [_number(value) for _, _, values in series for value in values if value is not None]
    return max(0.0, *values) or 1.0, min(0.0, *values)


def _below(labels: list[str], step: float) -> list[str]:
    """The labels under an axis: only as many as there is room for."""
    every = max(1, ceil(54 / step))
    return [
        _text(LEFT + step * (place + 0.5), HEIGHT - FLOOR + 16, shortened(label), "middle", "axis")
        for place, label in enumerate(labels)
        if place % every == 0
    ]


def _columns(title: str, labels: list[str], series: _Series, words: Language) -> str:
    marks = _marks(series)
    step = (WIDTH - LEFT - 8) / len(labels)
    thick = min(36.0, step * 0.8 / len(series))
    parts = [*_legend(series, 14), *_grid(marks, series[0][1], words), *_below(labels, step)]
    zero = _height(0, marks)
    for number, (_, _, values) in enumerate(series):
        for place, value in enumerate(values):
            y = _height(_number(value), marks)
            x = LEFT + step * (place + 0.5) + (number - len(series) / 2) * thick
            parts.append(_rect(x, min(y, zero), thick - 2, abs(zero - y), COLOURS[number % len(COLOURS)]))
    return _svg(title, HEIGHT, parts)


def _lines(title: str, labels: list[str], series: _Series, words: Language) -> str:
    marks = _marks(series)
    step = (WIDTH - LEFT - 8) / len(labels)
    parts = [*_legend(series, 14), *_grid(marks, series[0][1], words), *_below(labels, step)]
    for number, (_, _, values) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        # What is not known breaks the line: it is not 0.
        known = [
            (LEFT + step * (place + 0.5), _height(_number(value), marks)) if value is not None else None
            for place, value in enumerate(values)
        ]
        path, pen = "", "M"
        for point in known:
            path += f"{pen}{point[0]:.1f} {point[1]:.1f}" if point else ""
            pen = "L" if point else "M"
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in filter(None, known)]
    return _svg(title, HEIGHT, parts)


def _pie(title: str, labels: list[str], series: _Series, words: Language) -> str:
    _, unit, values = series[0]
    shares = [max(0.0, _number(value)) for value in values]
    whole = sum(shares) or 1.0
    radius, middle, height = 92.0, 110.0, max(220, 26 * len(labels) + 20)
    parts, begin = [], -pi / 2
    for place, part in enumerate(shares):
        colour, turn = COLOURS[place % len(COLOURS)], 2 * pi * part / whole
        if part == whole:
            parts.append(f'<circle cx="{middle}" cy="110" r="{radius}" fill="{colour}"/>')
        elif part:
            end = begin + turn
            points = [(middle + radius * cos(at), 110 + radius * sin(at)) for at in (begin, end)]
            arc = f"A{radius} {radius} 0 {int(turn > pi)} 1 {points[1][0]:.1f} {points[1][1]:.1f}"
            parts.append(
                f'<path d="M{middle} 110L{points[0][0]:.1f} {points[0][1]:.1f}{arc}Z" fill="{colour}" class="slice"/>'
            )
            begin = end
        y = 26 + place * 26
        told = f"{shortened(labels[place])}  {in_short(values[place], unit, words)} · {part / whole:.0%}"
        parts += [_rect(238, y - 10, 12, 12, colour), _text(258, y, told, kind="legend")]
    parts.append(f'<circle cx="{middle}" cy="110" r="46" class="hole"/>')
    return _svg(title, height, parts)
