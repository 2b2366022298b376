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
    weekly: Annotated[bool, typer.Option("--weekly", help="The weekly report: pictures first, then tables.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where the weekly report goes; its PDF beside it.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Its mail, too; nothing is sent.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """All summaries on one page that needs no server; how the daemon stands, beside it."""
    from crm_sheets import app

    settings, words = opened(config)
    if weekly:
        show(app.weekly_files(settings, out, person=person, preview=preview), words, as_json=as_json)
        return
    if out is not None or preview:
        raise typer.BadParameter(words.text("weekly.only"))
    show(app.report(settings, target, person=person, pdf=pdf), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command()(report)
