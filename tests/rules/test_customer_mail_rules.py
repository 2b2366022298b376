"""Mails to customers: who gets one and who does not, on which day, and what it is that was approved."""

from dataclasses import replace
from datetime import datetime

import pytest

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import cells, record_of
from crm_sheets.rules.bounced_addresses import bounced_addresses
from crm_sheets.rules.campaign_mails import campaign_mails
from crm_sheets.rules.customer_mail import (
    MailTerms,
    address_key,
    filled_in,
    is_released,
    occasion_now,
    refusal,
    version_of,
)
from crm_sheets.rules.member_mails import mailed_members, member_mails
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.tables import ColumnKey
from tests.rules.tables import TextBook, before, book, clock, context, outcome

FAIR = "展会 | 2026-11-01 | 2026-12-31 | {活动名称}邀请 | {联系人}，您好"
TERMS = MailTerms()
ALL = ("华为", "小米", "海尔", "格力", "美的", "长虹")
CUSTOMERS = """
    customers
    key | name | contact | email | contact_consent | unsubscribed_at | bounced_email | status | birthday
    C-1 | 华为 | 李娜 | a@b.cn | | | | 成交客户 | 1990-11-22
    C-2 | 小米 | 王五 | b@b.cn | 请勿联系 | | | |
    C-3 | 海尔 | 赵六 | c@b.cn | | 2026-11-01 10:00 | | |
    C-4 | 格力 | 周一 | | | | | |
    C-5 | 美的 | 钱七 | D@B.cn | 可联系 | | d@b.cn | |
    C-6 | 长虹 | 孙八 | f@b.cn | 仅邮件 | | | 流失客户 |
"""


def fair(campaign: str = FAIR, more: str = "", members: tuple[str, ...] = ALL) -> TextBook:
    header = "key | name | starts_on | ends_on | mail_subject | mail_text"
    extra = [each.partition("=") for each in more.split(";") if each]
    header += "".join(f" | {name}" for name, _, _ in extra)
    line = campaign + "".join(f" | {value}" for _, _, value in extra)
    rows = "\n".join(f"    M-{n} | A-1 | {who} | C-{n} | 已邀请" for n, who in enumerate(members, 1))
    return book(
        f"""
    campaigns
    {header}
    A-1 | {line}

    campaign_members
    key | campaign | customer | customer_id | state
{rows}
{CUSTOMERS}"""
    )


def of(found: TextBook, key: str) -> Row:
    return next(row for row in found.rows if row.key == key)


def states(found: TextBook, terms: MailTerms = TERMS) -> list[object]:
    rule = mailed_members(terms)
    members = [row.key for row in found.rows if row.key.startswith("M-")]
    return [outcome(rule, found, key).values.get("mail_state") for key in members]  # type: ignore[call-overload]


def test_every_member_is_told_whether_it_gets_the_mail_and_why_not() -> None:
    assert states(fair()) == [
        "待发送",
        "不发送：客户表示请勿联系",
        "不发送：客户已退订邮件",
        "不发送：没有邮箱",
        "不发送：该邮箱曾退信",
        "待发送",
    ]
    assert states(fair(), MailTerms(opt_in=True)) == [
        "不发送：客户尚未同意联系",
        "不发送：客户表示请勿联系",
        "不发送：客户已退订邮件",
        "不发送：客户尚未同意联系",
        "不发送：该邮箱曾退信",
        "待发送",
    ]
    assert states(fair(more="mail_occasion=生日"))[5] == "不发送：流失客户"
    assert states(fair(more="mail_occasion=生日"))[:1] == ["待发送"]
    assert states(fair("展会 | 2026-11-01 | 2026-12-31 | |")) == [None] * 6


def test_an_address_that_cannot_be_read_and_a_birthday_that_is_missing_are_reasons() -> None:
    found = fair(more="mail_occasion=生日")
    around, campaign = context(found), record_of(of(found, "A-1"), Campaign)
    customer = of(found, "C-1")
    why = refusal(of(found, "M-1"), replace(customer, unreadable=frozenset({"email"})), campaign, around, MailTerms())  # type: ignore[arg-type]
    assert why == "bad-address"
    said_no = replace(customer, unreadable=frozenset({ColumnKey("unsubscribed_at")}))  # a day that nobody can read
    assert refusal(of(found, "M-1"), said_no, campaign, around, MailTerms()) == "unsubscribed"
    nobody = replace(customer, record=customer.record.model_copy(update={"birthday": None}))
    assert refusal(of(found, "M-1"), nobody, campaign, around, MailTerms()) == "no-birthday"
    assert refusal(of(found, "M-1"), None, campaign, around, MailTerms()) == "no-customer"
    festival = campaign.model_copy(update={"mail_occasion": "中秋节"})
    assert refusal(of(found, "M-1"), nobody, festival, around, MailTerms()) is None, "a festival needs no birthday"


