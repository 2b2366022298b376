"""The command line: each command calls one function of `app` and shows what it returns.

Exit codes: 0 done, 1 findings that a person must mend, 2 wrong use or config, 3 workbook busy or held by a brake,
4 a service (mail, database) did not answer.
"""

import gc
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from crm_sheets import __version__
from crm_sheets.cli import (
    access,
    approvals,
    care,
    conflicts,
    exchange,
    imports,
    mailing,
    past,
    records,
    reporting,
    robots,
    sealing,
    views,
    workbook,
)
from crm_sheets.cli.options import SPOKEN
from crm_sheets.cli.speaking import called, spoken_to
from crm_sheets.errors import CrmSheetsError
from crm_sheets.language import file_error_in_words, in_words

SELDOM = 100_000
"""How many objects are made before Python looks for circles among them: a command ends soon, and what it imports and
reads has few. Looking costs a tenth of its start."""

cli = typer.Typer(
    name="crm-sheets",
    help="Keeps a team's customer spreadsheet in order: rules, duplicates, guarded columns, reminders, summaries.",
    epilog="Exit codes: 0 done; 1 findings that a person must mend; 2 wrong use or config; "
    "3 workbook busy or held by a brake; 4 a service did not answer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"crm-sheets {__version__}")
        raise typer.Exit


@cli.callback()
def _start(
    version: Annotated[  # told by its callback, before any command
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Which version this is.")
    ] = False,
) -> None:
    pass


for commands in (
    workbook,
    care,
    imports,
    exchange,
    past,
    records,
    conflicts,
    approvals,
    sealing,
    views,
    access,
    reporting,
    robots,
    mailing,
):
    commands.register(cli)


def main() -> None:
    """The entry point `crm-sheets`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a Windows pipe would else break on the first Chinese character
    gc.set_threshold(SELDOM)
    arguments = sys.argv[1:]
    try:
        sys.exit(called(cli, arguments))
    except CrmSheetsError as error:
        words = SPOKEN.get() or spoken_to(arguments)
        sys.stderr.write(f"crm-sheets: {in_words(error, words)}\n")
        sys.exit(error.exit_code)
    except OSError as error:  # a folder that is not there, a full disk: the user's to mend, and no fault of ours
        words = SPOKEN.get() or spoken_to(arguments)
        sys.stderr.write(f"crm-sheets: {file_error_in_words(error, words)}\n")
        sys.exit(CrmSheetsError.exit_code)
