"""The weekly report: a page to look at (conclusions and pictures) and pages to read (figures, tables, definitions).

What is in the summaries is what the reader may know: nothing else gets in here.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from html import escape
from itertools import zip_longest
from typing import Final

from crm_sheets.dashboard.charts import chart
from crm_sheets.dashboard.numbers import shortened, shown
from crm_sheets.dashboard.page import document, name_of, plain_name_of, section, tile
from crm_sheets.dashboard.pictures import HEIGHT, WIDTH, can_draw, drawn_rows, picture
from crm_sheets.dashboard.weeks import Week
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Block, Figure, Summary

LEADING: Final = 3
"""Headlines of which a conclusion is made where a summary gives none."""

TILES: Final = 2
"""Headlines of each summary that are shown large; the rest stands in the tables."""

MOST_TILES: Final = 12

STYLE: Final = """
.said ul{margin:8px 0 0;padding-left:20px}.said li{margin:4px 0}
.look{margin:16px -8px 0;font-size:0}
.look figure{display:inline-block;width:50%;padding:8px;font-size:14px;vertical-align:top}
.look img,.look svg{width:100%;height:auto;display:block;background:#fff;border-radius:8px}
.look figcaption{font-size:13px;color:var(--soft)}
@media (max-width:600px){.look figure{width:100%}}
@media print{header{padding:0}h1{font-size:19px}.first{break-after:page}.first .tile{width:23%;padding:5px 8px}.first .tile b{font-size:15px}.said{font-size:11px;margin:2px 0 0}.said li{margin:1px 0}.look{margin:6px 0 0}.look figure{width:47%;margin:0;padding:3px 5px}.look h3{font-size:11px;margin:0 0 2px}
main>section{break-inside:auto}main,header{padding-left:0;padding-right:0;max-width:none}table{font-size:9px;width:100%}h3{break-after:avoid}tr{break-inside:avoid}details{display:block}}
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one summary comes to."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture of the page to look at.

    Attributes:
        name: of its summary.
        png: b"" where none can be drawn.
    """

    name: str
    block: Block
    png: bytes

    @property
    def identity(self) -> str:
        """Its Content-ID in a mail (RFC 2392); "" without a picture."""
        return f"{blake2b(self.png, digest_size=12).hexdigest()}@crm-sheets" if self.png else ""


@dataclass(frozen=True, slots=True)
class Weekly:
    """The report of one reader.

    Attributes:
        title: what it is called.
        subtitle: the week, and of when the figures are.
        told: the summaries.
    """

    title: str
    subtitle: str
    week: Week
    told: tuple[Summary, ...]
    conclusions: tuple[Conclusion, ...]
    pictures: tuple[Drawn, ...]


def weekly(title: str, told: Sequence[Summary], week: Week, at: datetime, words: Language, most: int) -> Weekly:
    """Puts a report together.

    Args:
        title: of the report.
        told: what the reader may know, computed as of the last day of the week.
        week: of which it tells.
        at: when it is made, aware, in the zone in which it is to be shown.
        words: of the reader.
        most: pictures.
    """
    draws = can_draw()
    filled = tuple(summary for summary in told if any(block.rows for block in summary.blocks))
    return Weekly(
        title=title,
        subtitle=words.text(
            "weekly.period", first=week.monday.isoformat(), last=week.sunday.isoformat(), at=f"{at:%Y-%m-%d %H:%M}"
        ),
        week=week,
        told=filled,
        conclusions=tuple(_conclusions(filled, words)),
        pictures=tuple(
            Drawn(name, block, picture(block, words) if draws else b"") for name, block in _chosen(filled, most)
        ),
    )


def _conclusions(told: Sequence[Summary], words: Language) -> Iterator[Conclusion]:
    for summary in told:
        figures = [each for each in summary.headlines if each.value][:LEADING]
        text = summary.conclusion or words.text("summary.sentence.join").join(
            words.text("weekly.figure", label=each.label, value=shown(each.value, each.unit)) for each in figures
        )
        if text:
            yield Conclusion(plain_name_of(summary), text)


def _chosen(told: Sequence[Summary], most: int) -> list[tuple[str, Block]]:
    """The first chart of each summary, then the second of each, as many as are wanted: in the order of the tabs."""
    drawable = [
        [(place, number, block) for number, block in enumerate(summary.blocks) if _says_something(block)]
        for place, summary in enumerate(told)
    ]
    in_turn = [each for layer in zip_longest(*drawable) for each in layer if each is not None]
    taken = sorted(in_turn[:most], key=lambda each: each[:2])
    return [(plain_name_of(told[place]), block) for place, _, block in taken]


def _says_something(block: Block) -> bool:
    """A chart of one single group, or of nothing but 0, is none to look at."""
    if block.chart is None or len(block.rows) < 2:
        return False
    return any(
        isinstance(row[at], int | Decimal) and row[at] != 0
        for row in block.rows[: drawn_rows(block)]
        for at in block.chart.series
    )


def told_figures(block: Block, most: int = 8) -> str:
    """The figures of a chart in words: what is read where the picture is not shown."""
    if block.chart is None:
        return ""
    groups = []
    for row in block.rows[: min(most, drawn_rows(block))]:
        values = " / ".join(shown(row[at], block.units[at]) for at in block.chart.series)
        groups.append(f"{shortened(str(row[0]), 30)} {values}")
    names = " / ".join(block.header[at] for at in block.chart.series)
    return f"{block.title} ({names}): {'; '.join(groups)}"


def large_figures(told: Sequence[Summary]) -> list[Figure]:
    """The first figures of each summary, as many as there is room for."""
    return [each for summary in told for each in [one for one in summary.headlines if one.value][:TILES]][:MOST_TILES]


def paper(report: Weekly, words: Language) -> str:
    """The whole report as one page of HTML that needs nothing else; printed, its first sheet is the one to look at:
    large figures and pictures. What they come to follows in words."""
    said = "".join(f"<li><b>{escape(each.name)}</b> {escape(each.text)}</li>" for each in report.conclusions)
    head = f'<header><h1>{escape(report.title)}</h1><p class="soft">{escape(report.subtitle)}</p></header>'
    if not report.told:
        body = f"<section><p>{escape(words.text('dashboard.nothing'))}</p></section>"
        return document(report.title, f"{head}<main>{body}</main>", words, STYLE)
    figures = "".join(_figure(each, words) for each in report.pictures)
    tiles = "".join(tile(each, words) for each in large_figures(report.told))
    look = (
        f'<section class="first"><div class="tiles">{tiles}</div><div class="look">{figures}</div></section>'
        f'<section><h2>{escape(words.text("weekly.look"))}</h2><div class="said"><ul>{said}</ul></div></section>'
    )
    read = "".join(section(summary, words, open_tables=True, pictures=False) for summary in report.told)
    links = "".join(f'<a href="#{summary.key}">{name_of(summary)}</a>' for summary in report.told)
    return document(report.title, f"{head}<main>{look}<nav>{links}</nav>{read}</main>", words, STYLE)


def _figure(each: Drawn, words: Language) -> str:
    if each.png:
        source = f"data:image/png;base64,{b64encode(each.png).decode()}"
        drawing = f'<img src="{source}" width="{WIDTH}" height="{HEIGHT}" alt="{escape(told_figures(each.block))}">'
    else:
        drawing = chart(each.block, words)
    return f"<figure><h3>{escape(each.name)} · {escape(each.block.title)}</h3>{drawing}</figure>"
