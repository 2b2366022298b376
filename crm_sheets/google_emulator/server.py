"""HTTP/1.1 on loopback, one thread per connection."""

import os
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crm_sheets.google_emulator.calls import Answer


class Server:
    """Serves until it is closed; calls come in several threads at once."""

    def __init__(self, serve: Callable[[str, str, dict[str, str], bytes], Answer], port: int = 0) -> None:
        """Begins to serve. `serve` gets method, target, headers and body; port 0 takes a free one."""
        self.stopping = threading.Event()
        self._http = _Http(("127.0.0.1", port), _handler(serve, self.stopping))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        """Ends serving; calls that still wait are ended too."""
        self.stopping.set()
        self._http.shutdown()
        self._http.end_connections()
        self._http.server_close()
        self._thread.join(5)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # elsewhere two servers could share a port

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.handlers: set[BaseHTTPRequestHandler] = set()
        super().__init__(address, handler)

    def end_connections(self) -> None:
        for handler in list(self.handlers):
            try:
                handler.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _handler(
    serve: Callable[[str, str, dict[str, str], bytes], Answer], stopping: threading.Event
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        server: _Http

        def setup(self) -> None:
            super().setup()
            self.server.handlers.add(self)

        def finish(self) -> None:
            self.server.handlers.discard(self)
            super().finish()

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else b""
            answer = serve(self.command, self.path, dict(self.headers.items()), body)
            if answer.delay:
                stopping.wait(answer.delay)
            if answer.lost or stopping.is_set():
                self._hang_up(rudely=answer.reset)
                return
            self._send(answer)

        def _hang_up(self, *, rudely: bool) -> None:
            self.close_connection = True
            if rudely:
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
                )
                self.connection.close()

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            pass

    return Handler
