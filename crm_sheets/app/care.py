"""Commands for whoever looks after the program: status, doctor, backup."""

import errno
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from crm_sheets import __version__, clock, reports
from crm_sheets.app.mail import box_of, notifier_of
from crm_sheets.app.people import Recipients
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.errors import CrmSheetsError, UsageError
from crm_sheets.language import Language, file_error_in_words, in_words, language
from crm_sheets.public_holidays import unknown_days
from crm_sheets.rules.own_expressions import wrong_expressions
from crm_sheets.sync.backends.xlsx.replace import SEALED_SUFFIX
from crm_sheets.sync.lock import holder_of, is_held
from crm_sheets.sync.status import Status, read_status
from crm_sheets.sync.store.mailing import suspended_addresses
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import ColumnKey, TabKey

PEOPLE, NAME, LEAVER = TabKey("people"), ColumnKey("name"), "leaver-holds"

LEAST_FREE = 16 << 20
"""Bytes on a disk into which whole workbooks are written."""

COVERED_DAYS = 60
"""So far ahead the days off must be known: longer than any deadline that teams give themselves."""


def status(settings: Settings) -> reports.StatusReport:
    """What the daemon last told and what stands in the way now."""
    with opened(settings) as workspace:
        told = read_status(workspace.status_file)
        reporter = Reporter(workspace)
        held = {
            reporter.label(issue.tab): reporter.issue(issue).message
            for issue in workspace.state.all_findings()
            if issue.tab is not None and issue.row is None
        }
        counts: dict[str, int] = {}
        for issue in workspace.state.all_findings():
            counts[issue.severity] = counts.get(issue.severity, 0) + 1
        place = settings.workbook.place
        return reports.StatusReport(
            workbook=place,
            running=is_held(workspace.folder),
            daemon=str(holder_of(workspace.folder) or ""),
            last_success=reporter.moment(told.last_ok) if told and told.last_ok else None,
            last_error=told.last_error if told else "",
            cycle_seconds=told.cycle_seconds if told else None,
            generation=_generation(workspace, told),
            holder=workspace.backend.holder() if isinstance(place, Path) and place.exists() else None,
            held=held,
            rows={str(tab): workspace.state.count(tab) for tab in workspace.tabs},
            issues=counts,
            outbox=SqlOutbox(workspace.state).counts(),
            version=__version__,
            views=_view_counts(workspace),
            suspended=tuple(suspended_addresses(workspace.state)),
        )


def _view_counts(workspace: Workspace) -> dict[str, int]:
    from crm_sheets.app.viewing import view_counts

    return view_counts(workspace) if workspace.settings.views.enabled else {}


def _generation(workspace: Workspace, told: Status | None) -> int | None:
    from crm_sheets.tables import SHARED

    return workspace.state.confirmed_generation(SHARED) or (told.generation if told else None)


def doctor(settings: Settings) -> reports.DoctorReport:
    """Looks at everything that the program depends on: files, rights, state, mail, templates, zone data."""
    return reports.DoctorReport(tuple(examinations(settings)))


def examinations(settings: Settings) -> Iterator[reports.Examination]:
    """What `doctor` looks at, one after the other."""
    path, folder = settings.workbook.path, settings.backups.folder
    examined = Examiner(language(settings.workbook.locale))
    if path is not None:
        yield examined("workbook", lambda say: _workbook(path))
        yield examined("folder", lambda say: folder_found(path.parent, say))
    if settings.google.credentials is not None:
        from crm_sheets.app.online_doctor import spreadsheets_examined

        yield from spreadsheets_examined(settings, examined)
    yield examined("backups", lambda say: folder_found(folder, say))
    yield examined("state", lambda say: _state(settings, say))
    yield examined("zone", lambda say: str(settings.workbook.zone))
    yield examined("templates", lambda say: _templates(settings, say))
    yield examined("calendar", lambda say: _calendar(settings, say))
    yield examined("people", lambda say: _people(settings, say))
    yield examined("leavers", lambda say: _leavers(settings, say))
    if settings.views.enabled:
        from crm_sheets.app.viewing import examine_views

        yield examined("views", lambda say: f"{folder_found(settings.views.folder, say)}; {examine_views(settings)}")
    yield examined("sealed", lambda say: _sealed(settings, say))
    if settings.rule or settings.field:
        yield examined("rules", lambda say: _rules(settings, say))
    if settings.reports.weekly:
        from crm_sheets.app.report_parts import reports_found

        yield examined("reports", lambda say: reports_found(settings, say))
    yield examined("mail", lambda say: _mail(settings, say))
    if settings.mail.inbox.host is not None:
        yield examined("inbox", lambda say: _inbox(settings, say))


Say: TypeAlias = Callable[..., str]
"""Language.text: the words of a key, filled in."""


@dataclass(frozen=True, slots=True)
class Examiner:
    """Looks at one thing: what is found, or what went wrong and how it is mended."""

    words: Language

    def __call__(self, name: str, look: Callable[[Say], str]) -> reports.Examination:
        """What `look` found; what it raised is told as a fault."""
        try:
            return reports.Examination(name, True, look(self.words.text))
        except (CrmSheetsError, OSError) as error:
            if isinstance(error, CrmSheetsError):
                said = in_words(error, self.words)
            else:
                said = file_error_in_words(error, self.words)
            return reports.Examination(name, False, said, self.words.text(f"doctor.remedy.{name}"))


def _workbook(path: Path) -> str:
    from crm_sheets.sync.backends.xlsx import read_workbook

    snapshot = read_workbook(path)
    return f"{path}: {', '.join(snapshot.sheet_names)}"


