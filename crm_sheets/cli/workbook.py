"""Commands about the workbook: init, demo, check, sync, run."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG, SPOKEN, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import progress, show
from crm_sheets.errors import WorkbookError
from crm_sheets.language import language

LocaleName = Literal["zh-CN", "en"]


def init(
    config: Config = DEFAULT_CONFIG,
    workbook: Annotated[
        Path | None, typer.Option("--workbook", help="The workbook, when there is no config yet: one is written.")
    ] = None,
    locale: Annotated[LocaleName | None, typer.Option(help="Its language, when there is no config yet.")] = None,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Take over the workbook that is there: add what is missing, touch nothing else."),
    ] = False,
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="With --adopt: add the columns for staff that are missing, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new workbook, or take over the one that the team already has."""
    from crm_sheets import app

    if config.exists():
        opened(config)
    else:
        SPOKEN.set(language(locale or "zh-CN"))
    report = app.init(config, workbook=workbook, locale=locale, adopt=adopt, all_columns=all_columns)
    show(report, opened(report.config)[1], as_json=as_json)


def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where to make it; made when it is not there.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Another number, other people.")] = 1,
    locale: Annotated[LocaleName, typer.Option(help="Language of the workbook.")] = "zh-CN",
    again: Annotated[bool, typer.Option("--again", help="Make it anew; an earlier demo is kept as DIR.old.")] = False,
    google: Annotated[
        bool, typer.Option("--google", help="In a Google spreadsheet, on an emulator of Google.")
    ] = False,
    views: Annotated[
        bool,
        typer.Option("--views/--no-views", help="Four people have workbooks of their own, with what they may see."),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make a made-up team's workbook with faults planted in it, and play two cycles over it."""
    from crm_sheets import app

    with progress(quiet=as_json) as tell:
        report = app.demo(folder, seed=seed, locale=locale, again=again, google=google, views=views, progress=tell)
    show(report, language(locale), as_json=as_json)


def check(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List everything that is wrong in the workbook; write nothing. Exit code 1 when something is."""
    from crm_sheets import app

    settings, words = opened(config)
    report = app.check(settings)
    show(report, words, as_json=as_json)
    if report.halted is not None:
        raise typer.Exit(WorkbookError.exit_code)
    raise typer.Exit(1 if any(issue.severity == "error" for issue in report.issues) else 0)


def sync(
    config: Config = DEFAULT_CONFIG,
    dry_run: DryRun = False,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="The rows that are gone were meant to go: release the brake.")
    ] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="The whole column was meant to change: release the brake.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """One cycle: read, merge, check, write. A second one right after it writes nothing."""
    from crm_sheets import app

    settings, words = opened(config)
    with progress(quiet=as_json) as tell:
        report = app.sync(
            settings,
            dry_run=dry_run,
            accept_deletions=accept_deletions,
            accept_changes=accept_changes,
            progress=tell,
        )
    show(report, words, as_json=as_json)
    troubled = any(view.halted is not None or view.error is not None for view in report.views)
    if (
        report.halted is not None or report.waiting is not None or troubled
    ):  # that somebody has theirs open is no trouble
        raise typer.Exit(WorkbookError.exit_code)


def run(config: Config = DEFAULT_CONFIG) -> None:
    """The daemon: a cycle every `sync.interval`, reminders and digests on time, until SIGTERM or Ctrl+C."""
    from crm_sheets import app

    app.run(opened(config)[0])


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    for command in (init, demo, check, sync, run):
        cli.command()(command)
