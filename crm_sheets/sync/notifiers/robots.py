"""Group robots of WeCom 企业微信, DingTalk 钉钉 and Feishu 飞书: a message is an HTTP POST to a secret address.

All three answer 200 whatever happened; what became of the message stands in the answer's own code, which is what counts
here. The documents of the three: developer.work.weixin.qq.com/document/path/91770, open.dingtalk.com (custom robot
access), open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
"""

import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import quote_plus

from crm_sheets.errors import OutcomeUnknown, ServiceError, ServiceUnavailable, Undeliverable
from crm_sheets.sync.notifiers.base import Message, Receipt, one_line
from crm_sheets.sync.notifiers.robot_text import parts

A_MINUTE: Final = 20
"""Messages that one robot may send a minute: the limit of WeCom and DingTalk, which mute who passes it."""
TOO_MANY: Final = "too-many-a-minute"
"""How a round says that it ended because the robot has sent enough for this minute."""


class Robot(Protocol):
    """What one kind of robot is told, and how it answers."""

    @property
    def most(self) -> int:
        """Bytes that the text of one message may have."""

    @property
    def code(self) -> str:
        """Where the answer has its code; 0 is success."""

    @property
    def later(self) -> frozenset[int]:
        """Codes that may be another in a minute; one that nobody knows is taken for such a one."""

    @property
    def never(self) -> frozenset[int]:
        """Codes that refuse for good."""

    def request(self, url: str, secret: str, title: str, text: str, now: datetime) -> tuple[str, Mapping[str, object]]:
        """Where a message is posted, and the JSON that is posted."""


@dataclass(frozen=True, slots=True)
class WeCom:
    """企业微信: Markdown of at most 4,096 bytes; the key stands in the address."""

    most: int = 4_096
    code: str = "errcode"
    later: frozenset[int] = frozenset({-1, 45009, 45033})
    never: frozenset[int] = frozenset({40008, 40058, 93000, 93008, 93017})

    def request(self, url: str, secret: str, title: str, text: str, now: datetime) -> tuple[str, Mapping[str, object]]:
        """See Robot."""
        return url, {"msgtype": "markdown", "markdown": {"content": text}}


@dataclass(frozen=True, slots=True)
class DingTalk:
    """钉钉: Markdown of at most 20,000 bytes, signed when the robot asks for it."""

    most: int = 18_000
    code: str = "errcode"
    later: frozenset[int] = frozenset({-1, 130101, 410100})
    never: frozenset[int] = frozenset({300001, 310000, 400013, 400101, 400102, 400105, 400106})

    def request(self, url: str, secret: str, title: str, text: str, now: datetime) -> tuple[str, Mapping[str, object]]:
        """See Robot."""
        if secret:
            stamp = str(int(now.timestamp() * 1000))
            digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
            sign = quote_plus(base64.b64encode(digest))
            url = f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={sign}"
        return url, {"msgtype": "markdown", "markdown": {"title": title, "text": text}}


@dataclass(frozen=True, slots=True)
class Feishu:
    """飞书: a card with Markdown, of at most 20 KB, signed when the robot asks for it."""

    most: int = 18_000
    code: str = "code"
    later: frozenset[int] = frozenset({9499, 11232, 11233})
    never: frozenset[int] = frozenset({19001, 19002, 19021, 19022, 19024})

    def request(self, url: str, secret: str, title: str, text: str, now: datetime) -> tuple[str, Mapping[str, object]]:
        """See Robot."""
        head: dict[str, object] = {}
        if secret:
            stamp = str(int(now.timestamp()))
            digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
            head = {"timestamp": stamp, "sign": base64.b64encode(digest).decode("ascii")}
        card = {
            "header": {"title": {"tag": "plain_text", "content": title}},
            "elements": [{"tag": "markdown", "content": text}],
        }
        return url, {**head, "msg_type": "interactive", "card": card}


ROBOTS: Final[Mapping[str, Robot]] = {"wecom": WeCom(), "dingtalk": DingTalk(), "feishu": Feishu()}
"""The kinds by their names in the config."""


