"""Commands about the workbooks of people."""

from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show
from crm_sheets.errors import WorkbookError

views_cli = typer.Typer(help="The workbooks of people.", rich_markup_mode=None)


@views_cli.callback(invoke_without_command=True)
def views(context: typer.Context, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List everybody's own workbook: where it is, how many rows it shows, what stands in its way (exit code 1)."""
    from crm_sheets import app

    if context.invoked_subcommand is not None:
        return
    settings, words = opened(config)
    report = app.views(settings)
    show(report, words, as_json=as_json)
    raise typer.Exit(1 if any(view.state in {"trouble", "leaving"} for view in report.views) else 0)


@views_cli.command("rebuild")
def rebuild(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Staff number or name.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Make the workbook of a person anew. What was typed in it is taken in first, the old file is kept."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.rebuild_view(settings, person)
    show(report, words, as_json=as_json)
    made = any("renewed" in view.handled or "restored" in view.handled for view in report.views)
    raise typer.Exit(0 if made else WorkbookError.exit_code)


@views_cli.command("password")
def password(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Staff number or name.")],
    reset: Annotated[bool, typer.Option("--reset", help="Send them a new one, for one that was forgotten.")] = False,
    shown: Annotated[
        bool, typer.Option("--show", help="Show the initial one, for somebody whom no mail reaches.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """How the password of a view stands. One that its person chose is never shown, only replaced."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.view_password(settings, person, reset=reset, shown=shown), words, as_json=as_json)


def lookup(
    question: Annotated[str, typer.Argument(metavar="TEXT", help="A company name or a phone.")],
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who asks: staff number or name.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Whether a customer is known, and whose department's; nothing else is told of customers whom PERSON does not see.

    It counts as a question of that person, and stands in their tab of look-ups.
    """
    from crm_sheets import app

    settings, words = opened(config)
    show(app.lookup(settings, question, person), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command()(lookup)
    cli.add_typer(views_cli, name="views")
