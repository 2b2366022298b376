"""What becomes of mails to customers comes back into the book: into the list of the campaign, and to the customer."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from crm_sheets.app.mailing_book import rows_with_address
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.commands import Act, Command
from crm_sheets.draft import Draft
from crm_sheets.journal import PROGRAM
from crm_sheets.rules.base import cells, record_of
from crm_sheets.rules.customer_mail import Fate, address_key
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS, CAMPAIGNS, CUSTOMERS, FOLLOW_UPS
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.labels import words
from crm_sheets.sync.cycle import whole_seconds
from crm_sheets.sync.outbox import DROPPED, NO_ADDRESS, SUSPENDED, OutboxEntry, State
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.outbox import CUSTOMER_MAIL, SqlOutbox
from crm_sheets.tables import ColumnKey, RowKey

TOLD = "mailing-told"
"""Note: until when it was looked at what became of mails."""

AGAIN = timedelta(days=1)
"""So much is looked at once more: a clock may be put back."""

MAILED_AT, OUTCOME = ColumnKey("mailed_at"), ColumnKey("mail_outcome")
UNSUBSCRIBED, BOUNCED = ColumnKey("unsubscribed_at"), ColumnKey("bounced_email")
OF_THE_ADDRESS = re.compile(r"\b5\.1\.\d")
"""What a server says that refuses an address for good (RFC 3463): that one is at fault, not the mail."""

LONGEST_REQUEST = 24
"""Characters of an answer that asks for no more mails and for nothing else."""


def bring_back(workspace: Workspace, now: datetime) -> int:
    """Writes into the rows of members which mails went out or were refused; how many rows learned something."""
    told = workspace.state.note(TOLD)
    since = min(datetime.fromisoformat(told), now) - AGAIN if told else now - timedelta(days=366)
    ended = SqlOutbox(workspace.state, CUSTOMER_MAIL).ended_since(since)
    commands = tuple(_commands(workspace, ended))
    if commands:
        Reporter(workspace).run(Wish(now, commands=commands, notes={TOLD: now.isoformat()}))
    elif ended:
        workspace.state.set_note(TOLD, now.isoformat())
    return len(commands)


def _commands(workspace: Workspace, ended: Iterable[OutboxEntry]) -> Iterator[Command]:
    draft = workspace.draft()
    for entry in ended:
        row, at = (CAMPAIGN_MEMBERS, RowKey(entry.row)), whole_seconds(entry.sent_at or entry.next_try)
        values = draft.values(row)
        before = values.get(MAILED_AT) if values is not None else None
        if values is None or (isinstance(before, datetime) and before >= at):
            continue
        if entry.state is State.SENT:
            yield _set(row[1], at, Fate.SENT)
            yield from _instead(draft, entry)
        elif entry.error not in {NO_ADDRESS, SUSPENDED, DROPPED}:
            yield _set(row[1], at, Fate.BOUNCED)
            if OF_THE_ADDRESS.search(entry.error):
                yield from bounced(workspace, entry.parameters.get("address", ""))


def _instead(draft: Draft, entry: OutboxEntry) -> Iterator[Command]:
    """Members of the same campaign with the same address get none: their rows say so."""
    campaign = draft.row(CAMPAIGNS, RowKey(entry.parameters.get("campaign", "")))
    wanted = address_key(entry.address)
    for row in draft.referring(campaign, CAMPAIGN_MEMBERS) if campaign is not None else ():
        member = record_of(row, CampaignMember)
        customer = draft.row(CUSTOMERS, RowKey(member.customer_id)) if member.customer_id else None
        mine = row.key == entry.row or member.mail_outcome is not None or customer is None
        if not mine and customer is not None and address_key(record_of(customer, Customer).email) == wanted:
            yield Command(Act.SET, CAMPAIGN_MEMBERS, row.key, {OUTCOME: Fate.SAME_ADDRESS.value}, PROGRAM)


def _set(member: RowKey, at: datetime, fate: Fate) -> Command:
    return Command(Act.SET, CAMPAIGN_MEMBERS, member, {MAILED_AT: at, OUTCOME: fate.value}, PROGRAM)


def fate_of(workspace: Workspace, entry: OutboxEntry, fate: Fate, author: str) -> Iterator[Command]:
    """What a member's row learns from a mail that arrived. Who unsubscribed, or whose mail came back, stays so."""
    member = RowKey(entry.row)
    values = workspace.draft().values((CAMPAIGN_MEMBERS, member))
    if values is None or (fate is Fate.REPLIED and values.get(OUTCOME) in {Fate.UNSUBSCRIBED, Fate.BOUNCED}):
        return
    sent = whole_seconds(entry.sent_at) if entry.sent_at is not None else None
    when: Mapping[ColumnKey, Value] = {MAILED_AT: sent} if sent is not None and values.get(MAILED_AT) is None else {}
    yield Command(Act.SET, CAMPAIGN_MEMBERS, member, {**when, OUTCOME: fate.value}, author)


