"""Where commands say what they did: tables for people, JSON for programs, progress on a terminal only."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crm_sheets.cli.jsonable import jsonable
from crm_sheets.language import Language
from crm_sheets.reports import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_A_PIPE = 160


def print_json(value: object) -> None:
    """One JSON object on one line of standard output, as UTF-8 with its Chinese readable."""
    sys.stdout.write(json.dumps(jsonable(value), ensure_ascii=False) + "\n")


def show(report: object, language: Language, *, as_json: bool) -> None:
    """The report as tables, or as JSON when a program reads."""
    if as_json:
        print_json(report)
        return
    from crm_sheets.cli.render import parts

    console = _console(error=False)
    for part in parts(report, language):
        console.print(part)


def _console(*, error: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(
        stderr=error,
        width=None if stream.isatty() else WIDTH_OF_A_PIPE,
        no_color=None if stream.isatty() else True,
        markup=False,
        highlight=False,
    )


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """A Progress that draws a bar on standard error while somebody watches, and else is silent."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.progress import Progress as Bars

    with Bars(console=_console(error=True), transient=True) as bars:
        task = bars.add_task("", total=None)

        def tell(step: str, done: int, total: int) -> None:
            bars.update(task, description=step, completed=done, total=total or None)

        yield tell
