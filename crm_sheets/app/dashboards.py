"""The report: the summaries of the team, or of what one person may read, as a page and on paper."""

from datetime import date
from pathlib import Path
from typing import Final

from crm_sheets import clock, reports
from crm_sheets.app.care import status
from crm_sheets.app.seeing import person_eyes, seen_book
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.dashboard.fonts import any_font
from crm_sheets.dashboard.page import page, status_page
from crm_sheets.errors import UsageError
from crm_sheets.figures import compute
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Summary, SummaryContext
from crm_sheets.views import summaries_of

STATUS_PAGE: Final = "status.html"


def report(settings: Settings, target: Path, *, person: str | None, pdf: bool) -> reports.FilesReport:
    """Writes the page; the same as a PDF, if wanted; and beside the team's own, how the daemon stands.

    Raises:
        UsageError: nobody is called so, the team has no views, or the PDF needs what is not installed.
    """
    now = clock.now()
    at = now.astimezone(settings.workbook.zone)
    with opened(settings) as workspace:
        words = workspace.words
        told = summaries_for(workspace, person, at.date())
        name = settings.workbook.path.stem if settings.workbook.path else words.text("dashboard.spreadsheet")
        kind = "title_of" if person else "title"
        title = words.text(f"dashboard.{kind}", workbook=name, person=person or "")
        pages = {target: page(title, told, at, words).encode()}
        if pdf:
            pages[target.with_suffix(".pdf")] = printed(page(title, told, at, words, open_tables=True), words)
    if person is None:
        stands = status(settings)
        known = {
            "daemon": stands.daemon if stands.running else words.text("cli.status.stopped"),
            "last_success": f"{stands.last_success:%Y-%m-%d %H:%M}" if stands.last_success else "",
            "last_error": stands.last_error,
            "rows": str(sum(stands.rows.values())),
            "issues": str(sum(stands.issues.values())),
            "outbox": str(sum(stands.outbox.values())),
            "version": stands.version,
        }
        named = {words.text(f"cli.status.{name}"): value for name, value in known.items() if value}
        pages[target.with_name(STATUS_PAGE)] = status_page(
            words.text("dashboard.status", workbook=name), named, stands.held, at, words
        ).encode()
    for file, content in pages.items():
        replace_file(file, content)
    return reports.FilesReport(tuple(pages))


def summaries_for(workspace: Workspace, person: str | None, today: date) -> tuple[Summary, ...]:
    """The summaries of everything, or of what one person may read: those of which they may read every column.

    Raises:
        UsageError: nobody is called so, or the team has no views.
    """
    setup = workspace.cycle.setup
    rules, records = setup.summaries, workspace.draft()
    context = SummaryContext(today, setup.zone, workspace.dictionaries(), setup.language, calendar=setup.calendar)
    if person is None:
        return compute(rules, records, context)
    if not workspace.settings.views.enabled:
        raise UsageError(workspace.words.text("dashboard.no_views"))
    eyes = person_eyes(workspace, person)
    return compute(summaries_of(eyes.reader, rules, workspace.tabs), seen_book(workspace, eyes), context)


def printed(text: str, words: Language) -> bytes:
    """A page as a PDF.

    Raises:
        UsageError: WeasyPrint, a library that it needs, or a font is not installed.
    """
    try:
        if not any_font():
            raise UsageError(words.text("dashboard.no_font"))
        from weasyprint import HTML
    except (ImportError, OSError) as error:  # OSError: Pango is not on the machine
        raise UsageError(words.text("dashboard.no_pdf", reason=str(error).splitlines()[0])) from None
    content: bytes = HTML(string=text).write_pdf()
    return content


def replace_file(file: Path, content: bytes) -> None:
    """Writes a file. Whoever reads it while it is written sees the old one or the new one, never half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.tmp")
    aside.write_bytes(content)
    aside.replace(file)
