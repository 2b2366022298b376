"""Mail put together: who gets it, in whose words, through which server; and the daily digests."""

import random
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime

from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.changes import Severity, Value
from crm_sheets.config import Settings
from crm_sheets.config_times import WEEKDAYS
from crm_sheets.errors import ServiceUnavailable
from crm_sheets.state import OutboxItem, StoredRecord
from crm_sheets.sync.delivery import Content, Delivery, Post, Recipient, deliver, settle_interrupted
from crm_sheets.sync.digest import DigestItem, Section, digest_for, due_day, item_of, section_of
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.notifiers.base import Notifier
from crm_sheets.sync.outbox import OnUnknown, OutboxEntry
from crm_sheets.sync.store.commit import put_outbox
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.sync.templates import Templates
from crm_sheets.tables import ColumnKey, RowKey, TabKey

PEOPLE, FOLLOW_UPS, CUSTOMERS = TabKey("people"), TabKey("follow_ups"), TabKey("customers")
DIGEST_NOTE = "digest"
"""Note: the last day whose digests were made."""


def mail_round(workspace: Workspace, now: datetime, stop: threading.Event | None = None) -> Delivery:
    """Sends what is due in the outbox."""
    settings = workspace.settings
    store = SqlOutbox(workspace.state)
    on_unknown = OnUnknown(settings.reminders.on_unknown)
    settle_interrupted(store, now, on_unknown)
    post = Post(
        notifier=notifier_of(settings),
        render=lambda entry, at: letter(workspace, entry, at),
        recipient_of=Recipients(workspace).of,
        jitter=random.random,
        on_unknown=on_unknown,
        stopping=stop.is_set if stop is not None else lambda: False,
    )
    return deliver(store, post, now)


def mail_job(workspace: Workspace, now: datetime, stop: threading.Event) -> None:
    """A turn of the daemon; a server that is down makes it fail, so that the pauses between turns grow.

    Raises:
        ServiceUnavailable: the server is down; what was to be sent waits.
    """
    done = mail_round(workspace, now, stop)
    if done.stopped and not stop.is_set():
        raise ServiceUnavailable(done.stopped)


def notifier_of(settings: Settings) -> Notifier:
    """The mail server of the config; without one, nothing leaves the house."""
    from crm_sheets.sync.notifiers.email import EmailNotifier, Security, SmtpSettings
    from crm_sheets.sync.notifiers.mime import sender_of

    mail = settings.mail
    return EmailNotifier(
        SmtpSettings(
            host=mail.host or "",
            port=mail.port,
            sender=sender_of(mail.sender or "", mail.reply_to or ""),
            security=Security(mail.security),
            user=mail.user or "",
            password=mail.password.reveal().get_secret_value() if mail.password else "",
            timeout=mail.timeout.total_seconds(),
            ca_file=mail.ca_file,
        )
    )


def queue_digests(workspace: Workspace, now: datetime) -> int:
    """Makes the digests of the day when their time has come, once a day; how many were made."""
    settings, state = workspace.settings, workspace.state
    digest, zone = settings.reminders.digest, settings.workbook.zone
    if not (settings.reminders.enabled and digest.enabled):
        return 0
    day = due_day(now, digest.at, zone, {WEEKDAYS.index(name) for name in digest.weekdays})
    if day is None or (state.note(DIGEST_NOTE) or "") >= day.isoformat():
        return 0
    made: list[OutboxItem] = []
    for person, items in _waiting(workspace, now).items():
        found = digest_for(person, items, day)
        if found is not None:
            made.append(item_of(found, digest.at, zone))
    with state.transaction() as connection:
        put_outbox(connection, made, now)
    state.set_note(DIGEST_NOTE, day.isoformat())
    return len(made)


