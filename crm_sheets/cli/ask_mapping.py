"""A suggested mapping is shown for consent."""

from collections.abc import Sequence

import typer

from crm_sheets.errors import UsageError
from crm_sheets.importing.suggest import Suggestion
from crm_sheets.language import Language
from crm_sheets.schema.labels import column_label, tab_label


def agree(suggestions: Sequence[Suggestion], words: Language) -> None:
    """Shows which column would become which, and asks.

    Raises:
        UsageError: the person said no.
    """
    typer.echo(words.text("cli.import.suggested"), err=True)
    for suggestion in suggestions:
        for table in suggestion.mapping.table:
            typer.echo(f"{table.source} -> {tab_label(table.tab, words)}", err=True)
            for column, source in table.columns.items():
                scaled = f" × {source.factor:,}" if source.factor is not None else ""
                typer.echo(f"  {source.column}{scaled} -> {column_label(table.tab, column, words)}", err=True)
        if suggestion.unused:
            typer.echo(words.text("cli.import.unused", columns="、".join(suggestion.unused)), err=True)
    if not typer.confirm(words.text("cli.import.ask"), default=True, err=True):
        raise UsageError(words.text("cli.import.stopped"))