def folder_found(folder: Path, say: Say) -> str:
    """What is told of a folder into which the program writes.

    Raises:
        OSError: it cannot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".crm-sheets-doctor-"):
        free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise OSError(errno.ENOSPC, "", str(folder))
    return say("doctor.found.folder", folder=folder, free=f"{free // 2**20:,}")


def _state(settings: Settings, say: Say) -> str:
    with opened(settings) as workspace:
        rows = sum(workspace.state.count(tab) for tab in workspace.tabs)
        return say("doctor.found.state", url=repr(workspace.state.engine.url), rows=rows)


def _templates(settings: Settings, say: Say) -> str:
    from crm_sheets.sync.templates import shipped_folder

    folder = settings.templates.folder
    if folder is not None and not folder.is_dir():
        raise UsageError(say("doctor.found.not_a_folder", folder=folder))
    return str(folder or shipped_folder())


def _calendar(settings: Settings, say: Say) -> str:
    """Days off are known for the time in which deadlines are counted.

    Raises:
        UsageError: nobody published them yet (or the package is too old), and the team has not entered them.
    """
    with opened(settings) as workspace:
        today = clock.now().astimezone(settings.workbook.zone).date()
        last = today + timedelta(days=COVERED_DAYS)
        unknown = unknown_days(settings.calendar.country, today, last, workspace.own_days(), settings.workbook.locale)
        if unknown:
            missing = ", ".join(f"{day} {name}" for day, name in unknown.items())
            raise UsageError(say("doctor.found.calendar_unknown", last=last, missing=missing))
        return say("doctor.found.calendar", last=last)


def _people(settings: Settings, say: Say) -> str:
    with opened(settings) as workspace:
        found = Recipients(workspace)
        missing = found.without_address()
        if missing:
            raise UsageError(say("doctor.found.people_missing", names=", ".join(missing[:10])))
        return say("doctor.found.people", count=found.count)


def _leavers(settings: Settings, say: Say) -> str:
    """Nobody who left still holds customers or open work, as of the last cycle.

    Raises:
        UsageError: somebody does.
    """
    with opened(settings) as workspace:
        findings = workspace.state.findings(PEOPLE, None) if PEOPLE in workspace.tabs else {}
        holding = {key: each.issue for key, found in findings.items() for each in found if each.issue.code == LEAVER}
        records = workspace.state.records(PEOPLE, holding).items()
        names = {key: record.values.get(NAME) or key for key, record in records}
        if holding:
            told = [f"{names.get(key, key)}: {issue.parameters['rows']}" for key, issue in holding.items()]
            raise UsageError("; ".join(told[:10]))
        return say("doctor.found.leavers")


def _rules(settings: Settings, say: Say) -> str:
    """The values that the team's own rules speak of stand in the drop-downs as they are now.

    Raises:
        UsageError: one of them does not.
    """
    with opened(settings) as workspace:
        wrong = wrong_expressions(workspace.team, workspace.dictionaries())
        if wrong:
            raise UsageError("; ".join(wrong))
        return say("doctor.found.rules", rules=len(settings.rule), fields=len(settings.field))


def _sealed(settings: Settings, say: Say) -> str:
    """Personal numbers are kept encrypted, or there are none.

    Raises:
        UsageError: they are kept as they were typed, or under an old key.
    """
    from crm_sheets.app.revealing import sealing

    found = sealing(settings)
    if not found.key:
        if found.plain or any(field.sealed for field in settings.field):
            raise UsageError(say("doctor.found.sealed_plain", count=found.plain))
        return say("doctor.found.sealed_none")
    if found.keys > 1:
        raise UsageError(say("doctor.found.sealed_keys", keys=found.keys))
    return say("doctor.found.sealed", count=found.sealed, id=found.key)


def _mail(settings: Settings, say: Say) -> str:
    if settings.mail.host is None:
        return say("doctor.found.mail_none")
    notifier = notifier_of(settings)
    notifier.connect()
    notifier.close()
    return say("doctor.found.mail", server=f"{settings.mail.host}:{settings.mail.port}")


def _inbox(settings: Settings, say: Say) -> str:
    """The mailbox can be opened, and the folders that the config names are there."""
    inbox, box = settings.mail.inbox, box_of(settings)
    folders = dict.fromkeys(each for each in (inbox.folder, inbox.archive) if each)
    try:
        for folder in folders:
            box.enter(folder)
    finally:
        box.close()
    return say("doctor.found.inbox", server=f"{inbox.host}:{inbox.port}", folders=", ".join(folders))


def backup(settings: Settings) -> reports.FileReport:
    """Keeps the workbook and the state as they are now, together in one zip."""
    folder = settings.backups.folder
    folder.mkdir(parents=True, exist_ok=True)
    at = clock.now().astimezone(UTC)
    target = folder / f"crm-sheets-{at:%Y%m%dT%H%M%SZ}.zip"
    with (
        opened(settings) as workspace,
        TemporaryDirectory() as temporary,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        path = settings.workbook.path
        if path is not None and path.exists():
            _add_workbook(archive, path, workspace)
        database = workspace.state.engine.url.database
        if workspace.state.engine.dialect.name == "sqlite" and database:
            copy = Path(temporary) / "state.db"
            _copy_sqlite(Path(database), copy)
            archive.write(copy, copy.name)
    return reports.FileReport(target, target.stat().st_size)


def _add_workbook(archive: zipfile.ZipFile, path: Path, workspace: Workspace) -> None:
    """Encrypted where columns are sealed: a number that was typed since the last cycle still stands in its cell."""
    if workspace.vault is None:
        archive.write(path, path.name)
    else:
        archive.writestr(path.name + SEALED_SUFFIX, workspace.vault.conceal(path.read_bytes()))


def _copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use (SQLite's online backup)."""
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        reading.close()
        writing.close()
