"""Mail put together: who gets it, in whose words, through which server; and the daily digests."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from filelock import FileLock, Timeout

from crm_sheets import clock
from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.people import Recipients
from crm_sheets.app.view_locks import PASSWORD_LETTER
from crm_sheets.app.workspace import LOCK_SECONDS, Workspace
from crm_sheets.config import Settings
from crm_sheets.errors import ServiceUnavailable
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
from crm_sheets.sync.digest import FAULTS, WEEKLY
from crm_sheets.sync.digest import KIND as DIGEST
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.outbox import SUSPENDED, OnUnknown, OutboxEntry, State, revived
from crm_sheets.sync.store.outbox import MAIL, SqlOutbox
from crm_sheets.sync.store.outbox_writing import demote
from crm_sheets.sync.templates import Templates
from crm_sheets.sync.wire import Notes, noted

if TYPE_CHECKING:
    from crm_sheets.dashboard.weekly import Weekly
    from crm_sheets.sync.notifiers.email import EmailNotifier
    from crm_sheets.sync.notifiers.imap import ImapBox
    from crm_sheets.sync.notifiers.mime import Sender

MESSAGE_IDS = "message-ids"
"""Name of the secret in the state that Message-IDs are made with."""


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
    notes, started = workspace.folder / "mail.notes", clock.machine_start()
    settle_interrupted(store, now, on_unknown, confirming.settles if confirming else None, noted(notes, started))
    trouble = confirm(store, confirming, now) if confirming else ""
    recipients = Recipients(workspace)
    for entry in revivable(store.with_error(State.DEAD, SUSPENDED), recipients.of, now):
        store.settle(entry.key, revived(now))
    with workspace.state.transaction() as connection:
        demote(connection, now - settings.reminders.peace_terms.too_old)
    readers, templates = MailReaders(workspace, now), Templates(settings.templates.folder, steady=True)
    made: dict[tuple[str, str], Weekly] = {}
    post = Post(
        notifier=notifier,
        render=lambda entry, at: letter(workspace, entry, at, readers, templates, made),
        recipient_of=recipients.of,
        jitter=random.random,
        on_unknown=on_unknown,
        stopping=stop.is_set if stop is not None else lambda: False,
        confirming=confirming,
        notes=Notes(notes, started),
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
    from crm_sheets.sync.notifiers.mime import sender_of

    mail = settings.mail
    return notifier_from(settings, sender_of(mail.sender or "", mail.reply_to or "", secret))


def notifier_from(settings: Settings, sender: Sender) -> EmailNotifier:
    """The mail server of the config, for mails that come from a sender."""
    from crm_sheets.sync.notifiers.email import EmailNotifier, Security, SmtpSettings

    mail = settings.mail
    return EmailNotifier(
        SmtpSettings(
            host=mail.host or "",
            port=mail.port,
            sender=sender,
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


def letter(
    workspace: Workspace,
    entry: OutboxEntry,
    at: datetime,
    readers: MailReaders | None = None,
    templates: Templates | None = None,
    reports: dict[tuple[str, str], Weekly] | None = None,
) -> Content:
    """The mail of an entry of the outbox, were it sent at an instant: what its receiver may read of it.

    What is given with `readers`, `templates` and `reports` is used for all mails of one round.
    """
    settings = workspace.settings
    readers = readers or MailReaders(workspace, at)
    templates = templates or Templates(settings.templates.folder)
    answers = settings.mail.inbox.host is not None and settings.mail.inbox.replies
    head = Letterhead(str(settings.workbook.place), readers.zone(entry.person), workspace.words, answers)
    if entry.kind not in CALENDAR_KINDS:
        entry = replace(entry, parameters=readers.parameters(entry))
        if entry.kind == PASSWORD_LETTER:
            from crm_sheets.app.view_passwords import password_letter

            told = password_letter(entry, workspace.state, workspace.vault, workspace.words)
            entry = replace(entry, parameters={**entry.parameters, **told})
        if entry.kind == WEEKLY:
            from crm_sheets.app.weekly import WeeklyReports, weekly_letter

            content = weekly_letter(WeeklyReports(workspace, reports), entry, head, templates, at)
        else:
            content = replace(render(templates, head, entry, at), private=entry.kind == PASSWORD_LETTER)
        of_a_list = entry.kind in (DIGEST, WEEKLY, FAULTS)
        return replace(content, headers=_list_headers(workspace, entry)) if of_a_list else content
    from crm_sheets.app.appointments import event_of, event_parameters

    entry = event_parameters(workspace, entry, readers)
    content = render(templates, head, entry, at)
    recipient = Recipients(workspace).of(entry.person) or Recipient(entry.person, "")
    return replace(content, calendar=event_of(workspace, entry, recipient, workspace.state.secret(MESSAGE_IDS), at))


def _list_headers(workspace: Workspace, entry: OutboxEntry) -> Mapping[str, str]:
    """How whoever gets a digest gets no more of them (RFC 2369): by a mail that names this one."""
    from crm_sheets.sync.notifiers.incoming import UNSUBSCRIBE
    from crm_sheets.sync.notifiers.mime import message_id, sender_of

    mail = workspace.settings.mail
    sender = sender_of(mail.sender or "crm@localhost", mail.reply_to or "")
    identity = message_id(entry.key, sender.domain, workspace.state.secret(MESSAGE_IDS))
    to = sender.reply_to or sender.address
    return {"List-Unsubscribe": f"<mailto:{to}?subject={UNSUBSCRIBE}%20{quote(identity)}>"}
