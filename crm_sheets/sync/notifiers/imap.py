"""A mailbox over IMAP (RFC 3501): the archive of what was sent, and the inbox into which answers come.

Nothing in a mailbox is changed: what was read is remembered by its number (UID) on our side, so that the mailbox may be
one that people look into as well.
"""

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from crm_sheets.errors import ServiceUnavailable
from crm_sheets.sync.notifiers.base import one_line
from crm_sheets.sync.notifiers.email import Security

LARGEST = 2 * 1024 * 1024
"""Bytes read of one mail: an answer to a reminder stands at its beginning."""

_IDENTITY = re.compile(r"<[A-Za-z0-9._@-]+>")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FAILURES = (imaplib.IMAP4.error, OSError, ssl.SSLError)


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where a mailbox is.

    Attributes:
        ca_file: certificates to trust instead of the system's.
        timeout: seconds for each step.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    timeout: float = 30.0
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail in a folder.

    Attributes:
        number: its UID; later mails have greater ones.
        content: the whole mail, or its first LARGEST bytes.
    """

    number: int
    content: bytes


class ImapBox:
    """A mailbox; it connects when it is first asked, and again after it was closed.

    Every method may raise ServiceUnavailable: it cannot be asked now, and why.
    """

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._connection: imaplib.IMAP4 | None = None

    def find(self, folder: str, identity: str) -> str | None:
        """To which address the mail of a Message-ID in a folder went; None when there is no such mail."""
        if not _IDENTITY.fullmatch(identity):
            return None
        self.enter(folder)
        for number in self._numbers("HEADER", "Message-ID", f'"{identity}"'):
            header = BytesHeaderParser(policy=default).parsebytes(
                self._content(number, "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID TO)]")
            )
            if str(header["Message-ID"] or "").strip() == identity:  # the search finds parts of a header too
                addresses = getattr(header["To"], "addresses", ())
                return str(addresses[0].addr_spec) if addresses else ""
        return None

    def enter(self, folder: str) -> int:
        """Opens a folder to be read; when another number is told than before, those of its mails begin anew (RFC 3501,
        2.3.1.1)."""
        connection = self._connected()
        try:
            answer, said = connection.select(quoted(folder), readonly=True)
            validity = connection.response("UIDVALIDITY")[1][0]
        except _FAILURES as error:
            raise self._unavailable(error) from error
        if answer != "OK":
            raise self._refused(f"folder {folder!r}: {_decoded(said)}")
        return int(validity) if isinstance(validity, bytes) else 0

    def newest(self) -> int:
        """The number of the last mail of the folder that was entered; 0 of an empty one."""
        return max(self._numbers("ALL"), default=0)

    def before(self, day: date) -> int:
        """The number of the last mail, of the folder that was entered, from before a day; 0 where there is none."""
        later = self._numbers("SINCE", f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year}")
        return min(later) - 1 if later else self.newest()

    def after(self, number: int) -> Iterator[Arrived]:
        """The mails of the folder that was entered after the one of a number, in their order."""
        for uid in self._numbers("UID", f"{number + 1}:*"):
            if uid > number:  # the range n:* has the last mail always
                yield Arrived(uid, self._content(uid, f"BODY.PEEK[]<0.{LARGEST}>"))

    def close(self) -> None:
        """Takes leave of the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.logout()
            except _FAILURES:
                connection.shutdown()  # it is gone already, which is what was wanted

    def _numbers(self, *criteria: str) -> list[int]:
        found = self._asked("SEARCH", *criteria)[0]
        return sorted(map(int, found.split())) if isinstance(found, bytes) else []

    def _content(self, number: int, part: str) -> bytes:
        found = self._asked("FETCH", str(number), f"({part})")
        return next((bytes(each[1]) for each in found if isinstance(each, tuple)), b"")

    def _asked(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes] | None]:
        try:
            answer, said = self._connected().uid(command, *arguments)
        except _FAILURES as error:
            raise self._unavailable(error) from error
        if answer != "OK":
            raise self._refused(f"{command}: {_decoded(said)}")
        return said

    def _connected(self) -> imaplib.IMAP4:
        if self._connection is None:
            try:
                self._connection = self._opened()
            except _FAILURES as error:
                raise self._unavailable(error) from error
            except UnicodeError:  # from None: the cause holds the password
                raise self._refused("mail.inbox.user and its password must be ASCII") from None
        return self._connection

    def _opened(self) -> imaplib.IMAP4:
        settings = self._settings
        if settings.security is Security.TLS:
            connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                settings.host, settings.port, ssl_context=self._trust(), timeout=settings.timeout
            )
        else:
            connection = imaplib.IMAP4(settings.host, settings.port, timeout=settings.timeout)
        try:
            if settings.security is Security.STARTTLS:
                connection.starttls(self._trust())
            connection.login(settings.user, settings.password)
            if "ID" in connection.capabilities:  # RFC 2971; some providers open no folder to whoever does not tell it
                connection.xatom("ID", '("name" "crm-sheets")')
        except BaseException:
            connection.shutdown()
            raise
        return connection

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._settings.ca_file) if self._settings.ca_file else None)

    def _refused(self, text: str) -> ServiceUnavailable:
        return ServiceUnavailable(f"mailbox {self._settings.host}:{self._settings.port}: {one_line(text)}")

    def _unavailable(self, error: Exception) -> ServiceUnavailable:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.shutdown()
        said = str(error.args[0].decode("utf-8", "replace") if _is_bytes(error) else error) or type(error).__name__
        return self._refused(f"{said}; check [mail.inbox] and the network, it is tried again by itself")


@dataclass(frozen=True, slots=True)
class ImapArchive:
    """A folder in which a copy of every mail lies; see delivery.Archive."""

    box: ImapBox
    folder: str

    def find(self, identity: str) -> str | None:
        """See Archive."""
        return self.box.find(self.folder, identity)

    def close(self) -> None:
        """See Archive."""
        self.box.close()


def quoted(folder: str) -> str:
    """The name of a folder as IMAP wants it: in modified UTF-7 and quotes (RFC 3501, 5.1.3)."""
    told = ""
    for plain, other in re.findall(r"([\x20-\x7e]+)|([^\x20-\x7e]+)", folder):
        packed = b64encode(other.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        told += plain.replace("&", "&-") if plain else f"&{packed}-"
    escaped = told.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _decoded(said: list[bytes | None]) -> str:
    return (said[0] or b"").decode("utf-8", "replace") if said else ""


def _is_bytes(error: Exception) -> bool:
    return bool(error.args) and isinstance(error.args[0], bytes)
