"""A real mail server on loopback, with TLS and login, that keeps what it takes and refuses what it is told to."""

import asyncio
import datetime
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_sheets.sync.notifiers.email import Security, SmtpSettings
from crm_sheets.sync.notifiers.mime import Sender
from crm_sheets.sync.notifiers.sink import LoopbackServer

USER, PASSWORD = "crm", "geheim"


@dataclass
class Mailbox:
    """What the server took and how it behaves; aiosmtpd calls the methods by their names."""

    mails: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    refuse_content: str = ""
    drop_after_content: bool = False
    connections: int = 0
    mails_per_connection: int = 1000
    logins: list[bytes] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.taken = 0
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.refusals.get(address):
            return refusal
        if session.taken >= self.mails_per_connection:
            _transport(server).close()
            return "421 too many"
        self.senders.append(address)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.refusals.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse_content:
            return self.refuse_content
        content = envelope.original_content or b""
        mail = BytesParser(policy=default).parsebytes(content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        session.taken += 1
        if self.drop_after_content:
            _transport(server).abort()
            await asyncio.sleep(0.05)
        return "250 taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(data.login)
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


class MailServer(LoopbackServer):
    """Serves `mailbox`; with a certificate, over TLS or STARTTLS, and then it wants a login."""

    def __init__(self, mailbox: Mailbox, certificate: Path | None = None, security: Security = Security.NONE) -> None:
        super().__init__(self._session)
        self.mailbox = mailbox
        self.security = security
        self.certificate = certificate
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self.tls = self._context if security is Security.TLS else None

    def _session(self) -> SMTP:
        wants_login = self.security is not Security.NONE
        return SMTP(
            self.mailbox,
            hostname="localhost",
            loop=self._loop,
            tls_context=self._context if self.security is Security.STARTTLS else None,
            require_starttls=self.security is Security.STARTTLS,
            auth_required=wants_login,
            auth_require_tls=False,
            authenticator=self.mailbox.authenticate if wants_login else None,
        )

    def settings(self, **changes: object) -> SmtpSettings:
        login = self.security is not Security.NONE
        values: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "sender": Sender("crm@example.com", "客户表"),
            "security": self.security,
            "user": USER if login else "",
            "password": PASSWORD if login else "",
            "timeout": 5.0,
            "ca_file": self.certificate,
        }
        return SmtpSettings(**{**values, **changes})  # type: ignore[arg-type]


def _transport(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


def make_certificate(path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
