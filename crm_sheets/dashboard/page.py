"""The page itself: conclusion, tiles, charts, tables and definitions of each summary."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from crm_sheets.dashboard.charts import chart
from crm_sheets.dashboard.numbers import shown
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Block, Figure, Shown, Summary, Unit
from crm_sheets.rules.summaries.blocks import covers

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1f2937;--soft:#6b7280;--paper:#fff;--ground:#f3f5f8;--rule:#e2e8f0;--tile:#f1f6ff;--blue:#1d4ed8}
@media (prefers-color-scheme:dark){:root{--ink:#e5e7eb;--soft:#9ca3af;--paper:#161b22;--ground:#0d1117;--rule:#30363d;--tile:#1b2433;--blue:#7aa2f7}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1180px;margin:0 auto;padding:16px}
h1{font-size:24px;margin:8px 0 2px}h2{font-size:20px;margin:0;color:var(--blue)}h3{font-size:15px;margin:0 0 8px}
.soft{color:var(--soft);font-size:13px;margin:0}
nav{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}
nav a{padding:4px 12px;border-radius:999px;background:var(--paper);border:1px solid var(--rule);color:inherit;text-decoration:none;font-size:14px}
section{background:var(--paper);border:1px solid var(--rule);border-radius:12px;padding:18px;margin:0 0 18px}
.said{font-size:16px;margin:6px 0 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:10px;margin:14px 0}
.tile{background:var(--tile);border-radius:10px;padding:10px 12px}
.tile b{display:block;font-size:22px;color:var(--blue);overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:18px}
figure{margin:0;min-width:0}svg{width:100%;height:auto;display:block}
svg text{fill:var(--ink)}svg .axis,svg .value,svg .legend{fill:var(--soft)}
.grid{stroke:var(--rule)}.hole{fill:var(--paper)}.slice{stroke:var(--paper)}
details{margin-top:12px}summary{cursor:pointer;color:var(--blue)}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;min-width:50%}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}
th{white-space:nowrap;color:var(--soft);font-weight:600}
.words{text-align:left}
@media (max-width:600px){header,main,footer{padding:10px}section{padding:12px;border-radius:10px}.charts{grid-template-columns:1fr}.tile b{font-size:18px}}
@media print{@page{size:A4;margin:14mm}body{background:#fff;font-size:11px}nav{display:none}section{border:0;padding:0}.charts,.tiles{display:block}.tile{display:inline-block;width:30%;margin:0 1% 6px 0}figure{margin-bottom:10px;width:86%;break-inside:avoid}summary{display:none}}
"""  # noqa: E501

SECURITY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a page may fetch: nothing. It stands in the head of each, and so tells which files are ours."""


def page(title: str, told: Sequence[Summary], at: datetime, words: Language, open_tables: bool = False) -> str:
    """The whole document.

    Args:
        title: of the page.
        told: summaries in their order; what is in them is what the reader may know.
        at: when it was made, aware, in the zone in which it is to be shown.
        words: of the reader.
        open_tables: show the tables without a click: for paper.
    """
    links = "".join(f'<a href="#{summary.key}">{name_of(summary)}</a>' for summary in told)
    made = words.text("dashboard.made", at=f"{at:%Y-%m-%d %H:%M}")
    sections = "".join(section(summary, words, open_tables) for summary in told) or _empty(words)
    body = f'<header><h1>{escape(title)}</h1><p class="soft">{escape(made)}</p><nav>{links}</nav></header>'
    return document(title, f"{body}<main>{sections}</main>", words)


def document(title: str, body: str, words: Language, style: str = "") -> str:
    """A page; `style` comes after the rules that all pages have."""
    return (
        f'<!doctype html>\n<html lang="{words.locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{SECURITY}">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head><body>"
        f"{body}</body></html>\n"
    )


def _empty(words: Language) -> str:
    return f"<section><p>{escape(words.text('dashboard.nothing'))}</p></section>"


def plain_name_of(summary: Summary) -> str:
    """What a summary is called, without the 汇总_ that all have in common, and in words: "Data quality"."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f" {letter[0].lower()}", summary.title.rpartition("_")[2])


def name_of(summary: Summary) -> str:
    """The same, escaped."""
    return escape(plain_name_of(summary))


def section(summary: Summary, words: Language, open_tables: bool, pictures: bool = True) -> str:
    """A summary: conclusion, tiles, charts if wanted, tables, definitions."""
    said = f'<p class="said">{escape(summary.conclusion)}</p>' if summary.conclusion else ""
    tiles = "".join(tile(figure, words) for figure in summary.headlines)
    drawn = "".join(
        f"<figure><h3>{escape(block.title)}</h3>{picture}</figure>"
        for block in (summary.blocks if pictures else ())
        if (picture := chart(block, words))
    )
    return (
        f'<section id="{summary.key}"><h2>{name_of(summary)}</h2>{said}<div class="tiles">{tiles}</div>'
        f'<div class="charts">{drawn}</div>{"".join(_tables(summary, words, open_tables))}</section>'
    )


def tile(figure: Figure, words: Language) -> str:
    """A figure, shown large, with what it covers."""
    period = covers(figure, words)
    return (
        f'<div class="tile" title="{escape(figure.definition)}"><span class="soft">{escape(figure.label)}</span>'
        f'<b>{escape(shown(figure.value, figure.unit))}</b><span class="soft">{escape(period)}</span></div>'
    )


def _tables(summary: Summary, words: Language, open_tables: bool) -> Iterator[str]:
    opened = " open" if open_tables else ""
    filled = [block for block in summary.blocks if block.rows]
    if filled:
        tables = "".join(f"<h3>{escape(block.title)}</h3>{_table(block)}" for block in filled)
        yield f"<details{opened}><summary>{escape(words.text('dashboard.tables'))}</summary>{tables}</details>"
    defined = {figure.label: figure.definition for figure in summary.headlines}
    for block in summary.blocks:
        defined |= dict(block.definitions)
    rows = "".join(_row((label, text), (Unit.TEXT, Unit.TEXT), "td") for label, text in defined.items())
    told = escape(words.text("summary.definitions"))
    yield f'<details{opened}><summary>{told}</summary><div class="wide"><table>{rows}</table></div></details>'


def _table(block: Block) -> str:
    rows = "".join(_row(row, block.units, "td") for row in block.rows)
    return f'<div class="wide"><table>{_row(block.header, block.units, "th", texts=True)}{rows}</table></div>'


def _row(values: Sequence[Shown], units: Sequence[Unit], tag: str, *, texts: bool = False) -> str:
    cells = "".join(
        _cell(str(value) if texts else shown(value, unit), tag, words=unit is Unit.TEXT)
        for value, unit in zip(values, units, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _cell(text: str, tag: str, *, words: bool) -> str:
    named = ' class="words"' if words else ""
    return f"<{tag}{named}>{escape(text)}</{tag}>"


def status_page(title: str, known: Mapping[str, str], held: Mapping[str, str], at: datetime, words: Language) -> str:
    """How the daemon stands, by what each line is called; `held`: tabs that a brake holds, and why."""
    rows = "".join(_row(pair, (Unit.TEXT, Unit.TEXT), "td") for pair in (*known.items(), *held.items()))
    made = words.text("dashboard.made", at=f"{at:%Y-%m-%d %H:%M}")
    body = f'<header><h1>{escape(title)}</h1><p class="soft">{escape(made)}</p></header>'
    return document(
        title, f'{body}<main><section><div class="wide"><table>{rows}</table></div></section></main>', words
    )
