"""Commands about what was: history, undo, restore."""

import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import show
from crm_sheets.errors import UsageError
from crm_sheets.language import Language
from crm_sheets.reports import RestoreReport

TIME = "2026-11-20, or 2026-11-20T09:00, in the team's zone."


def history(  # noqa: PLR0913, PLR0917 - one argument for each option
    row: Annotated[str | None, typer.Argument(metavar="[ROW]", help="The ID of the row; left out: all rows.")] = None,
    column: Annotated[str | None, typer.Argument(metavar="[COLUMN]", help="Only this cell of it.")] = None,
    by: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Only what this person did: name or staff number.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=f"Only what came after: {TIME}")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what came until then; a day counts whole.")
    ] = None,
    run: Annotated[int | None, typer.Option(metavar="RUN", help="Only what this run did.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries at most.")] = 50,
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="PERSON", help="Only what this person may read now: name or staff number."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """What happened to a row, a cell, or the whole book: every version of every cell, newest first."""
    from crm_sheets import app

    settings, words = opened(config)
    zone = settings.workbook.zone
    asked = app.HistoryRequest(
        row=row,
        column=column,
        by=by,
        since=instant("--since", since, zone) if since else None,
        until=instant("--until", until, zone, end_of_day=True) if until else None,
        run=run,
        limit=limit,
        person=person,
    )
    show(app.history(settings, asked), words, as_json=as_json)


def undo(
    run: Annotated[int, typer.Argument(metavar="RUN", help="Number of the run, as `history` shows it.")],
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put back what one run took over. What somebody changed since stays."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.undo(settings, run, dry_run=dry_run), words, as_json=as_json)


def restore(  # noqa: PLR0913, PLR0917 - one argument for each option
    row: Annotated[str | None, typer.Argument(metavar="[ROW]", help="The ID of the row; left out: the book.")] = None,
    column: Annotated[str | None, typer.Argument(metavar="[COLUMN]", help="Only this cell of it.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=f"As it was then: {TIME}")] = None,
    run: Annotated[int | None, typer.Option(metavar="RUN", help="Put back what this run changed, instead.")] = None,
    only: Annotated[list[str] | None, typer.Option(metavar="TAB", help="Only this tab; may be repeated.")] = None,
    skip: Annotated[list[str] | None, typer.Option("--except", metavar="TAB", help="All tabs but this one.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a cell, a row or the book what it was. The plan is shown first; the way back is in the history, too.

    `restore ROW COLUMN` puts back the value before the last; `restore ROW` brings back a row that was deleted.
    """
    from crm_sheets import app

    settings, words = opened(config)
    if run is not None and (at or row):
        raise UsageError(words.text("error.restore.run_alone"))
    asked = app.RestoreRequest(
        row=row,
        column=column,
        at=instant("--at", at, settings.workbook.zone) if at else None,
        run=run,
        only=tuple(only or ()),
        skip=tuple(skip or ()),
    )
    agreed = _asking(words) if not yes else lambda plan: True
    report = app.restore(settings, asked, dry_run=dry_run, agreed=agreed)
    show(report, words, as_json=as_json)


def instant(option: str, text: str, zone: tzinfo, *, end_of_day: bool = False) -> datetime:
    """The instant that a person wrote, in the zone of the team where it names none.

    Args:
        option: that holds it, for the message.
        text: as written.
        zone: of the team.
        end_of_day: what a mere day means.

    Raises:
        UsageError: it is no time.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: write a time such as 2026-11-20T09:00").told(
            "error.time", option=option, text=text
        ) from None
    if end_of_day and len(text.strip()) <= len("2026-11-20"):
        found = datetime.combine(found.date(), time()) + timedelta(days=1) - timedelta(microseconds=1)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _asking(words: Language) -> Callable[[RestoreReport], bool]:
    """Shows the plan and asks; where nobody sits at a terminal, nothing is done unasked.

    Raises:
        UsageError: there is nobody to be asked.
    """

    def agreed(plan: RestoreReport) -> bool:
        if not sys.stdin.isatty():
            raise UsageError(words.text("error.restore.ask"))
        show(plan, words, as_json=False)
        return typer.confirm(words.text("cli.restore.ask"))

    return agreed


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (history, undo, restore):
        cli.command()(command)
