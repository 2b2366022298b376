"""A weekly report as a mail shows it: plain values for its template, light enough for a telephone."""

from decimal import Decimal
from typing import Final

from crm_sheets.dashboard.numbers import in_short, shortened, shown
from crm_sheets.dashboard.pictures import drawn_rows
from crm_sheets.dashboard.weekly import Drawn, Weekly, large_figures, told_figures
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Block, Shown, Unit

ROWS: Final = 8
COLUMNS: Final = 4
"""Of a table: what a telephone has room for."""

CELL: Final = 24
"""Letters of a cell."""


def told_in_mail(report: Weekly, file: str, words: Language) -> dict[str, object]:
    """What the template weekly.html shows, all of it JSON.

    Args:
        report: of one reader.
        file: name of the attachment; "" where there is none.
        words: of the reader.
    """
    tiles = [
        {"label": each.label, "value": in_short(each.value, each.unit, words)} for each in large_figures(report.told)
    ]
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "conclusions": [{"name": each.name, "text": each.text} for each in report.conclusions],
        "tiles": tiles,
        "pictures": [_picture(each) for each in report.pictures],
        "tables": [_table(each) for each in report.pictures],
        "file": file,
    }


def _picture(each: Drawn) -> dict[str, object]:
    return {
        "title": f"{each.name} · {each.block.title}",
        "identity": each.identity,
        "alt": told_figures(each.block),
        "bars": [] if each.png else _bars(each.block),
    }


def _bars(block: Block) -> list[dict[str, object]]:
    """The first series as bars of a table: what stands in for a picture that cannot be drawn."""
    if block.chart is None:
        return []
    at = block.chart.series[0]
    rows = block.rows[: min(ROWS, drawn_rows(block))]
    most = max((_size(row[at]) for row in rows), default=Decimal(0)) or Decimal(1)
    return [
        {
            "label": shortened(str(row[0]), CELL),
            "value": shown(row[at], block.units[at]),
            "percent": max(1, round(100 * _size(row[at]) / most)) if _size(row[at]) else 0,
        }
        for row in rows
    ]


def _size(value: Shown) -> Decimal:
    return max(Decimal(0), Decimal(value)) if isinstance(value, int | Decimal) else Decimal(0)


def _table(each: Drawn) -> dict[str, object]:
    block = each.block
    drawn = list(block.chart.series) if block.chart is not None else []
    others = [at for at in range(1, len(block.header)) if at not in drawn]
    columns = [0, *sorted((drawn + others)[: COLUMNS - 1])]
    return {
        "title": f"{each.name} · {block.title}",
        "header": [block.header[at] for at in columns],
        "rows": [[_cell(row[at], block.units[at]) for at in columns] for row in block.rows[:ROWS]],
        "more": max(0, len(block.rows) - ROWS),
    }


def _cell(value: Shown, unit: Unit) -> str:
    return shortened(shown(value, unit), CELL)
