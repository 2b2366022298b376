"""What goes out: files, rows, figures."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import SHOWN, table_of
from crm_sheets.cli.render.wording import moment, word
from crm_sheets.language import Language

SHOWN_COLUMNS = 8
"""Columns of exported rows on a terminal; a file and JSON have all of them."""


@parts.register
def _(report: reports.FileReport, words: Language) -> Parts:
    return [Text(words.text("cli.file", file=report.path, kilobytes=f"{max(report.size / 1000, 1):,.0f}"))]


@parts.register
def _(report: reports.FilesReport, words: Language) -> Parts:
    return [Text(line) for line in (*map(str, report.files), *report.notes)]


@parts.register
def _(report: reports.ExportReport, words: Language) -> Parts:
    key = "cli.export.file" if report.file else "cli.export.shown"
    shown: Parts = [Text(words.text(key, count=report.count, total=report.total, file=report.file or ""))]
    if report.condition is not None:
        shown.append(Text(words.text("cli.export.condition", condition=report.condition), style="dim"))
    for tag, near in report.strange.items():
        strange = "issue.audience-tag-similar" if near else "issue.audience-tag-unused"
        shown.append(Text(words.text(strange, value=tag, suggestion=near), style="yellow"))
    return shown + _rows(report.columns, report.rows, words)


def _rows(columns: Mapping[str, str], rows: Sequence[Mapping[str, object]], words: Language) -> Parts:
    """The first rows and, of their columns, the first that hold something."""
    filled = [key for key in columns if any(row[key] is not None for row in rows[:SHOWN])][:SHOWN_COLUMNS]
    if not filled:
        return []
    table = Table()
    for key in filled:
        table.add_column(Text(columns[key]), overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*(Text(_plain(row[key])) for key in filled))
    return [table, Text(words.text("cli.more", count=len(rows) - SHOWN))] if len(rows) > SHOWN else [table]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return "; ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


@parts.register
def _(report: reports.SummaryReport, words: Language) -> Parts:
    rows = (
        (
            f.label,
            f.definition,
            "" if f.value is None else f"{f.value:,}",
            word(words, "unit.", f.unit),
            word(words, "period.", f.period),
            f.as_of,
        )
        for f in report.figures
    )
    columns = ("figure", "definition", "value", "unit", "period", "as_of")
    return table_of(words, "summary", columns, rows, everything=True)
