"""Tables and lists on a console."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from crm_sheets.cli.render.dispatch import Parts
from crm_sheets.language import Language

SHOWN = 20
"""Rows of a table before the rest is only counted."""


def table_of(
    words: Language, title: str, header: Sequence[str], rows: Iterable[Sequence[object]], everything: bool = False
) -> Parts:
    """A table, or nothing when it has no rows; beyond SHOWN rows the rest is counted unless all are wanted."""
    listed = list(rows)
    if not listed:
        return []
    table = Table(title=words.text(f"cli.title.{title}"), title_justify="left", title_style="bold")
    for name in header:
        table.add_column(words.text(f"cli.column.{name}"), overflow="fold")
    shown = listed if everything else listed[:SHOWN]
    for row in shown:
        table.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    more = len(listed) - len(shown)
    return [table, Text(words.text("cli.more", count=more))] if more else [table]


def list_of(words: Language, title: str, lines: Sequence[str]) -> Parts:
    """Lines under a title; beyond SHOWN the rest is counted."""
    if not lines:
        return []
    more = [words.text("cli.more", count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    return [
        Text(words.text(f"cli.title.{title}"), style="bold"),
        *(Text(f"  {line}") for line in [*lines[:SHOWN], *more]),
    ]
