"""Group robots against a stub that refuses with a code in a 200 body, throttles, hangs and talks nonsense."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.errors import CrmSheetsError, OutcomeUnknown, ServiceError, ServiceUnavailable, Undeliverable
from crm_sheets.sync.notifiers.base import Message
from crm_sheets.sync.notifiers.robot_text import harmless, parts
from crm_sheets.sync.notifiers.robots import A_MINUTE, ROBOTS, DingTalk, Feishu, RobotNotifier, WeCom, recent

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
CODES = {"wecom": "errcode", "dingtalk": "errcode", "feishu": "code"}


class Stub:
    """What the chat's server does: answers what `answers` says, in turn, and then takes everything."""

    def __init__(self) -> None:
        self.answers: deque[tuple[int, bytes] | str] = deque()
        self.received: list[tuple[str, dict[str, object]]] = []
        self.hanging = 0.0
        self.field = "errcode"
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.received.append((self.path, body))
                answer = stub.answers.popleft() if stub.answers else (200, json.dumps({stub.field: 0}).encode())
                if answer == "hang":
                    time.sleep(stub.hanging)
                    return
                if answer == "close":
                    self.connection.close()
                    return
                status, content = answer if isinstance(answer, tuple) else (200, answer.encode())
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/send?key=SECRET-KEY"

    def code(self, code: int, words: str = "no") -> None:
        self.answers.append((200, json.dumps({self.field: code, "errmsg": words, "msg": words}).encode()))


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()
    yield made
    made.server.shutdown()
    made.server.server_close()


def message(text: str = "正文", key: str = "k1") -> Message:
    return Message(key, "群", "群", "标题", text, "", NOW)


def robot(stub: Stub, kind: str = "wecom", secret: str = "") -> RobotNotifier:
    stub.field = CODES[kind]
    return RobotNotifier(ROBOTS[kind], stub.url, secret, lambda: NOW, timeout=0.5)


@pytest.mark.parametrize("kind", ROBOTS)
def test_zero_in_the_answer_is_success(stub: Stub, kind: str) -> None:
    assert robot(stub, kind).send(message()).identity == "k1"
    assert "正文" in json.dumps(stub.received[0][1], ensure_ascii=False)


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_code_inside_a_200_is_an_error(stub: Stub, kind: str) -> None:
    """All three answer 200 whatever happened; a known library takes that for success."""
    notifier = robot(stub, kind)
    for code in ROBOTS[kind].never:
        stub.code(code)
        with pytest.raises(Undeliverable, match=str(code)):
            notifier.send(message())
    for code in (*ROBOTS[kind].later, 987654):
        stub.code(code)
        with pytest.raises(ServiceError) as caught:
            notifier.send(message())
        assert type(caught.value) is ServiceError


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((429, b""), ServiceError),
        ((500, b"<html>"), ServiceError),
        ((404, b"<html>"), Undeliverable),
        ((302, b""), OutcomeUnknown),
        ("<html>Please log in</html>", OutcomeUnknown),
        ('["not", "ours"]', OutcomeUnknown),
        ('{"errcode": "0"}', OutcomeUnknown),
        ("close", OutcomeUnknown),
        ("hang", OutcomeUnknown),
    ],
)
def test_nothing_else_counts_as_taken(stub: Stub, answer: tuple[int, bytes] | str, error: type[CrmSheetsError]) -> None:
    stub.hanging = 1.0
    stub.answers.append(answer)
    with pytest.raises(error) as caught:
        robot(stub).send(message())
    assert type(caught.value) is error
    assert "SECRET-KEY" not in str(caught.value)
    assert len(stub.received) == 1


def test_a_server_that_is_not_there_ends_the_round(stub: Stub) -> None:
    notifier = robot(stub)
    stub.server.shutdown()
    stub.server.server_close()
    with pytest.raises(ServiceUnavailable) as caught:
        notifier.send(message())
    assert "SECRET-KEY" not in str(caught.value)


def test_no_more_than_a_robot_may_send_a_minute(stub: Stub) -> None:
    now = NOW
    notifier = RobotNotifier(ROBOTS["wecom"], stub.url, "", lambda: now, recent([NOW - timedelta(seconds=30)] * 5))
    for number in range(A_MINUTE - 5):
        notifier.send(message(key=str(number)))
    with pytest.raises(ServiceUnavailable):
        notifier.send(message(key="one more"))
    now = NOW + timedelta(seconds=31)
    notifier.send(message(key="one more"))
    assert len(stub.received) == A_MINUTE - 5 + 1


def test_a_long_message_goes_in_parts_and_none_goes_twice(stub: Stub) -> None:
    notifier = robot(stub)
    text = "\n".join(f"第{number}行：" + "客户" * 50 for number in range(40))
    stub.answers.append((200, b'{"errcode": 0}'))
    stub.code(-1)
    with pytest.raises(ServiceError):
        notifier.send(message(text))
    notifier.send(message(text))
    sent = [body["markdown"]["content"] for _, body in stub.received]  # type: ignore[index]
    assert sent.pop(1) == sent[1]  # the part that was refused went again
    assert "\n".join(sent) == text
    assert all(len(part.encode()) <= ROBOTS["wecom"].most for part in sent)


def test_signature_of_dingtalk() -> None:
    url, _ = DingTalk().request("https://oapi.dingtalk.com/robot/send?access_token=t", "SECabc", "标题", "x", NOW)
    asked = parse_qs(urlsplit(url).query)
    stamp = asked["timestamp"][0]
    assert stamp == str(int(NOW.timestamp() * 1000))
    expected = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(expected).decode()]


def test_signature_of_feishu() -> None:
    _, body = Feishu().request("https://open.feishu.cn/x", "abc", "标题", "x", NOW)
    stamp = str(int(NOW.timestamp()))
    expected = hmac.new(f"{stamp}\nabc".encode(), b"", hashlib.sha256).digest()
    assert (body["timestamp"], body["sign"]) == (stamp, base64.b64encode(expected).decode())


def test_without_a_secret_nothing_is_signed() -> None:
    assert WeCom().request("https://x", "", "标题", "x", NOW)[0] == "https://x"
    assert "sign" not in Feishu().request("https://x", "", "标题", "x", NOW)[1]


def test_a_cell_calls_nobody_and_links_nowhere() -> None:
    shown = harmless("<@all> [点我](http://x) @13800138000 **大**")
    assert not set(shown) & set("<>[]*@")


@settings(max_examples=40)
@given(st.text(max_size=120), st.integers(4, 60))
def test_parts_fit_and_lose_nothing_but_blanks(text: str, most: int) -> None:
    found = parts(text.replace("\ud800", ""), most)
    assert all(len(part.encode("utf-8")) <= most for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())