def test_one_address_in_two_ways_of_writing() -> None:
    assert address_key(" LiNa@example.org ") == address_key("lina@Example.ORG") == "lina@example.org"
    assert address_key(None) == ""


def test_a_member_is_told_what_became_of_its_mail() -> None:
    found = book(
        f"""
    campaigns
    key | name | mail_subject | mail_text
    A-1 | 展会 | 邀请 | 您好

    campaign_members
    key | campaign | customer | mail_outcome | mailed_at
    M-1 | 展会 | C-1 | sent | 2026-11-20 10:00
    M-2 | 展会 | C-2 | bounced | 2026-11-20 10:00
    M-3 | 展会 | C-6 | |
{CUSTOMERS}"""
    )
    assert states(found) == ["已发送", "已退信", "待发送"]


def test_a_member_of_no_campaign_or_of_one_that_writes_no_more_is_told_nothing() -> None:
    members = "campaign_members\nkey | campaign | customer | mail_state\nM-1 | A-9 | C-1 |\nM-2 | A-1 | C-1 | 待发送"
    found = book(f"campaigns\nkey | name\nA-1 | 展会\n\n{members}\n{CUSTOMERS}")
    assert outcome(member_mails, found, "M-1") == NOTHING
    assert outcome(member_mails, found, "M-2") == Outcome(values=cells(mail_state=None)), "what stood there goes"


def judged(found: TextBook, now: str = "2026-11-22 10:00") -> Outcome:
    """Of a campaign that was there before."""
    return campaign_mails(before(of(found, "A-1")), context(found, clock(now)))


def version(found: TextBook, terms: MailTerms = TERMS) -> str | None:
    return version_of(of(found, "A-1"), context(found), terms)


def test_another_text_another_member_another_look_is_another_version() -> None:
    first = version(fair())
    assert first
    assert first == version(fair(members=("小米", "华为", "海尔", "格力", "美的", "长虹"))), "the order does not matter"
    others = {
        version(fair(FAIR + "！")),
        version(fair(FAIR.replace("邀请", "请柬"))),
        version(fair(FAIR.replace("展会 ", "博览会 "))),
        version(fair(FAIR.replace("11-01", "11-02"))),
        version(fair(FAIR.replace("12-31", "12-30"))),
        version(fair(members=("华为", "小米"))),
        version(fair(more="mail_occasion=生日")),
        version(fair(more="audience=地区 是 深圳")),
        version(fair(), MailTerms(look="new")),
    }
    assert len({*others, first}) == 10
    assert version(fair("展会 | 2026-11-01 | 2026-12-31 | | 您好")) is None
    assert version(fair(FAIR + " {密码}")) is None


def test_what_was_not_approved_as_it_stands_is_not_released() -> None:
    now = version(fair())
    approved = judged(fair(more=f"mail_release=发送;mail_approved={now}"))
    assert (approved.values.get("mail_release", "kept"), approved.issues) == ("kept", ())  # type: ignore[call-overload]
    assert approved.values["mail_state"] == "已批准，发送中"  # type: ignore[index]
    for other in (f"mail_release=发送;mail_approved=0{now}", "mail_release=发送"):
        refused = judged(fair(more=other))
        assert refused.values["mail_release"] is None  # type: ignore[index]
        assert refused.values["mail_state"] == "待提交审批"  # type: ignore[index]
    changed = judged(fair(FAIR + "！", more=f"mail_release=发送;mail_approved={now}"))
    assert changed.values["mail_release"] is None  # type: ignore[index]
    assert [issue.code for issue in changed.issues] == ["campaign-mail-lapsed"]
    assert judged(fair(more="mail_release=停止")).values["mail_state"] == "已停止"  # type: ignore[index]


