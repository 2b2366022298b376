"""What arrives in the inbox: answers to mails of ours, and reports that a mail did not arrive (RFC 3464). Pure.

Mails come from anywhere and in any shape: whatever cannot be read is nothing to us, and never an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from html import unescape
from typing import TypeAlias

LONGEST = 2000
"""Characters of an answer that are looked at."""

UNSUBSCRIBE = "unsubscribe"
"""What the subject of a mail begins with that List-Unsubscribe asks for; the Message-ID follows."""

_IDENTITY = re.compile(r"<[^<>\s]{3,250}>")
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_QUOTE = re.compile(
    r"^\s*(?:>|-{2,} ?(?:original|forwarded|原始|转发)|_{10,}\s*$|-- ?$|on .{5,200}wrote:|在.{3,200}写道[:：]"
    r"|(?:from|sent|发件人|发送时间|寄件者)\s*[:：])",
    re.IGNORECASE,
)
# None of these may look at the same text twice: a mail of two megabytes of "<" would keep the daemon busy for hours.
_BREAK, _TAG = re.compile(r"(?i)<br\b[^<>]*>|</(?:p|div|tr|li|h\d)>"), re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"(?is)<(style|script|title)\b.*?(?:</\1>|\Z)|<!--.*?(?:-->|\Z)")
_QUOTED = re.compile(r"(?is)<blockquote\b.*")

_ABOUT_THE_MESSAGE = {"2.2", "2.3", "3.4"}
"""Permanent failures (class 5) that say nothing of the address: mailbox full, message too large (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that did not arrive.

    Attributes:
        about: Message-ID of that mail.
        address: at which it failed, as the report says; empty where it does not.
        hard: the address is at fault and will be the next time.
        said: the words of the other server.
    """

    about: str
    address: str
    hard: bool
    said: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that somebody wrote.

    Attributes:
        identity: its own Message-ID.
        about: Message-IDs that it answers, the nearest first.
        sender: address from which it says that it comes.
        text: what was written, without what is quoted.
        unsubscribes: what the subject asks for (List-Unsubscribe, RFC 2369).
    """

    identity: str
    about: tuple[str, ...]
    sender: str
    text: str
    unsubscribes: bool = False


Incoming: TypeAlias = Bounce | Reply


def read_mail(content: bytes) -> Incoming | None:
    """What a mail is to us; None when it is nothing: no answer, or one that a machine wrote."""
    try:
        mail = message_from_bytes(content)
        parts = list(mail.walk())
    except RecursionError:  # a mail in a mail in a mail, a thousand deep
        return None
    report = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if report is not None:
        return _bounce(parts, report)
    subject = _header(mail, "Subject").strip()
    unsubscribes = subject.lower().startswith(UNSUBSCRIBE)
    named = _IDENTITY.findall(subject) if unsubscribes else []
    calendar = any(part.get_content_type() == "text/calendar" for part in parts)
    if calendar or (_is_automatic(mail) and not named):  # the mail program of somebody unsubscribes for them
        return None
    about = (*named, *_identities(mail, "In-Reply-To"), *reversed(_identities(mail, "References")))
    sender = parseaddr(_header(mail, "From"))[1]
    if not about or not sender:
        return None
    identity = next(iter(_identities(mail, "Message-ID")), "")
    return Reply(identity, tuple(dict.fromkeys(about)), sender, own_words(_text(parts)), unsubscribes)


def own_words(text: str) -> str:
    """What somebody wrote above what is quoted and above the signature."""
    lines: list[str] = []
    for line in text[: LONGEST * 4].splitlines():
        if _QUOTE.match(line):
            break
        lines.append(line.strip())
    return "\n".join(lines).strip()[:LONGEST]


def _bounce(parts: list[Message], report: Message) -> Bounce | None:
    """The first recipient of a report whom a mail did not reach; None when all is well, or may still be."""
    blocks = report.get_payload()
    about = next((found for part in parts for found in _of_the_returned(part)), "")
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message) or str(block.get("Action", "")).strip().lower() != "failed":
            continue
        status = _STATUS.search(str(block.get("Status", "")))
        said = " ".join(str(block.get("Diagnostic-Code", "")).split()) or str(block.get("Status", ""))
        recipient = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
        address = recipient.partition(";")[2].strip() or recipient.strip()
        return Bounce(about, address.strip("<>"), _is_hard(status), said[:LONGEST]) if about else None
    return None


def _is_hard(status: re.Match[str] | None) -> bool:
    """Whether it is the address that is at fault, by the code of RFC 3463: not the message, not its sender."""
    if status is None or status[1] != "5":
        return False
    return status[2] not in {"6", "7"} and f"{status[2]}.{status[3]}" not in _ABOUT_THE_MESSAGE


def _of_the_returned(part: Message) -> Iterator[str]:
    """The Message-ID of the mail that a report gives back, whole or its headers only."""
    kind, content = part.get_content_type(), part.get_payload()
    if kind == "message/rfc822" and isinstance(content, list) and content and isinstance(content[0], Message):
        yield from _identities(content[0], "Message-ID")
    elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield from _identities(message_from_bytes(payload), "Message-ID")
        elif isinstance(content, list) and content and isinstance(content[0], Message):
            yield from _identities(content[0], "Message-ID")


def _is_automatic(mail: Message) -> bool:
    """Whether a machine wrote it: an absence notice must not be taken for an answer (RFC 3834)."""
    submitted = _header(mail, "Auto-Submitted").strip().lower()
    precedence = _header(mail, "Precedence").strip().lower()
    return (
        (submitted not in {"", "no"})
        or precedence in {"bulk", "junk", "list", "auto_reply"}
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or _header(mail, "Return-Path").strip() == "<>"
    )


def _identities(mail: Message, name: str) -> list[str]:
    return _IDENTITY.findall(" ".join(str(each) for each in mail.get_all(name, [])))[-50:]


def _header(mail: Message, name: str) -> str:
    """A header as text; encoded words are read, and what cannot be read is left as it stands."""
    given = str(mail.get(name, ""))
    try:
        parts = decode_header(given)
        return "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part for part, charset in parts
        )
    except (LookupError, ValueError, MessageError):
        return given


def _text(parts: list[Message]) -> str:
    """The plain text of a mail; of one that has only HTML, what it shows."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                text = _decoded(part)
                return text if kind == "text/plain" else _shown(text)
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode("gb18030" if charset in {"gb2312", "gbk"} else charset, "replace")
    except (LookupError, UnicodeError):  # unknown, or one of Python's own that replaces nothing, as "idna"
        return payload.decode("utf-8", "replace")


def _shown(html: str) -> str:
    bare = _QUOTED.sub("", _UNSEEN.sub("", html))
    return unescape(_TAG.sub("", _BREAK.sub("\n", bare))).replace("\xa0", " ")
