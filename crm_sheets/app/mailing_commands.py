"""`mailing`: what is approved or goes out, how it reads, who gets it; sending it now; somebody who unsubscribed."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.mailing_book import KIND_CAMPAIGN, KIND_GREETING, MailingBook, Receiver
from crm_sheets.app.mailing_letters import customer_letter
from crm_sheets.app.mailing_returns import fate_of, unsubscribed
from crm_sheets.app.mailing_rounds import mailing_round
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.importing.sources import FORMULA_SIGNS
from crm_sheets.rules.base import record_of
from crm_sheets.rules.customer_mail import Fate, Refusal, address_key
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.outbox import CUSTOMER_MAIL, SqlOutbox
from crm_sheets.sync.templates import Templates

TO_BE_SENT = "expected"


def mailings(settings: Settings) -> reports.MailingsReport:
    """The campaigns that have a mail, as of the last cycle."""
    with opened(settings) as workspace:
        book = _book(workspace)
        found = (row for row in book.campaigns() if record_of(row, Campaign).mail_subject)
        return reports.MailingsReport(tuple(_mailing(row, _judged(book, row)) for row in found))


def preview_mailing(settings: Settings, campaign: str, customer: str | None, folder: Path) -> reports.MailingPreview:
    """Writes the mail that a customer (left out: the first who gets one) would get as HTML and text, and a CSV of all
    members with what becomes of each, into a folder that is made.

    Raises:
        UsageError: no such campaign or member, or a campaign without a mail.
    """
    with opened(settings) as workspace:
        book, say = _book(workspace), workspace.words.text
        row = _campaign(workspace, book, campaign)
        judged = _judged(book, row)
        receiver = _sample(workspace, judged, customer)
        record = record_of(row, Campaign)
        if not record.mail_subject or not record.mail_text:
            raise UsageError(say("error.mailing.text", campaign=record.name or row.key))
        now = clock.now()
        kind = KIND_GREETING if record.mail_occasion else KIND_CAMPAIGN
        entry = OutboxEntry(f"preview|{row.key}", kind, "", now, now, now)
        templates = Templates(settings.templates.folder)
        content = customer_letter(workspace, receiver, entry, now, templates)
        folder.mkdir(parents=True, exist_ok=True)
        html, text, listed = (folder / f"{row.key}.{suffix}" for suffix in ("html", "txt", "csv"))
        html.write_text(content.html, encoding="utf-8")
        text.write_text(f"{content.subject}\n\n{content.text}", encoding="utf-8")
        _write_list(workspace, judged, listed)
        of = record_of(receiver.customer, Customer) if receiver.customer is not None else Customer()
        told = (of.name or "", of.email or "", content.subject, content.text)
        return reports.MailingPreview(_mailing(row, judged), *told, html, text, listed)


def send_mailings(settings: Settings) -> reports.MailingSent:
    """One cycle, so that the records are as the workbook is now; then what may go goes.

    Raises:
        UsageError: mails to customers are switched off, or there is no mail server.
    """
    with opened(settings) as workspace:
        _require(workspace)
        if settings.mail.host is None:
            raise UsageError(workspace.words.text("error.mailing.host"))
        Reporter(workspace).run(Wish(clock.now()))
        done = mailing_round(workspace, clock.now())
        told = done.delivery
        refused = len(told.dead) + len(told.uncertain) + len(told.unconfirmed)
        return reports.MailingSent(
            len(told.sent), len(told.retried), refused, len(told.withdrawn), done.told, told.stopped
        )


def unsubscribe(settings: Settings, who: str) -> reports.Unsubscribed:
    """Nothing more is sent to an address, or to whoever got the mail of a token ([customer_mail] unsubscribe_url).

    Raises:
        UsageError: nobody has the address, no mail has the token.
    """
    with opened(settings) as workspace:
        _require(workspace)
        now, store = clock.now(), SqlOutbox(workspace.state, CUSTOMER_MAIL)
        entry = store.by_token(who.strip())
        address = entry.address if entry is not None else who.strip()
        also = entry.parameters.get("customer", "") if entry is not None else ""
        commands = [*unsubscribed(workspace, address, now, author(), also)]
        if entry is not None:
            commands += fate_of(workspace, entry, Fate.UNSUBSCRIBED, author())
        if not commands and (entry is None or "@" not in address):
            raise UsageError(workspace.words.text("error.mailing.nobody", who=who))
        if commands:
            Reporter(workspace).run(Wish(now, commands=tuple(commands)))
        return reports.Unsubscribed(tuple(str(each.key) for each in commands if each.tab == Customer.tab))


def _require(workspace: Workspace) -> None:
    if not workspace.settings.customer_mail.enabled:
        raise UsageError(workspace.words.text("error.mailing.off"))


def _book(workspace: Workspace) -> MailingBook:
    _require(workspace)
    return MailingBook(workspace, clock.now())


def _campaign(workspace: Workspace, book: MailingBook, name: str) -> Row:
    wanted = text_key(name)
    rows = list(book.campaigns())
    found = [row for row in rows if wanted in {text_key(row.key), text_key(record_of(row, Campaign).name or "")}]
    if len(found) != 1:
        known = ", ".join(f"{row.key} {record_of(row, Campaign).name}" for row in rows[:10])
        raise UsageError(workspace.words.text("error.mailing.campaign", campaign=name, known=known or "–"))
    return found[0]


def _judged(book: MailingBook, campaign: Row) -> list[tuple[Receiver, str]]:
    """The members, each with what becomes of it: the code of a reason, of what became of its mail, or TO_BE_SENT."""
    seen: set[str] = set()
    found: list[tuple[Receiver, str]] = []
    for receiver in book.receivers(campaign):
        member = record_of(receiver.member, CampaignMember)
        why: str | None = book.refused(receiver)
        address = address_key(record_of(receiver.customer, Customer).email) if receiver.customer is not None else ""
        if why is None and address in seen:
            why = Fate.SAME_ADDRESS
        seen.add(address)
        again = bool(record_of(campaign, Campaign).mail_occasion)
        if member.mailed_at is not None and not again:
            why = member.mail_outcome
        found.append((receiver, why or TO_BE_SENT))
    return found


def _sample(workspace: Workspace, judged: Sequence[tuple[Receiver, str]], customer: str | None) -> Receiver:
    if customer is None:
        chosen = [each for each, why in judged if why == TO_BE_SENT] or [each for each, _ in judged if each.customer]
    else:
        chosen = [each for each, _ in judged if text_key(customer) in _names(each)]
    if not chosen:
        raise UsageError(workspace.words.text("error.mailing.member", customer=customer or "–"))
    return chosen[0]


def _names(receiver: Receiver) -> set[str]:
    if receiver.customer is None:
        return set()
    return {text_key(receiver.customer.key), text_key(record_of(receiver.customer, Customer).name or "")}


def _mailing(row: Row, judged: Sequence[tuple[Receiver, str]]) -> reports.Mailing:
    campaign = record_of(row, Campaign)
    counts = Counter(why for _, why in judged)
    others: Mapping[str, int] = {why: count for why, count in sorted(counts.items()) if why != TO_BE_SENT}
    return reports.Mailing(
        campaign=str(row.key),
        name=campaign.name or "",
        subject=campaign.mail_subject or "",
        state=campaign.mail_state or "",
        version=campaign.mail_version or "",
        approved=campaign.mail_approved or "",
        members=len(judged),
        receive=counts[TO_BE_SENT],
        others=others,
    )


def _write_list(workspace: Workspace, judged: Sequence[tuple[Receiver, str]], target: Path) -> None:
    """With a byte order mark, for spreadsheet programs; what would be a formula there is text."""
    say = workspace.words.text
    header = [say(f"customer_mail.list.{name}") for name in ("number", "customer", "contact", "email", "becomes")]
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for receiver, why in judged:
            of = record_of(receiver.customer, Customer) if receiver.customer is not None else Customer()
            named = record_of(receiver.member, CampaignMember).customer or ""
            key = str(receiver.customer.key) if receiver.customer is not None else ""
            told = (key, of.name or named, of.contact or "", of.email or "", said(workspace, why))
            writer.writerow([f"'{each}" if each.startswith(FORMULA_SIGNS) else each for each in told])


def said(workspace: Workspace, why: str) -> str:
    """What becomes of a member, in words."""
    say = workspace.words.text
    if why == TO_BE_SENT:
        return say("customer_mail.expected")
    if why in set(Refusal):
        return say("customer_mail.refused", why=say(f"customer_mail.refusal.{why}"))
    return say(f"customer_mail.fate.{why}")