def bounced(workspace: Workspace, address: str) -> Iterator[Command]:
    """Whoever has an address is told that it takes no mails."""
    for key, written in rows_with_address(workspace, [address_key(address)]).items():
        yield Command(Act.SET, CUSTOMERS, key, {BOUNCED: written}, PROGRAM)


def unsubscribed(workspace: Workspace, address: str, now: datetime, author: str, also: str = "") -> Iterator[Command]:
    """Whoever has an address gets no more mails, and the customer `also` to whom one went there."""
    draft = workspace.draft()
    keys = dict.fromkeys((*rows_with_address(workspace, [address_key(address)]), *([RowKey(also)] if also else [])))
    for key in keys:
        values = draft.values((CUSTOMERS, key))
        if values is not None and values.get(UNSUBSCRIBED) is None:
            yield Command(Act.SET, CUSTOMERS, key, {UNSUBSCRIBED: whole_seconds(now)}, author)


def answered(workspace: Workspace, entry: OutboxEntry, text: str, now: datetime, identity: str) -> Iterator[Command]:
    """A follow-up for whoever looks after a customer that answered: somebody should read it."""
    draft, say = workspace.draft(), workspace.words.text
    customer = RowKey(entry.parameters.get("customer", ""))
    values = draft.values((CUSTOMERS, customer)) if customer else None
    if FOLLOW_UPS not in workspace.tabs or values is None:
        return
    made = cells(
        customer=_called(draft, customer, values),
        method=_by_mail(workspace),
        subject=say("customer_mail.reply.subject"),
        content=say("customer_mail.reply.content", text=text[:500] or "—"),
        planned_at=whole_seconds(now + timedelta(hours=1)),
        owner=values.get(ColumnKey("owner")),
    )
    origin = f"customer-reply|{identity or entry.key}"[:255]
    kept = {column: value for column, value in made.items() if value is not None}
    yield Command(Act.CREATE, FOLLOW_UPS, None, kept, PROGRAM, origin)


def _called(draft: Draft, key: RowKey, values: Mapping[ColumnKey, Value]) -> str:
    name = values.get(ColumnKey("name"))
    return name if isinstance(name, str) and len(draft.named(CUSTOMERS, name)) == 1 else str(key)


def _by_mail(workspace: Workspace) -> str:
    entries = workspace.dictionaries().entries.get("follow_up_method", ())
    known = (entry.value for entry in entries if entry.code == "email" and entry.active)
    return next(known, workspace.words.text("value.follow_up_method.email"))


def asks_to_stop(text: str) -> bool:
    """Whether an answer asks for no more mails: 退订, unsubscribe, 请不要再发邮件, in few words."""
    line = text_key(text.strip().partition("\n")[0])
    return 0 < len(line) <= LONGEST_REQUEST and any(text_key(word) in line for word in words("customer_mail.stop_word"))
