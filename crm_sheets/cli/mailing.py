"""Commands about mails to customers."""

from pathlib import Path
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show

mailing_cli = typer.Typer(help="Mails to customers: list, preview, send, unsubscribe.", rich_markup_mode=None)


@mailing_cli.callback(invoke_without_command=True)
def mailing(context: typer.Context, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the mails of campaigns: how each stands, how many get it, and why others do not."""
    from crm_sheets import app

    if context.invoked_subcommand is not None:
        return
    settings, words = opened(config)
    show(app.mailings(settings), words, as_json=as_json)


@mailing_cli.command("preview")
def preview(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its ID or name.")],
    customer: Annotated[str | None, typer.Option(metavar="CUSTOMER", help="Whose mail; left out: the first.")] = None,
    folder: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where to.")] = Path("preview"),
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write the mail as HTML and text, and the list of who gets it and who does not. Sends nothing."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.preview_mailing(settings, campaign, customer, folder), words, as_json=as_json)


@mailing_cli.command("send")
def send(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Send now what was approved and may go at this hour; for machines on which no daemon runs."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.send_mailings(settings)
    show(report, words, as_json=as_json)
    if report.stopped:
        raise typer.Exit(4)


@mailing_cli.command("unsubscribe")
def unsubscribe(
    who: Annotated[str, typer.Argument(metavar="ADDRESS|TOKEN", help="An e-mail address, or what stood for {token}.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send no more mails to an address."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.unsubscribe(settings, who), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.add_typer(mailing_cli, name="mailing")
