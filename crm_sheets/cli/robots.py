"""The command about group robots: robots."""

from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show


def robots(
    config: Config = DEFAULT_CONFIG,
    test: Annotated[str | None, typer.Option(metavar="NAME", help="Send this robot a message that says so.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Tell the groups now what is due.")] = False,
    as_json: AsJson = False,
) -> None:
    """Group robots (WeCom, DingTalk, Feishu): what waits for each, what was refused and why."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.robot_test(settings, test) if test else app.robots(settings, send=send), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command()(robots)
