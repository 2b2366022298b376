"""Options that several commands share, and the opening of the config that they name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from crm_sheets.language import Language, language

if TYPE_CHECKING:
    from crm_sheets.config import Settings

Config: TypeAlias = Annotated[Path, typer.Option("--config", "-c", help="The config of the team.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing anywhere.")]

DEFAULT_CONFIG = Path("config.toml")


def opened(config: Path) -> "tuple[Settings, Language]":
    """The settings and the words of their locale.

    Raises:
        ConfigError: with every mistake of the config.
    """
    from crm_sheets.config import load

    settings = load(config)
    return settings, language(settings.workbook.locale)
