"""Where each part of a summary stands on its sheet. Places are fixed, so that charts can point at them for ever.

From above: conclusion, title, headlines, the charts in pairs, the blocks below each other, the definitions. A block
always takes up the rows of its capacity; those that it does not fill are hidden, and a chart leaves hidden rows out.
Charts stand over rows that are never hidden: Excel and LibreOffice save them as tied to the cells at both corners.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from crm_sheets.cells import display_width
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Block, Shown, Summary, Unit
from crm_sheets.rules.summaries.blocks import covers

FIRST, WIDTHS = 2, (3.0, 30.0, *(13.0,) * 13)
"""Column B, and the widths of columns from A on."""

CHART_COLUMNS = (FIRST, FIRST + 6)
"""Where the charts of a pair begin."""

TOP_COLUMNS = (FIRST, FIRST + 11)
"""Over which the conclusion stretches: about as wide as a pair of charts."""

LAST = TOP_COLUMNS[1]
"""The last column that a page shows: texts end there."""

CHART_ROWS = 15
"""Rows that a chart is high; one more is left free below it."""

ROW_HEIGHT = 20.0

LOOKS = 4
"""Of tabs, but for what their blocks say: another number whenever styles or places are others, so that tabs which were
made before are made anew."""

MOST_LINES = 6
"""Of a text in a cell: what is longer is read in the cell itself."""

_WORD = re.compile(r"[!-~\u00a0-\u02af]+ ?|.", re.DOTALL)
"""What a line is not broken within."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a summary tab: 1-based, and the name of its style (`title`, `cell:money`)."""

    row: int
    column: int
    value: Shown
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a summary tab."""

    number: int
    places: tuple[Place, ...]
    height: float = ROW_HEIGHT
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Where a block stands: `header` is the row of its header, its data follows in the next `capacity` rows."""

    block: Block
    header: int


def measured(block: Block) -> str:
    """What the chart of a block shows, below its title; "" where the legend or the title itself says so."""
    series = block.chart.series if block.chart is not None else ()
    name = block.header[series[0]] if len(series) == 1 else ""
    return "" if name in block.title else name


def tiles_per_row(summary: Summary) -> int:
    """Headlines side by side: up to six, each two columns wide."""
    return len(summary.headlines) if len(summary.headlines) <= 6 else 5


