"""Commands that bring rows in: import, imports, intake."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from crm_sheets.cli.import_options import (
    Again,
    Blank,
    Doubles,
    Errors,
    MappingFile,
    Match,
    Mode,
    Sample,
    Seed,
    SignedOff,
    Sources,
    TabOption,
    Unknown,
    WriteMapping,
    Yes,
)
from crm_sheets.cli.options import DEFAULT_CONFIG, AsJson, Config, DryRun, opened
from crm_sheets.cli.output import progress, show

if TYPE_CHECKING:
    from crm_sheets.config import Settings
    from crm_sheets.language import Language


def import_(  # noqa: PLR0913, PLR0917 - one argument for each option
    sources: Sources = None,
    config: Config = DEFAULT_CONFIG,
    mapping: MappingFile = None,
    write_mapping: WriteMapping = None,
    tab: TabOption = None,
    mode: Mode = None,
    match: Match = None,
    blank: Blank = None,
    duplicates: Doubles = None,
    unknown: Unknown = None,
    again: Again = False,
    sample: Sample = None,
    seed: Seed = 1,
    signed_off: SignedOff = None,
    errors: Errors = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take rows in from other files. All is checked first; rows that stay out go to an error workbook.

    Exit code 1 when some rows stay out. Mend them in the error workbook and import that.
    """
    from crm_sheets import app
    from crm_sheets.cli.ask_mapping import agree

    settings, words = opened(config)
    if not sources:
        _sign_off(settings, words, signed_off, as_json=as_json)
    ask = not yes and not as_json and write_mapping is None and sys.stdin.isatty()
    wanted = app.MappingRequest(mapping, tab, mode, tuple(match or ()), blank, duplicates, unknown)
    found = app.mapping_of(settings, sources, wanted, (lambda each: agree(each, words)) if ask else lambda each: None)
    if write_mapping is not None:
        show(app.keep_mapping(found, write_mapping), words, as_json=as_json)
        return
    request = app.ImportRequest(tuple(sources), found, errors, dry_run, again)
    with progress(quiet=as_json) as tell:
        if sample is not None:
            target = Path(f"{sources[0].stem}.sample.xlsx")
            show(app.sample_import(settings, request, sample, seed, target, progress=tell), words, as_json=as_json)
            return
        if signed_off is not None:
            app.require_signed(settings, signed_off, request)
        report = app.import_files(settings, request, progress=tell)
    show(report, words, as_json=as_json)
    raise typer.Exit(1 if report.refused else 0)


def _sign_off(settings: "Settings", words: "Language", file: Path | None, *, as_json: bool) -> NoReturn:
    """Keeps what was signed off, and nothing else.

    Raises:
        UsageError: no file was given at all.
        Exit: always; with 1 where a row was not agreed to.
    """
    from crm_sheets import app
    from crm_sheets.errors import UsageError

    if file is None:
        raise UsageError("import wants FILE..., or --signed-off FILE").told("error.import.nothing")
    report = app.sign_off(settings, file)
    show(report, words, as_json=as_json)
    raise typer.Exit(0 if report.complete else 1)


def imports(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every import that came in, with the run to give to `undo`, and every sample that was signed off."""
    from crm_sheets import app

    settings, words = opened(config)
    show(app.past_imports(settings), words, as_json=as_json)


def intake(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Take in the files that lie in the intake folder; `run` does it by itself.

    Exit code 1 when a file, or some row of one, stays out.
    """
    from crm_sheets import app

    settings, words = opened(config)
    report = app.intake(settings)
    show(report, words, as_json=as_json)
    raise typer.Exit(1 if any(file.errors or file.outcome == "unreadable" for file in report.files) else 0)


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command("import")(import_)
    cli.command()(imports)
    cli.command()(intake)
