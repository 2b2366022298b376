"""Mails to customers, sent: what ought to go now goes into the outbox a handful at a time, is looked at once more when
its turn comes, and what became of it comes back into the book.

Nothing waits in the outbox for long: who may be written to is asked of the records when there is room to send.
"""

import random
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from filelock import FileLock, Timeout

from crm_sheets import clock
from crm_sheets.app.mail import confirming_of, notifier_from
from crm_sheets.app.mailing_book import KIND_GREETING, Letter, MailingBook, Receiver
from crm_sheets.app.mailing_letters import customer_letter, sender_to_customers
from crm_sheets.app.mailing_returns import bring_back
from crm_sheets.app.workspace import LOCK_SECONDS, Workspace
from crm_sheets.errors import ServiceUnavailable, Undeliverable
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.customer_mail import Fate
from crm_sheets.rules.moments import day_of, start_of
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.sync.delivery import Content, Delivery, Post, Recipient, confirm, deliver, settle_interrupted
from crm_sheets.sync.outbox import OnUnknown, OutboxEntry, Settlement, State, withdrawn
from crm_sheets.sync.store.outbox import CUSTOMER, CUSTOMER_MAIL, SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.templates import Templates
from crm_sheets.sync.wire import Notes, noted
from crm_sheets.tables import RowKey

MINUTE = timedelta(minutes=1)
OVER = frozenset({State.WITHDRAWN, State.DEAD})
"""States of mails that did not arrive, or never went: another address may be tried."""


class Throttled:
    """An outbox that gives out no more than so many messages; see outbox.OutboxStore.

    Attributes:
        room: how many still may go.
    """

    def __init__(self, store: SqlOutbox, room: int, *, open_to_all: bool) -> None:
        self._store, self.room, self._open_to_all = store, room, open_to_all

    def due(self, now: datetime, limit: int) -> tuple[OutboxEntry, ...]:
        """See OutboxStore."""
        if self.room <= 0:
            return ()
        found = self._store.due(now, limit)
        wanted = found if self._open_to_all else tuple(each for each in found if each.kind == KIND_GREETING)
        return wanted[: self.room]

    def claim(self, key: str) -> bool:
        """See OutboxStore."""
        return self._store.claim(key)

    def settle(self, key: str, settlement: Settlement) -> None:
        """See OutboxStore."""
        self._store.settle(key, settlement)

    def turn(self, settlements: Mapping[str, Settlement], keys: Iterable[str]) -> frozenset[str]:
        """See OutboxStore. Each bears the time at which it really went: the next minute is counted by it."""
        at = clock.now()
        told = {
            key: replace(each, sent_at=at) if each.sent_at is not None else each for key, each in settlements.items()
        }
        claimed = self._store.turn(told, keys)
        self.room -= len(claimed)
        return claimed

    def entries(self, states: Iterable[State]) -> tuple[OutboxEntry, ...]:
        """See OutboxStore."""
        return self._store.entries(states)


@dataclass(frozen=True, slots=True)
class MailingRound:
    """What one round did: what was sent, and how many rows learned of it."""

    delivery: Delivery = Delivery()
    told: int = 0


def mailing_job(workspace: Workspace, now: datetime, stop: threading.Event) -> None:
    """A turn of the daemon.

    Raises:
        ServiceUnavailable: the mail server is down; what was to be sent waits.
    """
    done = mailing_round(workspace, now, stop).delivery
    if done.stopped and not stop.is_set():
        raise ServiceUnavailable(done.stopped)


def mailing_round(workspace: Workspace, now: datetime, stop: threading.Event | None = None) -> MailingRound:
    """Sends what may go now, and brings back what became of what went.

    Raises:
        ServiceUnavailable: another process sends, and does not end.
    """
    if not workspace.settings.customer_mail.enabled:
        return MailingRound()
    try:
        with FileLock(workspace.folder / "mailing.lock", timeout=LOCK_SECONDS):
            delivery = _round(workspace, now, stop) if workspace.settings.mail.host is not None else Delivery()
            return MailingRound(delivery, bring_back(workspace, now))
    except Timeout:
        raise ServiceUnavailable(workspace.words.text("error.mail.busy")) from None