@dataclass(slots=True)
class RobotNotifier:
    """Implements Notifier over one robot; the text of a message is posted, its HTML is not.

    Attributes:
        url: with its key: a secret, which stands in no message of an error.
        secret: that signs; "" where the robot asks for none.
        clock: gives the time, aware: signatures hold for an hour, and the limit is one of a minute.
        sent: when the last messages went out, the oldest first: what an earlier process sent counts too.
        timeout: seconds to connect, and to answer.
    """

    robot: Robot
    url: str
    secret: str
    clock: Callable[[], datetime]
    sent: deque[datetime] = field(default_factory=deque)
    timeout: float = 10.0
    _done: dict[str, int] = field(default_factory=dict)
    """By key of a message that was cut: how many of its parts went out before something failed."""

    def send(self, message: Message) -> Receipt:
        """See Notifier. Of a message in parts those that went out are not sent again by this process."""
        title = one_line(message.subject)
        texts = parts(message.text, self.robot.most)
        answer = ""
        for number in range(self._done.get(message.key, 0), len(texts)):
            self._wait_for_a_turn()
            answer = self._post(title, texts[number])
            self._done[message.key] = number + 1
        self._done.pop(message.key, None)
        return Receipt(message.key, message.key, answer)

    def close(self) -> None:
        """See Notifier: each message has a connection of its own."""

    def _wait_for_a_turn(self) -> None:
        now = self.clock()
        while self.sent and now - self.sent[0] >= timedelta(minutes=1):
            self.sent.popleft()
        if len(self.sent) >= A_MINUTE:
            raise ServiceUnavailable(TOO_MANY)
        self.sent.append(now)

    def _post(self, title: str, text: str) -> str:
        import requests

        url, content = self.robot.request(self.url, self.secret, title, text, self.clock())
        try:
            # A redirect would carry the message to somebody whom nobody has named.
            response = requests.post(url, json=content, timeout=self.timeout, allow_redirects=False)
        except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as error:
            raise ServiceUnavailable(f"the robot cannot be reached: {type(error).__name__}") from None
        except requests.ConnectionError as error:
            # Refused before anything was sent, or broken off afterwards: only the first leaves no doubt.
            if "NewConnectionError" in repr(error) or "NameResolution" in repr(error):
                raise ServiceUnavailable("the robot cannot be reached") from None
            raise OutcomeUnknown("the robot broke off the connection") from None
        except requests.RequestException as error:
            raise OutcomeUnknown(f"the robot did not answer: {type(error).__name__}") from None
        return self._judged(response.status_code, response.content[:100_000])

    def _judged(self, status: int, body: bytes) -> str:
        """The answer's words when the message was taken.

        Raises:
            ServiceError: and its kin, by what the status and the code in the answer say.
        """
        if status == 429 or status >= 500:
            raise ServiceError(f"the robot's server is busy: HTTP {status}")
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        if not isinstance(told, dict) or not isinstance(code := told.get(self.robot.code), int):
            if status >= 400:
                raise Undeliverable(f"the robot refused it: HTTP {status}")
            raise OutcomeUnknown("the answer is none of the robot's: is there a proxy with a page of its own?")
        words = one_line(str(told.get("errmsg") or told.get("msg") or ""))[:200]
        if code == 0:
            return words
        if code in self.robot.never:
            raise Undeliverable(f"the robot refused it: {code} {words}")
        raise ServiceError(f"the robot did not take it: {code} {words}")


@dataclass(slots=True)
class AppriseNotifier:
    """Implements Notifier over whatever service apprise knows (extra `apprise`).

    apprise tells only whether it worked; so a failure is tried again, and never known to be for good.
    """

    url: str

    def send(self, message: Message) -> Receipt:
        """See Notifier."""
        from apprise import Apprise

        channel = Apprise()
        if not channel.add(self.url):
            raise Undeliverable("apprise does not know this kind of address: see its list of services")
        if not channel.notify(body=message.text, title=one_line(message.subject)):
            raise ServiceError("the service did not take it; apprise does not tell why")
        return Receipt(message.key, message.key)

    def close(self) -> None:
        """See Notifier."""


def recent(instants: Iterable[datetime]) -> deque[datetime]:
    """What RobotNotifier.sent begins with."""
    return deque(sorted(instants)[-A_MINUTE:])
