"""Commands that bring rows in and figures out: import, template, summary."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import progress, show


def import_(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="xlsx or CSV files, or the folder that holds those of the mapping."),
    ],
    config: Config = DEFAULT_CONFIG,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help="TOML: which column becomes which. Left out: by headers.")
    ] = None,
    tab: Annotated[str | None, typer.Option(help="Where the rows go, when there is no mapping: customers …")] = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", help="The error workbook. Left out: beside the first file.")
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
    from crm_sheets.cli.ask_mapping import read_mapping, suggested_mapping

    settings, words = opened(config)
    ask = not yes and not as_json and sys.stdin.isatty()
    found = read_mapping(mapping) if mapping else suggested_mapping(sources, tab, words, ask=ask)
    request = app.ImportRequest(tuple(sources), found, errors, dry_run)
    with progress(quiet=as_json) as tell:
        report = app.import_files(settings, request, progress=tell)
    show(report, words, as_json=as_json)
    raise typer.Exit(1 if report.refused else 0)


def template(
    tab: Annotated[str, typer.Argument(metavar="TAB", help="customers, follow_ups …")],
    target: Annotated[Path | None, typer.Option("--to", help="The file to make. Left out: TAB.xlsx.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """An empty workbook for rows of one tab, to be filled in and imported."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.template(settings, tab, target or Path(f"{tab}.xlsx")), words, as_json=as_json)


def summary(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every figure of the summary tabs, with its definition, period and as-of date."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.summary(settings)
    show(report, words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command("import")(import_)
    for command in (template, summary):
        cli.command()(command)
