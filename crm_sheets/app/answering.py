"""What arrives in the mailbox: an answer becomes an edit that its writer may make, a bounce suspends an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from crm_sheets import reports
from crm_sheets.app.mail import box_of
from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.mailing_returns import answered as answers_of_customers
from crm_sheets.app.mailing_returns import asks_to_stop, bounced, fate_of, unsubscribed
from crm_sheets.app.people import PEOPLE, notified_about, person_row
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace
from crm_sheets.changes import Value
from crm_sheets.commands import Act, Command
from crm_sheets.journal import PROGRAM
from crm_sheets.language import Language
from crm_sheets.permissions import Level
from crm_sheets.rules.customer_mail import Fate
from crm_sheets.rules.remind_actions import ACTIONS, HEARD
from crm_sheets.rules.reminder_families import family_of, is_of_a_rule
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.state import OutboxItem
from crm_sheets.sync.answers import Answer, Verb, answer_of
from crm_sheets.sync.appointments import KINDS as CALENDAR_KINDS
from crm_sheets.sync.cycle import whole_seconds
from crm_sheets.sync.notifiers.imap import Arrived, ImapBox
from crm_sheets.sync.notifiers.incoming import UNSUBSCRIBE, Bounce, Reply, read_mail
from crm_sheets.sync.outbox import OutboxEntry, Settlement, State
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.mailing import answered, put_answer, put_bounce, suspend
from crm_sheets.sync.store.outbox import CUSTOMER, SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.tables import ColumnKey, RowKey

INBOX_NOTE = "inbox"
"""Note: `<UIDVALIDITY>:<UID>` of the last mail that was looked at."""

BOUNCES = 2
"""Hard ones after which nothing more is sent to an address."""

NOT_UNDERSTOOD, NOT_ALLOWED, NO_ROW, OTHER_SENDER, TAKEN, ALREADY, CAME_BACK, SUSPENDED = (
    "not-understood", "not-allowed", "no-row", "other-sender", "taken", "already", "came-back", "suspended",
)  # fmt: skip
"""What may come of a mail."""

UNWANTED = frozenset({"digest", "weekly", "errors"})
REMIND_OFF = ColumnKey("remind_off")
REMIND_ACTION, SNOOZED, HEARD_OF, DONE_AT, RESULT = map(
    ColumnKey, (ACTIONS, "snoozed_until", "heard_of", "done_at", "result")
)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What an answer does to a follow-up: the columns to set, and those that its writer must be allowed to edit."""

    values: Mapping[ColumnKey, Value]
    asks: tuple[ColumnKey, ...]


def read_inbox(workspace: Workspace, now: datetime) -> reports.InboxReport:
    """Looks at what arrived since the last time; each mail is dealt with once.

    Raises:
        ServiceError: the mailbox cannot be read; what is left is looked at the next time.
    """
    box, folder = box_of(workspace.settings), workspace.settings.mail.inbox.folder
    came: list[reports.ArrivedMail] = []
    try:
        validity = box.enter(folder)
        for mail in box.after(_last(workspace, box, validity)):
            mark = f"{validity}:{mail.number}"
            found = _Mail(workspace, now, mark).deal_with(mail)
            came += [found] if found else []
            workspace.state.set_note(INBOX_NOTE, mark)
    finally:
        box.close()
    return reports.InboxReport(tuple(came))


def _last(workspace: Workspace, box: ImapBox, validity: int) -> int:
    """After which mail to look: in a mailbox that is new to us, not before the first mail that it could answer."""
    before, _, number = (workspace.state.note(INBOX_NOTE) or "").partition(":")
    if before == str(validity):
        return int(number)
    first = SqlOutbox(workspace.state).first_sent()
    return box.newest() if first is None else box.before((first - timedelta(days=1)).astimezone(UTC).date())


