"""Mail over SMTP (RFC 5321): one connection for as many messages as the server takes."""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from crm_sheets.errors import ConfigError, OutcomeUnknown, ServiceError, ServiceUnavailable, Undeliverable
from crm_sheets.sync.notifiers.base import Message, Receipt, deliverable_address, one_line
from crm_sheets.sync.notifiers.mime import Sender, compose, message_id

_GREETING_NAME = "[127.0.0.1]"  # RFC 5321, 4.1.3: a literal; a machine's own name may be Chinese, or slow to look up
_DOTS = re.compile(rb"^\.", re.MULTILINE)  # RFC 5321, 4.5.2
_CLOSING = 421  # RFC 5321, 4.2.3: the server ends the connection, whatever was asked


class Security(StrEnum):
    """How the connection is kept secret: `starttls` is usual on port 587, `tls` on 465, `none` inside a house."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where mails are handed over.

    Attributes:
        user: empty where the server wants no login.
        ca_file: certificates to trust instead of the system's, for a server with a house's own certificate.
        timeout: seconds for each step.
        blind_copy: of each mail goes there too, in the same transaction: the archive in which it is looked up.
    """

    host: str
    port: int
    sender: Sender
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    ca_file: Path | None = None
    blind_copy: str = ""


class EmailNotifier:
    """Sends mails through one server.

    Raises:
        ConfigError: the sender's address is none. Found here, since it would condemn every mail.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        named = {
            "mail.sender": settings.sender.address,
            "mail.reply_to": settings.sender.reply_to,
            "mail.inbox.archive_address": settings.blind_copy,
        }
        for option, address in named.items():
            try:
                deliverable_address(address or settings.sender.address)
            except Undeliverable as error:
                raise ConfigError((f"{option}: {address!r} is not an e-mail address",)) from error
        self._settings = settings
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> Receipt:
        """Hands one mail over; see Notifier.send for what is raised."""
        mail = compose(message, self._settings.sender)
        receiver = deliverable_address(message.to_address)
        copy = "" if message.private else self._settings.blind_copy
        receivers = [receiver, *filter(None, [copy])]
        if self._connection is not None and self._connection.has_extn("pipelining"):
            answer = self._at_once(self._connection, receivers, mail.content)
            if answer is not None:
                return Receipt(message.key, mail.identity, answer)
        connection = self._begin()
        self._ask(connection, receiver)
        if copy:
            self._file_copy(connection)
        answer = self._hand_over(connection, mail.content)
        return Receipt(message.key, mail.identity, answer)

    def _at_once(self, connection: smtplib.SMTP, receivers: list[str], content: bytes) -> str | None:
        """Hands a mail over on a kept connection, with one question for sender, receivers and content (RFC 2920).

        None when the server did not say yes to all of it, or the connection went stale. Nothing went out then: it is
        dropped before any content, and asked anew step by step, so that each refusal is told for what it is.
        """
        asked = [
            f"MAIL FROM:<{self._sender_address}>",
            *(f"RCPT TO:<{deliverable_address(each)}>" for each in receivers),
        ]
        try:
            connection.send("".join(f"{line}\r\n" for line in (*asked, "DATA")).encode("ascii"))
            codes = [connection.getreply()[0] for _ in (*asked, "DATA")]
        except (smtplib.SMTPException, OSError):
            codes = []
        if not codes or codes[-1] != 354 or any(code not in (250, 251) for code in codes[:-1]):
            self._drop()
            return None
        try:
            connection.send(_DOTS.sub(b"..", content.rstrip(b"\r\n")) + b"\r\n.\r\n")
            code, reply = connection.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise self._lost(error) from error
        if code != 250:
            raise self._refusal(code, reply, "the mail")
        return _decoded(reply)

    def identity_of(self, key: str) -> str:
        """The Message-ID that the mail of an outbox entry has, or will have."""
        return message_id(key, self._settings.sender.domain, self._settings.sender.secret)

    def connect(self) -> None:
        """Connects, logs in and offers the sender, to find out whether mails could go.

        Raises:
            ServiceUnavailable: they could not, and why.
        """
        self._begin()

    def close(self) -> None:
        """Takes leave of the server."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()  # it is gone already, which is what was wanted

    def _begin(self) -> smtplib.SMTP:
        """A connection that has accepted us as the sender. A kept one that went stale is replaced: nothing was sent."""
        if self._connection is not None:
            try:
                code, _ = self._connection.mail(self._sender_address)
            except (smtplib.SMTPException, OSError):
                code = _CLOSING
            if code == 250:
                return self._connection
            self._drop()
        connection = self._connection = self._connect()
        try:
            code, reply = connection.mail(self._sender_address)
        except (smtplib.SMTPException, OSError) as error:
            raise self._unavailable(error) from error
        if code != 250:
            raise self._refused_sender(code, reply)
        return connection

    def _ask(self, connection: smtplib.SMTP, receiver: str) -> None:
        try:
            code, reply = connection.rcpt(receiver)
        except (smtplib.SMTPException, OSError) as error:
            raise self._unavailable(error) from error
        if code not in (250, 251):
            raise self._refusal(code, reply, receiver)

    def _file_copy(self, connection: smtplib.SMTP) -> None:
        """Without its copy nobody could tell later whether a mail went out: then none goes."""
        try:
            self._ask(connection, deliverable_address(self._settings.blind_copy))
        except ServiceUnavailable:
            raise
        except ServiceError as error:
            raise ServiceUnavailable(f"{error}; check mail.inbox.archive_address") from error

    def _hand_over(self, connection: smtplib.SMTP, content: bytes) -> str:
        try:
            code, reply = connection.data(content)
        except smtplib.SMTPDataError as error:
            raise self._refusal(error.smtp_code, error.smtp_error, "the mail") from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._lost(error) from error
        if code != 250:
            raise self._refusal(code, reply, "the mail")
        return _decoded(reply)

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        try:
            connection = self._open()
            try:
                connection.ehlo_or_helo_if_needed()
                if settings.security is Security.STARTTLS:
                    connection.starttls(context=self._trust())
                if settings.user:
                    connection.login(settings.user, settings.password)
            except BaseException:
                connection.close()
                raise
        except (smtplib.SMTPException, OSError) as error:
            raise self._unavailable(error) from error
        except UnicodeError:  # from None: the cause holds the password
            raise ServiceUnavailable(f"{self._place}: mail.user and its password must be ASCII") from None
        return connection

    def _open(self) -> smtplib.SMTP:
        host, port, timeout = self._settings.host, self._settings.port, self._settings.timeout
        if self._settings.security is Security.TLS:
            return smtplib.SMTP_SSL(host, port, _GREETING_NAME, timeout=timeout, context=self._trust())
        return smtplib.SMTP(host, port, _GREETING_NAME, timeout=timeout)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._settings.ca_file) if self._settings.ca_file else None)

    @property
    def _sender_address(self) -> str:
        return deliverable_address(self._settings.sender.address)

    @property
    def _place(self) -> str:
        return f"mail server {self._settings.host}:{self._settings.port}"

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lost(self, error: smtplib.SMTPException | OSError) -> OutcomeUnknown:
        self._drop()
        return OutcomeUnknown(
            f"{self._place}: connection lost while the mail was handed over ({_words(error)}); it may have arrived"
        )

    def _unavailable(self, error: smtplib.SMTPException | OSError) -> ServiceUnavailable:
        self._drop()
        return ServiceUnavailable(f"{self._place}: {_words(error)}; {_remedy(error)}")

    def _refused_sender(self, code: int, reply: bytes) -> ServiceUnavailable:
        self._drop()
        sender = self._settings.sender.address
        return ServiceUnavailable(
            f"{self._place} does not take mail from {sender}: {code} {_decoded(reply)}; check mail.sender and the login"
        )

    def _refusal(self, code: int, reply: bytes | str, what: str) -> ServiceError:
        """The error for an answer to one message; the connection stays usable unless the server closes it."""
        text = f"{self._place} refused {what}: {code} {_decoded(reply)}"
        if code == _CLOSING:
            self._drop()
            return ServiceUnavailable(text)
        if self._connection is not None:
            try:
                self._connection.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()
        return Undeliverable(text) if 500 <= code < 600 else ServiceError(text)


def _decoded(reply: bytes | str) -> str:
    return one_line(reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply)


def _words(error: smtplib.SMTPException | OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return one_line(str(error)) or type(error).__name__


def _remedy(error: smtplib.SMTPException | OSError) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return "check mail.user and its password (many providers want an app password or authorisation code)"
        case smtplib.SMTPNotSupportedError():
            return "the server does not offer this; check mail.security and mail.port"
        case ssl.SSLCertVerificationError():
            return "its certificate is not trusted; check mail.host, or name the house's own authority in mail.ca_file"
        case FileNotFoundError():
            return "check mail.ca_file"
        case ssl.SSLError():
            return "no TLS there; check mail.security (tls is usual on port 465, starttls on 587)"
        case _:
            return "check mail.host, mail.port and the network; sending is tried again by itself"
