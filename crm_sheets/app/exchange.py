"""Commands that bring forms and figures out: template, summary, duplicates of a file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.workspace import opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.figures import compute
from crm_sheets.importing.sources import decoded
from crm_sheets.rules.duplicates import pairs_from_rows
from crm_sheets.rules.summaries.base import SummaryContext
from crm_sheets.tables import TabKey

FILE_COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code")


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
