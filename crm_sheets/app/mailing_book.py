"""Who is to get a mail now: the campaigns, their members and customers as the records stand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from crm_sheets.app.policies import customer_mail_terms
from crm_sheets.app.workspace import Workspace
from crm_sheets.draft import Draft
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.customer_mail import (
    MailTerms,
    Refusal,
    address_key,
    is_released,
    occasion_now,
    refusal,
)
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS, CAMPAIGNS, CUSTOMERS, the_one
from crm_sheets.rules.peace import Peace
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.state import OutboxItem
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.store.mailing import suspended_addresses
from crm_sheets.sync.store.outbox import CUSTOMER
from crm_sheets.tables import ColumnKey, RowKey, TabKey

KIND_CAMPAIGN, KIND_GREETING = "customer-campaign", "customer-greeting"


class Receiver(NamedTuple):
    """A member of a campaign, and the customer that it stands for; None where it stands for none."""

    campaign: Row
    member: Row
    customer: Row | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that ought to go now.

    Attributes:
        occasion: campaign, or greeting and year.
        address: as it stands in the customer's row.
    """

    receiver: Receiver
    occasion: str
    address: str

    @property
    def key(self) -> str:
        """The same for every row with this address: one mail for each occasion."""
        told = blake2b(address_key(self.address).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        return f"customer-mail|{self.occasion}|{told}"

    def item(self, now: datetime) -> OutboxItem:
        """As a message."""
        campaign, member, customer = self.receiver
        greeting = bool(record_of(campaign, Campaign).mail_occasion)
        return OutboxItem(
            key=self.key,
            kind=KIND_GREETING if greeting else KIND_CAMPAIGN,
            person=f"{CUSTOMER}{member.key}",
            not_before=now,
            tab=CAMPAIGN_MEMBERS,
            row=member.key,
            parameters={
                "campaign": str(campaign.key),
                "customer": str(customer.key if customer else ""),
                "occasion": self.occasion,
                "address": self.address,
            },
            again=True,
        )


class MailingBook:
    """The records as they are at an instant, and what is said of mails to customers by them."""

    def __init__(self, workspace: Workspace, now: datetime, like: "MailingBook | None" = None) -> None:
        """The records as they are now; dictionaries, working days and terms may be those of another one."""
        self._workspace, self.settings = workspace, workspace.settings.customer_mail
        self.draft = workspace.draft()
        known = like.context if like else _context(workspace, self.draft, now)
        self.context: Context = replace(known, book=self.draft)
        self.terms: MailTerms = like.terms if like else customer_mail_terms(workspace.settings)
        self._closed = like.closed if like else None

    @property
    def closed(self) -> frozenset[str]:
        """Addresses to which nothing goes, whosever row has them: somebody there said no, or mails come back."""
        if self._closed is None:
            self._closed = frozenset(_closed_addresses(self._workspace, self.context))
        return self._closed

    def campaigns(self) -> Iterator[Row]:
        """All campaigns."""
        rows = (self.draft.row(CAMPAIGNS, key) for key in self.draft.keys(CAMPAIGNS))
        yield from (row for row in rows if row is not None)

    def released(self) -> Iterator[Row]:
        """The campaigns whose mail may go."""
        yield from (row for row in self.campaigns() if self.may_go(record_of(row, Campaign)))

    def may_go(self, campaign: Campaign) -> bool:
        """Whether the mail of a campaign was approved as it stands, and looks as it did then."""
        look = self._workspace.cycle.setup.mail_look
        return is_released(campaign, self.context) and look == self.terms.look

    def receivers(self, campaign: Row) -> Iterator[Receiver]:
        """The members of a campaign, by their keys."""
        for member in self.draft.referring(campaign, CAMPAIGN_MEMBERS):
            yield self._receiver(campaign, member)

    def receiver(self, member: RowKey) -> Receiver | None:
        """The member of a key, where it and its campaign are still there."""
        row = self.draft.row(CAMPAIGN_MEMBERS, member)
        campaign = the_one(CAMPAIGNS, record_of(row, CampaignMember).campaign, self.context) if row else None
        return self._receiver(campaign, row) if campaign is not None and row is not None else None

    def _receiver(self, campaign: Row, member: Row) -> Receiver:
        return Receiver(campaign, member, the_one(CUSTOMERS, record_of(member, CampaignMember).customer, self.context))

    def refused(self, receiver: Receiver) -> Refusal | None:
        """Why a member is not written to; None when it may be."""
        campaign = record_of(receiver.campaign, Campaign)
        why = refusal(receiver.member, receiver.customer, campaign, self.context, self.terms)
        if why is None and receiver.customer is not None:
            address = address_key(record_of(receiver.customer, Customer).email)
            return Refusal.UNSUBSCRIBED if address in self.closed else None
        return why

    def letter(self, receiver: Receiver) -> Letter | None:
        """The mail that a member ought to get now, whether or not it got it already."""
        if receiver.customer is None or self.refused(receiver) is not None:
            return None
        customer = record_of(receiver.customer, Customer)
        occasion = occasion_now(receiver.campaign, customer, self.context)
        return Letter(receiver, occasion, customer.email or "") if occasion is not None else None

    def is_open(self, *, greeting: bool) -> bool:
        """Whether mails go out at this hour: a greeting goes on its day, even if nobody works."""
        hours = Peace(
            self.context.zone,
            self.context.calendar,
            self.settings.hours,
            days_off=greeting or self.settings.days_off,
        )
        return hours.later(self.context.now) == self.context.now

    def why_not(self, entry: OutboxEntry) -> str:
        """Why a mail of the outbox must not go after all; "" when it may."""
        receiver = self.receiver(RowKey(entry.row))
        if receiver is None or str(receiver.campaign.key) != entry.parameters.get("campaign"):
            return Refusal.NO_CUSTOMER
        if not self.may_go(record_of(receiver.campaign, Campaign)):
            return "not-approved"
        why = self.refused(receiver)
        if why is not None:
            return why
        letter = self.letter(receiver)
        return "" if letter is not None and letter.key == entry.key else "not-now"


def _closed_addresses(workspace: Workspace, context: Context) -> Iterator[str]:
    consent, gone, email = map(ColumnKey, ("contact_consent", "unsubscribed_at", "email"))
    for record in workspace.state.all_records(CUSTOMERS).values():
        values = record.values
        said = values.get(consent)
        no = said is not None and context.dictionaries.code("contact_consent", str(said)) == "none"
        if values.get(email) and (no or values.get(gone) is not None):
            yield address_key(str(values[email]))
    yield from map(address_key, suspended_addresses(workspace.state))


def _context(workspace: Workspace, draft: Draft, now: datetime) -> Context:
    setup = workspace.cycle.setup
    return Context(
        now=now,
        today=now.astimezone(setup.zone).date(),
        zone=setup.zone,
        book=draft,
        dictionaries=workspace.dictionaries(),
        language=setup.language,
        tabs=setup.tabs,
        calendar=replace(setup.calendar, own=workspace.own_days()),
    )


def rows_with_address(workspace: Workspace, addresses: Iterable[str]) -> Mapping[RowKey, str]:
    """The customers that have one of some addresses (address_key), and how each of them writes it."""
    wanted, email = frozenset(addresses), ColumnKey("email")
    records = workspace.state.all_records(TabKey(CUSTOMERS)).items()
    told = ((key, str(record.values.get(email) or "")) for key, record in records)
    return {key: address for key, address in told if address_key(address) in wanted}
