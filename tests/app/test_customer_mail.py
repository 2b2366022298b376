"""Mails to customers through the whole program: asked for, approved, sent to a real server, written back."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.mailing_returns import TOLD
from crm_sheets.app.workspace import opened
from crm_sheets.approvals import Verb
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.sync.notifiers.sink import MailSink
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import CUSTOMER_MAIL, MAIL, SqlOutbox
from crm_sheets.tables import TabKey
from tests.app.mailing_teams import (
    CAMPAIGNS,
    MEMBERS,
    approve,
    ask,
    campaign_state,
    config,
    decide,
    mailing_team,
    states,
)
from tests.app.offices import CONFIG, NOW, Office

URL = 'unsubscribe_url = "https://example.com/u?m={token}"\n'


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        patched.setenv("CRM_MAIL_PASSWORD", "x")
        return mailing_team(tmp_path_factory.mktemp("mailing"), config(1))


@pytest.fixture(scope="module")
def approved(first: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        patched.setenv("CRM_MAIL_PASSWORD", "x")
        office = first.copied(tmp_path_factory.mktemp("approved"))
        approve(office)
        return office


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    monkeypatch.setenv("CRM_MAIL_PASSWORD", "x")
    return monkeypatch


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    with MailSink(tmp_path / "mails") as server:
        yield server


def team(of: Office, sink: MailSink, tmp_path: Path, more: str = "") -> Office:
    office = of.copied(tmp_path / "team")
    office.config.write_text(config(sink.port, more=more), encoding="utf-8")
    return office


def mails(sink: MailSink) -> dict[str, EmailMessage]:
    found = {}
    for file in sorted(sink.folder.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        if "news@" in str(mail["From"]):
            found[str(mail["To"].addresses[0].addr_spec)] = mail
    return found


def sent(office: Office) -> int:
    return app.send_mailings(office.settings).sent


def test_nothing_goes_before_the_lead_agreed(first: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(first, sink, tmp_path)
    assert sent(office) == 0
    request = ask(office)
    assert (request.approvers, request.new, request.flow) == ("张伟", "发送", "客户邮件")
    assert sent(office) == 0
    assert decide(office, Verb.REJECT).state == "已驳回"
    assert sent(office) == 0
    approve(office)
    assert sent(office) == 2
    assert sent(office) == 0
    assert set(mails(sink)) in ({"lina@example.org", "zhao@example.org"}, {"LiNa@example.org", "zhao@example.org"})


@pytest.mark.slow
def test_what_went_stands_in_the_list_of_members(approved: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(approved, sink, tmp_path)
    assert sent(office) == 2
    told = states(office)
    assert (told["杭州"], told["青岛"]) == ("已发送", "不发送：没有邮箱")
    assert sorted(str(told[name]) for name in ("上海", "苏州")) == ["不发送：与名单上另一客户邮箱相同", "已发送"]
    assert "成都" not in told, "who said 请勿联系 is on no list"
    assert campaign_state(office) == "已批准，发送中：已发 2/4"
    with opened(office.settings) as workspace:
        columns = {line.entry.column for line in workspace.state.journal() if line.entry.tab == "campaign_members"}
    assert {"mailed_at", "mail_outcome", "mail_state"} <= columns
    assert not office.sync().written


@pytest.mark.slow
def test_the_mail_says_what_was_written_and_how_to_get_no_more(
    approved: Office, sink: MailSink, tmp_path: Path
) -> None:
    sent(team(approved, sink, tmp_path, URL))
    mail = mails(sink)["zhao@example.org"]
    assert (mail["Subject"], mail["Reply-To"]) == ("新品发布会邀请函", "crm@example.com")
    token = str(mail["Message-ID"])[1:].partition("@")[0]
    assert mail["List-Unsubscribe"] == (
        f"<mailto:crm@example.com?subject=unsubscribe%20%3C{token}%40example.com%3E>, <https://example.com/u?m={token}>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content().startswith("赵敏，您好：\r\n诚邀 杭州锦昌环保科技有限公司 参加 <b>发布会</b>。\r\n")
    assert "上海市示例路 1 号" in text.get_content()
    assert "&lt;b&gt;发布会&lt;/b&gt;" in html.get_content()


@pytest.mark.slow
def test_a_campaign_that_is_typed_in_one_go_is_asked_for(sink: MailSink, tmp_path: Path) -> None:
    office = mailing_team(tmp_path / "team", config(sink.port), 邮件发送="发送")
    (request,) = app.approvals(office.settings).requests
    assert (request.new, request.subject) == ("发送", "新品发布会")
    decide(office)
    assert sent(office) == 2


@pytest.mark.slow
def test_without_a_page_nobody_is_promised_one_click(approved: Office, sink: MailSink, tmp_path: Path) -> None:
    sent(team(approved, sink, tmp_path))
    mail = mails(sink)["zhao@example.org"]
    assert "https" not in mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tab", "row", "cells"),
    [
        (CAMPAIGNS, 2, {"邮件正文": "请来"}),
        (MEMBERS, 6, {"活动": "新品发布会", "客户": "成都天府食品有限公司", "参与状态": "已邀请"}),
    ],
)
def test_another_text_or_list_asks_anew(
    approved: Office, sink: MailSink, tmp_path: Path, tab: str, row: int, cells: dict[str, str]
) -> None:
    office = team(approved, sink, tmp_path)
    office.type(tab, row, cells)
    office.sync()
    assert sent(office) == 0
    assert "campaign-mail-lapsed" in {issue.code for issue in app.check(office.settings).issues}
    approve(office)
    assert sent(office) == 2


@pytest.mark.slow
def test_a_text_that_changes_while_the_lead_thinks_ends_the_request(
    first: Office, sink: MailSink, tmp_path: Path
) -> None:
    office = team(first, sink, tmp_path)
    ask(office)
    office.type(CAMPAIGNS, 2, {"邮件正文": "别的"})
    decide(office)
    office.sync()
    assert sent(office) == 0
    assert app.approvals(office.settings).requests == ()
    assert campaign_state(office) == "待提交审批"


@pytest.mark.slow
def test_another_template_asks_anew(approved: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(approved, sink, tmp_path, '[templates]\nfolder = "templates"\n')
    own = office.folder / "templates" / "zh-CN"
    own.mkdir(parents=True)
    (own / "customer.txt.j2").write_text("{{ text }} {{ imprint }}", encoding="utf-8")
    assert sent(office) == 0
    approve(office)
    assert sent(office) == 2


@pytest.mark.slow
def test_who_says_no_at_the_last_moment_gets_nothing(approved: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(approved, sink, tmp_path)
    office.type("客户", 3, {"联系许可": "请勿联系"})
    office.type("客户", 2, {"邮件退订时间": "2026-11-20"})
    assert sent(office) == 0
    assert mails(sink) == {}, "the address of whoever unsubscribed is closed for other rows, too"
    office.type("客户", 3, {"联系许可": None})
    assert sent(office) == 1


@pytest.mark.slow
def test_what_waits_in_the_outbox_is_asked_once_more(
    approved: Office, tmp_path: Path, clock: pytest.MonkeyPatch
) -> None:
    """The server is down when the mails are made; until it is up, somebody unsubscribes and another is stopped."""
    office = approved.copied(tmp_path / "team")
    assert app.send_mailings(office.settings).stopped
    with MailSink(tmp_path / "mails") as sink:
        office.config.write_text(config(sink.port), encoding="utf-8")
        app.unsubscribe(office.settings, "zhao@example.org")
        clock.setenv("CRM_SHEETS_NOW", "2026-11-20T02:10:00+00:00")
        done = app.send_mailings(office.settings)
        assert (done.sent, done.withheld) == (1, 1)
        office.type(CAMPAIGNS, 2, {"邮件发送": "停止"})
        assert app.send_mailings(office.settings).sent == 0
    assert states(office)["杭州"] == "不发送：客户已退订邮件"
    assert campaign_state(office) == "已停止：已发 1/4"


@pytest.mark.slow
def test_so_many_a_minute_and_a_day(
    approved: Office, sink: MailSink, tmp_path: Path, clock: pytest.MonkeyPatch
) -> None:
    office = team(approved, sink, tmp_path, "per_minute = 1\nper_day = 1\n")
    assert [sent(office), sent(office)] == [1, 0]
    clock.setenv("CRM_SHEETS_NOW", "2026-11-20T02:02:00+00:00")
    assert sent(office) == 0
    clock.setenv("CRM_SHEETS_NOW", "2026-11-21T02:00:00+00:00")
    assert sent(office) == 0, "nobody works on Saturdays"
    clock.setenv("CRM_SHEETS_NOW", "2026-11-23T00:30:00+00:00")
    assert sent(office) == 0, "08:30"
    clock.setenv("CRM_SHEETS_NOW", "2026-11-23T01:00:00+00:00")
    assert sent(office) == 1


@pytest.mark.slow
def test_an_address_that_the_server_refuses_comes_back_to_the_customer(
    approved: Office, tmp_path: Path, clock: pytest.MonkeyPatch
) -> None:
    from tests.notifiers.servers import Mailbox, MailServer

    box = Mailbox(refusals={"zhao@example.org": "550 5.1.1 no such user"})
    with MailServer(box) as server:
        office = approved.copied(tmp_path / "team")
        office.config.write_text(config(server.port), encoding="utf-8")
        with opened(office.settings) as workspace:
            workspace.state.set_note(TOLD, "2030-01-01T00:00:00+00:00")  # the clock was far ahead once
        assert app.send_mailings(office.settings).refused == 1
        assert states(office)["杭州"] == "已退信"
        assert office.rows("客户")[1]["退信邮箱"] == "zhao@example.org"
        assert "customer-email-bounced" in {issue.code for issue in app.check(office.settings).issues}
        office.type("客户", 3, {"邮箱": "zhao.min@example.org"})
        clock.setenv("CRM_SHEETS_NOW", "2026-11-20T02:05:00+00:00")
        assert sent(office) == 1
    assert states(office)["杭州"] == "已发送"


@pytest.mark.slow
def test_a_name_adds_no_header(first: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(first, sink, tmp_path)
    office.type("客户", 3, {"联系人": "赵敏\r\nBcc: all@example.org"})
    office.type(CAMPAIGNS, 2, {"邮件主题": "{联系人}：\n邀请"})
    office.sync()
    approve(office)
    sent(office)
    mail = mails(sink)["zhao@example.org"]
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]


def test_the_preview_shows_the_mail_and_who_gets_it(first: Office, tmp_path: Path) -> None:
    told = app.preview_mailing(first.settings, "新品发布会", "杭州锦昌环保科技有限公司", tmp_path / "preview")
    assert (told.subject, told.address) == ("新品发布会邀请函", "zhao@example.org")
    assert "赵敏，您好" in told.html_file.read_text(encoding="utf-8")
    assert told.text_file.read_text(encoding="utf-8").startswith("新品发布会邀请函\n\n赵敏，您好")
    with told.list_file.open(encoding="utf-8-sig") as file:
        lines = {row["客户名称"][:2]: row["发送情况"] for row in csv.DictReader(file)}
    assert lines["杭州"] == "待发送"
    assert lines["青岛"] == "不发送：没有邮箱"
    assert (told.mailing.receive, told.mailing.members) == (2, 4)
    (listed,) = app.mailings(first.settings).mailings
    assert (listed.state, listed.approved, listed.others) == (
        "待提交审批",
        "",
        {"no-address": 1, "same-address": 1},
    )
    with pytest.raises(UsageError, match="没有唯一的活动"):
        app.preview_mailing(first.settings, "别的", None, tmp_path)


@pytest.mark.slow
def test_whoever_clicks_on_the_page_is_named_by_the_token(approved: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(approved, sink, tmp_path, URL)
    sent(office)
    token = str(mails(sink)["zhao@example.org"]["Message-ID"])[1:].partition("@")[0]
    assert len(app.unsubscribe(office.settings, token).customers) == 1
    assert states(office)["杭州"] == "已退订"
    assert office.rows("客户")[1]["邮件退订时间"] is not None
    assert app.unsubscribe(office.settings, token).customers == ()
    with pytest.raises(UsageError, match="没有客户使用该邮箱"):
        app.unsubscribe(office.settings, "%")
    both = app.unsubscribe(office.settings, "lina@example.org").customers
    assert len(both) == 2, "both rows with the address"


@pytest.mark.slow
def test_a_greeting_goes_on_the_birthday_once_a_year(
    first: Office, sink: MailSink, tmp_path: Path, clock: pytest.MonkeyPatch
) -> None:
    office = team(first, sink, tmp_path)
    office.type(CAMPAIGNS, 2, {"问候场合": "生日", "开始日期": "2026-01-01", "结束日期": "2027-12-31"})
    office.type_all("客户", {2: {"客户类型": "个人客户", "生日": "1990-11-21"}, 3: {"生日": "1990-11-24"}})
    office.sync()
    approve(office)
    for day, count in (("2026-11-20", 0), ("2026-11-21", 1), ("2026-11-24", 1), ("2027-11-21", 1)):
        clock.setenv("CRM_SHEETS_NOW", datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC).isoformat())
        assert (day, sent(office)) == (day, count), "a Saturday is as good as any day"


@pytest.mark.slow
def test_mails_to_customers_and_to_the_team_do_not_mix(approved: Office, sink: MailSink, tmp_path: Path) -> None:
    office = team(approved, sink, tmp_path)
    sent(office)
    with opened(office.settings) as workspace:
        ours, theirs = (SqlOutbox(workspace.state, channel) for channel in (MAIL, CUSTOMER_MAIL))
        assert {entry.kind for entry in theirs.entries((State.SENT,))} == {"customer-campaign"}
        assert all(entry.kind.startswith("approval-") for entry in ours.entries(tuple(State)))


def test_a_team_that_writes_to_nobody_has_none_of_it(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.config.write_text(CONFIG, encoding="utf-8")
    with opened(office.settings) as workspace:
        assert "unsubscribed_at" not in workspace.tabs[TabKey("customers")].columns
        assert "approvals" not in workspace.tabs
    with pytest.raises(UsageError, match="未启用"):
        app.mailings(office.settings)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"campaigns", ', "", "add it to [workbook] tabs"),
        ('sender = "示例公司 <news@example.com>"\n', "", "sender is missing"),
        ('[mail.inbox]\nhost = "127.0.0.1"\n', "[mail.inbox]\n", "who unsubscribes must be heard"),
        ("reply_to", 'unsubscribe_url = "http://example.com/{token}"\nreply_to', "begins with https://"),
    ],
)
def test_a_config_that_lacks_something_is_told(first: Office, tmp_path: Path, old: str, new: str, told: str) -> None:
    office = first.copied(tmp_path / "team")
    office.config.write_text(config(1).replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=told.replace("[", r"\[").replace("]", r"\]")):
        _ = office.settings
