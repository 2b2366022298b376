"""Commands that bring forms and figures out: template, summary, duplicates of a file."""

import csv
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.dashboards import summaries_for
from crm_sheets.app.mappings import tab_named
from crm_sheets.app.workspace import opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.importing.sources import MAX_FIELD, encoding_of
from crm_sheets.rules.duplicates import CSV_COLUMNS, Pairs, pairs_in_csv
from crm_sheets.schema.labels import tab_label


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
                    label=figure.label,
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
    """Customers of a CSV that may be the same, with columns CSV_COLUMNS.

    Raises:
        UsageError: there is no such file, it is of no known encoding, lacks a column, or is no CSV.
    """
    if not source.is_file():
        raise UsageError(f"{source}: no such file").told("error.file.missing", path=source)
    encoding = encoding_of(source)
    csv.field_size_limit(MAX_FIELD)
    try:
        found = _pairs_in(source, encoding)
    except csv.Error as error:
        raise UsageError(f"{source}: {error}; a quotation mark before it is probably not closed").told(
            "error.file.field", path=source, most=MAX_FIELD
        ) from error
    return reports.DuplicatesReport(
        tuple(
            reports.FoundDuplicate("customers", pair.one, pair.other, pair.score, pair.keys, pair.certain)
            for pair in found
        )
    )


def _pairs_in(source: Path, encoding: str) -> Pairs:
    with source.open("r", encoding=encoding, newline="") as text:
        header = next(csv.reader(text), [])
    missing = [name for name in ("row_id", "name") if name not in header]
    if missing:
        raise UsageError(f"{source}: no column {', '.join(missing)}; the header is {','.join(CSV_COLUMNS)}").told(
            "error.file.columns", path=source, missing=", ".join(missing), has=",".join(CSV_COLUMNS)
        )
    with source.open("rb") as file:
        return pairs_in_csv(file, encoding)
