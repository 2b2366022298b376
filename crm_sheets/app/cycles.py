"""Commands that run cycles: init, sync, check, run."""

import json
import logging
import os
import socket
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sheets import __version__, clock, reports
from crm_sheets.app.appointments import queue_invitations
from crm_sheets.app.backends import file_of
from crm_sheets.app.brakes import tell_of_brakes
from crm_sheets.app.digests import queue_digests
from crm_sheets.app.group_robots import robot_job
from crm_sheets.app.mail import mail_job
from crm_sheets.app.mailing_rounds import mailing_job
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import DICTIONARIES, Workspace, opened
from crm_sheets.config import Settings, load
from crm_sheets.errors import CrmSheetsError, UsageError
from crm_sheets.figures import compute
from crm_sheets.language import in_words, language
from crm_sheets.reports import Progress, silent
from crm_sheets.rules.summaries.base import Summary, SummaryContext
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.layout import FoundTabs
from crm_sheets.sync.backends.base import Skimmer
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.round import RoundResult
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import SHARED, Snapshot

if TYPE_CHECKING:
    from crm_sheets.sync.backends.xlsx.adopt import Adoption

DEFAULT_LOCALE = "zh-CN"


def init(
    config: Path, *, workbook: Path | None, locale: str | None, adopt: bool, all_columns: bool
) -> reports.InitReport:
    """Makes the workbook that the config names, or with `adopt` takes over the one that is there.

    Where there is no config yet, one is written beside, from `workbook` and `locale`.
    """
    made = not config.exists()
    if made:
        _write_config(config, workbook, locale or DEFAULT_LOCALE)
    elif workbook is not None:
        raise UsageError(
            f"{config} is there already and names its workbook; leave --workbook out, or edit the config"
        ).told("error.init.config", path=config)
    try:
        return _init(load(config), config, adopt=adopt, all_columns=all_columns)
    except CrmSheetsError:
        if made:  # the same command must do once the workbook is mended
            config.unlink()
        raise


def _init(settings: Settings, config: Path, *, adopt: bool, all_columns: bool) -> reports.InitReport:
    path = settings.workbook.path
    if path is None:
        from crm_sheets.app.online_init import init_spreadsheet

        return init_spreadsheet(settings, config, adopt=adopt, all_columns=all_columns)
    with opened(settings) as workspace:
        backend = file_of(workspace.backend)
        if adopt:
            if not path.exists():
                raise UsageError(f"{path}: there is no workbook to adopt; leave --adopt out to make a new one").told(
                    "error.init.nothing", path=path
                )
            dictionaries = workspace.team.default_dictionaries()
            adopted = backend.adopt(dictionaries, empty_summaries(workspace), all_columns=all_columns)
            return adoption_report(workspace, config, adopted.adoption, adopted.snapshot, adopted.found)
        if path.exists():
            raise UsageError(f"{path} is there already; init --adopt takes it over").told("error.init.there", path=path)
        backend.create(
            workspace.team.default_dictionaries(),
            summaries=empty_summaries(workspace),
        )
        made = sum(map(len, workspace.team.default_dictionaries().entries.values()))
        tabs = {tab_label(key, workspace.words): made if key == DICTIONARIES else 0 for key in workspace.tabs}
        return reports.InitReport(path, config, False, tabs)


def sync(
    settings: Settings,
    *,
    dry_run: bool = False,
    accept_deletions: bool = False,
    accept_changes: bool = False,
    progress: Progress = silent,
) -> reports.CycleReport:
    """One cycle. The two `accept` let through what a brake held."""
    with opened(settings) as workspace:
        return run_cycle(
            workspace,
            Wish(clock.now(), dry_run=dry_run, accept_deletions=accept_deletions, accept_changes=accept_changes),
        )


def run_cycle(workspace: Workspace, wish: Wish) -> reports.CycleReport:
    """A cycle and its report; the status file tells of it."""
    report = Reporter(workspace).run(wish)[1]  # the plans go: of a whole book they fill the memory
    if not wish.dry_run:
        queue_digests(workspace, wish.now)
        queue_invitations(workspace, wish.now)
        if report.views:
            from crm_sheets.app.viewing import keep_troubles

            keep_troubles(workspace, report.views)
    return report


