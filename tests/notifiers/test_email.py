"""What a mail looks like on the wire, and what is said when a server cannot be used."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sheets.errors import ConfigError, OutcomeUnknown, ServiceError, ServiceUnavailable, Undeliverable, UsageError
from crm_sheets.sync.notifiers.base import Message, one_line
from crm_sheets.sync.notifiers.email import EmailNotifier, Security, SmtpSettings
from crm_sheets.sync.notifiers.mime import Sender, compose, message_id, sender_of
from crm_sheets.sync.notifiers.sink import MailSink
from tests.notifiers.servers import Mailbox, MailServer, make_certificate

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # our test server knows no better over TLS
NOW = datetime(2026, 11, 22, 1, 30, 15, tzinfo=UTC)
SENDER = Sender("crm@example.com", "客户表", "help@example.com")


def message(**changes: object) -> Message:
    values: dict[str, object] = {
        "key": "due|follow_ups|F-1|王芳|2026-11-22T01:30:00+00:00",
        "to_address": "wang@example.com",
        "to_name": "王芳",
        "subject": "【跟进提醒】华为技术有限公司：电话回访 已到期",
        "text": "正文 " + "很长" * 600 + "\n.点开头的一行\n",
        "html": "<p>正文</p>",
        "at": NOW,
    }
    return Message(**{**values, **changes})  # type: ignore[arg-type]


def parsed(given: Message) -> EmailMessage:
    mail = message_from_bytes(compose(given, SENDER).content, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(Mailbox()) as running:
        yield running


@pytest.fixture
def notifier(server: MailServer) -> Iterator[EmailNotifier]:
    with closing(EmailNotifier(server.settings())) as made:
        yield made


def test_the_headers() -> None:
    mail = parsed(message(headers={"List-Unsubscribe": "<mailto:x@example.com>"}))
    assert dict(mail.items()) | {"Content-Type": ""} == {
        "From": "客户表 <crm@example.com>",
        "To": "王芳 <wang@example.com>",
        "Reply-To": "help@example.com",
        "Subject": "【跟进提醒】华为技术有限公司：电话回访 已到期",
        "Date": "Sun, 22 Nov 2026 01:30:15 +0000",
        "Message-ID": message_id(message().key, "example.com"),
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<mailto:x@example.com>",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("crm@example.com", Sender("crm@example.com")),
        ("客户表（自动） <crm@example.com>", Sender("crm@example.com", "客户表（自动）")),
        ('"CRM, Sales" <crm@example.com>', Sender("crm@example.com", "CRM, Sales")),
    ],
)
def test_a_sender_as_the_config_has_it(text: str, sender: Sender) -> None:
    assert sender_of(text) == sender


def test_bytes_are_ascii_and_lines_short_enough_for_any_server() -> None:
    content = compose(message(), SENDER).content
    assert content.isascii()
    assert max(len(line) for line in content.splitlines()) <= 78


def test_text_and_html_arrive_as_they_were(server: MailServer, notifier: EmailNotifier) -> None:
    notifier.send(message())
    (mail,) = server.mailbox.mails
    assert mail.get_content_type() == "multipart/alternative"
    parts = [(part.get_content_type(), part.get_content()) for part in mail.iter_parts()]
    lines = [(kind, content.replace("\r\n", "\n")) for kind, content in parts]
    assert lines == [("text/plain", message().text), ("text/html", "<p>正文</p>")]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
@example("x\r\nBcc: a@b.com", '"quoted", <angle> (comment) \\')
@example("=?utf-8?b?DQpCY2M6IGFAYi5jb20=?=", "a,b@c.com")
@example("\u2028line\x85separators\x0b\x0c", "\ud800" + "长" * 60)
def test_no_text_of_a_cell_makes_a_header_or_a_receiver(subject: str, name: str) -> None:
    mail = parsed(message(subject=subject, to_name=name))
    assert len(mail.keys()) == 9
    assert [address.addr_spec for address in mail["To"].addresses] == ["wang@example.com"]
    assert mail["Subject"].rstrip() == one_line(subject).replace("=?", "= ?").rstrip()


def test_a_header_with_a_strange_name_is_refused() -> None:
    with pytest.raises(UsageError):
        compose(message(headers={"X-A\r\nBcc": "a@example.com"}), SENDER)


def test_one_connection_carries_many_mails(server: MailServer, notifier: EmailNotifier) -> None:
    for number in range(5):
        notifier.send(message(key=str(number)))
    assert (len(server.mailbox.mails), server.mailbox.connections) == (5, 1)


def test_a_server_that_wants_a_new_connection_gets_one(server: MailServer, notifier: EmailNotifier) -> None:
    server.mailbox.mails_per_connection = 2
    for number in range(5):
        notifier.send(message(key=str(number)))
    assert (len(server.mailbox.mails), server.mailbox.connections) == (5, 3)


def test_a_refusal_for_now_or_for_good_leaves_the_connection_usable(
    server: MailServer, notifier: EmailNotifier
) -> None:
    server.mailbox.refuse_content = "452 disk full"
    with pytest.raises(ServiceError, match="452 disk full") as caught:
        notifier.send(message())
    assert type(caught.value) is ServiceError
    server.mailbox.refuse_content = "554 spam"
    with pytest.raises(Undeliverable, match="554 spam"):
        notifier.send(message())
    server.mailbox.refuse_content = ""
    server.mailbox.refusals["nobody@example.com"] = "550 unknown"
    with pytest.raises(Undeliverable, match="550 unknown"):
        notifier.send(message(to_address="nobody@example.com"))
    notifier.send(message())
    assert (len(server.mailbox.mails), server.mailbox.connections) == (1, 1)


def test_an_answer_that_is_lost_after_the_content_leaves_it_unknown(
    server: MailServer, notifier: EmailNotifier
) -> None:
    server.mailbox.drop_after_content = True
    with pytest.raises(OutcomeUnknown, match="may have arrived"):
        notifier.send(message())
    server.mailbox.drop_after_content = False
    notifier.send(message(key="next"))
    assert len(server.mailbox.mails) == 2


def test_no_copy_of_what_is_private_goes_to_the_archive(server: MailServer) -> None:
    server.mailbox.refusals["copies@example.com"] = "550 no archive here"
    with closing(EmailNotifier(replace(server.settings(), blind_copy="copies@example.com"))) as notifier:
        for _ in range(2):  # on a new connection, and on one that is kept
            notifier.send(message(private=True))
        with pytest.raises(ServiceUnavailable, match="archive_address"):
            notifier.send(message())
    assert len(server.mailbox.mails) == 2


@pytest.mark.parametrize("answer", ["550 not you", "451 later"])
def test_a_refused_sender_says_nothing_about_the_message(
    server: MailServer, notifier: EmailNotifier, answer: str
) -> None:
    server.mailbox.refusals["crm@example.com"] = answer
    with pytest.raises(ServiceUnavailable, match=r"crm@example\.com.*mail\.sender"):
        notifier.send(message())


def test_a_server_that_closes_is_unavailable(server: MailServer, notifier: EmailNotifier) -> None:
    server.mailbox.refusals["wang@example.com"] = "421 going down"
    with pytest.raises(ServiceUnavailable, match="421 going down"):
        notifier.send(message())


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    notifier = EmailNotifier(SmtpSettings("127.0.0.1", port, SENDER, Security.NONE))
    with pytest.raises(ServiceUnavailable, match=rf"127\.0\.0\.1:{port}.*check mail\.host"):
        notifier.send(message())


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        notifier = EmailNotifier(SmtpSettings("127.0.0.1", silent.getsockname()[1], SENDER, Security.NONE, timeout=0.2))
        with pytest.raises(ServiceUnavailable, match="timed out"):
            notifier.send(message())


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer(Mailbox(), make_certificate(tmp_path / "server.pem"), Security.STARTTLS) as running:
        yield running


def test_the_login_is_used(secure: MailServer) -> None:
    with closing(EmailNotifier(secure.settings())) as notifier:
        notifier.send(message())
    assert secure.mailbox.logins == [b"crm"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "wrong-secret"}, r"535.*mail\.user"),
        ({"password": "密码"}, "must be ASCII"),
        ({"ca_file": None}, r"not trusted.*mail\.ca_file"),
        ({"ca_file": Path("missing.pem")}, r"mail\.ca_file"),
        ({"security": Security.TLS}, r"mail\.security"),
        ({"security": Security.NONE, "user": ""}, r"530"),
    ],
)
def test_each_mistake_in_the_config_is_named(secure: MailServer, changes: dict[str, object], says: str) -> None:
    notifier = EmailNotifier(secure.settings(**changes))
    with pytest.raises(ServiceUnavailable, match=says) as caught:
        notifier.send(message())
    assert "secret" not in str(caught.value)
    assert secure.mailbox.mails == []


def test_starttls_that_is_not_offered_is_no_reason_to_send_in_the_open(server: MailServer) -> None:
    notifier = EmailNotifier(server.settings(security=Security.STARTTLS))
    with pytest.raises(ServiceUnavailable, match=r"mail\.security"):
        notifier.send(message())
    assert server.mailbox.mails == []


def test_the_password_is_not_shown(server: MailServer) -> None:
    assert "geheim" not in repr(server.settings(password="geheim"))


def test_a_wrong_sender_is_found_before_it_condemns_every_mail(server: MailServer) -> None:
    with pytest.raises(ConfigError, match=r"mail\.sender"):
        EmailNotifier(server.settings(sender=Sender("客户表")))


def test_the_sink_keeps_mails_as_files(tmp_path: Path) -> None:
    with MailSink(tmp_path / "mails") as sink:
        settings = SmtpSettings(sink.host, sink.port, SENDER, Security.NONE)
        with closing(EmailNotifier(settings)) as notifier:
            notifier.send(message())
            notifier.send(message(key="2", to_address="li/x@example.com"))
        names = [path.name for path in sink.files]
    assert names == ["0001_wang_example.com.eml", "0002_li_x_example.com.eml"]
    mail = message_from_bytes(sink.files[0].read_bytes(), policy=default)
    assert mail["Subject"] == message().subject


def test_tls_contexts_verify(tmp_path: Path) -> None:
    """A certificate for another machine is refused even when its authority is trusted."""
    path = make_certificate(tmp_path / "server.pem")
    with MailServer(Mailbox(), path, Security.TLS) as running:
        notifier = EmailNotifier(running.settings(host="localhost"))
        with pytest.raises(ServiceUnavailable) as caught:
            notifier.send(message())
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
