"""Mails to customers through a real mail server: what arrives, what comes back, also when the process dies."""

import os
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import unquote

import pytest

from crm_sheets import app
from crm_sheets.app.mailing_rounds import mailing_round
from crm_sheets.app.workspace import opened
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import CUSTOMER_MAIL, SqlOutbox
from tests.app.mailing_teams import CUSTOMER_MAIL as SECTION
from tests.app.mailing_teams import TABS, approve, campaign_state, mailing_team, states
from tests.app.offices import CONFIG, NOW, Office
from tests.app.test_fault_injection import in_child
from tests.mailing.conftest import mail_config
from tests.mailing.post_office import ARCHIVE, CRM, REFUSED, UNKNOWN, PostOffice
from tests.mailing.test_mail_kills import HOW, killing

QUIET = "[mail.calendar]\nenabled = false\n[reminders.digest]\nenabled = false\n"
ARCHIVING = f'archive = "INBOX"\narchive_address = "{ARCHIVE}"\nsettles = "1s"\n'
ADDRESSES = {2: "wangfang@example.com", 3: "zhangwei@example.com", 4: UNKNOWN, 5: REFUSED}
ROOMY = 'per_minute = 600\nhours = ["00:00-24:00"]\ndays_off = true\n'
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(running: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        patched.setenv("CRM_MAIL_PASSWORD", "geheim")
        office = mailing_team(tmp_path_factory.mktemp("mailing"), text(running, CRM))
        office.type_all("客户", {row: {"邮箱": address, "联系许可": None} for row, address in ADDRESSES.items()})
        office.type("营销活动", 2, {"目标客群": "邮箱 不为空", "生成名单": "补充"})
        office.sync()
        approve(office)
        return office


@pytest.fixture
def office(built: Office, post: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    return built.copied(tmp_path / "team")


def text(post: PostOffice, user: str, more: str = "") -> str:
    return CONFIG + TABS + mail_config(post, user) + more + QUIET + SECTION + ROOMY


def mail_in(post: PostOffice, box: str) -> EmailMessage:
    (content,) = post.wait_for(box, 1)
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def write(post: PostOffice, sender: str, subject: str, said: str, to: EmailMessage | None = None) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, CRM, subject
    mail["Message-ID"] = f"<{abs(hash((sender, subject)))}@phone>"
    if to is not None:
        mail["In-Reply-To"] = to["Message-ID"]
    mail.set_content(said)
    post.send(mail, sender)


def later(clock: pytest.MonkeyPatch, minutes: int) -> None:
    clock.setenv("CRM_SHEETS_NOW", (NOW + timedelta(minutes=minutes)).isoformat())


def test_what_customers_and_their_servers_say_comes_back(
    office: Office, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = app.send_mailings(office.settings)
    assert (done.sent, done.refused) == (3, 1)
    wang, zhang = mail_in(post, "box"), mail_in(post, "zhang")
    post.wait_for("crm", 1)  # the report that nobody has the address of the third
    later(monkeypatch, 5)
    write(post, "zhangwei@example.com", "回复", "很感兴趣，请联系我。", zhang)
    target = str(wang["List-Unsubscribe"]).partition("mailto:")[2].partition(">")[0].partition("?subject=")
    write(post, "private@example.com", unquote(target[2]), "")
    assert target[0] == CRM
    came = Counter(mail.outcome for mail in app.inbox(office.settings).mails)
    assert came == {"came-back": 1, "taken": 2}
    told = states(office)
    assert [told[name] for name in ("上海", "杭州", "苏州", "成都")] == ["已退订", "已回复", "已退信", "已退信"]
    assert campaign_state(office) == "已批准，发送中：已发 4/5，退信 2，回复 1，退订 1"
    rows = {str(row["客户名称"])[:2]: row for row in office.rows("客户")}
    assert rows["上海"]["邮件退订时间"] is not None
    assert (rows["苏州"]["退信邮箱"], rows["成都"]["退信邮箱"]) == (UNKNOWN, REFUSED)
    (follow_up,) = office.rows("跟进")
    assert (follow_up["客户"], follow_up["跟进人"]) == ("杭州锦昌环保科技有限公司", "王芳")
    assert "很感兴趣，请联系我。" in str(follow_up["跟进内容"])
    with opened(office.settings) as workspace:
        authors = {line.entry.author for line in workspace.state.journal() if line.entry.column == "unsubscribed_at"}
    assert authors == {"private@example.com (mail)"}
    assert app.inbox(office.settings).mails == ()
    assert app.send_mailings(office.settings).sent == 0


def test_an_answer_that_says_no_more_is_no_answer(office: Office, post: PostOffice) -> None:
    app.send_mailings(office.settings)
    write(post, "zhangwei@example.com", "Re: 邀请", "退订\n\n> 您好", mail_in(post, "zhang"))
    app.inbox(office.settings)
    assert states(office)["杭州"] == "已退订"
    assert office.rows("跟进") == []


def sending(office: Office, how: str, at: int) -> int:
    if how:
        killing(how, at)
    with opened(office.settings) as workspace:
        mailing_round(workspace, datetime.now(UTC))
    return 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork of this one")
def test_whenever_the_process_dies_each_gets_one(
    office: Office, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_SHEETS_NOW")
    office.config.write_text(text(post, ARCHIVE, ARCHIVING), encoding="utf-8")
    office.type("营销活动", 2, {"结束日期": "2099-01-01"})
    office.type_all("客户", {4: {"邮箱": "wang@example.com"}, 5: {"邮箱": None}})
    office.sync()  # the day of its end is part of what was approved
    approve(office)
    for how in HOW:
        assert in_child(lambda how=how: sending(office, how, 1)) in {-signal.SIGKILL, 0}  # type: ignore[misc]
        time.sleep(1.1)
    until = time.monotonic() + 30
    while time.monotonic() < until and "待发送" in states(office).values():
        sending(office, "", 0)
        time.sleep(0.5)
    assert [len(post.wait_for(box, 1)) for box in ("box", "zhang", "wang")] == [1, 1, 1]
    assert sorted(map(str, states(office).values())) == sorted(["已发送"] * 3 + ["不发送：没有邮箱"] * 2)
    with opened(office.settings) as workspace:
        assert SqlOutbox(workspace.state, CUSTOMER_MAIL).counts() == {State.SENT: 3}
