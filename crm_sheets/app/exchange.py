"""Commands that bring rows in and figures out: import, template, summary, duplicates of a file."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from getpass import getuser
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, codec_of, opened
from crm_sheets.cells import text_key
from crm_sheets.commands import Act, Command
from crm_sheets.config import Settings
from crm_sheets.errors import Halted, UsageError
from crm_sheets.figures import compute
from crm_sheets.importing.error_workbook import write_error_workbook
from crm_sheets.importing.mapping import ImportMapping
from crm_sheets.importing.plan import ImportContext, ImportPlan, check_import
from crm_sheets.importing.sources import decoded, gather
from crm_sheets.reports import Progress, silent
from crm_sheets.rules.duplicates import pairs_from_rows
from crm_sheets.rules.summaries.base import SummaryContext
from crm_sheets.schema.base import Role
from crm_sheets.sync.cycle import Wish
from crm_sheets.tables import TabKey

FILE_COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code")


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
    with opened(settings) as workspace:
        say = workspace.words.text
        progress(say("progress.reading"), 0, 0)
        sources = gather(request.sources, request.mapping)
        context = ImportContext(
            codec_of(settings, workspace.words),
            lambda tab, text: bool(workspace.state.find(tab, text_key(text), Role.DEFINES)),
            workspace.words,
        )
        progress(say("progress.checking"), 0, 0)
        plan = check_import(sources, request.mapping, context)
        errors = None
        if plan.bad and not request.dry_run:
            errors = request.error_workbook or Path(f"{request.sources[0].stem}.errors.xlsx")
            write_error_workbook(errors, plan.bad, sources, request.mapping, workspace.words)
        progress(say("progress.writing"), 0, 0)
        flagged = _take_in(workspace, plan, dry_run=request.dry_run)
        return reports.ImportReport(
            read={source.name: len(source.rows) for source in sources.values()},
            imported=Counter(str(row.tab) for row in plan.good),
            skipped=Counter(str(row.tab) for row in plan.skipped),
            refused=tuple(reports.RefusedRow(sources[row.table].name, row.line, row.reasons) for row in plan.bad),
            flagged=flagged,
            error_workbook=errors,
            dry_run=request.dry_run,
        )


def _take_in(workspace: Workspace, plan: ImportPlan, *, dry_run: bool) -> int:
    """Makes the good rows; how many findings they have."""
    commands = tuple(Command(Act.CREATE, row.tab, None, row.values, f"import ({getuser()})") for row in plan.good)
    if not commands:
        return 0
    result = workspace.run(Wish(clock.now(), dry_run=dry_run, commands=commands))
    report = Reporter(workspace).cycle(result, dry_run=dry_run, seconds=0)
    if report.halted:
        raise Halted(f"the rows are in the records, but a tab is held: {report.halted}")
    made = {change.row for change in report.changes if change.kind == "create"}
    return sum(issue.row in made for issue in report.issues)


def template(settings: Settings, tab: str, target: Path) -> reports.FileReport:
    """An empty workbook for rows of one tab, with its drop-downs, to be filled and imported."""
    from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook

    with opened(settings) as workspace:
        found = workspace.tabs.get(TabKey(tab))
        if found is None:
            raise UsageError(f"no tab {tab!r}; there are {', '.join(workspace.tabs)}")
        if target.exists():
            raise UsageError(f"{target} is there already")
        staff = {key: column for key, column in found.columns.items() if not column.system}
        options = WorkbookOptions(workspace.dictionaries(), workspace.people())
        create_workbook(target, [replace(found, columns=staff)], workspace.words, {}, options)
        return reports.FileReport(target, target.stat().st_size)


def summary(settings: Settings) -> reports.SummaryReport:
    """Every figure of the summary tabs, as of now."""
    with opened(settings) as workspace:
        setup = workspace.cycle.setup
        draft = workspace.draft()
        today = clock.now().astimezone(setup.zone).date()
        context = SummaryContext(today, setup.zone, workspace.dictionaries(), setup.language)
        figures = [figure for found in compute(setup.summaries, draft, context) for figure in found.figures]
        return reports.SummaryReport(
            tuple(
                reports.FigureReport(
                    figure.key, figure.value, figure.unit, figure.definition, figure.period, figure.as_of
                )
                for figure in figures
            )
        )


def duplicates_in_file(settings: Settings | None, source: Path) -> reports.DuplicatesReport:
    """Customers of a CSV that may be the same: `row_id,name,contact,phone,email,address,credit_code`, UTF-8."""
    return reports.DuplicatesReport(
        tuple(
            reports.FoundDuplicate("customers", one, other, score, keys, certain=False)
            for one, other, score, keys in pairs_from_rows(_rows(source))
        )
    )


def _rows(source: Path) -> Sequence[dict[str, str]]:
    if not source.is_file():
        raise UsageError(f"{source}: no such file")
    rows = csv.DictReader(io.StringIO(decoded(source.read_bytes(), None, str(source)), newline=""))
    missing = [name for name in ("row_id", "name") if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"{source}: no column {', '.join(missing)}; the header is {','.join(FILE_COLUMNS)}")
    return list(rows)
