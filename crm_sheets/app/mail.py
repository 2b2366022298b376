"""Mail put together: who gets it, in whose words, through which server; and the daily digests."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.people import Recipients
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.view_locks import PASSWORD_LETTER
from crm_sheets.app.workspace import LOCK_SECONDS, Workspace
from crm_sheets.changes import Severity, Value
from crm_sheets.config import Settings
from crm_sheets.config_times import WEEKDAYS
from crm_sheets.errors import ServiceUnavailable
from crm_sheets.state import OutboxItem, RowId
from crm_sheets.sync.appointments import KINDS as CALENDAR_KINDS
from crm_sheets.sync.delivery import (
    Confirming,
    Content,
    Delivery,
    Post,
    Recipient,
    confirm,
    deliver,
    revivable,
    settle_interrupted,
)
from crm_sheets.sync.digest import DigestItem, Section, digest_for, due_day, item_of, section_of
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.outbox import SUSPENDED, OnUnknown, OutboxEntry, State, revived
from crm_sheets.sync.store.outbox import MAIL, SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.templates import Templates
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from crm_sheets.sync.notifiers.email import EmailNotifier
    from crm_sheets.sync.notifiers.imap import ImapBox

FOLLOW_UPS, CUSTOMERS = TabKey("follow_ups"), TabKey("customers")
PLANNED_AT, DONE_AT, OWNER, NAME = map(ColumnKey, ("planned_at", "done_at", "owner", "name"))
MESSAGE_IDS = "message-ids"
"""Name of the secret in the state that Message-IDs are made with."""

DIGEST_NOTE = "digest"
"""Note: the last day whose digests were made."""


def mail_round(workspace: Workspace, now: datetime, stop: threading.Event | None = None) -> Delivery:
    """Sends what is due in the outbox, alone: what another process is just sending must not look as if it had died.

    Raises:
        ServiceUnavailable: another process sends, and does not end.
    """
    lock = FileLock(workspace.folder / "mail.lock", timeout=LOCK_SECONDS)
    try:
        with lock:
            return _mail_round(workspace, now, stop)
    except Timeout:
        raise ServiceUnavailable(workspace.words.text("error.mail.busy")) from None


def _mail_round(workspace: Workspace, now: datetime, stop: threading.Event | None) -> Delivery:
    settings = workspace.settings
    store = SqlOutbox(workspace.state, MAIL)
    on_unknown = OnUnknown(settings.reminders.on_unknown)
    notifier = notifier_of(settings, workspace.state.secret(MESSAGE_IDS))
    confirming = confirming_of(settings, notifier)
    settle_interrupted(store, now, on_unknown, confirming.settles if confirming else None)
    trouble = confirm(store, confirming, now) if confirming else ""
    recipients = Recipients(workspace)
    for entry in revivable(store.with_error(State.DEAD, SUSPENDED), recipients.of, now):
        store.settle(entry.key, revived(now))
    readers, templates = MailReaders(workspace, now), Templates(settings.templates.folder)
    post = Post(
        notifier=notifier,
        render=lambda entry, at: letter(workspace, entry, at, readers, templates),
        recipient_of=recipients.of,
        jitter=random.random,
        on_unknown=on_unknown,
        stopping=stop.is_set if stop is not None else lambda: False,
        confirming=confirming,
    )
    done = deliver(store, post, now)
    return done if done.stopped or not trouble else replace(done, stopped=trouble)


def mail_job(workspace: Workspace, now: datetime, stop: threading.Event) -> None:
    """A turn of the daemon; a server that is down makes it fail, so that the pauses between turns grow.

    Raises:
        ServiceUnavailable: the server is down; what was to be sent waits.
    """
    done = mail_round(workspace, now, stop)
    if done.stopped and not stop.is_set():
        raise ServiceUnavailable(done.stopped)


def notifier_of(settings: Settings, secret: bytes = b"") -> EmailNotifier:
    """The mail server of the config; without one, nothing leaves the house.

    Args:
        settings: of the team.
        secret: makes Message-IDs that nobody can guess.
    """
    from crm_sheets.sync.notifiers.email import EmailNotifier, Security, SmtpSettings
    from crm_sheets.sync.notifiers.mime import sender_of

    mail = settings.mail
    return EmailNotifier(
        SmtpSettings(
            host=mail.host or "",
            port=mail.port,
            sender=sender_of(mail.sender or "", mail.reply_to or "", secret),
            security=Security(mail.security),
            user=mail.user or "",
            password=mail.password.reveal().get_secret_value() if mail.password else "",
            timeout=mail.timeout.total_seconds(),
            ca_file=mail.ca_file,
            blind_copy=mail.inbox.archive_address or "",
        )
    )


def confirming_of(settings: Settings, notifier: EmailNotifier) -> Confirming | None:
    """How it is found out whether a mail went out; None for a team without an archive."""
    inbox = settings.mail.inbox
    if inbox.host is None or inbox.archive is None:
        return None
    from crm_sheets.sync.notifiers.imap import ImapArchive

    return Confirming(ImapArchive(box_of(settings), inbox.archive), inbox.settles, notifier.identity_of)


def box_of(settings: Settings) -> ImapBox:
    """The mailbox of the config."""
    from crm_sheets.sync.notifiers.email import Security
    from crm_sheets.sync.notifiers.imap import ImapBox, ImapSettings

    inbox = settings.mail.inbox
    return ImapBox(
        ImapSettings(
            host=inbox.host or "",
            port=inbox.port,
            security=Security(inbox.security),
            user=inbox.user or "",
            password=inbox.password.reveal().get_secret_value() if inbox.password else "",
            timeout=inbox.timeout.total_seconds(),
            ca_file=inbox.ca_file,
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


def letter(
    workspace: Workspace,
    entry: OutboxEntry,
    at: datetime,
    readers: MailReaders | None = None,
    templates: Templates | None = None,
) -> Content:
    """The mail of an entry of the outbox, were it sent at an instant: what its receiver may read of it."""
    settings = workspace.settings
    readers = readers or MailReaders(workspace, at)
    templates = templates or Templates(settings.templates.folder)
    head = Letterhead(str(settings.workbook.place), settings.workbook.zone, workspace.words)
    if entry.kind not in CALENDAR_KINDS:
        entry = replace(entry, parameters=readers.parameters(entry))
        if entry.kind == PASSWORD_LETTER:
            from crm_sheets.app.view_passwords import password_letter

            told = password_letter(entry, workspace.state, workspace.vault, workspace.words)
            entry = replace(entry, parameters={**entry.parameters, **told})
        return render(templates, head, entry, at)
    from crm_sheets.app.appointments import event_of, event_parameters

    entry = event_parameters(workspace, entry, readers)
    content = render(templates, head, entry, at)
    recipient = Recipients(workspace).of(entry.person) or Recipient(entry.person, "")
    return replace(content, calendar=event_of(workspace, entry, recipient, workspace.state.secret(MESSAGE_IDS), at))


def _waiting(workspace: Workspace, now: datetime) -> dict[str, list[DigestItem]]:
    """What waits for each person, in words that they may read: follow-ups that are due, rows with faults."""
    waiting: dict[str, list[DigestItem]] = {}
    people, readers = Recipients(workspace), MailReaders(workspace, now)
    for row, owner, section in _due(workspace, now):
        recipient = people.of(str(owner)) if owner else None
        seen = readers.values(recipient.name, row) if recipient is not None else None
        if recipient is not None and seen is not None:
            item = _follow_up(row, section, seen, readers.customer(recipient.name, _customer_in(seen)))
            waiting.setdefault(recipient.name, []).append(item)
    reporter = Reporter(workspace)
    for row, owner in _faulty(workspace):
        recipient = people.of(str(owner)) if owner else None
        if recipient is None:
            continue
        errors = (each for each in readers.issues(recipient.name, row) if each.severity is Severity.ERROR)
        first, seen = next(errors, None), readers.values(recipient.name, row)
        if first is None or seen is None:
            continue
        called = str(seen.get(NAME) or row[1]) if row[0] == CUSTOMERS else _customer_in(seen)
        customer = called if row[0] == CUSTOMERS else readers.customer(recipient.name, called)
        item = DigestItem(Section.FAULTS, *row, reporter.issue(first).message, customer)
        waiting.setdefault(recipient.name, []).append(item)
    return waiting


def _due(workspace: Workspace, now: datetime) -> Iterator[tuple[RowId, Value, Section]]:
    """Follow-ups that are not done, and due by now or soon, each with whose it is."""
    state, zone = workspace.state, workspace.settings.workbook.zone
    for key, record in state.all_records(FOLLOW_UPS).items() if FOLLOW_UPS in workspace.tabs else ():
        planned = record.values.get(PLANNED_AT)
        if isinstance(planned, datetime) and record.values.get(DONE_AT) is None:
            section = section_of(planned, now, zone)
            if section is not None:
                yield (FOLLOW_UPS, key), record.values.get(OWNER), section


def _follow_up(row: RowId, section: Section, seen: Mapping[ColumnKey, Value], customer: str) -> DigestItem:
    title = str(seen.get(ColumnKey("subject")) or seen.get(ColumnKey("content")) or customer)
    planned = seen.get(PLANNED_AT)
    return DigestItem(section, *row, title, customer, planned if isinstance(planned, datetime) else None)


def _faulty(workspace: Workspace) -> Iterator[tuple[RowId, Value]]:
    """Rows with an error, each once, with their owners; tabs without owners have nobody to tell."""
    draft = workspace.draft()
    issues = (each for each in workspace.state.all_findings() if each.severity is Severity.ERROR)
    rows = dict.fromkeys((each.tab, each.row) for each in issues if each.tab is not None and each.row is not None)
    for tab, key in rows:
        values = draft.values((tab, key)) if tab in workspace.tabs else None
        if values is not None and OWNER in values:
            yield (tab, key), values[OWNER]


def _customer_in(values: Mapping[ColumnKey, Value]) -> str:
    return str(values.get(ColumnKey("customer")) or "")
