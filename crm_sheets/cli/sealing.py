"""Commands about sealed values and their keys: reveal, keys."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import print_json, show
from crm_sheets.errors import UsageError


def reveal(
    row: Annotated[str, typer.Argument(metavar="ROW", help="The ID of the row, C-7K3Q9X2.")],
    column: Annotated[
        str, typer.Argument(metavar="COLUMN", help="Header or key of a sealed column, such as id_number.")
    ],
    person: Annotated[
        str, typer.Option(help="Who needs it: staff number or name. Their role must have been given it.")
    ],
    reason: Annotated[str, typer.Option(help="What it is needed for; kept in the journal.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what stands in a sealed cell. Who asked, for whom and why is journalled; what was shown is not."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.reveal(settings, row, column, person=person, reason=reason), words, as_json=as_json)


def keys(
    action: Annotated[
        Literal["new", "rotate", "open"],
        typer.Argument(help="new: make a key. rotate: encrypt all under the key of the config. open: a sealed backup."),
    ],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="open: the backup.")] = None,
    to: Annotated[Path | None, typer.Option(help="new: file that takes the key; open: file that is made.")] = None,
    keyring: Annotated[str | None, typer.Option(metavar="NAME", help="new: entry of the keyring instead.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Keys of sealed columns: make one, change to another one, open a backup that is sealed."""
    from crm_sheets import app

    if action == "new":
        made = app.make_key(to, keyring)
        if as_json:
            print_json(made)
        else:
            sys.stdout.write(f"{made.key or made.kept}\n")
        return
    settings, words = opened(config)
    if action == "rotate":
        show(app.rotate_keys(settings), words, as_json=as_json)
        return
    if file is None or to is None:
        raise UsageError("keys open: name the backup and, with --to, the file to be made")
    show(app.open_sealed(settings, file, to), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (reveal, keys):
        cli.command()(command)