def test_nothing_is_released_but_what_was_approved() -> None:
    around = context(fair())
    approved = Campaign(name="展会", mail_release="发送", mail_version="1", mail_approved="1")
    assert is_released(approved, around)
    for other in ({"mail_version": "2"}, {"mail_approved": None}, {"mail_release": None}, {"mail_release": "停止"}):
        assert not is_released(approved.model_copy(update=other), around), other
    neither = {"mail_version": None, "mail_approved": None}
    assert not is_released(approved.model_copy(update=neither), around), "no text, and none approved"


def test_a_campaign_says_where_its_mail_stands_and_when_that_changes() -> None:
    now = version(fair())
    later = fair(more=f"mail_release=发送;mail_approved={now};mail_at=2026-11-22 16:00")
    waits, goes = judged(later), judged(later, "2026-11-22 16:00")
    assert waits.values["mail_state"] == "已批准，2026-11-22 16:00 起发送"  # type: ignore[index]
    assert waits.wake_at == clock("2026-11-22 16:00")
    assert goes.values["mail_state"] == "已批准，发送中"  # type: ignore[index]
    assert goes.wake_at == clock("2027-01-01 00:00")
    over = judged(later, "2027-01-01 00:00")
    assert (over.values["mail_state"], over.wake_at) == ("活动已结束", None)  # type: ignore[index]
    changed = judged(fair(FAIR + "！", more=f"mail_approved={now}"), "2027-01-01 00:00")
    assert changed.issues == (), "what changes after the end needs no approval"
    last_day = judged(fair(FAIR + "！", more=f"mail_approved={now}"), "2026-12-31 23:59")
    assert [issue.code for issue in last_day.issues] == ["campaign-mail-lapsed"]
    endless = fair("展会 | 2026-11-01 | | 邀请 | 您好")
    approved = fair("展会 | 2026-11-01 | | 邀请 | 您好", more=f"mail_release=发送;mail_approved={version(endless)}")
    assert judged(approved).values["mail_state"] == "活动已结束"  # type: ignore[index]
    assert occasion_now(of(endless, "A-1"), Customer(name="甲"), context(endless)) is None, "nobody knows until when"


def test_a_campaign_counts_what_became_of_its_mail() -> None:
    members = "\n".join(
        f"    M-{n} | 展会 | C-{n} | {fate}"
        for n, fate in enumerate(("sent", "bounced", "replied", "same-address", ""), 1)
    )
    found = book(
        f"""
    campaigns
    key | name | mail_subject | mail_text | mail_release
    A-1 | 展会 | 邀请 | 您好 | 停止

    campaign_members
    key | campaign | customer | mail_outcome
{members}
{CUSTOMERS}"""
    )
    assert judged(found).values["mail_state"] == "已停止：已发 3/5，退信 1，回复 1"  # type: ignore[index]


def test_without_a_text_nothing_is_said_of_it() -> None:
    blank = "展会 | 2026-11-01 | 2026-12-31 | |"
    assert judged(fair(blank)) == NOTHING
    emptied = judged(fair(blank, more="mail_state=已停止;mail_version=1"))
    assert dict(emptied.values) == {"mail_version": None, "mail_state": None}
    stopped = judged(fair(blank, more="mail_state=已停止"))
    assert dict(stopped.values) == {"mail_version": None, "mail_state": None}


def test_what_is_typed_with_a_new_campaign_waits_to_be_asked_for() -> None:
    found = outcome(campaign_mails, fair(more="mail_release=发送"), "A-1")
    assert [issue.code for issue in found.issues] == ["campaign-mail-unasked"]
    assert (found.values.get("mail_release", "kept"), found.values["mail_state"]) == ("kept", "待提交审批")  # type: ignore[call-overload, index]


def test_a_placeholder_that_there_is_not_is_told() -> None:
    (issue,) = judged(fair(FAIR + " {密码} {联系人}")).issues
    assert (issue.code, issue.parameters["value"]) == ("campaign-mail-placeholder", "{密码}")
    (of_subject,) = judged(fair(FAIR.replace("邀请", "{口令}"))).issues
    assert of_subject.parameters["value"] == "{口令}"


