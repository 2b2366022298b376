"""An HTTPS proxy on loopback: clients ask for Google's real addresses and reach the emulator.

It answers CONNECT, ends the TLS that follows with a certificate for the name that was asked for, and hands the bytes
on as they are. Clients trust it through REQUESTS_CA_BUNDLE and find it through HTTPS_PROXY, as they would a company's.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

GOOGLE = ("sheets.googleapis.com", "www.googleapis.com", "oauth2.googleapis.com", "iamcredentials.googleapis.com")


class TlsProxy:
    """The running proxy.

    Attributes:
        environment: what a client needs to be told.
        asked: the names that were asked for, in order; the ones that are not Google's were refused.
    """

    def __init__(self, port: int, bundle: Path) -> None:
        self.environment: Mapping[str, str] = {
            "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            "REQUESTS_CA_BUNDLE": str(bundle),
            "NO_PROXY": "",
        }
        self.asked: list[str] = []


@contextlib.contextmanager
def tls_proxy(emulator_url: str, folder: Path) -> Iterator[TlsProxy]:
    """Runs one in a thread until the block ends; its certificates are made in the folder."""
    target = urlsplit(emulator_url)
    tls = _certificates(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def serve() -> tuple[asyncio.Server, TlsProxy]:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(
                ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError
            ):
                await _tunnel(reader, writer, proxy, tls, (target.hostname or "127.0.0.1", target.port or 80))
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        proxy = TlsProxy(server.sockets[0].getsockname()[1], folder / "ca.pem")
        return server, proxy

    async def stop(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server, proxy = asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _tunnel(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    proxy: TlsProxy,
    tls: ssl.SSLContext,
    target: tuple[str, int],
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    verb, authority, _ = head.split(b"\r\n")[0].decode("ascii").split(" ", 2)
    proxy.asked.append(authority.split(":")[0])
    if verb != "CONNECT" or proxy.asked[-1] not in GOOGLE:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await writer.drain()
    await writer.start_tls(tls)
    onward_reader, onward_writer = await asyncio.open_connection(*target)
    try:
        done, pending = await asyncio.wait(
            {
                asyncio.create_task(_pump(reader, onward_writer)),
                asyncio.create_task(_pump(onward_reader, writer)),
            },
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in pending:
            task.cancel()
        await asyncio.gather(*done, *pending, return_exceptions=True)
    finally:
        onward_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()


def _certificates(folder: Path) -> ssl.SSLContext:
    """Makes an authority of our own (ca.pem) and a certificate of it for Google's names."""
    authority_key, authority = _certificate("Emulator authority", None)
    key, certificate = _certificate("sheets.googleapis.com", (authority_key, authority))
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


_Signed = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def _certificate(name: str, issuer: _Signed | None) -> _Signed:
    """A key with its certificate: signed by the issuer for Google's names, or by itself as an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer[0] if issuer else key).public_key()),
            critical=False,
        )
    )
    if issuer is None:
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage, critical=True)
    else:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in GOOGLE])
        builder = builder.add_extension(names, critical=False)
    return key, builder.sign(issuer[0] if issuer else key, hashes.SHA256())
