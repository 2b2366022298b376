"""Commands about cells that two people changed."""

from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import show

conflicts_cli = typer.Typer(help="Cells that two people changed: list them, decide.", rich_markup_mode=None)

Conflict = Annotated[str, typer.Argument(metavar="ID", help="The ID of the conflict, CF-7K3Q9XM.")]


@conflicts_cli.callback(invoke_without_command=True)
def conflicts(context: typer.Context, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the conflicts that nobody decided yet."""
    if context.invoked_subcommand is None:
        list_conflicts(everything=False, config=config, as_json=as_json)


@conflicts_cli.command("list")
def list_conflicts(
    everything: Annotated[bool, typer.Option("--all", help="Those that were decided as well.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List conflicts, the newest first."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.conflicts(settings, everything=everything), words, as_json=as_json)


@conflicts_cli.command("keep")
def keep(conflict: Conflict, config: Config = DEFAULT_CONFIG, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Keep the value that stands."""
    _decide(conflict, "keep", config, dry_run=dry_run, as_json=as_json)


@conflicts_cli.command("use")
def use(conflict: Conflict, config: Config = DEFAULT_CONFIG, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Put the other value in its place, if the cell still holds what it held then."""
    _decide(conflict, "use", config, dry_run=dry_run, as_json=as_json)


def _decide(conflict: str, verb: str, config: Config, *, dry_run: bool, as_json: bool) -> None:
    from crm_sheets import app
    from crm_sheets.conflicts import Verb

    settings, words = opened(config)
    show(app.decide_conflict(settings, conflict, Verb(verb), dry_run=dry_run), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.add_typer(conflicts_cli, name="conflicts")