def test_what_a_customer_is_called_is_no_placeholder() -> None:
    customer = Customer(name="{密码}{{ 7*7 }}", contact="{客户名称}")
    campaign = Campaign(name="展会")
    assert filled_in("{联系人}（{客户名称}）{活动名称}", customer, campaign) == "{客户名称}（{密码}{{ 7*7 }}）展会"
    assert filled_in("{title}{name}", Customer(name="甲"), campaign) == "甲"
    assert filled_in("{联系人}，您好", Customer(name="甲"), campaign) == "甲，您好", "whoever has no contact is greeted"


@pytest.mark.parametrize(
    ("more", "now", "occasion"),
    [
        ("", "2026-11-22 15:00", "A-1"),
        ("", "2026-12-31 23:59", "A-1"),
        ("", "2027-01-01 00:00", None),
        ("mail_at=2026-11-22 16:00", "2026-11-22 15:59", None),
        ("mail_at=2026-11-22 16:00", "2026-11-22 16:00", "A-1"),
        ("mail_occasion=生日", "2026-11-22 15:00", "birthday:2026"),
        ("mail_occasion=生日", "2026-11-23 15:00", None),
        ("mail_occasion=生日;mail_at=2020-01-01 10:00", "2026-11-22 09:59", None),
        ("mail_occasion=生日;mail_at=2020-01-01 10:00", "2026-11-22 10:00", "birthday:2026"),
        ("mail_occasion=中秋节", "2026-11-22 15:00", None),
    ],
)
def test_a_campaign_writes_once_and_a_greeting_on_its_day(more: str, now: str, occasion: str | None) -> None:
    found = fair(more=more)
    around = context(found, clock(now))
    assert occasion_now(of(found, "A-1"), record_of(of(found, "C-1"), Customer), around) == occasion


@pytest.mark.parametrize(
    ("starts", "ends", "greeted"),
    [
        ("2026-11-22", "2026-11-22", True),
        ("2026-11-23", "2026-12-31", False),
        ("2026-11-01", "2026-11-21", False),
    ],
)
def test_a_greeting_goes_between_the_days_of_its_campaign(starts: str, ends: str, greeted: bool) -> None:
    found = fair(f"祝福 | {starts} | {ends} | 生日快乐 | 您好", more="mail_occasion=生日")
    occasion = occasion_now(of(found, "A-1"), record_of(of(found, "C-1"), Customer), context(found))
    assert occasion == ("birthday:2026" if greeted else None)


@pytest.mark.parametrize(
    ("birthday", "calendar", "greeting", "day"),
    [
        ("1992-02-29", "", "生日", "2026-02-28"),
        ("1992-02-29", "", "生日", "2028-02-29"),
        ("1990-10-03", "农历", "生日", "2026-09-25"),
        ("", "", "中秋节", "2026-09-25"),
        ("", "", "春节", "2026-02-17"),
        ("", "", "元旦", "2026-01-01"),
    ],
)
def test_greetings_know_leap_days_and_the_lunar_year(birthday: str, calendar: str, greeting: str, day: str) -> None:
    found = fair("展会 | 2026-01-01 | 2028-12-31 | 祝福 | 您好", more=f"mail_occasion={greeting}")
    values = {"birthday": datetime.fromisoformat(birthday).date() if birthday else None}
    values["birthday_calendar"] = calendar or None  # type: ignore[assignment]
    customer = record_of(of(found, "C-1"), Customer).model_copy(update=values)
    on, before = (context(found, clock(f"{each} 12:00")) for each in (day, _day_before(day)))
    assert occasion_now(of(found, "A-1"), customer, on)
    assert occasion_now(of(found, "A-1"), customer, before) is None


def _day_before(day: str) -> str:
    from datetime import date, timedelta

    return str(date.fromisoformat(day) - timedelta(days=1))


def test_an_address_that_bounced_is_flagged_until_there_is_another() -> None:
    found = fair()
    assert [issue.code for issue in outcome(bounced_addresses, found, "C-5").issues] == ["customer-email-bounced"]
    assert outcome(bounced_addresses, found, "C-1").issues == ()
    other = book("customers\nkey | name | email | bounced_email\nC-1 | 美的 | new@b.cn | d@b.cn")
    assert outcome(bounced_addresses, other, "C-1").issues == ()
    assert outcome(bounced_addresses, found, "C-4").issues == (), "without an address there is none that bounced"
