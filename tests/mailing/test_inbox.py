"""Answers and bounces through a real mail server: what becomes of the rows, the addresses and the people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import unquote

import pytest

from crm_sheets import app, reports
from crm_sheets.app.workspace import opened
from crm_sheets.errors import UsageError
from crm_sheets.sync.outbox import SUSPENDED, State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import ColumnKey, TabKey
from tests.app.offices import Office
from tests.mailing.post_office import CRM, UNKNOWN, PostOffice

PLAN = {"客户": "上海宏图机械有限公司", "跟进方式": "电话", "跟进内容": "报价", "跟进人": "王芳"}
NAME, OFF = ColumnKey("name"), ColumnKey("remind_off")
WANG = "wangfang@example.com"
QUIET = "\n[mail.calendar]\nenabled = false\n[reminders.digest]\nenabled = false\n"
VIEWS = """
[views]
enabled = true
[[grant]]
role = "sales"
tab = "follow_ups"
columns = { "*" = "read" }
rows = ["own"]
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"
"""


@pytest.fixture
def reminded(team: Office, post: PostOffice, monkeypatch: pytest.MonkeyPatch) -> EmailMessage:
    """A follow-up was due, and 王芳 got a mail."""
    return remind(team, post, monkeypatch)


def remind(office: Office, post: PostOffice, clock: pytest.MonkeyPatch, more: str = QUIET) -> EmailMessage:
    office.config.write_text(office.config.read_text(encoding="utf-8") + more, encoding="utf-8")
    office.add("跟进", [{**PLAN, "计划完成时间": "2026-11-20 10:05"}])
    office.sync()
    at(clock, 10, 10)
    office.sync()
    app.remind(office.settings)
    post.wait_for("box", 2 if "[views]" in more else 1)  # with views, there is a letter of welcome
    mails = [message_from_bytes(content, policy=default) for content in post.mails("box")]
    (mail,) = (mail for mail in mails if "跟进提醒" in mail["Subject"])
    assert isinstance(mail, EmailMessage)
    return mail


def at(clock: pytest.MonkeyPatch, hour: int, minute: int) -> None:
    """It is that time in Shanghai."""
    clock.setenv("CRM_SHEETS_NOW", datetime(2026, 11, 20, hour - 8, minute, tzinfo=UTC).isoformat())


def answer(post: PostOffice, to: EmailMessage, text: str, sender: str = WANG, **headers: str) -> None:
    mail = EmailMessage()
    for name, value in {"From": sender, "To": CRM, "Subject": f"回复：{to['Subject']}"}.items():
        mail[name] = value
    mail["Message-ID"] = f"<{abs(hash((text, sender)))}@phone>"
    mail["In-Reply-To"] = to["Message-ID"]
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{text}\n\n> {to['Subject']}\n")
    post.send(mail, sender)


def outcomes(office: Office) -> list[tuple[str, str]]:
    return [(mail.outcome, mail.said) for mail in app.inbox(office.settings).mails]


def follow_up(office: Office) -> Mapping[str, object]:
    """The record, instants as the clocks of the team show them."""
    with opened(office.settings) as workspace:
        (record,) = workspace.state.all_records(TabKey("follow_ups")).values()
        zone = workspace.settings.workbook.zone
    return {
        str(key): f"{value.astimezone(zone):%d %H:%M}" if isinstance(value, datetime) else value
        for key, value in record.values.items()
    }


def test_done_is_an_edit_of_the_row(team: Office, post: PostOffice, reminded: EmailMessage) -> None:
    answer(post, reminded, "完成：客户同意报价")
    assert outcomes(team) == [("taken", "done")]
    row = follow_up(team)
    assert (row["done_at"], row["result"], row["state"]) == ("20 10:10", "客户同意报价", "已完成")
    assert [each["跟进结果"] for each in team.rows("跟进")] == ["客户同意报价"]
    with opened(team.settings) as workspace:
        authors = {line.entry.author for line in workspace.state.journal() if line.entry.column == "done_at"}
    assert authors == {"王芳 (mail)"}
    assert outcomes(team) == []
    answer(post, reminded, "已完成")
    assert outcomes(team) == [("already", "已完成")]


def test_heard_and_later_keep_reminders_away(team: Office, post: PostOffice, reminded: EmailMessage) -> None:
    answer(post, reminded, "推迟 2小时")
    assert outcomes(team) == [("taken", "later")]
    assert follow_up(team)["snoozed_until"] == "20 12:10"
    answer(post, reminded, "收到，谢谢")
    assert outcomes(team) == [("taken", "heard")]
    row = follow_up(team)
    assert (row.get("snoozed_until"), row.get("remind_action"), row["heard_of"]) == (None, None, "20 10:05")


def test_an_hour_is_one_of_where_the_writer_lives(team: Office, post: PostOffice, reminded: EmailMessage) -> None:
    team.type("组织", 2, {"时区": "America/New_York"})
    team.sync()
    answer(post, reminded, "推迟到明天 9:30")  # it is the evening of the 19th there
    assert outcomes(team) == [("taken", "later")]
    assert follow_up(team)["snoozed_until"] == "20 22:30"


def test_what_is_not_understood_is_said(team: Office, post: PostOffice, reminded: EmailMessage) -> None:
    answer(post, reminded, "电话是多少？")
    assert outcomes(team) == [("not-understood", "电话是多少？")]
    app.remind(team.settings)
    told = message_from_bytes(post.wait_for("box", 2)[-1], policy=default)
    contents = [message_from_bytes(each, policy=default)["Subject"] for each in post.mails("box")]
    assert any("没有看懂" in subject for subject in contents), told


def test_nobody_else_answers_for_somebody(team: Office, post: PostOffice, reminded: EmailMessage) -> None:
    answer(post, reminded, "完成", sender="zhangwei@example.com")
    answer(post, reminded, "完成", Auto_Submitted="auto-replied")
    assert outcomes(team) == [("other-sender", "完成")]
    assert follow_up(team).get("done_at") is None


def test_who_may_only_read_a_row_does_not_change_it_by_mail(
    team: Office, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = remind(team, post, monkeypatch, QUIET + VIEWS)
    answer(post, mail, "完成")
    assert outcomes(team) == [("not-allowed", "完成")]
    assert follow_up(team).get("done_at") is None


def test_twice_hard_and_an_address_is_suspended(
    team: Office, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.config.write_text(team.config.read_text(encoding="utf-8") + QUIET, encoding="utf-8")
    team.type("组织", 2, {"邮箱": UNKNOWN, "上级": "张伟"})
    came: list[reports.ArrivedMail] = []
    for number, hour in enumerate((11, 13, 15), 1):
        at(monkeypatch, hour, 30)
        team.add("跟进", [{**PLAN, "计划完成时间": f"2026-11-20 {hour:02}:50"}])
        team.sync()
        at(monkeypatch, hour, 55)
        team.sync()
        app.remind(team.settings)
        post.wait_for("crm", min(number, 2))
        came += app.inbox(team.settings).mails
    assert [(mail.outcome, mail.sender) for mail in came] == [("came-back", UNKNOWN), ("suspended", UNKNOWN)]
    with opened(team.settings) as workspace:
        assert [each.person for each in SqlOutbox(workspace.state).with_error(State.DEAD, SUSPENDED)] == ["王芳"]
    app.remind(team.settings)
    (told,) = post.wait_for("zhang", 1)
    assert UNKNOWN in message_from_bytes(told, policy=default)["Subject"]
    assert app.status(team.settings).suspended == (UNKNOWN,)
    team.type("组织", 2, {"邮箱": WANG})
    at(monkeypatch, 16, 0)
    team.sync()
    app.remind(team.settings)
    assert len(post.wait_for("box", 1)) == 1


def test_whoever_wants_no_digest_says_so_by_mail(
    team: Office, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.add("跟进", [{**PLAN, "计划完成时间": "2026-11-23 15:00"}])
    team.sync()
    monkeypatch.setenv("CRM_SHEETS_NOW", datetime(2026, 11, 23, 1, 30, tzinfo=UTC).isoformat())
    team.sync()
    app.remind(team.settings)
    post.wait_for("box", 2)
    mails = [message_from_bytes(content, policy=default) for content in post.mails("box")]
    (digest,) = (mail for mail in mails if mail["List-Unsubscribe"])
    assert isinstance(digest, EmailMessage)
    to, _, subject = str(digest["List-Unsubscribe"]).removeprefix("<mailto:").removesuffix(">").partition("?subject=")
    assert (to, unquote(subject)) == (CRM, f"unsubscribe {digest['Message-ID']}")
    mail = EmailMessage()
    for name, value in {"From": WANG, "To": to, "Subject": unquote(subject), "Message-ID": "<u@phone>"}.items():
        mail[name] = value
    post.send(mail, WANG)
    assert outcomes(team) == [("taken", "unsubscribe")]
    with opened(team.settings) as workspace:
        people = workspace.state.all_records(TabKey("people")).values()
    assert [record.values.get(OFF) for record in people if record.values[NAME] == "王芳"] == ["日报"]


def test_what_is_not_suspended_is_not_released(team: Office) -> None:
    with pytest.raises(UsageError, match="没有被停用"):
        app.release(team.settings, UNKNOWN)
