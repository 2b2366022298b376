"""Options that several commands share, and the opening of the config that they name."""

from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from crm_sheets.errors import ConfigError
from crm_sheets.language import Language, language

if TYPE_CHECKING:
    from crm_sheets.config import Settings

Config: TypeAlias = Annotated[Path, typer.Option("--config", "-c", help="The config of the team.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing anywhere.")]

DEFAULT_CONFIG = Path("config.toml")

SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)
"""The language of the config that was read, for errors that come later."""


def opened(config: Path) -> "tuple[Settings, Language]":
    """The settings and the words of their locale.

    Raises:
        ConfigError: with every mistake of the config.
    """
    from crm_sheets.config import load

    try:
        settings = load(config)
    except ConfigError:
        from crm_sheets.config_source import locale_in

        if config.is_file():
            SPOKEN.set(SPOKEN.get() or language(locale_in(config)))
        raise
    words = settings.team.language
    SPOKEN.set(words)
    return settings, words
