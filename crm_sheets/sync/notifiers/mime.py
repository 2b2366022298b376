"""A message as a mail: headers that cannot be forged from a cell, text and HTML side by side (RFC 5322, RFC 2046)."""

import re
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from crm_sheets.errors import UsageError
from crm_sheets.sync.notifiers.base import Message, deliverable_address, one_line

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mails come from; `reply_to` is empty where answers go to the sender."""

    address: str
    name: str = ""
    reply_to: str = ""

    @property
    def domain(self) -> str:
        """The part after the @, in ASCII."""
        return deliverable_address(self.address).rpartition("@")[2]


def sender_of(text: str, reply_to: str = "") -> Sender:
    """The sender written as `CRM <crm@example.com>` or as the bare address.

    The name may be any text: it stands before the last `<`, with or without quotes.
    """
    name, _, address = text.rpartition("<")
    return Sender(address.rstrip("> "), name.strip(' "'), reply_to)


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the outbox entry `key`: the same for ever, and it does not show what the key names."""
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def compose(message: Message, sender: Sender) -> EmailMessage:
    """The mail for `message`.

    Bodies are base64, so that a server without 8BITMIME (RFC 6152) passes Chinese on unharmed.

    Raises:
        Undeliverable: the receiver's address is none.
        UsageError: a further header has a name that is none.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(sender.name, sender.address)
    mail["To"] = _mailbox(message.to_name, message.to_address)
    if sender.reply_to:
        mail["Reply-To"] = _mailbox("", sender.reply_to)
    mail["Subject"] = _header_text(message.subject)
    mail["Date"] = format_datetime(message.at.astimezone(UTC))
    mail["Message-ID"] = message_id(message.key, sender.domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps absence notices from answering
    for name, value in message.headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise UsageError(f"header {one_line(name)!r}: letters, digits and dashes only")
        mail[name] = _header_text(value)
    mail.set_content(message.text, cte="base64")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="base64")
    return mail


def _header_text(text: str) -> str:
    """One line in which nothing looks like an encoded word (RFC 2047): the email package decodes those that it is
    given, and older ones then let a line break inside it begin a new header (CVE-2024-6923)."""
    return one_line(text).replace("=?", "= ?")


def _mailbox(name: str, address: str) -> Address:
    return Address(_header_text(name), addr_spec=deliverable_address(address))