def check(settings: Settings) -> reports.CheckReport:
    """Every finding about the workbook as it stands; writes nothing anywhere."""
    with opened(settings) as workspace:
        report = run_cycle(workspace, Wish(clock.now(), dry_run=True))
        return reports.CheckReport(report.issues, _row_counts(workspace), report.halted)


def run(settings: Settings) -> None:
    """The daemon: cycles until it is told to stop."""
    from crm_sheets.sync import daemon, logs
    from crm_sheets.sync.lock import daemon_lock

    logs.configure(settings.log.level, settings.log.file)
    stop = threading.Event()
    with (
        opened(settings, remember=True) as workspace,
        daemon_lock(workspace.folder, clock.now()),
        daemon.stop_on_signals(stop),
    ):
        recorder = Recorder(workspace, clock.now())
        jobs = [daemon.Job("cycle", recorder.cycle, settings.sync.interval.total_seconds())]
        if settings.mail.host is not None:
            jobs.append(daemon.Job("mail", lambda: mail_job(workspace, clock.now(), stop), 30.0))
        if settings.customer_mail.enabled:
            jobs.append(daemon.Job("mailing", lambda: mailing_job(workspace, clock.now(), stop), 30.0))
        if settings.robots:
            jobs.append(daemon.Job("robots", lambda: robot_job(workspace, clock.now(), stop), 30.0))
        inbox = settings.mail.inbox
        if inbox.host is not None:
            jobs.append(daemon.Job("inbox", lambda: inbox_job(workspace), inbox.every.total_seconds()))
        if settings.intake.folder is not None:
            jobs.append(daemon.Job("intake", lambda: intake_job(workspace), settings.intake.every.total_seconds()))
        daemon.run(jobs, stop, recorder.told)


def inbox_job(workspace: Workspace) -> None:
    """One look into the mailbox."""
    from crm_sheets.app.answering import read_inbox
    from crm_sheets.sync.logs import Event, log

    for mail in read_inbox(workspace, clock.now()).mails:
        log(Event("inbox", code=mail.outcome))


def intake_job(workspace: Workspace) -> None:
    """One look into the intake folder."""
    from crm_sheets.app.intake_folder import take_in_folder
    from crm_sheets.sync.logs import Event, log

    for file in take_in_folder(workspace).files:
        rows = sum(file.report.imported.values()) if file.report else 0
        log(Event("intake", code=file.outcome, count=rows))


class Recorder:
    """Runs the daemon's cycles and keeps the status file. What it tells are counts: nobody reads a report here."""

    def __init__(self, workspace: Workspace, started: datetime) -> None:
        self.workspace, self.started = workspace, started
        self.last_ok: datetime | None = None
        self.last: CycleResult | None = None
        self.rows: dict[str, int] = {}
        self.issues: dict[str, int] = {}

    def cycle(self) -> None:
        """One cycle."""
        from crm_sheets.sync.logs import Event, log

        now = clock.now()
        done = self.workspace.run(Wish(now))
        result = done.shared
        tell_of_brakes(Reporter(self.workspace), done, now)
        queue_digests(self.workspace, now)
        queue_invitations(self.workspace, now)
        for copy in (copy for cycle in done.cycles for copy in cycle.copies):
            if not copy.again:
                log(Event("conflict copy", code=copy.code, count=copy.outcome.edited if copy.outcome else 0))
        if result.plans or self.last is None:
            self.rows, self.issues = _row_counts(self.workspace), self.workspace.state.severities()
            self.last = result
        self.last_ok = clock.now()
        if result.written or result.halted:
            cells = sum(len(edits.cells) + len(edits.appended) for plan in result.plans for edits in plan.edits)
            log(Event("cycle", workbook=str(self.workspace.settings.workbook.place), count=cells))
        if done.views:
            self._tell_of_views(done)

    def _tell_of_views(self, done: RoundResult) -> None:
        """Logs which views were written, and once what stands in the way of one."""
        from crm_sheets.app.viewing import keep_troubles
        from crm_sheets.sync.logs import Event, log

        reporter = Reporter(self.workspace)
        outcomes = [reporter.view(each) for each in done.views.values()]
        for view in outcomes:
            if view.written or view.handled:
                log(Event("view", workbook=str(view.path), code=",".join(view.handled)))
        for view in keep_troubles(self.workspace, outcomes):
            trouble = view.error or view.halted
            level = logging.WARNING if trouble else logging.INFO
            log(
                Event("view failed" if trouble else "view mended", workbook=str(view.path), message=trouble or ""),
                level,
            )

    def told(self, run: "daemon.JobRun") -> None:  # type: ignore[name-defined]  # noqa: F821 - imported where it runs
        """Writes the status after each job."""
        if run.job == "cycle":
            from crm_sheets.sync.status import write_status

            error = "" if run.error is None else self._in_words(run.error)
            write_status(self.workspace.status_file, self.status(run.seconds, run.failures, error))

    def _in_words(self, error: Exception) -> str:
        """What the status says of an error: in the team's language where it is one that people meet."""
        if isinstance(error, CrmSheetsError):
            return in_words(error, self.workspace.words)
        return f"{type(error).__name__}: {error}"

    def status(self, seconds: float, failures: int, error: str) -> "Status":  # type: ignore[name-defined]  # noqa: F821
        """How the daemon fares."""
        from crm_sheets.sync.status import Status

        workspace, last = self.workspace, self.last
        return Status(
            version=__version__,
            workbook=str(workspace.settings.workbook.place),
            pid=os.getpid(),
            host=socket.gethostname(),
            started_at=self.started,
            written_at=clock.now(),
            last_ok=self.last_ok,
            cycle_seconds=round(seconds, 3),
            failures=failures,
            last_error=error,
            generation=workspace.state.latest_generation(SHARED),
            halted=(Reporter(workspace).halted(last) or "") if last else "",
            holder=(last.waiting or "") if last else "",
            rows=self.rows,
            issues=self.issues,
            outbox=SqlOutbox(workspace.state).counts(),
            views=self._view_counts(),
        )

    def _view_counts(self) -> dict[str, int]:
        if not self.workspace.settings.views.enabled:
            return {}
        from crm_sheets.app.viewing import view_counts

        return view_counts(self.workspace)


