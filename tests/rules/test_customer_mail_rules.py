"""Mails to customers: who gets one and who does not, on which day, and what it is that was approved."""

from dataclasses import replace
from datetime import datetime

import pytest

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import record_of
from crm_sheets.rules.bounced_addresses import bounced_addresses
from crm_sheets.rules.campaign_mails import campaign_mails
from crm_sheets.rules.customer_mail import MailTerms, filled_in, occasion_now, refusal, version_of
from crm_sheets.rules.member_mails import mailed_members
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
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
    rows = "\n".join(f"    M-{n} | 展会 | {who} | C-{n} | 已邀请" for n, who in enumerate(members, 1))
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
    return [outcome(rule, found, f"M-{n}").values.get("mail_state") for n in range(1, 7)]  # type: ignore[call-overload]


def test_every_member_is_told_whether_it_gets_the_mail_and_why_not() -> None:
    assert states(fair()) == [
        "待发送",
        "不发送：客户表示请勿联系",
        "不发送：客户已退订邮件",
        "不发送：没有邮箱",
        "不发送：该邮箱曾退信",
        "待发送",
    ]
    assert states(fair(), MailTerms(opt_in=True))[0] == "不发送：客户尚未同意联系"
    assert states(fair(), MailTerms(opt_in=True))[5] == "待发送"
    assert states(fair(more="mail_occasion=生日"))[5] == "不发送：流失客户"
    assert states(fair(more="mail_occasion=生日"))[:1] == ["待发送"]
    assert states(fair("展会 | 2026-11-01 | 2026-12-31 | |")) == [None] * 6


def test_an_address_that_cannot_be_read_and_a_birthday_that_is_missing_are_reasons() -> None:
    found = fair(more="mail_occasion=生日")
    around, campaign = context(found), record_of(of(found, "A-1"), Campaign)
    customer = of(found, "C-1")
    why = refusal(of(found, "M-1"), replace(customer, unreadable=frozenset({"email"})), campaign, around, MailTerms())  # type: ignore[arg-type]
    assert why == "bad-address"
    nobody = replace(customer, record=customer.record.model_copy(update={"birthday": None}))
    assert refusal(of(found, "M-1"), nobody, campaign, around, MailTerms()) == "no-birthday"
    assert refusal(of(found, "M-1"), None, campaign, around, MailTerms()) == "no-customer"


def judged(found: TextBook) -> Outcome:
    """Of a campaign that was there before."""
    return campaign_mails(before(of(found, "A-1")), context(found))


def version(found: TextBook, terms: MailTerms = TERMS) -> str | None:
    return version_of(of(found, "A-1"), context(found), terms)


def test_another_text_another_member_another_look_is_another_version() -> None:
    first = version(fair())
    assert first
    assert first == version(fair(members=("小米", "华为", "海尔", "格力", "美的", "长虹"))), "the order does not matter"
    others = {
        version(fair(FAIR + "！")),
        version(fair(FAIR.replace("邀请", "请柬"))),
        version(fair(members=("华为", "小米"))),
        version(fair(more="mail_occasion=生日")),
        version(fair(), MailTerms(look="new")),
    }
    assert len({*others, first}) == 6
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


def test_what_is_typed_with_a_new_campaign_waits_to_be_asked_for() -> None:
    found = outcome(campaign_mails, fair(more="mail_release=发送"), "A-1")
    assert [issue.code for issue in found.issues] == ["campaign-mail-unasked"]
    assert (found.values.get("mail_release", "kept"), found.values["mail_state"]) == ("kept", "待提交审批")  # type: ignore[call-overload, index]


def test_a_placeholder_that_there_is_not_is_told() -> None:
    (issue,) = judged(fair(FAIR + " {密码} {联系人}")).issues
    assert (issue.code, issue.parameters["value"]) == ("campaign-mail-placeholder", "{密码}")


def test_what_a_customer_is_called_is_no_placeholder() -> None:
    customer = Customer(name="{密码}{{ 7*7 }}", contact="{客户名称}")
    campaign = Campaign(name="展会")
    assert filled_in("{联系人}（{客户名称}）{活动名称}", customer, campaign) == "{客户名称}（{密码}{{ 7*7 }}）展会"
    assert filled_in("{title}{name}", Customer(name="甲"), campaign) == "甲"


@pytest.mark.parametrize(
    ("more", "now", "occasion"),
    [
        ("", "2026-11-22 15:00", "A-1"),
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
