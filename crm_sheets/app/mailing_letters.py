"""A mail to a customer in words: what its campaign says, filled in with what is known of the customer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from crm_sheets.app.mail import MESSAGE_IDS
from crm_sheets.app.mailing_book import Receiver
from crm_sheets.app.workspace import Workspace
from crm_sheets.config_customer_mail import TOKEN
from crm_sheets.errors import Undeliverable
from crm_sheets.rules.base import record_of
from crm_sheets.rules.customer_mail import filled_in
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.sync.delivery import Content
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.notifiers.incoming import UNSUBSCRIBE
from crm_sheets.sync.notifiers.mime import Sender, message_id, sender_of
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates

ONE_CLICK = "List-Unsubscribe=One-Click"


def sender_to_customers(workspace: Workspace) -> Sender:
    """Who writes to customers."""
    told = workspace.settings.customer_mail
    secret = workspace.state.secret(MESSAGE_IDS)
    return sender_of(told.sender or "crm@localhost", told.reply_to or "", secret)


def customer_letter(
    workspace: Workspace, receiver: Receiver, entry: OutboxEntry, at: datetime, templates: Templates
) -> Content:
    """The mail of an entry, were it sent at an instant.

    Raises:
        Undeliverable: the customer is gone.
    """
    if receiver.customer is None:
        raise Undeliverable(f"{entry.row}: no customer")
    sender, settings = sender_to_customers(workspace), workspace.settings
    customer, campaign = record_of(receiver.customer, Customer), record_of(receiver.campaign, Campaign)
    identity = message_id(entry.key, sender.domain, sender.secret)
    to_mail, to_page = _ways_out(workspace, sender, identity)
    told = {
        "subject": filled_in(campaign.mail_subject or "", customer, campaign),
        "text": filled_in(campaign.mail_text or "", customer, campaign),
        "company": sender.name or sender.address,
        "imprint": settings.customer_mail.imprint,
        "unsubscribe_mail": to_mail,
        "unsubscribe_url": to_page,
    }
    head = Letterhead("", settings.workbook.zone, workspace.words)
    content = render(templates, head, replace(entry, parameters={**entry.parameters, **told}), at)
    return replace(content, headers=_headers(to_mail, to_page))


def _ways_out(workspace: Workspace, sender: Sender, identity: str) -> tuple[str, str]:
    """How whoever gets a mail gets no more of them: by a mail that names this one, by a page where there is one."""
    to = sender.reply_to or sender.address
    url = workspace.settings.customer_mail.unsubscribe_url or ""
    mail = f"mailto:{to}?subject={UNSUBSCRIBE}%20{quote(identity)}"
    return mail, url.replace(TOKEN, identity[1:].partition("@")[0])


def _headers(mail: str, page: str) -> Mapping[str, str]:
    """RFC 2369, and RFC 8058 where there is a page: without one, no program could do it with one click."""
    if not page:
        return {"List-Unsubscribe": f"<{mail}>"}
    return {"List-Unsubscribe": f"<{mail}>, <{page}>", "List-Unsubscribe-Post": ONE_CLICK}
