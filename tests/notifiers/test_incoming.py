"""What arrives in the inbox, as mail programs and servers write it."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.sync.notifiers.incoming import Bounce, Reply, own_words, read_mail

BOUNCE = """From: MAILER-DAEMON@mx.example.net
To: crm@example.com
Subject: Undelivered
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

sorry
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; wang@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} said
 the server

--b
Content-Type: {returned}

From: crm@example.com
Message-ID: <abc@example.com>
Subject: x

--b--
"""
REPLY = """From: =?utf-8?b?546L6Iqz?= <Wang@example.com>
To: crm@example.com
Message-ID: <r1@phone>
In-Reply-To: <abc@example.com>
References: <first@x> <abc@example.com>
{more}Content-Type: {kind}; charset={charset}
Content-Transfer-Encoding: 8bit

{text}"""


def bounce(action: str = "failed", status: str = "5.1.1", returned: str = "message/rfc822") -> object:
    return read_mail(BOUNCE.format(action=action, status=status, returned=returned).encode())


def reply(text: str, kind: str = "text/plain", charset: str = "utf-8", more: str = "") -> object:
    return read_mail(REPLY.format(text=text, kind=kind, charset=charset, more=more).encode(charset))


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce(returned: str) -> None:
    said = "smtp; 5.1.1 said the server"
    assert bounce(returned=returned) == Bounce("<abc@example.com>", "wang@example.com", True, said)


@pytest.mark.parametrize(
    ("status", "hard"),
    [("5.1.1", True), ("5.0.0", True), ("5.2.1", True), ("5.4.4", True), ("5.2.2", False), ("5.3.4", False),
     ("5.7.1", False), ("4.4.7", False), ("none", False)],
)  # fmt: skip
def test_only_what_the_address_is_at_fault_for_is_hard(status: str, hard: bool) -> None:
    found = bounce(status=status)
    assert isinstance(found, Bounce)
    assert found.hard is hard


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered"])
def test_what_may_still_arrive_did_not_come_back(action: str) -> None:
    assert bounce(action=action, status="4.4.1") is None


def test_a_reply() -> None:
    found = reply("收到\n\n在 2026年11月20日，客户管理 <crm@example.com> 写道：\n> 您好")
    assert found == Reply("<r1@phone>", ("<abc@example.com>", "<first@x>"), "Wang@example.com", "收到")


@pytest.mark.parametrize(("charset", "kind"), [("gbk", "text/plain"), ("utf-8", "text/html"), ("gb2312", "text/html")])
def test_a_reply_of_a_phone(charset: str, kind: str) -> None:
    text = (
        "<style>p{}</style><div>完成：已报价</div><blockquote>原文</blockquote>" if "html" in kind else "完成：已报价"
    )
    found = reply(text, kind, charset)
    assert isinstance(found, Reply)
    assert found.text == "完成：已报价"


@pytest.mark.parametrize(
    "more", ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "X-Autoreply: yes\n", "List-Id: <x.y>\n"]
)
def test_what_a_machine_answers_is_no_reply(more: str) -> None:
    assert reply("收到", more=more) is None


def test_the_answer_of_a_calendar_is_no_reply() -> None:
    assert reply("BEGIN:VCALENDAR", "text/calendar; method=REPLY") is None


@pytest.mark.parametrize(
    "quote",
    ["> 原文", "------------------ 原始邮件 ------------------", "-----Original Message-----", "发件人：客户管理",
     "From: crm@example.com", "On Fri, Nov 20, 2026 at 10:00 AM CRM <crm@example.com> wrote:", "-- ", "__________"],
)  # fmt: skip
def test_what_is_quoted_is_not_said(quote: str) -> None:
    assert own_words(f"收到\n{quote}\n完成") == "收到"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([BOUNCE, REPLY]), st.integers(0, 900), st.integers(0, 900))
def test_no_mail_is_an_error(noise: bytes, whole: str, start: int, end: int) -> None:
    content = whole.format(
        action="failed", status="5.1.1", returned="message/rfc822", more="", kind="text/plain", charset="x-no", text="y"
    ).encode()
    read_mail(content[:start] + noise + content[end:])
    read_mail(noise)


DEEP = {
    "multipart": "".join(f'Content-Type: multipart/mixed; boundary="{at}"\n\n--{at}\n' for at in range(1200)),
    "message": "Content-Type: message/rfc822\n\n" * 1200,
}


@pytest.mark.parametrize("kind", DEEP)
def test_a_mail_in_a_mail_a_thousand_deep_is_nothing_to_us(kind: str) -> None:
    assert read_mail(f"From: a@b.cn\nIn-Reply-To: <x@y.z>\n{DEEP[kind]}\n完成".encode()) is None


@pytest.mark.parametrize("charset", ["x-no", "idna", "undefined", "hex"])
def test_an_answer_in_a_charset_that_reads_nothing(charset: str) -> None:
    mail = REPLY.format(text="OK", kind="text/plain", charset=charset, more="Subject: =?utf-8?b?a?=\n").encode()
    found = read_mail(mail)
    assert isinstance(found, Reply)
    assert found.text == "OK"


@pytest.mark.parametrize("unit", ["<", "<br", "<style>", "<!--", "<title ", "</p", "<a b='"])
def test_a_page_of_nothing_but_beginnings_is_read_in_no_time(unit: str) -> None:
    began = process_time()
    reply(unit * (200_000 // len(unit)), "text/html")
    assert process_time() - began < 2, "by the square of its length it would be a minute"


def test_what_a_page_does_not_show_is_not_said() -> None:
    page = (
        "<html><head><title>题目</title><style>p {}</style></head><!-- 注 --><p>完成</p><script>x()</script><style>再见"
    )
    found = reply(page, "text/html")
    assert isinstance(found, Reply)
    assert found.text == "完成"
