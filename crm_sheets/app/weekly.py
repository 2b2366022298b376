"""The weekly report: of the whole team, or of what one lead may read; as a mail with pictures, and as files."""

import json
import unicodedata
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.dashboards import printed, replace_file, summaries_for
from crm_sheets.app.old_reports import remove_old
from crm_sheets.app.report_parts import lacking
from crm_sheets.app.seeing import person_rights
from crm_sheets.app.view_files import UNSAFE
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.dashboard.weekly import Weekly, paper, weekly
from crm_sheets.dashboard.weekly_mail import told_in_mail
from crm_sheets.dashboard.weeks import Week, last_week, week_called
from crm_sheets.errors import UsageError
from crm_sheets.sync.delivery import Content
from crm_sheets.sync.digest import WEEKLY, Digest, item_of
from crm_sheets.sync.letters import REPORT, Letterhead, render
from crm_sheets.sync.logs import failure, log
from crm_sheets.sync.notifiers.base import Attachment
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates


class WeeklyReports:
    """Makes the reports of one round of sending; where nothing is hidden from anybody, all get the same figures."""

    def __init__(self, workspace: Workspace, known: dict[tuple[str, str], Weekly] | None = None) -> None:
        """Reports of a workspace; `known` holds those that were made in this round, by reader and week."""
        self.workspace = workspace
        self._told = {} if known is None else known

    def of(self, person: str | None, now: datetime, week: Week | None = None) -> Weekly:
        """The report of a person, of all for None, as of a week, left out: the one that ended last for the team.

        Raises:
            UsageError: nobody is called so, or two are.
        """
        workspace = self.workspace
        reader = person_rights(workspace, person)[0].name if person and workspace.settings.views.enabled else None
        at = now.astimezone(workspace.settings.workbook.zone)
        week = week or last_week(at.date())
        known = (reader or "", week.name)
        if known not in self._told:
            told = summaries_for(workspace, reader, week.sunday)
            most = workspace.settings.reports.pictures
            self._told[known] = weekly(self._title(reader), told, week, at, workspace.words, most)
        return self._told[known]

    def pdf(self, report: Weekly) -> bytes:
        """The report on paper; b"" where what that needs is not installed, or not wanted."""
        words = self.workspace.words
        if not self.workspace.settings.reports.pdf or not report.told:
            return b""
        try:
            return printed(paper(report, words), words)
        except UsageError:
            return b""

    def kept(self, report: Weekly, name: str, pdf: bytes) -> tuple[Path, ...]:
        """The files of a report, in the folder of its week; none where none are wanted.

        Raises:
            OSError: they cannot be written.
        """
        folder = self.workspace.settings.reports.folder
        if folder is None:
            return ()
        files = written(folder / report.week.name / f"{name}.html", report, pdf, self.workspace)
        remove_old(folder, report.week, self.workspace.settings.reports.keep_weeks)
        return files

    def file_name(self, person: str | None) -> str:
        """Under which the report of somebody is kept: number and name, the team's own under its word."""
        if person is None:
            return self.workspace.words.text("weekly.team")
        who, _ = person_rights(self.workspace, person)
        return UNSAFE.sub("_", unicodedata.normalize("NFC", f"{who.id}-{who.name}"))[:80].strip(" .")

    @cached_property
    def _book(self) -> str:
        path = self.workspace.settings.workbook.path
        return path.stem if path else self.workspace.words.text("dashboard.spreadsheet")

    def _title(self, person: str | None) -> str:
        kind = "title_of" if person else "title"
        return self.workspace.words.text(f"weekly.{kind}", workbook=self._book, person=person or "")


