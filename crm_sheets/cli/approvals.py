"""Commands about requests for approval."""

from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import show

approvals_cli = typer.Typer(help="Requests for approval: list them, decide.", rich_markup_mode=None)

Request = Annotated[str, typer.Argument(metavar="ID", help="The ID of the request, AP-7K3Q9XM.")]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="Name or number of who decides.")]
Comment = Annotated[str, typer.Option(help="What they say to it.")]


@approvals_cli.callback(invoke_without_command=True)
def approvals(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that are closed as well.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the requests that wait for a decision, the oldest first."""
    from crm_sheets import app

    if context.invoked_subcommand is not None:
        return
    settings, words = opened(config)
    show(app.approvals(settings, everything=everything), words, as_json=as_json)


@approvals_cli.command("approve")
def approve(
    request: Request,
    person: Person,
    comment: Comment = "",
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say yes for somebody who was asked; after the last level, the change is made."""
    _decide(request, "approve", person, comment, config, dry_run=dry_run, as_json=as_json)


@approvals_cli.command("reject")
def reject(
    request: Request,
    person: Person,
    comment: Comment = "",
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say no for somebody who was asked; the old value stays."""
    _decide(request, "reject", person, comment, config, dry_run=dry_run, as_json=as_json)


@approvals_cli.command("withdraw")
def withdraw(
    request: Request,
    person: Person,
    comment: Comment = "",
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take back what somebody proposed."""
    _decide(request, "withdraw", person, comment, config, dry_run=dry_run, as_json=as_json)


def _decide(
    request: str, verb: str, person: str, comment: str, config: "Config", *, dry_run: bool, as_json: bool
) -> None:
    from crm_sheets import app
    from crm_sheets.approvals import Verb

    settings, words = opened(config)
    report = app.decide_approval(settings, request, Verb(verb), person, comment, dry_run=dry_run)
    show(report, words, as_json=as_json)
    if report.refused:
        raise typer.Exit(1)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.add_typer(approvals_cli, name="approvals")
