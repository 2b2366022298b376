"""A server on loopback that gives the answers of a script, one after the other, and remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; `code` 0 breaks the connection once the request was read."""

    code: int = 200
    body: str = "{}"
    kind: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(code: int, status: str = "", message: str = "no", reason: str = "") -> Said:
    """An error as Google tells it."""
    error: dict[str, object] = {"code": code, "message": message, "status": status}
    if reason:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    return Said(code, json.dumps({"error": error}))


@dataclass
class Script:
    """What is said, the last of it for ever, and what was asked: method and path."""

    said: Sequence[Said]
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def next(self, what: str) -> Said:
        self.asked.append(what)
        return self.said[min(len(self.asked), len(self.said)) - 1]


@contextmanager
def scripted(*said: Said) -> Iterator[Script]:
    script = Script(said)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = script.next(f"{self.command} {self.path}")
            if not answer.code:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            body = answer.body.encode()
            self.send_response(answer.code)
            for name, value in {
                "Content-Type": answer.kind,
                "Content-Length": str(len(body)),
                **answer.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
