"""A mail server for the demo: it takes every mail on this machine, sends nothing on, and keeps each as an .eml file."""

import asyncio
import re
import ssl
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LARGEST_MAIL = 32 * 1024 * 1024


class LoopbackServer:
    """Serves a protocol on a free port of loopback, in a thread of its own, while it is entered."""

    host = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    def __init__(self, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        self.port = 0
        self._protocol = protocol
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        """Binds the port, which is known from here on, and begins to answer."""
        starting = self._loop.create_server(self._protocol, self.host, 0, ssl=self.tls)
        self._server = self._loop.run_until_complete(starting)
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops answering and drops what is still connected."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.run_until_complete(self._drop_connections())
        self._loop.close()

    async def _drop_connections(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close


class MailSink(LoopbackServer):
    """Keeps mails in `folder`, named by order and receiver: `0001_wangfang_example.com.eml`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(self._session)
        self.folder = folder
        self._numbers = count(1)
        folder.mkdir(parents=True, exist_ok=True)

    def _session(self) -> "SMTP":
        from aiosmtpd.smtp import SMTP

        return SMTP(self, data_size_limit=_LARGEST_MAIL, hostname="localhost", loop=self._loop)

    async def handle_DATA(self, server: "SMTP", session: "Session", envelope: "Envelope") -> str:  # noqa: N802
        """Keeps one mail; aiosmtpd calls it by this name."""
        receiver = _UNSAFE.sub("_", envelope.rcpt_tos[0])[:60]
        path = self.folder / f"{next(self._numbers):04}_{receiver}.eml"
        path.write_bytes(envelope.original_content or b"")
        return "250 kept"

    @property
    def files(self) -> tuple[Path, ...]:
        """The mails kept, oldest first."""
        return tuple(sorted(self.folder.glob("*.eml")))