def _round(workspace: Workspace, now: datetime, stop: threading.Event | None) -> Delivery:
    settings, store = workspace.settings, SqlOutbox(workspace.state, CUSTOMER_MAIL)
    on_unknown = OnUnknown(settings.reminders.on_unknown)
    notifier = notifier_from(settings, sender_to_customers(workspace))
    confirming = confirming_of(settings, notifier)
    notes, started = workspace.folder / "mailing.notes", clock.machine_start()
    settle_interrupted(store, now, on_unknown, confirming.settles if confirming else None, noted(notes, started))
    trouble = confirm(store, confirming, now) if confirming else ""
    book = MailingBook(workspace, now)
    room = _room(book, store, now)
    _queue(workspace, book, store, room, now)
    templates = Templates(settings.templates.folder, steady=True)

    def letter(entry: OutboxEntry, at: datetime) -> Content:
        receiver = MailingBook(workspace, now, book).receiver(RowKey(entry.row))
        if receiver is None:
            raise Undeliverable(f"{entry.row} is gone")
        return customer_letter(workspace, receiver, entry, at, templates)

    post = Post(
        notifier=notifier,
        render=letter,
        recipient_of=lambda person: _recipient(MailingBook(workspace, now, book), person),
        jitter=random.random,
        on_unknown=on_unknown,
        stopping=stop.is_set if stop is not None else lambda: False,
        confirming=confirming,
        notes=Notes(notes, started),
        barred=lambda entry: _barred(MailingBook(workspace, now, book), entry),
    )
    done = deliver(Throttled(store, room, open_to_all=book.is_open(greeting=False)), post, now)
    return done if done.stopped or not trouble else replace(done, stopped=trouble)


def _room(book: MailingBook, store: SqlOutbox, now: datetime) -> int:
    """How many mails may go now, by the minute and by the day; none at hours at which nothing goes."""
    if not book.is_open(greeting=True):
        return 0
    terms, context = book.settings, book.context
    today = store.sent_since(min(start_of(context.today, context.zone), now - MINUTE))
    of_today = sum(day_of(at, context.zone) == context.today for at in today)
    of_the_minute = sum(at > now - MINUTE for at in today)
    return max(0, min(terms.per_minute - of_the_minute, terms.per_day - of_today))


def _queue(workspace: Workspace, book: MailingBook, store: SqlOutbox, room: int, now: datetime) -> None:
    """Adds as many mails as there is room for, of those that ought to go and never did."""
    room -= sum(entry.next_try <= now for entry in store.entries((State.PENDING, State.RETRY)))
    for campaign in book.released() if room > 0 else ():
        if room <= 0 or not book.is_open(greeting=bool(record_of(campaign, Campaign).mail_occasion)):
            continue
        ahead = (each for each in book.receivers(campaign) if not _is_done(each, book.context))
        letters = [letter for each in ahead if (letter := book.letter(each)) is not None]
        fresh = _fresh(store, letters)[:room]
        with workspace.state.transaction() as connection:
            put_outbox(connection, [each.item(now) for each in fresh], now)
        room -= len(fresh)


def _is_done(receiver: Receiver, context: Context) -> bool:
    """Whether a member had its mail, as its row says: whoever had the greeting of today, or the one mail of a campaign.
    A mail that came back does not count once there is another address."""
    member = record_of(receiver.member, CampaignMember)
    if member.mailed_at is None:
        return False
    if record_of(receiver.campaign, Campaign).mail_occasion:
        return day_of(member.mailed_at, context.zone) == context.today
    return member.mail_outcome != Fate.BOUNCED


def _fresh(store: SqlOutbox, letters: Sequence[Letter]) -> list[Letter]:
    """The first mail to each address, unless it, or one to the same member for the same occasion, is in the outbox."""
    known = store.with_keys(letter.key for letter in letters)
    about = store.about(CAMPAIGN_MEMBERS, (letter.receiver.member.key for letter in letters))
    under_way = {(each.row, each.parameters.get("occasion")) for each in about if each.state not in OVER}
    found: dict[str, Letter] = {}
    for letter in letters:
        before = known.get(letter.key)
        mine = (str(letter.receiver.member.key), letter.occasion)
        if (before is None or before.state is State.WITHDRAWN) and mine not in under_way:
            found.setdefault(letter.key, letter)
    return list(found.values())


def _recipient(book: MailingBook, person: str) -> Recipient | None:
    receiver = book.receiver(RowKey(person.removeprefix(CUSTOMER)))
    if receiver is None or receiver.customer is None:
        return None
    customer = record_of(receiver.customer, Customer)
    return Recipient(customer.contact or customer.name or "", customer.email or "")


def _barred(book: MailingBook, entry: OutboxEntry) -> Settlement | None:
    why = book.why_not(entry)
    return withdrawn(entry, why) if why else None