def weekly_letter(
    making: WeeklyReports, entry: OutboxEntry, head: Letterhead, templates: Templates, at: datetime
) -> Content:
    """The mail of an entry of the kind `weekly`: what its receiver may read now, with pictures and the PDF.

    It is about the week for which it was made: it may have waited for longer than a week, and where its receiver lives
    the week may begin at another hour.
    """
    report = making.of(entry.person, at, week_called(entry.key.rpartition("|")[2]))
    pdf = making.pdf(report)
    try:
        making.kept(report, making.file_name(entry.person), pdf)
    except (OSError, UsageError) as error:  # the mail goes all the same
        log(failure("weekly report not kept", error))
    return _content(making.workspace, report, entry, head, templates, at, pdf)


def weekly_files(
    settings: Settings, target: Path | None, *, person: str | None, preview: bool = False
) -> reports.FilesReport:
    """Writes the report of the week that ended last, as a page and as a PDF; with `preview` the mail beside it.

    Args:
        settings: of the team.
        target: the page; None for its place in the folder of reports.
        person: whose report; None for that of the whole team.
        preview: also the mail, as HTML with its pictures in it and as text; nothing is sent.

    Raises:
        UsageError: nobody is called so, or a person is asked for in a team without views.
    """
    now = clock.now()
    with opened(settings) as workspace:
        if person is not None and not settings.views.enabled:
            raise UsageError(workspace.words.text("dashboard.no_views"))
        making = WeeklyReports(workspace)
        report = making.of(person, now)
        name, folder = making.file_name(person), settings.reports.folder or Path("reports")
        target = target or folder / report.week.name / f"{name}.html"
        pdf = making.pdf(report)
        files = written(target, report, pdf, workspace)
        if preview:
            who = person_rights(workspace, person)[0].name if person else name
            files += _previewed(workspace, report, target, pdf, now, who)
        notes = tuple(lacking(settings, workspace.words.text))
    return reports.FilesReport(files, notes)


def written(target: Path, report: Weekly, pdf: bytes, workspace: Workspace) -> tuple[Path, ...]:
    """Writes the page and, where there is one, the PDF beside it."""
    replace_file(target, paper(report, workspace.words).encode())
    if not pdf:
        return (target,)
    replace_file(target.with_suffix(".pdf"), pdf)
    return target, target.with_suffix(".pdf")


def _previewed(
    workspace: Workspace, report: Weekly, target: Path, pdf: bytes, now: datetime, person: str
) -> tuple[Path, ...]:
    """The mail as it would be sent, as far as the report goes: what waits for its receiver stands in the digest."""
    from base64 import b64encode

    settings = workspace.settings
    item = item_of(Digest(person, report.week.sunday, (), report.week.name), now)
    entry = OutboxEntry(item.key, WEEKLY, person, now, now, now, item.parameters, "", "")
    head = Letterhead(str(settings.workbook.place), settings.workbook.zone, workspace.words)
    content = _content(workspace, report, entry, head, Templates(settings.templates.folder), now, pdf)
    html = content.html
    for file in content.files:
        if file.identity:
            html = html.replace(f"cid:{file.identity}", f"data:{file.kind};base64,{b64encode(file.content).decode()}")
    told = {".mail.html": html, ".mail.txt": f"{content.subject}\n\n{content.text}"}
    paths = {target.with_name(target.stem + suffix): text for suffix, text in told.items()}
    for path, text in paths.items():
        replace_file(path, text.encode())
    return tuple(paths)


def _content(
    workspace: Workspace,
    report: Weekly,
    entry: OutboxEntry,
    head: Letterhead,
    templates: Templates,
    at: datetime,
    pdf: bytes,
) -> Content:
    words = workspace.words
    file = words.text("weekly.file", week=report.week.name) if pdf else ""
    told = json.dumps(told_in_mail(report, file, words), ensure_ascii=False)
    content = render(templates, head, replace(entry, parameters={**entry.parameters, REPORT: told}), at)
    pictures = {each.identity: each.png for each in report.pictures if each.png}  # one of each, were two the same
    shown = tuple(
        Attachment(f"{number}.png", "image/png", png, identity)
        for number, (identity, png) in enumerate(pictures.items(), start=1)
    )
    attached = (Attachment(file, "application/pdf", pdf),) if pdf else ()
    return replace(content, files=(*shown, *attached))
