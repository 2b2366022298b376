"""Commands that bring forms, rows and figures out: template, export, summary."""

import re
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


def summary(
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Of nothing but what this person may read.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Every figure of the summary tabs, with its definition, period and as-of date."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.summary(settings, person)
    show(report, words, as_json=as_json)


def export(
    where: Annotated[
        str | None, typer.Option("--where", metavar="CONDITION", help="Which rows: docs/expressions.md. Left out: all.")
    ] = None,
    tab: Annotated[str, typer.Option(help="customers, follow_ups …")] = "customers",
    columns: Annotated[
        str | None, typer.Option(help="Keys or headers, separated by commas. Left out: all but sealed ones.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A new .csv or .xlsx. Left out: shown here.")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Only what this person may see: staff number or name.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Rows of a tab that meet a condition: a segment, as a table, a file or JSON."""
    from crm_sheets import app

    settings, words = opened(config)
    wanted = tuple(name.strip() for name in re.split("[,，、;；]", columns or "") if name.strip())
    show(app.export(settings, app.ExportRequest(tab, where, wanted, target, person)), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (template, summary, export):
        cli.command()(command)
