"""The seam of the channels: a message goes in, a receipt comes out, a failure says whether a retry can help."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from crm_sheets.errors import Undeliverable

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322, 3.2.3
_ADDRESS = re.compile(rf"(?=.{{3,254}}$)({_ATOM}(?:\.{_ATOM})*)@([A-Za-z0-9.\-\u0080-\U0010ffff]+)")


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An invitation that goes with a message (RFC 6047).

    Attributes:
        method: `REQUEST` or `CANCEL`, as the text says too.
        text: the iCalendar object.
    """

    method: str
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message.

    Attributes:
        kind: its media type, `image/png`.
        identity: its Content-ID (RFC 2392), when the HTML shows it in its place; "" for a file of its own.
    """

    name: str
    kind: str
    content: bytes
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person.

    Attributes:
        key: the outbox key. The Message-ID is derived from it, so that the same message has the same identity for ever.
        to_name: as in 组织.
        subject: one line; line breaks in it are taken out before it is sent.
        html: the whole HTML document; empty for a message of plain text.
        at: the instant that the message bears as its date, aware.
        headers: further headers; a line break in a value is taken out too.
        private: no copy of it goes to the archive: it holds what nobody but its receiver may read.
    """

    key: str
    to_address: str
    to_name: str
    subject: str
    text: str
    html: str
    at: datetime
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    calendar: CalendarPart | None = None
    files: tuple[Attachment, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel answered when it took the message over.

    Attributes:
        identity: under which the channel knows the message (the Message-ID of a mail).
        answer: the channel's own words, for the log.
    """

    key: str
    identity: str
    answer: str = ""


class Notifier(Protocol):
    """A channel. It may keep a connection open between messages until it is closed."""

    def send(self, message: Message) -> Receipt:
        """Hands the message over.

        Raises:
            Undeliverable: refused for good; trying again cannot help.
            ServiceUnavailable: nothing can be sent through the channel now, neither this message nor another.
            OutcomeUnknown: the message may or may not have gone out.
            ServiceError: refused for now; may be tried again later.
        """

    def close(self) -> None:
        """Ends the connection. It may be called twice, and sending again opens a new one."""


def one_line(text: str) -> str:
    """`text` without line breaks and control characters: a cell cannot add a header to a mail (RFC 5322, 2.2)."""
    return _BREAKS.sub(" ", text).strip()


def deliverable_address(address: str) -> str:
    """The address in the form in which a mail server is asked for it: the domain in its ASCII form (RFC 5890).

    Only what could harm the protocol is refused. Whether the address is a sensible one was judged when the cell was
    read; a house's own `.local` domain is as good as any here.

    Raises:
        Undeliverable: the text is not one plain address; the message says what was found.
    """
    found = _ADDRESS.fullmatch(address.strip())
    try:
        domain = found[2].encode("idna").decode("ascii") if found else ""
    except UnicodeError:
        domain = ""
    if found is None or not domain.strip("-."):
        raise Undeliverable(f"{one_line(address)!r} is not an e-mail address; mend it in the people tab")
    return f"{found[1]}@{domain}"
