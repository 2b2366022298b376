"""The composition root: one function for each command. `cli` calls them and shows the report that each returns.

Every function raises errors.CrmSheetsError and nothing else that a user should see.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_sheets import reports
from crm_sheets.config import Settings
from crm_sheets.importing.mapping import ImportMapping
from crm_sheets.reports import Progress, silent


def init(
    config: Path, *, workbook: Path | None, locale: str | None, adopt: bool, all_columns: bool
) -> reports.InitReport:
    """Makes the workbook that the config names, or with `adopt` takes over the one that is there.

    Where there is no config yet, one is written beside, from `workbook` and `locale`.
    """
    raise NotImplementedError


def demo(folder: Path, *, seed: int, locale: str, progress: Progress = silent) -> reports.DemoReport:
    """Makes a workspace with a made-up team and plays two cycles with staff edits in between."""
    raise NotImplementedError


def check(settings: Settings) -> reports.CheckReport:
    """Every finding about the workbook as it stands; writes nothing anywhere."""
    raise NotImplementedError


def sync(
    settings: Settings, *, dry_run: bool = False, accept_deletions: bool = False, progress: Progress = silent
) -> reports.CycleReport:
    """One cycle. `accept_deletions` lets through what the brake on deletions held."""
    raise NotImplementedError


def run(settings: Settings) -> None:
    """The daemon: cycles until it is told to stop."""
    raise NotImplementedError


def status(settings: Settings) -> reports.StatusReport:
    """What the daemon last told and what stands in the way now."""
    raise NotImplementedError


def doctor(settings: Settings) -> reports.DoctorReport:
    """Looks at everything that the program depends on: files, rights, state, mail, templates, zone data."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    Attributes:
        sources: files, or folders in which the mapping finds its files.
        error_workbook: None for `<first source>.errors.xlsx` in the folder that the command was called in.
    """

    sources: tuple[Path, ...]
    mapping: ImportMapping
    error_workbook: Path | None = None
    dry_run: bool = False


def import_files(settings: Settings, request: ImportRequest, *, progress: Progress = silent) -> reports.ImportReport:
    """Takes rows of other files in; what must stay out is written to an error workbook that can be fed back."""
    raise NotImplementedError


def template(settings: Settings, tab: str, target: Path) -> reports.FileReport:
    """An empty workbook for rows of one tab, with its drop-downs, to be filled and imported."""
    raise NotImplementedError


def history(settings: Settings, row: str | None, *, limit: int) -> reports.HistoryReport:
    """What happened to a row, newest first; of all rows when `row` is None."""
    raise NotImplementedError


def undo(settings: Settings, run: int, *, dry_run: bool) -> reports.UndoReport:
    """Puts back what one run took over or computed; what was changed since stays."""
    raise NotImplementedError


def restore(settings: Settings, at: datetime, *, row: str | None, dry_run: bool) -> reports.UndoReport:
    """Puts the records (or one) back to what they were at an instant."""
    raise NotImplementedError


def explain(settings: Settings, row: str, column: str | None) -> reports.ExplainReport:
    """Why the cells of a row are as they are; `column` by key or label."""
    raise NotImplementedError


def duplicates(settings: Settings) -> reports.DuplicatesReport:
    """Rows of the workbook that may be the same customer."""
    raise NotImplementedError


def duplicates_in_file(settings: Settings | None, source: Path) -> reports.DuplicatesReport:
    """The same for customers in a CSV: `row_id,name,contact,phone,email,address,credit_code`, UTF-8."""
    raise NotImplementedError


def dismiss_duplicate(settings: Settings, one: str, other: str) -> reports.DuplicatesReport:
    """Remembers that two rows are two customers; returns the pairs that are left."""
    raise NotImplementedError


def outbox(settings: Settings, *, state: str | None) -> reports.OutboxReport:
    """Messages, those that need a person first."""
    raise NotImplementedError


def resend(settings: Settings, key: str) -> reports.OutboxReport:
    """Lets a dead or uncertain message go out again; returns the outbox."""
    raise NotImplementedError


def remind(settings: Settings) -> reports.RemindReport:
    """Sends what is due in the outbox now."""
    raise NotImplementedError


def backup(settings: Settings) -> reports.FileReport:
    """Keeps the workbook and the state as they are now, together in one zip."""
    raise NotImplementedError


def summary(settings: Settings) -> reports.SummaryReport:
    """Every figure of the summary tabs."""
    raise NotImplementedError
