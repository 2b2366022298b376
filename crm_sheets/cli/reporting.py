"""The command about the report: report."""

from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show


def report(
    target: Annotated[Path, typer.Option("--html", metavar="FILE", help="The page to write.")] = Path("report.html"),
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Of nothing but what this person may read.")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="The same on paper, beside it.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """All summaries on one page that needs no server; how the daemon stands, beside it."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.report(settings, target, person=person, pdf=pdf), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command()(report)
