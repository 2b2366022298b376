"""The mapping of an import: read from a file, or suggested from the headers and shown for consent."""

from collections.abc import Sequence
from pathlib import Path

import typer

from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.importing.mapping import ImportMapping, parse_mapping
from crm_sheets.importing.sources import tables_of
from crm_sheets.importing.suggest import Suggestion, suggest
from crm_sheets.language import Language
from crm_sheets.schema import TABS
from crm_sheets.schema import tab as tab_under
from crm_sheets.schema.labels import column_label, tab_label, tab_names
from crm_sheets.tables import TabKey


def read_mapping(path: Path) -> ImportMapping:
    """The mapping in a TOML file.

    Raises:
        ConfigError: it cannot be read, or has mistakes.
    """
    try:
        return parse_mapping(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: {error}",)) from error


def suggested_mapping(sources: Sequence[Path], tab: str | None, words: Language, *, ask: bool) -> ImportMapping:
    """One table for each source, found by its headers; shown, and asked about while somebody is there to answer.

    Raises:
        UsageError: a source fits no tab, or the person said no.
    """
    wanted = _tab_key(tab) if tab is not None else None
    suggestions = []
    for path in sources:
        for source in tables_of(path):
            found = suggest(source, wanted)
            if found is None:
                raise UsageError(
                    f"{source.name}: its headers ({', '.join(source.header)}) fit no tab; give --mapping FILE.toml"
                )
            suggestions.append(found)
    if ask:
        _ask(suggestions, words)
    return ImportMapping(table=tuple(table for each in suggestions for table in each.mapping.table))


def _tab_key(name: str) -> TabKey:
    """A tab by its key or any of its names."""
    names = tab_names(tuple(tab.key for tab in TABS))
    return tab_under(names.get(name.casefold(), TabKey(name))).key


def _ask(suggestions: Sequence[Suggestion], words: Language) -> None:
    typer.echo(words.text("cli.import.suggested"), err=True)
    for suggestion in suggestions:
        for table in suggestion.mapping.table:
            typer.echo(f"{table.source} -> {tab_label(table.tab, words)}", err=True)
            for column, source in table.columns.items():
                typer.echo(f"  {source.column} -> {column_label(table.tab, column, words)}", err=True)
        if suggestion.unused:
            typer.echo(words.text("cli.import.unused", columns="、".join(suggestion.unused)), err=True)
    if not typer.confirm(words.text("cli.import.ask"), default=True, err=True):
        raise UsageError(words.text("cli.import.stopped"))