class Recipients:
    """Where people get mail, as 组织 has it now: by name or number, active people only."""

    def __init__(self, workspace: Workspace) -> None:
        self._people: dict[str, Recipient] = {}
        for record in workspace.state.all_records(PEOPLE).values():
            if record.values.get(ColumnKey("active")) is False:
                continue
            name, address = (str(record.values.get(ColumnKey(key)) or "") for key in ("name", "email"))
            for key in (name, record.values.get(ColumnKey("id"))):
                if key:
                    self._people[text_key(str(key))] = Recipient(name, address)

    @property
    def count(self) -> int:
        """How many active people there are."""
        return len({recipient.name for recipient in self._people.values()})

    def without_address(self) -> tuple[str, ...]:
        """Names of active people whom no mail can reach."""
        return tuple(sorted({each.name for each in self._people.values() if not each.address}))

    def of(self, person: str) -> Recipient | None:
        """Where a person gets mail; None for somebody who is not in 组织 or no longer active."""
        return self._people.get(text_key(person))


def letter(workspace: Workspace, entry: OutboxEntry, at: datetime) -> Content:
    """The mail of an entry of the outbox, were it sent at an instant."""
    settings = workspace.settings
    head = Letterhead(str(settings.workbook.path), settings.workbook.zone, workspace.words)
    return render(Templates(settings.templates.folder), head, entry, at)


def _waiting(workspace: Workspace, now: datetime) -> dict[str, list[DigestItem]]:
    """What waits for each person: follow-ups that are due, rows with faults."""
    waiting: dict[str, list[DigestItem]] = {}
    state, zone = workspace.state, workspace.settings.workbook.zone
    people = Recipients(workspace)
    customers = _CustomerNames(workspace)

    def add(person: object, item: DigestItem) -> None:
        recipient = people.of(str(person)) if person else None
        if recipient is not None:
            waiting.setdefault(recipient.name, []).append(item)

    for key, record in state.all_records(FOLLOW_UPS).items() if FOLLOW_UPS in workspace.tabs else ():
        values = record.values
        planned = values.get(ColumnKey("planned_at"))
        if not isinstance(planned, datetime) or values.get(ColumnKey("done_at")) is not None:
            continue
        section = section_of(planned, now, zone)
        if section is not None:
            customer = customers.of(values)
            title = str(values.get(ColumnKey("subject")) or values.get(ColumnKey("content")) or customer)
            add(values.get(ColumnKey("owner")), DigestItem(section, FOLLOW_UPS, key, title, customer, planned))
    for tab, key, owner, item in _faults(workspace, customers):
        add(owner, DigestItem(Section.FAULTS, tab, key, item, customers.of_row(tab, key)))
    return waiting


def _faults(workspace: Workspace, customers: "_CustomerNames") -> Iterable[tuple[TabKey, RowKey, object, str]]:
    """Rows with an error, each once, with its owner and what the first error says."""
    reporter = Reporter(workspace)
    seen: set[tuple[TabKey, RowKey]] = set()
    for issue in workspace.state.all_findings():
        if issue.severity is not Severity.ERROR or issue.tab is None or issue.row is None:
            continue
        row = (issue.tab, issue.row)
        values = customers.values(*row)
        if row in seen or values is None or ColumnKey("owner") not in values:
            continue
        seen.add(row)
        yield issue.tab, issue.row, values[ColumnKey("owner")], reporter.issue(issue).message


class _CustomerNames:
    """Names of customers for the lines of a digest."""

    def __init__(self, workspace: Workspace) -> None:
        self._state = workspace.state
        self._names: dict[str, str] = {}
        self._records: dict[TabKey, dict[RowKey, StoredRecord]] = {}
        if CUSTOMERS in workspace.tabs:
            for key, record in workspace.state.all_records(CUSTOMERS).items():
                self._names[text_key(key)] = str(record.values.get(ColumnKey("name")) or key)

    def of(self, values: Mapping[ColumnKey, Value]) -> str:
        """The name of the customer that a row refers to."""
        typed = str(values.get(ColumnKey("customer")) or "")
        return self._names.get(text_key(typed), typed)

    def of_row(self, tab: TabKey, key: RowKey) -> str:
        """The name of the customer that a row is, or refers to."""
        values = self.values(tab, key) or {}
        return self._names.get(text_key(key), "") if tab == CUSTOMERS else self.of(values)

    def values(self, tab: TabKey, key: RowKey) -> Mapping[ColumnKey, Value] | None:
        """The values of a record."""
        if tab not in self._records:
            self._records[tab] = self._state.all_records(tab)
        record = self._records[tab].get(key)
        return None if record is None else record.values
