"""A message as a mail: headers that cannot be forged from a cell, text and HTML side by side (RFC 5322, RFC 2046).

The bytes are put together here and not by the email package, which takes longer over a mail than a mail server does:
with ten thousand due at once that is what would hold them up. What comes out is read back by that package in the tests.
"""

import re
from base64 import b64encode, encodebytes
from binascii import b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from urllib.parse import quote

from crm_sheets.errors import UsageError
from crm_sheets.sync.notifiers.base import Attachment, Message, deliverable_address, one_line

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")
_LINE = 57  # bytes of which 76 characters of base64 come (RFC 2045, 6.8)
_WORD = 36  # bytes in one encoded word: with the longest of our header names it stays within a line (RFC 2047, 2)
_LONGEST = 78


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mails come from; `reply_to` is empty where answers go to the sender.

    Attributes:
        secret: makes Message-IDs that nobody can guess, so that a reply proves that its writer had the mail.
    """

    address: str
    name: str = ""
    reply_to: str = ""
    secret: bytes = field(default=b"", repr=False)

    @property
    def domain(self) -> str:
        """The part after the @, in ASCII."""
        return deliverable_address(self.address).rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes over the wire; `identity` is its Message-ID."""

    identity: str
    content: bytes


def sender_of(text: str, reply_to: str = "", secret: bytes = b"") -> Sender:
    """The sender written as `CRM <crm@example.com>` or as the bare address.

    The name may be any text: it stands before the last `<`, with or without quotes.
    """
    name, _, address = text.rpartition("<")
    return Sender(address.rstrip("> "), name.strip(' "'), reply_to, secret)


def message_id(key: str, domain: str, secret: bytes = b"") -> str:
    """The Message-ID of the outbox entry `key`: the same for ever, and it does not show what the key names."""
    told = digest(secret, key.encode(), "sha256").hex() if secret else sha256(key.encode()).hexdigest()
    return f"<{told[:40]}@{domain}>"


def compose(message: Message, sender: Sender) -> Mail:
    """The mail for `message`.

    Bodies are base64, so that a server without 8BITMIME (RFC 6152) passes Chinese on unharmed.

    Raises:
        Undeliverable: the receiver's address is none.
        UsageError: a further header has a name that is none.
    """
    identity = message_id(message.key, sender.domain, sender.secret)
    headers = [
        f"From: {_mailbox(sender.name, sender.address)}",
        f"To: {_mailbox(message.to_name, message.to_address)}",
        *([f"Reply-To: {_mailbox('', sender.reply_to)}"] if sender.reply_to else []),
        _header("Subject", message.subject),
        f"Date: {format_datetime(message.at.astimezone(UTC))}",
        f"Message-ID: {identity}",
        "Auto-Submitted: auto-generated",  # RFC 3834: keeps absence notices from answering
    ]
    for name, value in message.headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise UsageError(f"header {one_line(name)!r}: letters, digits and dashes only")
        headers.append(_header(name, value))
    mark = identity[1:25]
    lines = [*headers, "MIME-Version: 1.0", *_parts(message, mark), ""]
    return Mail(identity, "\r\n".join(lines).encode("ascii"))


def _parts(message: Message, mark: str) -> Iterator[str]:
    """The body, from its Content-Type on. An invitation stands beside the text, where calendars look for it (RFC 6047),
    and once more as a file, for those that do not. Pictures stand with the HTML that shows them (RFC 2387)."""
    parts = [_text("text/plain", message.text)]
    if message.html:
        shown = [_file(each, "inline") for each in message.files if each.identity]
        parts.append(list(_several("related", f"{mark}r", [_text("text/html", message.html), *shown])))
    files = [_file(each, "attachment") for each in message.files if not each.identity]
    if message.calendar is not None:
        parts.append(_text(f"text/calendar; method={message.calendar.method}", message.calendar.text))
        files.append(_text("application/ics", message.calendar.text, 'attachment; filename="invite.ics"'))
    yield from _several("mixed", f"{mark}m", [list(_several("alternative", mark, parts)), *files])


def _file(attached: Attachment, disposition: str) -> list[str]:
    """A file; its name is encoded, whatever is in it (RFC 2231)."""
    identity = [f"Content-ID: <{attached.identity}>"] if attached.identity else []
    return [
        f"Content-Type: {attached.kind}",
        f"Content-Disposition: {disposition}; filename*=utf-8''{quote(one_line(attached.name), safe='')}",
        *identity,
        "Content-Transfer-Encoding: base64",
        "",
        *encodebytes(attached.content).decode().splitlines(),
    ]


def _several(kind: str, mark: str, parts: list[list[str]]) -> Iterator[str]:
    if len(parts) == 1:
        yield from parts[0]
        return
    yield f'Content-Type: multipart/{kind}; boundary="=_{mark}"'  # base64 has no underscore: it is in no part
    yield ""
    for part in parts:
        yield f"--=_{mark}"
        yield from part
    yield f"--=_{mark}--"


def _text(kind: str, text: str, disposition: str = "") -> list[str]:
    content = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    lines = [b2a_base64(content[at : at + _LINE], newline=False).decode() for at in range(0, len(content), _LINE)]
    more = [f"Content-Disposition: {disposition}"] if disposition else []
    return [f'Content-Type: {kind}; charset="utf-8"', *more, "Content-Transfer-Encoding: base64", "", *lines]


def _header(name: str, value: str) -> str:
    """A header of free text. What looks like an encoded word (RFC 2047) is made harmless: readers decode it, and a line
    break inside could begin a new header (CVE-2024-6923)."""
    text = one_line(value).replace("=?", "= ?")
    if not text.isascii():
        return f"{name}: {_encoded(text)}"
    lines = [f"{name}:"]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) >= _LONGEST and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(line for line in lines if line.strip())


@lru_cache(maxsize=4096)
def _mailbox(name: str, address: str) -> str:
    """A name and its address. Whatever is more than a plain word is encoded: there is nothing to quote then."""
    shown = one_line(name)
    told = shown if not shown or (_PLAIN_NAME.fullmatch(shown) and len(shown) < 40) else _encoded(shown)
    plain = deliverable_address(address)
    return f"{told}{_gap(told)}<{plain}>" if told else plain


def _gap(told: str) -> str:
    return "\r\n " if told.startswith("=?") else " "


def _encoded(text: str) -> str:
    """Encoded words, one to a line, none of which cuts a character in two."""
    words, part = [], b""
    for character in text:
        found = character.encode("utf-8", "replace")
        if len(part) + len(found) > _WORD:
            words.append(part)
            part = b""
        part += found
    words.append(part)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