def chart_places(summary: Summary) -> list[tuple[int, int]]:
    """Row and column of the upper left corner of each chart, for the blocks that have one, in their order."""
    first = 4 + 4 * -(-len(summary.headlines) // max(1, tiles_per_row(summary)))
    count = sum(block.chart is not None for block in summary.blocks)
    return [(first + n // 2 * (CHART_ROWS + 1), CHART_COLUMNS[n % 2]) for n in range(count)]


def layout_digest(summary: Summary) -> str:
    """Equal as long as a tab that was made with it need not be made anew: all but the rows is in it."""
    blocks = [
        (b.key, b.title, len(b.header), tuple(map(str, b.units)), b.capacity, b.entry, repr(b.chart))
        for b in summary.blocks
    ]
    told = repr((LOOKS, len(summary.headlines), [str(figure.unit) for figure in summary.headlines], blocks))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def page_breaks(summary: Summary) -> list[int]:
    """The rows with which pages begin: two pairs of charts fill one, below several rows of headlines only one pair
    finds room; the tables follow on a page of their own."""
    pairs = sorted({row for row, _ in chart_places(summary)})
    first = 2 if len(summary.headlines) <= tiles_per_row(summary) else 1
    return [*pairs[first::2], areas(summary)[0].header - 1]


def areas(summary: Summary) -> list[Area]:
    """The blocks with their places, from above."""
    found = []
    row = chart_places(summary)[-1][0] + CHART_ROWS + 1
    for block in summary.blocks:
        found.append(Area(block, row + 1))
        row = found[-1].header + block.capacity + 2
    return found


def lines(summary: Summary, words: Language) -> list[Line]:
    """Every row of the tab that holds something, in order."""
    found = [*_top(summary, words), *_tiles(summary, words)]
    found += _chart_rows(summary)
    for area in areas(summary):
        found += _block(area, words)
    found += _definitions(summary, words, definitions_row(summary))
    return found


def definitions_row(summary: Summary) -> int:
    """The row of the heading above the definitions."""
    last = areas(summary)[-1]
    return last.header + last.block.capacity + 2


def _chart_rows(summary: Summary) -> Iterator[Line]:
    """Rows of a set height, so that charts have the same size everywhere."""
    places = chart_places(summary)
    for number in range(places[0][0], places[-1][0] + CHART_ROWS + 1):
        yield Line(number, ())


def _top(summary: Summary, words: Language) -> Iterator[Line]:
    conclusion = summary.conclusion or words.text("summary.no_conclusion")
    as_of = words.text(summary.as_of_words, day=summary.as_of.isoformat())
    yield Line(1, (Place(1, FIRST, conclusion, "conclusion"),), 34)
    yield Line(2, (Place(2, FIRST, summary.title.replace("_", " · "), "title"),), 22)
    yield Line(3, (Place(3, FIRST, as_of, "subtitle"),), 16)


def _tiles(summary: Summary, words: Language) -> Iterator[Line]:
    per_row = tiles_per_row(summary)
    for first in range(0, len(summary.headlines), per_row):
        row = 4 + 4 * (first // per_row)
        tiles = summary.headlines[first : first + per_row]
        yield Line(row, tuple(_tile(row, n, figure.label, "tile-label") for n, figure in enumerate(tiles)))
        values = tuple(_tile(row + 1, n, figure.value, f"tile:{figure.unit}") for n, figure in enumerate(tiles))
        yield Line(row + 1, values, 32)
        texts = tuple(_tile(row + 2, n, covers(figure, words), "tile-period") for n, figure in enumerate(tiles))
        yield Line(row + 2, texts, 16)


def _tile(row: int, number: int, value: Shown, style: str) -> Place:
    return Place(row, FIRST + 2 * number, value, style)


def _block(area: Area, words: Language) -> Iterator[Line]:
    block, header = area.block, area.header
    yield Line(header - 1, (Place(header - 1, FIRST, block.title, "block"),), 26)
    styles = ["header-left" if unit is Unit.TEXT else "header" for unit in block.units]
    named = zip(block.header, styles, strict=True)
    names = tuple(_cell(header, n, text, style) for n, (text, style) in enumerate(named))
    # Bold letters take a tenth more than the width counts.
    high = max(len(_broken(str(name.value or ""), (WIDTHS[name.column - 1] - 1) / 1.1)) for name in names)
    yield Line(header, names, 12.0 + 12 * min(MOST_LINES, high))
    nothing = (block.nothing or words.text("summary.nothing"), *(None,) * (len(block.units) - 1))
    rows = block.rows if block.rows or block.entry else (nothing,)
    for number in range(block.capacity):
        row, filled = header + 1 + number, number < len(rows)
        values: tuple[Shown, ...] = rows[number] if filled else (None,) * len(block.units)
        cells = tuple(_cell(row, n, values[n], style) for n, style in enumerate(_cell_styles(block)))
        yield Line(row, cells, _height(cells), hidden=not filled and not block.entry)


def wide_texts(summary: Summary) -> Iterator[tuple[int, int]]:
    """Row and column of the cells whose texts stretch over all columns up to LAST: those at the end of a table."""
    for area in areas(summary):
        column = FIRST + len(area.block.units) - 1
        if _ends_with_text(area.block) and FIRST < column < LAST:
            yield from ((area.header + 1 + number, column) for number in range(area.block.capacity))


def _ends_with_text(block: Block) -> bool:
    return block.units[-1] is Unit.TEXT and not block.entry


def _cell_styles(block: Block) -> list[str]:
    """A text is broken into lines."""
    if block.entry:
        return [f"entry:{unit}" for unit in block.units]
    return [f"{'wrapped' if unit is Unit.TEXT else 'cell'}:{unit}" for unit in block.units]


def _height(cells: tuple[Place, ...]) -> float:
    rows = [len(_broken(str(p.value or ""), _room(p, cells))) for p in cells if _breaks(p)]
    return max(ROW_HEIGHT, 14.0 * min(MOST_LINES, max(rows, default=1)) + 2)


def _room(place: Place, cells: tuple[Place, ...]) -> float:
    """How wide the text of a cell may be; the last one of a row has the columns beside it, up to LAST."""
    last = LAST if place is cells[-1] else place.column
    return sum(WIDTHS[place.column - 1 : last]) - 2


def _breaks(place: Place) -> bool:
    return place.style.startswith("wrapped")


def _broken(text: str, width: float) -> list[str]:
    """The lines of a text in a cell of a width: between words, and within what is longer than a line; Chinese letters
    are words of their own."""
    found = [""]
    for word in _WORD.findall(text):
        if display_width((found[-1] + word).rstrip()) > width and found[-1]:
            found.append("")
        for letter in word if display_width(word) > width else (word,):
            if display_width(found[-1] + letter) > width and len(letter) < len(word):
                found.append("")
            found[-1] += letter
    return found


def _cell(row: int, number: int, value: Shown, style: str) -> Place:
    return Place(row, FIRST + number, value, style)


def _definitions(summary: Summary, words: Language, first: int) -> Iterator[Line]:
    yield Line(first, (Place(first, FIRST, words.text("summary.definitions"), "block"),), 26)
    header = (words.text("summary.definition_header"), words.text("summary.definition_text"))
    yield Line(first + 1, tuple(_cell(first + 1, n, text, "header-left") for n, text in enumerate(header)), 24)
    defined = {figure.label: figure.definition for figure in summary.headlines}
    for block in summary.blocks:
        defined |= dict(block.definitions)
    row = first + 2
    for label, definition in defined.items():
        # What is longer than a page is wide goes on in the next row: it must not make the print smaller.
        for number, text in enumerate(_broken(definition, sum(WIDTHS[FIRST:LAST]) - 2)):
            cells = (_cell(row, 0, "" if number else label, f"cell:{Unit.TEXT}"), _cell(row, 1, text, "definition"))
            yield Line(row, cells)
            row += 1
