"""Follow-ups in people's calendars: what changed stands in the journal, what must be sent goes into the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.people import Recipients
from crm_sheets.app.workspace import Workspace
from crm_sheets.rules.base import record_of
from crm_sheets.rules.reminders import follow_up_parameters
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.sync.appointments import CANCEL, Sent, item_of, steps, wanted
from crm_sheets.sync.delivery import Recipient
from crm_sheets.sync.invitations import Invitation, calendar_part
from crm_sheets.sync.notifiers.base import CalendarPart
from crm_sheets.sync.notifiers.mime import message_id, sender_of
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.store.mailing import changed_since, put_appointments, sent_appointments
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.store.sql import put_note
from crm_sheets.tables import RowKey, TabKey

FOLLOW_UPS, PEOPLE = FollowUp.tab, TabKey("people")
CALENDAR_NOTE = "calendar"
"""Note: the last entry of the journal that calendars were brought up to."""
BEGIN_NOTE = "calendar-begin"
"""Note: the entry of the journal before which follow-ups are left alone, unless they change."""
MANY = 20
"""Of more invitations none is sent in the first look: a team that brings its follow-ups along has them in its
calendars, and hundreds of mails at once help nobody."""


def queue_invitations(workspace: Workspace, now: datetime) -> int:
    """Puts into the outbox what calendars lack since they were last looked at; how many messages.

    A crash on the way does no harm: what is remembered and what is sent are written in one transaction.
    """
    settings, state = workspace.settings, workspace.state
    wishes = settings.mail.calendar
    if settings.mail.host is None or not wishes.enabled or FOLLOW_UPS not in workspace.tabs:
        return 0
    note = state.note(CALENDAR_NOTE)
    since = int(note or 0)
    last, rows = changed_since(state, FOLLOW_UPS, since)
    if note is not None and last == since:
        return 0
    if note is None or changed_since(state, PEOPLE, since)[1]:  # who wants it, or whose name it is, may have changed
        rows = changed_since(state, FOLLOW_UPS, int(state.note(BEGIN_NOTE) or 0))[1]
    sent = list(_steps(workspace, rows, now))
    if note is None and len(sent) > MANY:
        with state.transaction() as connection:
            for name in (CALENDAR_NOTE, BEGIN_NOTE):
                put_note(connection, name, str(last))
        return 0
    with state.transaction() as connection:
        put_appointments(connection, sent)
        put_outbox(connection, (item_of(each, now) for each in sent), now)
        put_note(connection, CALENDAR_NOTE, str(last))
    return len(sent)


def event_parameters(workspace: Workspace, entry: OutboxEntry, readers: MailReaders) -> OutboxEntry:
    """The message with what its receiver may read of the follow-up."""
    row = workspace.draft().row(FOLLOW_UPS, RowKey(entry.row))
    given = follow_up_parameters(row, record_of(row, FollowUp), readers.context) if row is not None else {}
    told = readers.parameters(replace(entry, kind="due", parameters=given))
    if entry.kind == CANCEL and readers.values(entry.person, (FOLLOW_UPS, RowKey(entry.row))) is None:
        told = {**told, "content": ""}  # whoever does not see it any more is not asked to act on it either
    return replace(entry, parameters={**told, **entry.parameters, "due_at": entry.parameters["starts"]})


def event_of(
    workspace: Workspace, entry: OutboxEntry, recipient: Recipient, secret: bytes, at: datetime
) -> CalendarPart:
    """The event of a message whose parameters are what its receiver may read."""
    settings, words, told = workspace.settings, workspace.words, entry.parameters
    sender = sender_of(settings.mail.sender or "")
    uid = message_id(f"{entry.tab}|{entry.row}|{entry.person}", sender.domain, secret).strip("<>")
    title = "：" if words.locale.startswith("zh") else ": "
    contact = " ".join(filter(None, (told.get("contact", ""), told.get("customer_phone", ""))))
    place = words.text("mail.calendar.place", tab=words.text(f"tab.{entry.tab}"), row=entry.row)
    return calendar_part(
        Invitation(
            uid=uid,
            sequence=int(told["sequence"]),
            cancelled=entry.kind == CANCEL,
            starts=datetime.fromisoformat(told["starts"]).astimezone(settings.workbook.zone),
            length=settings.mail.calendar.length,
            title=title.join(filter(None, (told.get("method", ""), told.get("customer", "")))) or entry.row,
            description="\n".join(filter(None, (told.get("content", ""), contact, place))),
            organizer=sender.address,
            organizer_name=sender.name,
            attendee=recipient.address,
            attendee_name=recipient.name,
            made_at=at,
        )
    )


def _steps(workspace: Workspace, rows: Iterable[RowKey], now: datetime) -> Iterable[Sent]:
    draft, people, zone = workspace.draft(), Recipients(workspace), workspace.settings.workbook.zone
    keys = tuple(rows)
    known = sent_appointments(workspace.state, keys)
    draft.prefetch(FOLLOW_UPS, keys)
    for key in keys:
        row = draft.row(FOLLOW_UPS, key)
        ought = None
        if row is not None:
            follow_up = record_of(row, FollowUp)
            recipient = people.of(follow_up.owner) if follow_up.owner else None
            if recipient is not None and recipient.address:
                ought = wanted(key, follow_up, recipient.name, zone)
        opted = ought is not None and people.wants_calendar(ought.person)
        yield from steps(key, ought, known.get(key, ()), now, opted)
