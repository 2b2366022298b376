"""The contract of channels: the same suite on memory and on real mail servers, plain, STARTTLS and TLS."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from crm_sheets.errors import ServiceError, Undeliverable
from crm_sheets.sync.notifiers.base import Message, Notifier
from crm_sheets.sync.notifiers.email import EmailNotifier, Security
from crm_sheets.sync.notifiers.memory import MemoryNotifier
from tests.notifiers.servers import Mailbox, MailServer, make_certificate

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # our test server knows no better over TLS
NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def message(key: str = "k1", to: str = "wang@example.com", subject: str = "跟进提醒") -> Message:
    return Message(key, to, "王芳", subject, "正文\n.第二行\n", "<p>正文</p>", NOW)


class Channel(Protocol):
    """A notifier with what stands behind it."""

    @property
    def notifier(self) -> Notifier: ...

    def received(self) -> list[tuple[str, str]]: ...

    def refuse(self, address: str, code: int) -> None: ...


@dataclass
class MemoryChannel:
    notifier: MemoryNotifier

    def received(self) -> list[tuple[str, str]]:
        return [(mail.to_address, mail.subject) for mail in self.notifier.sent]

    def refuse(self, address: str, code: int) -> None:
        error = Undeliverable("no such person") if code >= 500 else ServiceError("busy")
        self.notifier.refusals = {**self.notifier.refusals, address: error}


@dataclass
class MailChannel:
    notifier: EmailNotifier
    mailbox: Mailbox

    def received(self) -> list[tuple[str, str]]:
        return [(mail["To"].addresses[0].addr_spec, mail["Subject"]) for mail in self.mailbox.mails]

    def refuse(self, address: str, code: int) -> None:
        self.mailbox.refusals[address] = f"{code} no"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture(params=["memory", "none", "starttls", "tls"])
def channel(request: pytest.FixtureRequest, certificate: Path) -> Iterator[Channel]:
    if request.param == "memory":
        yield MemoryChannel(MemoryNotifier())
        return
    security = Security(request.param)
    with MailServer(Mailbox(), None if security is Security.NONE else certificate, security) as server:
        notifier = EmailNotifier(server.settings())
        yield MailChannel(notifier, server.mailbox)
        notifier.close()


def test_messages_arrive_in_their_order(channel: Channel) -> None:
    for number in range(3):
        receipt = channel.notifier.send(message(f"k{number}", subject=f"第{number}封"))
        assert receipt.key == f"k{number}"
    assert channel.received() == [("wang@example.com", f"第{number}封") for number in range(3)]


def test_the_identity_follows_the_key(channel: Channel) -> None:
    identities = [channel.notifier.send(message(key)).identity for key in ("a", "b", "a")]
    assert identities[0] == identities[2] != identities[1]


def test_a_line_break_in_a_subject_makes_no_header(channel: Channel) -> None:
    channel.notifier.send(message(subject="提醒\r\nBcc: spy@example.com\n\n正文"))
    assert channel.received() == [("wang@example.com", "提醒 Bcc: spy@example.com 正文")]


@pytest.mark.parametrize(
    "address",
    ["", "王芳", "a@", "@b.com", "a b@c.com", "a@b.com\r\nRCPT TO:<c@d.com>", "a@b.com, c@d.com", "<a@b.com>", "a@-"],
)
def test_what_is_no_address_is_undeliverable(channel: Channel, address: str) -> None:
    with pytest.raises(Undeliverable):
        channel.notifier.send(message(to=address))
    assert channel.received() == []


def test_a_chinese_domain_goes_out_in_its_ascii_form(channel: Channel) -> None:
    channel.notifier.send(message(to="wang@例子.公司"))
    assert [address for address, _ in channel.received()] == ["wang@xn--fsqu00a.xn--55qx5d"]


def test_a_refusal_for_now_is_not_for_good(channel: Channel) -> None:
    channel.refuse("wang@example.com", 451)
    with pytest.raises(ServiceError) as caught:
        channel.notifier.send(message())
    assert not isinstance(caught.value, Undeliverable)


def test_a_refusal_for_good_is_undeliverable_and_the_next_one_goes_out(channel: Channel) -> None:
    channel.refuse("wang@example.com", 550)
    with pytest.raises(Undeliverable):
        channel.notifier.send(message())
    channel.notifier.send(message(to="li@example.com"))
    assert [address for address, _ in channel.received()] == ["li@example.com"]


def test_it_may_be_closed_twice_and_used_again(channel: Channel) -> None:
    channel.notifier.close()
    channel.notifier.send(message())
    channel.notifier.close()
    channel.notifier.close()
    channel.notifier.send(message("k2"))
    assert len(channel.received()) == 2
