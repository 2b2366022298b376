"""Commands that bring forms and figures out: template, summary."""

from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show


def template(
    tab: Annotated[str, typer.Argument(metavar="TAB", help="customers, follow_ups …")],
    target: Annotated[Path | None, typer.Option("--to", help="The file to make. Left out: TAB.xlsx.")] = None,
    locale: Annotated[str | None, typer.Option(help="zh-CN or en. Left out: that of the workbook.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """A workbook for rows of one tab, to be filled in and imported: drop-downs, an example, notes on each column."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.template(settings, tab, target or Path(f"{tab}.xlsx"), locale=locale), words, as_json=as_json)


def summary(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every figure of the summary tabs, with its definition, period and as-of date."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.summary(settings)
    show(report, words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (template, summary):
        cli.command()(command)
