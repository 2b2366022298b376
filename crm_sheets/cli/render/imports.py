"""Rows brought in: import, imports, intake."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import by_tab, tab_word
from crm_sheets.language import Language


@parts.register
def _(report: reports.ImportReport, words: Language) -> Parts:
    key = "cli.import.dry" if report.dry_run else "cli.import.done"
    shown: Parts = [
        Text(
            words.text(
                key,
                read=sum(report.read.values()),
                imported=sum(report.imported.values()),
                refused=len(report.refused),
                flagged=report.flagged,
            )
        )
    ]
    for name in ("imported", "updated", "unchanged", "taken_before", "merged", "skipped"):
        shown += table_of(words, name, ("tab", "rows"), by_tab(getattr(report, name), words))
    shown += table_of(
        words, "refused", ("file", "tab", "line", "column", "reason", "rule"), _refused(report.refused, words)
    )
    shown += _left((report,), words)
    if report.run is not None:
        shown.append(Text(words.text("cli.import.undo", run=report.run)))
    if report.error_workbook is not None:
        shown.append(Text(words.text("cli.import.errors", file=report.error_workbook)))
    return shown


def _left(imports: Sequence[reports.ImportReport], words: Language) -> Parts:
    """Columns and sheets that went nowhere."""
    left = ((c.source, c.column, c.header or "—", c.rows) for each in imports for c in each.left_over)
    shown = table_of(words, "left_over", ("file", "letters", "header", "rows"), left)
    others = [sheet for each in imports for sheet in each.other_sheets]
    if others:
        shown = [*shown, Text(words.text("cli.import.other_sheets", sheets=", ".join(others)))]
    return shown


def _refused(rows: Iterable[reports.RefusedRow], words: Language) -> Iterable[Sequence[object]]:
    """One line for each fault."""
    return (
        (row.source, tab_word(row.tab, words), row.line, each.header, each.message, each.rule)
        for row in rows
        for each in row.faults
    )


@parts.register
def _(report: reports.SampleReport, words: Language) -> Parts:
    said = words.text(
        "cli.sample",
        file=report.path,
        size=report.size,
        population=report.population,
        refused=report.refused,
        share=f"{report.bound:.1%}",
    )
    return [Text(said)]


@parts.register
def _(report: reports.SignOffReport, words: Language) -> Parts:
    key = "cli.signed.complete" if report.complete else "cli.signed.open"
    said = words.text(
        key,
        size=report.size,
        agreed=report.agreed,
        disagreed=report.disagreed,
        unanswered=report.unanswered,
        share=f"{report.bound:.1%}",
    )
    rows = ((each.source, each.line, each.remark) for each in report.remarks)
    return [Text(said), *table_of(words, "disagreed", ("file", "line", "reason"), rows)]


@parts.register
def _(report: reports.ImportsReport, words: Language) -> Parts:
    runs = (
        (each.run, _moment(each.at), each.author, ", ".join(each.sources), each.made, each.updated, each.refused)
        for each in report.imports
    )
    samples = (
        (_moment(each.at), each.author, each.file, f"{each.size}/{each.population}", each.agreed, each.disagreed)
        for each in report.samples
    )
    shown = table_of(words, "imports", ("run", "at", "author", "file", "made", "updated", "refused"), runs, True)
    shown += table_of(words, "samples", ("at", "author", "file", "size", "agreed", "disagreed"), samples, True)
    return shown or [Text(words.text("cli.none"))]


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")


def _became(file: reports.IntakeFile) -> str:
    """The outcome, but that a file of which rows stayed out is not said to have come in."""
    if file.outcome != "taken" or file.report is None or not file.report.refused:
        return file.outcome
    return "partly" if any((*file.report.imported.values(), *file.report.updated.values())) else "refused"


@parts.register
def _(report: reports.IntakeReport, words: Language) -> Parts:
    taken = sum(sum(file.report.imported.values()) for file in report.files if file.report)
    shown: Parts = [Text(words.text("cli.intake", files=len(report.files), rows=taken, waiting=len(report.waiting)))]
    shown += table_of(
        words,
        "intake",
        ("file", "outcome", "moved", "reason"),
        (
            (file.file, words.text(f"cli.intake.{_became(file)}"), file.moved or "", file.reason or (file.errors or ""))
            for file in report.files
        ),
    )
    return shown + _left([file.report for file in report.files if file.report], words)
