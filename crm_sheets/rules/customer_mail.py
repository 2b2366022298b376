"""Mails to customers: what the rules and the sending of them must agree on. Who gets one, who does not and why; on
which day; and what it is that somebody approved."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import blake2b

from crm_sheets.cells import text_key
from crm_sheets.rules.anniversaries import Anniversary, Occurrence, next_occurrence, of_birth, parse_anniversary
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.moments import local
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS, CAMPAIGNS, CUSTOMERS
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.labels import words
from crm_sheets.tables import ColumnKey, TabKey

OCCASIONS, RELEASES, BIRTHDAY = "mail_occasion", "mail_release", "birthday"
SEND, STOP = "send", "stop"
"""Codes of the dictionary mail_release."""

RELEASE, VERSION, APPROVED = map(ColumnKey, ("mail_release", "mail_version", "mail_approved"))

MAIL_COLUMNS: Mapping[TabKey, frozenset[ColumnKey]] = {
    CAMPAIGNS: frozenset(
        map(
            ColumnKey,
            (
                "mail_subject",
                "mail_text",
                "mail_occasion",
                "mail_at",
                "mail_release",
                "mail_state",
                "mail_version",
                "mail_approved",
            ),
        )
    ),
    CAMPAIGN_MEMBERS: frozenset(map(ColumnKey, ("mail_state", "mailed_at", "mail_outcome"))),
    CUSTOMERS: frozenset(map(ColumnKey, ("unsubscribed_at", "bounced_email"))),
}
"""Columns that a team has only if it writes to its customers."""

PLACEHOLDERS = ("name", "contact", "title", "owner", "campaign", "starts_on", "ends_on")
"""What subject and text may ask for; the words for it are under `customer_mail.placeholder.<key>`."""

_PLACEHOLDER = re.compile(r"[{｛]([^{}｛｝\n]{1,40})[}｝]")


class Fate(StrEnum):
    """What became of a mail to a member: what CampaignMember.mail_outcome holds."""

    SENT = "sent"
    BOUNCED = "bounced"
    REPLIED = "replied"
    UNSUBSCRIBED = "unsubscribed"
    SAME_ADDRESS = "same-address"  # another row with the same address gets it


class Refusal(StrEnum):
    """Why a member gets no mail."""

    NO_CUSTOMER = "no-customer"
    DO_NOT_CONTACT = "do-not-contact"
    UNSUBSCRIBED = "unsubscribed"
    NO_CONSENT = "no-consent"
    LOST = "lost"
    NO_ADDRESS = "no-address"
    BAD_ADDRESS = "bad-address"
    BOUNCED = "bounced"
    NO_BIRTHDAY = "no-birthday"


@dataclass(frozen=True, slots=True)
class MailTerms:
    """On what terms a team writes to its customers.

    Attributes:
        opt_in: only those are written to whose 联系许可 says that they may be; otherwise a blank is no refusal.
        look: stands for the templates as they are: a mail that looks otherwise is another text.
    """

    opt_in: bool = False
    look: str = ""


def refusal(
    member: Row, customer: Row | None, campaign: Campaign, context: Context, terms: MailTerms
) -> Refusal | None:
    """Why a member is not written to, as its customer stands now; None when it may be."""
    if customer is None or record_of(member, CampaignMember).customer is None:
        return Refusal.NO_CUSTOMER
    of = record_of(customer, Customer)
    consent = context.dictionaries.code("contact_consent", of.contact_consent)
    if consent == "none":
        return Refusal.DO_NOT_CONTACT
    if of.unsubscribed_at is not None or "unsubscribed_at" in customer.unreadable:
        return Refusal.UNSUBSCRIBED
    if terms.opt_in and consent not in {"allowed", "email_only"}:
        return Refusal.NO_CONSENT
    if campaign.mail_occasion and context.dictionaries.code("customer_status", of.status) == "lost":
        return Refusal.LOST
    return _addressless(customer, of) or _birthless(of, campaign, context)


def _addressless(row: Row, customer: Customer) -> Refusal | None:
    if "email" in row.unreadable:
        return Refusal.BAD_ADDRESS
    if not customer.email:
        return Refusal.NO_ADDRESS
    return Refusal.BOUNCED if address_key(customer.email) == address_key(customer.bounced_email) else None


def _birthless(customer: Customer, campaign: Campaign, context: Context) -> Refusal | None:
    of_birthday = context.dictionaries.code(OCCASIONS, campaign.mail_occasion) == BIRTHDAY
    return Refusal.NO_BIRTHDAY if of_birthday and customer.birthday is None else None


def address_key(address: str | None) -> str:
    """What makes two ways to write an address the same."""
    return (address or "").strip().casefold()


def occasion_now(row: Row, customer: Customer, context: Context) -> str | None:
    """The name of the occasion for which a campaign writes to a customer now; None when it is not the time.

    A campaign is one occasion. A greeting is one of each year, whatever campaign it comes from: nobody gets two for one
    birthday.
    """
    campaign = record_of(row, Campaign)
    if campaign.ends_on is None or context.today > campaign.ends_on:
        return None
    if not campaign.mail_occasion:
        return str(row.key) if campaign.mail_at is None or campaign.mail_at <= context.now else None
    if campaign.starts_on is None or context.today < campaign.starts_on:
        return None
    if campaign.mail_at is not None:  # of a greeting, the hour alone counts
        hour = local(campaign.mail_at, context.zone).time()
        if local(context.now, context.zone).time() < hour:
            return None
    found = _occurrence(campaign, customer, context)
    if found is None or found.day != context.today:
        return None
    code = context.dictionaries.code(OCCASIONS, campaign.mail_occasion)
    return f"{code or text_key(campaign.mail_occasion)}:{found.year}"


def _occurrence(campaign: Campaign, customer: Customer, context: Context) -> Occurrence | None:
    anniversary = _anniversary(campaign, customer, context)
    return next_occurrence(anniversary, context.today) if anniversary is not None else None


def _anniversary(campaign: Campaign, customer: Customer, context: Context) -> Anniversary | None:
    entry = context.dictionaries.entry(OCCASIONS, campaign.mail_occasion)
    if entry is None:
        return None
    if entry.code == BIRTHDAY:
        if customer.birthday is None or customer.birthday >= context.today:
            return None
        lunar = context.dictionaries.code("birthday_calendar", customer.birthday_calendar) == "lunar"
        return of_birth(customer.birthday, lunar=lunar)
    days = (parse_anniversary(entry.attributes.get(name, ""), lunar=name == "lunar") for name in ("lunar", "solar"))
    return next((day for day in days if day is not None), None)


def version_of(row: Row, context: Context, terms: MailTerms) -> str | None:
    """What is approved when somebody approves the mail of a campaign: its text, its occasion, its members, its look.
    Another text or another member is another version; None of what cannot be sent."""
    campaign = record_of(row, Campaign)
    members = (record_of(each, CampaignMember) for each in context.book.referring(row, CAMPAIGN_MEMBERS))
    customers = sorted({member.customer_id for member in members if member.customer_id})
    if not customers or not campaign.mail_subject or not campaign.mail_text or unknown_placeholders(campaign):
        return None
    told = (campaign.name, campaign.mail_subject, campaign.mail_text, campaign.mail_occasion, campaign.audience)
    days = (str(campaign.starts_on), str(campaign.ends_on))
    text = json.dumps([*told, *days, terms.look, *customers], ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def is_released(campaign: Campaign, context: Context) -> bool:
    """Whether the mail may go: what was approved is what stands there, and nobody has stopped it."""
    wanted = context.dictionaries.code(RELEASES, campaign.mail_release) == SEND
    return wanted and bool(campaign.mail_version) and campaign.mail_version == campaign.mail_approved


def unknown_placeholders(campaign: Campaign) -> tuple[str, ...]:
    """What subject and text ask for that there is not, as typed."""
    text = f"{campaign.mail_subject or ''}\n{campaign.mail_text or ''}"
    return tuple(dict.fromkeys(found[0] for found in _PLACEHOLDER.finditer(text) if _key(found[1]) is None))


def filled_in(text: str, customer: Customer, campaign: Campaign) -> str:
    """A subject or text with what it asks for. What is put in is data: braces in it mean nothing."""
    told = {
        "name": customer.name,
        "contact": customer.contact or customer.name,
        "title": customer.title,
        "owner": customer.owner,
        "campaign": campaign.name,
        "starts_on": str(campaign.starts_on or ""),
        "ends_on": str(campaign.ends_on or ""),
    }
    return _PLACEHOLDER.sub(lambda found: told.get(_key(found[1]) or "") or "", text)


def _key(word: str) -> str | None:
    return _called().get(text_key(word))


@cache
def _called() -> Mapping[str, str]:
    return {text_key(word): key for key in PLACEHOLDERS for word in words(f"customer_mail.placeholder.{key}")}
