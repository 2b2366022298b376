"""The command about permissions."""

from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show
from crm_sheets.errors import UsageError

APPLY = "apply"


def access(
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="Name or staff number; or `apply`: see --confirm.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    diff: Annotated[
        Path | None, typer.Option("--diff", metavar="CONFIG", help="What this other config would open and close.")
    ] = None,
    confirm: Annotated[
        str, typer.Option("--confirm", metavar="HASH", help="With `apply`: lets take effect what waits.")
    ] = "",
    preview: Annotated[
        Path | None, typer.Option("--preview", metavar="FILE", help="Write the view that the person would get.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What a person can do and why, per tab and column, with row counts; what a changed config opens and closes.

    `access apply` shows what the config would show for the first time, which waits until `--confirm HASH`.
    """
    from crm_sheets import app
    from crm_sheets.config import load

    settings, words = opened(config)
    if diff is not None:
        show(app.access_diff(settings, load(diff)), words, as_json=as_json)
    elif person == APPLY:
        show(app.access_apply(settings, confirm), words, as_json=as_json)
    elif person is None:
        raise UsageError(words.text("error.access.whom"))
    else:
        show(app.access(settings, person, preview), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command()(access)
