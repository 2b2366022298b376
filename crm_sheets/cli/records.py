"""Commands about single records: explain, handover, duplicates."""

from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import print_json, show
from crm_sheets.language import LOCALES, language

Row = Annotated[str, typer.Argument(metavar="ROW", help="The ID of the row, C-7K3Q9X2.")]


def explain(
    row: Row,
    column: Annotated[str | None, typer.Argument(metavar="[COLUMN]", help="Key or label of the column.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Why a row, or one cell of it, is as it is: who said so, which rule, who may change it."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.explain(settings, row, column), words, as_json=as_json)


def handover(
    giver: Annotated[str, typer.Argument(metavar="FROM", help="Name or number of the person who gives.")],
    taker: Annotated[str, typer.Argument(metavar="TO", help="Name or number of the person who takes over.")],
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Hand a person's customers and open work over to another, with a mail to both. What is closed stays."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.handover(settings, giver, taker, dry_run=dry_run), words, as_json=as_json)


duplicates_cli = typer.Typer(help="Rows that may be the same customer.", rich_markup_mode=None)


@duplicates_cli.callback(invoke_without_command=True)
def duplicates(
    context: typer.Context,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.csv", help="Customers of a CSV instead of those of the workbook."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List rows that may be the same customer, with score and what they agree in."""
    from crm_sheets import app

    if context.invoked_subcommand is not None:
        return
    if source is None:
        settings, words = opened(config)
        show(app.duplicates(settings), words, as_json=as_json)
        return
    known, words = opened(config) if config.exists() else (None, language(LOCALES[0]))
    report = app.duplicates_in_file(known, source)
    if as_json:
        print_json([[pair.one, pair.other, pair.score, pair.keys] for pair in report.pairs])
    else:
        show(report, words, as_json=False)


@duplicates_cli.command("explain")
def explain_duplicates(
    one: Row,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The ID of the other row.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Why two customers have their score: the keys by which they meet, and what each column weighs."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.explain_duplicates(settings, one, other), words, as_json=as_json)


@duplicates_cli.command("dismiss")
def dismiss(
    one: Row,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The ID of the other row.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Remember that two rows are two customers."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.dismiss_duplicate(settings, one, other), words, as_json=as_json)


@duplicates_cli.command("merge")
def merge(
    keep: Annotated[str, typer.Argument(metavar="KEEP", help="The ID of the customer that stays.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The ID of the one that is merged into it.")],
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make one customer of two: values by the rules of the config, every reference, an alias for the one that goes."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.merge_duplicates(settings, keep, other, dry_run=dry_run), words, as_json=as_json)


@duplicates_cli.command("unmerge")
def unmerge(
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The ID of the customer that was merged.")],
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a merge back: the same rows again. What was changed since stays."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.unmerge(settings, other, dry_run=dry_run), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (explain, handover):
        cli.command()(command)
    cli.add_typer(duplicates_cli, name="duplicates")