def _row_counts(workspace: Workspace) -> dict[str, int]:
    return {str(tab): workspace.state.count(tab) for tab in workspace.tabs}


def empty_summaries(workspace: Workspace) -> tuple[Summary, ...]:
    """The summaries of a book without a row: tabs and charts are made with them."""

    setup = workspace.cycle.setup
    dictionaries = workspace.team.default_dictionaries()
    today = clock.now().astimezone(setup.zone).date()
    context = SummaryContext(today, setup.zone, dictionaries, setup.language, calendar=setup.calendar)
    if isinstance(workspace.backend, Skimmer):
        context = replace(context, entries=())
    return compute(setup.summaries, workspace.draft(), context)


def adoption_report(
    workspace: Workspace, config: Path, adoption: "Adoption", snapshot: Snapshot, found: FoundTabs
) -> reports.InitReport:
    """What the team's workbook had, and what was added to it."""
    words = workspace.words
    rows: dict[str, int] = {}
    unknown: list[str] = []
    for key, layout in found.layouts.items():
        sheet = snapshot.sheets[layout.sheet]
        rows[tab_label(key, words)] = sum(row.number > layout.header_row for row in sheet.rows)
        header = next((row for row in sheet.rows if row.number == layout.header_row), None)
        for place, text in enumerate(header.cells if header else (), 1):
            if isinstance(text, str) and text.strip() and place not in layout.columns.values():
                unknown.append(f"{layout.sheet}!{text.strip()}")
    added = [*adoption.tabs]
    for key, columns in adoption.columns.items():
        sheet_name = found.layouts[key].sheet
        added += [f"{sheet_name}!{column_label(key, column, words)}" for column in columns]
    reporter = Reporter(workspace)
    issues = tuple(reporter.issue(issue) for told in found.issues.values() for issue in told)
    return reports.InitReport(
        workspace.settings.workbook.place, config, True, rows, tuple(added), tuple(unknown), issues
    )


def _write_config(config: Path, workbook: Path | None, locale: str) -> None:
    """A config of the few lines that a team needs first; config.example.toml has the rest."""
    words = language(locale)
    path = workbook if workbook is not None else Path(f"{words.text('book.file_name')}.xlsx")
    if not (config.parent / path).exists() and path.exists():  # named from where the command is called
        path = path.resolve()
    shown = json.dumps(path.as_posix(), ensure_ascii=False)  # a basic string of TOML is one of JSON
    text = f'# All options: config.example.toml\n\n[workbook]\npath = {shown}\nlocale = "{locale}"\n'
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(text, encoding="utf-8")
