"""`remind --dry-run` and `remind --preview`: what would go, to whom, when and by which rule, and how it reads."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.mail import letter
from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.people import Recipients
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.changes import Reminder, Route
from crm_sheets.config import Settings
from crm_sheets.draft import Draft
from crm_sheets.errors import UsageError
from crm_sheets.ledger import arranged
from crm_sheets.plan import WATERMARK
from crm_sheets.rules.base import Context, merged
from crm_sheets.schema.base import Row
from crm_sheets.state import RowId
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import RowKey

WAITING = (State.PENDING, State.RETRY, State.SENDING, State.UNCONFIRMED, State.DIGEST)
PLANNED = "planned"
"""State of a reminder that is not in the outbox yet."""


def upcoming(settings: Settings, days: int) -> reports.UpcomingReport:
    """What waits in the outbox, and what the rules ask for until so many days from now; nothing is sent or kept."""
    now = clock.now()
    with opened(settings) as workspace:
        told = _Told(workspace, now)
        until = now + timedelta(days=days)
        waiting = list(SqlOutbox(workspace.state).entries(WAITING))
        lines = [told.entry(entry) for entry in waiting if entry.next_try <= until]
        known = {entry.key for entry in SqlOutbox(workspace.state).entries(tuple(State))}
        since = workspace.state.note(WATERMARK)
        after = datetime.fromisoformat(since) if since is not None else now
        for reminder in told.planned(_every_row(workspace, told.draft)):
            at = reminder.send_at or reminder.instant
            if reminder.key not in known and at <= until and (at > after or reminder.instant > after):
                lines.append(told.reminder(reminder, at if at > after else reminder.instant))
        return reports.UpcomingReport(tuple(sorted(lines, key=lambda line: (line.at, line.person, line.key))))


def preview(settings: Settings, name: str, folder: Path) -> reports.PreviewReport:
    """The mails about a row as they would be sent, each as an HTML and a text file in `folder`, which is made.

    Raises:
        UsageError: no such row, or nobody is reminded of it.
    """
    now = clock.now()
    with opened(settings) as workspace:
        told = _Told(workspace, now)
        row = _row(workspace, told.draft, name)
        mails, readers = [], MailReaders(workspace, now)
        folder.mkdir(parents=True, exist_ok=True)
        for number, reminder in enumerate(told.planned([row]), 1):
            at = reminder.send_at or reminder.instant
            content = letter(workspace, _entry(reminder, at), at, readers)
            stem = f"{row[1]}-{number}-{reminder.kind}"
            html, text = folder / f"{stem}.html", folder / f"{stem}.txt"
            html.write_text(content.html, encoding="utf-8")
            text.write_text(f"{content.subject}\n\n{content.text}", encoding="utf-8")
            line = told.reminder(reminder, at)
            mails.append(reports.PreviewedMail(line, content.subject, content.text, html, text))
        if not mails:
            raise UsageError(workspace.words.text("error.remind.nothing", row=name))
        return reports.PreviewReport(tuple(mails))


class _Told:
    """What the rules say of reminders, as the records are now."""

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace, self._now = workspace, now
        self._people = Recipients(workspace)
        self._zone = workspace.settings.workbook.zone
        self.draft = workspace.draft()

    def planned(self, rows: Iterable[RowId]) -> Iterator[Reminder]:
        """All reminders of rows, those of times that have passed too, in the order of time."""
        context = self._context()
        rules = self._workspace.cycle.setup.rules
        found: list[Reminder] = []
        for tab, key in rows:
            row: Row | None = self.draft.row(tab, key)
            if row is not None:
                outcome = merged(rule(row, context) for rule in rules.get(tab, ()))
                found += arranged(outcome.reminders, context)
        yield from sorted(found, key=lambda each: (each.starts, each.key))

    def reminder(self, reminder: Reminder, at: datetime) -> reports.Upcoming:
        """One that is not in the outbox."""
        return self._line(_entry(reminder, at), at, PLANNED if reminder.route is Route.MAIL else reminder.route.value)

    def entry(self, entry: OutboxEntry) -> reports.Upcoming:
        """One that is."""
        return self._line(entry, entry.next_try, entry.state.value)

    def _line(self, entry: OutboxEntry, at: datetime, state: str) -> reports.Upcoming:
        recipient = self._people.of(entry.person)
        given = entry.parameters
        subject = " · ".join(dict.fromkeys(filter(None, (given.get("customer"), given.get("subject")))))
        rule = self._workspace.words.text(f"mail.rule.{entry.kind}")
        address = recipient.address if recipient is not None else ""
        shown = at.astimezone(self._zone)
        return reports.Upcoming(
            entry.key, shown, entry.person, address, entry.kind, rule, entry.tab, entry.row, subject, state
        )

    def _context(self) -> Context:
        workspace, setup = self._workspace, self._workspace.cycle.setup
        return Context(
            now=self._now,
            today=self._now.astimezone(setup.zone).date(),
            zone=setup.zone,
            book=self.draft,
            dictionaries=workspace.dictionaries(),
            language=setup.language,
            tabs=setup.tabs,
            calendar=replace(setup.calendar, own=workspace.own_days()),
            files=setup.files,
            peace=setup.peace,
        )


def _every_row(workspace: Workspace, draft: Draft) -> Iterator[RowId]:
    for tab in workspace.tabs:
        for key in draft.keys(tab):
            yield tab, key


def _row(workspace: Workspace, draft: Draft, name: str) -> RowId:
    """The row of a 编号."""
    key = RowKey(name.strip())
    found = [tab for tab in workspace.tabs if draft.row(tab, key) is not None]
    if not found:
        raise UsageError(workspace.words.text("error.remind.no_row", row=name))
    return found[0], key


def _entry(reminder: Reminder, at: datetime) -> OutboxEntry:
    kept = (reminder.parameters, reminder.tab, reminder.row)
    return OutboxEntry(reminder.key, reminder.kind, reminder.person, at, at, at, *kept)