class _Mail:
    """Deals with one mail."""

    def __init__(self, workspace: Workspace, now: datetime, mark: str) -> None:
        self._workspace, self._now, self._mark = workspace, whole_seconds(now), mark
        self._outbox = SqlOutbox(workspace.state)

    def deal_with(self, mail: Arrived) -> reports.ArrivedMail | None:
        """What came of it; None when it is nothing to us."""
        incoming = read_mail(mail.content)
        match incoming:
            case None:
                return None
            case Bounce():
                return self._came_back(incoming)
            case Reply():
                return self._answered(incoming) if self._workspace.settings.mail.inbox.replies else None
            case _:
                assert_never(incoming)

    # -- bounces -----------------------------------------------------------------------------------------------------

    def _came_back(self, bounce: Bounce) -> reports.ArrivedMail | None:
        entry = next(iter(self._outbox.by_identity([bounce.about])), None)
        if entry is not None and entry.person.startswith(CUSTOMER):
            return self._customer_bounced(entry, bounce)
        copies = self._workspace.settings.mail.inbox.archive_address or ""
        if entry is None or not entry.address or bounce.address.casefold() == copies.casefold() != "":
            return None
        address, outcome = entry.address.casefold(), CAME_BACK
        with self._workspace.state.transaction() as connection:
            hard = put_bounce(connection, bounce.about, address, bounce.hard, bounce.said, self._now)
            if bounce.hard and hard >= BOUNCES and suspend(connection, address, bounce.said, self._now):
                outcome = SUSPENDED
                put_outbox(connection, self._told(entry, bounce), self._now)
        if entry.state is State.SENT:
            self._outbox.settle(entry.key, Settlement(State.DEAD, entry.attempts, f"{entry.address}: {bounce.said}"))
        return self._report(entry.address, entry, outcome, bounce.said)

    def _told(self, entry: OutboxEntry, bounce: Bounce) -> Iterator[OutboxItem]:
        """Whoever looks after the person hears of it."""
        for manager in notified_about(self._workspace, entry.person):
            yield OutboxItem(
                key=f"notice-bounced|{entry.address}|{manager}|{self._now.isoformat()}",
                kind="notice-bounced",
                person=manager,
                not_before=self._now,
                parameters={"subject": f"{entry.person} <{entry.address}>", "content": bounce.said},
            )

    # -- customers ---------------------------------------------------------------------------------------------------

    def _customer_bounced(self, entry: OutboxEntry, bounce: Bounce) -> reports.ArrivedMail | None:
        """The member learns of it, and the customer where the address is at fault."""
        copies = self._workspace.settings.mail.inbox.archive_address or ""
        if entry.state is not State.SENT or bounce.address.casefold() == copies.casefold() != "":
            return None
        commands = [*fate_of(self._workspace, entry, Fate.BOUNCED, PROGRAM)]
        commands += bounced(self._workspace, entry.address) if bounce.hard else ()
        self._carry_out(commands)
        self._outbox.settle(entry.key, Settlement(State.DEAD, entry.attempts, f"{entry.address}: {bounce.said}"))
        return self._report(entry.address, entry, CAME_BACK, bounce.said)

    def _customer_answered(self, entry: OutboxEntry, reply: Reply) -> reports.ArrivedMail:
        """Who asks for no more mails gets none; whatever else somebody writes is for their colleague to read."""
        workspace, author = self._workspace, f"{reply.sender} (mail)"
        stops = reply.unsubscribes or asks_to_stop(reply.text)
        commands = [*fate_of(workspace, entry, Fate.UNSUBSCRIBED if stops else Fate.REPLIED, author)]
        if stops:
            customer = entry.parameters.get("customer", "")
            commands += unsubscribed(workspace, entry.address, self._now, author, customer)
        else:
            commands += answers_of_customers(workspace, entry, reply.text, self._now, reply.identity)
        self._carry_out(commands)
        return self._kept(reply, entry, TAKEN, UNSUBSCRIBE if stops else "")

    def _carry_out(self, commands: list[Command]) -> None:
        """In the same transaction in which this mail counts as dealt with."""
        if commands:
            wish = Wish(self._now, commands=tuple(commands), notes={INBOX_NOTE: self._mark})
            Reporter(self._workspace).run(wish)

    # -- answers -----------------------------------------------------------------------------------------------------

    def _answered(self, reply: Reply) -> reports.ArrivedMail | None:
        found = self._outbox.by_identity(reply.about)
        by_identity = {entry.identity: entry for entry in found}
        entry = next((by_identity[each] for each in reply.about if each in by_identity), None)
        if entry is None or answered(self._workspace.state, reply.identity):
            return None
        return (self._customer_answered if entry.person.startswith(CUSTOMER) else self._colleague_answered)(
            entry, reply
        )

    def _colleague_answered(self, entry: OutboxEntry, reply: Reply) -> reports.ArrivedMail:
        if entry.address.casefold() != reply.sender.casefold():
            return self._kept(reply, entry, OTHER_SENDER)
        if reply.unsubscribes:
            return self._unsubscribed(reply, entry)
        if entry.tab != FollowUp.tab or not (is_of_a_rule(entry.kind) or entry.kind in CALENDAR_KINDS):
            return self._refused(reply, entry, NO_ROW)
        zone = MailReaders(self._workspace, self._now).zone(entry.person)  # in which the mail told its times
        answer = answer_of(reply.text, self._now, zone)
        if answer is None:
            return self._refused(reply, entry, NOT_UNDERSTOOD)
        return self._taken(reply, entry, answer)

    def _unsubscribed(self, reply: Reply, entry: OutboxEntry) -> reports.ArrivedMail:
        """A kind of mails that somebody does not want any more is noted in 组织: that is theirs to say."""
        family, row = family_of(entry.kind), person_row(self._workspace, entry.person)
        if row is None or family not in UNWANTED:
            return self._refused(reply, entry, NO_ROW)
        words = self._workspace.words.text(f"rules.remind_family.{family}")
        key, before = row
        off = "、".join(filter(None, (str(before.get(REMIND_OFF) or ""), words.partition("|")[0])))
        command = Command(Act.SET, PEOPLE, key, {REMIND_OFF: off}, f"{entry.person} (mail)")
        Reporter(self._workspace).run(Wish(self._now, commands=(command,), notes={INBOX_NOTE: self._mark}))
        return self._kept(reply, entry, TAKEN, UNSUBSCRIBE)

    def _taken(self, reply: Reply, entry: OutboxEntry, answer: Answer) -> reports.ArrivedMail:
        """The answer becomes an edit, in the same transaction in which this mail counts as dealt with."""
        row = (FollowUp.tab, RowKey(entry.row))
        before = self._workspace.draft().values(row)
        if before is None:
            return self._refused(reply, entry, NO_ROW)
        edit = _edit_of(answer, self._now, self._workspace.dictionaries(), self._workspace.words)
        if answer.verb is Verb.DONE and before.get(DONE_AT) is not None:
            return self._kept(reply, entry, ALREADY)
        allowed = MailReaders(self._workspace, self._now).judged(
            entry.person, row, {**before, **edit.values}, edit.asks
        )
        if any(allowed.get(column, Level.HIDDEN) < Level.EDIT for column in edit.asks):
            return self._refused(reply, entry, NOT_ALLOWED)
        command = Command(Act.SET, row[0], row[1], edit.values, f"{entry.person} (mail)")
        Reporter(self._workspace).run(Wish(self._now, commands=(command,), notes={INBOX_NOTE: self._mark}))
        return self._kept(reply, entry, TAKEN, answer.verb)

    def _refused(self, reply: Reply, entry: OutboxEntry, outcome: str) -> reports.ArrivedMail:
        """Whoever answered hears why nothing came of it."""
        words = self._workspace.words
        item = OutboxItem(
            key=f"notice-answer|{entry.person}|{reply.identity or self._mark}"[:255],
            kind="notice-answer",
            person=entry.person,
            not_before=self._now,
            parameters={"subject": words.text(f"mail.answer.outcome.{outcome}"), "content": reply.text[:200]},
        )
        with self._workspace.state.transaction() as connection:
            put_outbox(connection, [item], self._now)
        return self._kept(reply, entry, outcome)

    def _kept(self, reply: Reply, entry: OutboxEntry, outcome: str, verb: str = "") -> reports.ArrivedMail:
        with self._workspace.state.transaction() as connection:
            put_answer(connection, reply.identity, entry.key, outcome, self._now)
        return self._report(reply.sender, entry, outcome, verb or reply.text.partition("\n")[0][:80])

    def _report(self, sender: str, entry: OutboxEntry, outcome: str, said: str) -> reports.ArrivedMail:
        return reports.ArrivedMail(sender, entry.person, entry.kind, entry.row, outcome, said)


def _edit_of(answer: Answer, now: datetime, dictionaries: Dictionaries, words: Language) -> _Edit:
    match answer.verb:
        case Verb.HEARD:
            known = dictionaries.entries.get(ACTIONS, ())
            shipped = words.text(f"value.{ACTIONS}.{HEARD}")
            word = next((each.value for each in known if dictionaries.code(ACTIONS, each.value) == HEARD), shipped)
            return _Edit({REMIND_ACTION: word}, (REMIND_ACTION,))
        case Verb.LATER:
            return _Edit({SNOOZED: answer.until, HEARD_OF: None}, (REMIND_ACTION,))
        case Verb.DONE:
            told: dict[ColumnKey, Value] = {RESULT: answer.text} if answer.text else {}
            return _Edit({DONE_AT: now, **told}, (DONE_AT, *told))
        case _:
            assert_never(answer.verb)
