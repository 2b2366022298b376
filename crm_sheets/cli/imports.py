"""Commands that bring rows in: import, intake."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import progress, show


def import_(  # noqa: PLR0913, PLR0917 - one argument for each option
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="xlsx or CSV files, or the folder that holds those of the mapping."),
    ],
    config: Config = DEFAULT_CONFIG,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help="TOML: which column becomes which. Left out: by headers.")
    ] = None,
    tab: Annotated[str | None, typer.Option(help="Where the rows go, when there is no mapping: customers …")] = None,
    mode: Annotated[str | None, typer.Option(help="create (default), update, or both: what fits each row.")] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(help="Columns by which rows of the book are found: name,phone. Several times: tried in turn."),
    ] = None,
    blank: Annotated[
        str | None, typer.Option(help="What a blank cell does in an update: keep (default) or clear.")
    ] = None,
    duplicates: Annotated[
        str | None,
        typer.Option(help="New rows that repeat one of the file or the book: flag (default), skip, update or add."),
    ] = None,
    unknown: Annotated[
        str | None, typer.Option(help="Values that no drop-down has: refuse (default), or take and flag.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Take rows in that an earlier import took in already.")
    ] = False,
    errors: Annotated[
        Path | None, typer.Option("--errors", help="The error workbook. Left out: FILE.errors.xlsx in this folder.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask whether the suggested mapping is right.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take rows in from other files. All is checked first; rows that stay out go to an error workbook.

    Exit code 1 when some rows stay out. Mend them in the error workbook and import that.
    """
    from crm_sheets import app
    from crm_sheets.cli.ask_mapping import agree

    settings, words = opened(config)
    ask = not yes and not as_json and sys.stdin.isatty()
    wanted = app.MappingRequest(mapping, tab, mode, tuple(match or ()), blank, duplicates, unknown)
    found = app.mapping_of(settings, sources, wanted, (lambda each: agree(each, words)) if ask else lambda each: None)
    request = app.ImportRequest(tuple(sources), found, errors, dry_run, again)
    with progress(quiet=as_json) as tell:
        report = app.import_files(settings, request, progress=tell)
    show(report, words, as_json=as_json)
    raise typer.Exit(1 if report.refused else 0)


def intake(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Take in the files that lie in the intake folder; `run` does it by itself.

    Exit code 1 when a file, or some row of one, stays out.
    """
    from crm_sheets import app

    settings, words = opened(config)
    report = app.intake(settings)
    show(report, words, as_json=as_json)
    raise typer.Exit(1 if any(file.errors or file.outcome == "unreadable" for file in report.files) else 0)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command("import")(import_)
    cli.command()(intake)
