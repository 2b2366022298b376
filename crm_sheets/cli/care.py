"""Commands for whoever looks after the program: status, doctor, backup, outbox, remind."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, opened
from crm_sheets.cli.output import show


def status(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Is the daemon running, when was the last cycle, who has the file open, what is held?"""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.status(settings), words, as_json=as_json)


def doctor(
    config: Config = DEFAULT_CONFIG,
    launch: Annotated[
        bool, typer.Option("--launch", help="Try the config with test people before going live.")
    ] = False,
    checklist: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help="With --launch: write the go-live checklist to sign.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Examine all that the program depends on. Exit code 1 when something needs mending."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.launch(settings, checklist) if launch or checklist is not None else app.doctor(settings)
    show(report, words, as_json=as_json)
    raise typer.Exit(0 if all(each.passed for each in report.examinations) else 1)


def backup(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Keep the workbook and the state as they are now."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.backup(settings), words, as_json=as_json)


def outbox(
    config: Config = DEFAULT_CONFIG,
    state: Annotated[
        Literal[
            "pending",
            "sent",
            "retry",
            "dead",
            "uncertain",
            "unconfirmed",
            "digest",
            "digested",
            "muted",
            "withdrawn",
        ]
        | None,
        typer.Option(help="Only those in this state."),
    ] = None,
    resend: Annotated[str | None, typer.Option(metavar="KEY", help="Let a dead or uncertain message go again.")] = None,
    drop: Annotated[str | None, typer.Option(metavar="KEY", help="Never send a message that waits.")] = None,
    release: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Send again to an address from which mails came back.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Messages that wait, went out or could not be delivered."""
    from crm_sheets import app

    settings, words = opened(config)
    if drop:
        report = app.drop(settings, drop)
    elif release:
        report = app.release(settings, release)
    else:
        report = app.resend(settings, resend) if resend else app.outbox(settings, state=state)
    show(report, words, as_json=as_json)


def remind(
    config: Config = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing: list what would go, and by which rule.")] = (
        False
    ),
    days: Annotated[int, typer.Option(min=0, max=366, help="With --dry-run: so many days ahead.")] = 7,
    preview: Annotated[str | None, typer.Option(metavar="ROW", help="Send nothing: write the mails about a row.")] = (
        None
    ),
    folder: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="With --preview: where to.")] = Path("preview"),
    as_json: AsJson = False,
) -> None:
    """Send now what is due; for machines on which no daemon runs. Or show what would be sent."""
    from crm_sheets import app

    settings, words = opened(config)
    if preview is not None:
        show(app.preview(settings, preview, folder), words, as_json=as_json)
    elif dry_run:
        show(app.upcoming(settings, days), words, as_json=as_json)
    else:
        show(app.remind(settings), words, as_json=as_json)


def inbox(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Read answers to reminders, and mails that came back, from the mailbox; for machines on which no daemon runs."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.inbox(settings), words, as_json=as_json)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (status, doctor, backup, outbox, remind, inbox):
        cli.command()(command)
