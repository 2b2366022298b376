"""Commands that bring forms and figures out: template, summary, duplicates of a file."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.dashboards import summaries_for
from crm_sheets.app.mappings import tab_named
from crm_sheets.app.workspace import opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.importing.sources import decoded
from crm_sheets.rules.duplicates import pairs_from_rows
from crm_sheets.schema.labels import tab_label

FILE_COLUMNS = ("row_id", "name", "contact", "phone", "email", "address", "credit_code")


def template(settings: Settings, tab: str, target: Path, *, locale: str | None = None) -> reports.FileReport:
    """A workbook for rows of one tab, to be filled and imported: drop-downs, hints, an example, notes on each column.

    Args:
        settings: of the team.
        tab: key or name of the tab.
        target: the file to make.
        locale: language of labels and notes; None for that of the workbook.
    """
    from crm_sheets.importing.template import TemplateOptions, write_template

    with opened(settings) as workspace:
        found = tab_named(tab, workspace.tabs)
        if found.ours:
            raise UsageError(
                f"{tab_label(found.key, workspace.words)} is written by the program and takes no rows"
            ).told("error.template.ours", tab=tab_label(found.key, workspace.words))
        if target.exists():
            raise UsageError(f"{target} is there already").told("error.file.there", path=target)
        own = settings.workbook.model_copy(update={"locale": locale or settings.workbook.locale})
        words = settings.model_copy(update={"workbook": own}).team.language
        today = clock.now().astimezone(settings.workbook.zone).date()
        # The values of the drop-downs stay those of the book: others would not be taken.
        write_template(target, found, words, TemplateOptions(workspace.dictionaries(), workspace.people(), today))
        return reports.FileReport(target, target.stat().st_size)


def summary(settings: Settings, person: str | None = None) -> reports.SummaryReport:
    """Every figure of the summary tabs, as of now; those of a person are made of nothing but what they may read.

    Raises:
        UsageError: nobody is called so, or the team has no views.
    """
    with opened(settings) as workspace:
        today = clock.now().astimezone(settings.workbook.zone).date()
        figures = [figure for found in summaries_for(workspace, person, today) for figure in found.figures]
        return reports.SummaryReport(
            tuple(
                reports.FigureReport(
                    key=figure.key,
                    value=figure.value,
                    unit=figure.unit,
                    definition=figure.definition,
                    period=figure.period,
                    as_of=figure.as_of,
                    cases=figure.cases,
                    low=figure.low,
                    high=figure.high,
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
        raise UsageError(f"{source}: no such file").told("error.file.missing", path=source)
    rows = csv.DictReader(io.StringIO(decoded(source.read_bytes(), None, str(source)), newline=""))
    missing = [name for name in ("row_id", "name") if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"{source}: no column {', '.join(missing)}; the header is {','.join(FILE_COLUMNS)}").told(
            "error.file.columns", path=source, missing=", ".join(missing), has=",".join(FILE_COLUMNS)
        )
    return list(rows)
