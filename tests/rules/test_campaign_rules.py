"""Campaigns: whom an audience means, when the list is made, what came of it; and who is not to be contacted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.changes import Outcome, Value
from crm_sheets.rules.campaign_audiences import campaign_audiences
from crm_sheets.rules.campaign_members import campaign_members
from crm_sheets.rules.campaign_results import campaign_results
from crm_sheets.rules.contact_consents import contact_consents
from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.won_days import won_days
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.rules.books import seeds
from tests.rules.tables import NOW, TextBook, before, book, clock, context, outcome, said

CUSTOMERS = """
    customers
    key | name | email | tags | level | status | contact_consent
    C-1 | 华为 | a@b.cn | 行业-制造业 | VIP | 成交客户 |
    C-2 | 小米 | | 行业-制造业 | A | | 可联系
    C-3 | 海尔 | | 行业-制造业; 级别-重点 | A | 流失客户 |
    C-4 | 格力 | | 行业-制造业 | A | 潜在客户 | 请勿联系
    C-5 | 美的 | a@c.cn | 行业-制造业 | VIP | 潜在客户 | 仅邮件
    C-6 | 创维 | | 行业-制造业 | VIP | 潜在客户 | 仅邮件
    C-7 | 长虹 | | 行业-零售 | VIP | 潜在客户 |
    C-8 | 小米 | | 行业-制造业 | A | |
"""
AUDIENCE = "行业-制造业 and level in (VIP, A) and not 流失客户"


def campaign(*members: str, audience: str = AUDIENCE, wish: str = "", ends: str = "2026-12-10") -> TextBook:
    rows = "\n".join(f"    M-{n} | {member}" for n, member in enumerate(members, 1))
    return book(
        f"""
    campaigns
    key | name | starts_on | ends_on | audience | list
    A-1 | 展会 | 2026-12-01 | {ends} | {audience} | {wish}

    campaign_members
    key | campaign | customer | customer_id | state | converted_on
{rows}

{CUSTOMERS.strip(chr(10))}"""
    )


def judged(of: TextBook, now: datetime = NOW, **earlier: object) -> Outcome:
    row: Row = of.rows[0]
    return campaign_audiences(before(row, **earlier) if earlier else row, context(of, now))


def listed(outcome: Outcome) -> list[str]:
    return [f"{row.values['campaign']} {row.values['customer']} {row.values['state']}" for row in outcome.new_rows]  # type: ignore[index]


def test_before_the_list_is_made_the_sheet_says_how_many_it_would_have() -> None:
    found = judged(campaign())
    (issue,) = found.issues
    assert (issue.code, issue.severity) == ("audience-matches", "info")
    assert issue.parameters == {"count": "4", "left_out": "2"}
    assert found.wake_at == clock("2026-11-23 00:00")
    assert found.new_rows == ()


def test_a_tag_that_no_customer_has_is_told_with_the_nearest() -> None:
    of = campaign(audience="行业-制造夜 or 区域-华东 or 行业-零售")
    _, similar, unused = judged(of).issues
    assert (similar.code, similar.parameters) == (
        "audience-tag-similar",
        {"value": "行业-制造夜", "suggestion": "行业-制造业"},
    )
    assert (unused.code, unused.parameters) == ("audience-tag-unused", {"value": "区域-华东"})


def test_the_list_is_made_when_somebody_asks_for_it() -> None:
    found = judged(campaign(wish="生成"))
    assert listed(found) == ["展会 华为 已邀请", "展会 C-2 已邀请", "展会 美的 已邀请", "展会 C-8 已邀请"]
    assert found.values == {"listed_at": NOW.astimezone(UTC)}
    assert found.issues == ()
    assert found.wake_at is None
    origins = {row.origin for row in found.new_rows}
    assert origins == {f"campaign|A-1|{NOW.astimezone(UTC).isoformat()}|C-{n}" for n in (1, 2, 5, 8)}


def test_the_list_is_kept() -> None:
    made = clock("2026-11-20 09:00").astimezone(UTC)
    of = campaign("展会 | 华为 | C-1 | 已邀请 |", wish="生成")
    assert judged(of, listed_at=made).new_rows == ()
    assert judged(campaign(), listed_at=made).issues != (), "the row itself has no listed_at here"


def test_a_list_is_added_to_and_made_anew_only_when_the_wish_is_new() -> None:
    made = clock("2026-11-20 09:00").astimezone(UTC)
    member = "展会 | 华为 | C-1 | 已邀请 |"
    more = judged(campaign(member, wish="补充"), listed_at=made, list="生成")
    assert listed(more) == ["展会 C-2 已邀请", "展会 美的 已邀请", "展会 C-8 已邀请"]
    assert more.values == {"listed_at": made}, "the list is the same one: whom somebody took off it stays off"
    assert {row.origin.split("|")[2] for row in more.new_rows} == {made.isoformat()}
    assert judged(campaign(member, wish="补充"), listed_at=made, list="补充").new_rows == ()
    again = judged(campaign(member, wish="生成"), listed_at=made, list=None)
    assert len(again.new_rows) == 3
    assert again.values == {"listed_at": NOW.astimezone(UTC)}


@pytest.mark.parametrize(
    ("audience", "ends", "wish", "codes"),
    [
        ("行业-制造业 and levle == VIP", "2026-12-10", "生成", ["audience-not-understood"]),
        ("", "2026-12-10", "生成", ["campaign-list-without-audience"]),
        ("", "2026-12-10", "", []),
        (AUDIENCE, "", "生成", []),
        (AUDIENCE, "2026-11-30", "生成", []),
        (AUDIENCE, "", "", []),
    ],
)
def test_no_list_without_audience_and_dates(audience: str, ends: str, wish: str, codes: list[str]) -> None:
    found = judged(campaign(audience=audience, ends=ends, wish=wish))
    assert [issue.code for issue in found.issues] == codes
    assert found.new_rows == ()
    assert found.values == {"listed_at": None}


def test_mistakes_of_an_audience_are_told_with_their_places() -> None:
    (issue,) = judged(campaign(audience="行业-制造业 and levle == VIP")).issues
    assert issue.parameters["mistakes"].startswith("第 12 个字符：“levle”")
    assert "level" in issue.parameters["mistakes"].lower()


def test_a_campaign_that_is_over_makes_no_list() -> None:
    late = clock("2026-12-11 08:00")
    found = judged(campaign(wish="生成"), late)
    assert (found.new_rows, found.issues) == ((), ())
    assert len(judged(campaign(wish="生成"), clock("2026-12-10 23:00")).new_rows) == 4


def test_the_end_is_not_before_the_beginning() -> None:
    table = """
    campaigns
    key | starts_on | ends_on
    A-1 | 2026-12-01 | 2026-11-30
    A-2 | 2026-12-01 | 2026-12-01
    """
    assert said(dates_in_order, table) == ["A-1 ends_on warning date-before-other"]


def test_what_came_of_a_campaign() -> None:
    of = campaign(
        "展会 | 华为 | C-1 | 已参加 | 2026-12-03",
        "A-1 | 华为 | C-1 | 已邀请 |",
        "展会 | 小米 | | 已邀请 |",
        "展会 | 美的 | C-5 | 已参加 |",
    )
    found = outcome(campaign_results, of, "A-1").values
    assert {str(column): str(value) for column, value in found.items()} == {
        "invited": "3",
        "attended": "2",
        "converted": "1",
        "conversion_rate": "0.3333",
    }
    assert set(outcome(campaign_results, campaign(), "A-1").values.values()) == {None}


MEMBERS = """
    campaign_members
    key | campaign | customer | pair
    M-1 | 展会 | 华为 | A-1:C-1
    M-2 | A-1 | C-1 | A-1:C-1
    M-3 | 展会 | 小米 |
    M-4 | 沙龙 | 华为 |

    campaigns
    key | name | type | starts_on | ends_on
    A-1 | 展会 | 线下 | 2026-11-01 | 2026-11-05
    A-2 | 沙龙 | 线上 | 2026-11-10 | 2026-11-11

    customers
    key | name | won_days
    C-1 | 华为 | 2026-10-31; 2026-11-01; 2026-11-09; 2026-12-11
    C-2 | 小米 | 2026-12-06
"""


def test_members_are_found_out_and_bought_while_it_counted() -> None:
    of = book(MEMBERS)
    values = {row.key: campaign_members(row, context(of)).values for row in of.of("campaign_members")}
    assert {key: str(each["converted_on"]) for key, each in values.items()} == {  # type: ignore[index]
        "M-1": "2026-11-01",
        "M-2": "2026-11-01",
        "M-3": "None",
        "M-4": "2026-12-11",
    }
    assert [each["pair"] for each in values.values()] == ["A-1:C-1", "A-1:C-1", "A-1:C-2", "A-2:C-1"]  # type: ignore[index]


def test_a_sale_that_counted_still_counts_when_the_customer_has_bought_often_since() -> None:
    later = [(date(2027, 1, 1) + timedelta(days=day)).isoformat() for day in range(50)]

    def converted(days: list[str], of: str = "C-1") -> str:
        table = f"""
        campaigns
        key | name | starts_on | ends_on
        A-1 | 展会 | 2026-11-01 | 2026-11-10

        campaign_members
        key | campaign | customer | customer_id | converted_on
        M-1 | 展会 | 华为 | {of} | 2026-11-05

        customers
        key | name | won_days
        C-1 | 华为 | {";".join(days)}
        """
        return str(outcome(campaign_members, book(table), "M-1").values["converted_on"])  # type: ignore[index]

    assert converted(later) == "2026-11-05"
    assert converted(later, of="C-2") == "None", "the day is of the customer who stood here before"
    assert converted(later[:49]) == "None", "no day is missing: that sale was taken back"
    assert converted(["2026-11-04", *later[:49]]) == "2026-11-04"


def test_a_member_stands_on_a_list_once() -> None:
    assert [line for line in said(campaign_members, MEMBERS) if "doubled" in line] == [
        "M-1 customer warning campaign-member-doubled",
        "M-2 customer warning campaign-member-doubled",
    ]


def test_the_days_on_which_a_customer_bought() -> None:
    table = """
    customers
    key | name
    C-1 | 华为
    C-2 | 小米

    opportunities
    key | customer | stage | stage_since
    O-1 | 华为 | 赢单 | 2026-03-02 00:30
    O-2 | C-1 | 赢单 | 2026-01-05 10:00
    O-3 | 华为 | 输单 | 2026-01-06 10:00
    O-4 | 华为 | 赢单 | 2026-01-05 18:00

    orders
    key | customer | ordered_on | state
    OR-1 | 小米 | 2026-01-07 | 已创建
    OR-2 | 小米 | 2026-01-08 | 已取消
    """
    assert said(won_days, table) == ["C-1 won_days = ('2026-01-05', '2026-03-02')", "C-2 won_days = ('2026-01-07',)"]


CONSENTS = f"""
    follow_ups
    key | customer | method | done_at
    F-1 | 格力 | 电话 |
    F-2 | 格力 | 邮件 | 2026-11-01 09:00
    F-3 | 美的 | 电话 |
    F-4 | 美的 | 邮件 |
    F-5 | 华为 | 电话 |
{CUSTOMERS}"""


def test_who_does_not_want_to_be_contacted_is_not() -> None:
    assert said(contact_consents, CONSENTS) == [
        "F-1 customer warning do-not-contact",
        "F-3 method warning only-by-email",
    ]
    of = campaign("展会 | 格力 | | |", "展会 | 美的 | | |", "展会 | 创维 | | |")
    found = [line for key in ("M-1", "M-2", "M-3") for line in outcome(contact_consents, of, key).issues]
    assert [(issue.row, issue.code) for issue in found] == [("M-1", "do-not-contact"), ("M-3", "only-by-email")]
    assert outcome(contact_consents, of, "M-1").wake_at == clock("2026-12-11 00:00")
    assert outcome(contact_consents, of, "M-1", now=clock("2026-12-11 00:00")).issues == ()


def test_an_audience_of_a_book_without_customers_means_nobody() -> None:
    of = campaign(wish="生成")
    within = replace(context(of), tabs={})
    assert [issue.code for issue in campaign_audiences(of.rows[0], within).issues] == ["audience-not-understood"]


PIECES = ("行业-制造业", "级别-重点", "level in (VIP, A)", "name contains '米'", "last_contact < today()", "邮箱 为空")
SAID = (None, "请勿联系", "仅邮件", "可联系")


@settings(max_examples=30, deadline=None)
@given(
    seeds(),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3),
    st.sampled_from((" 且 ", " or ")),
    st.sampled_from(("", "生成", "补充")),
)
def test_a_list_holds_exactly_the_customers_that_match_and_may_be_written_to(
    seed: int, pieces: list[str], joiner: str, wish: str
) -> None:
    """Every second customer has all that an audience asks for; the others have some of it."""
    random = Random(seed)
    customers = [_asked_for(f"C-{number}", random, wholly=number % 2 == 0) for number in range(8)]
    of = TextBook([*campaign(audience=joiner.join(pieces), wish=wish).of("campaigns"), *customers])
    found = judged(of)
    named = [of.named(TabKey("customers"), str(row.values[ColumnKey("customer")])) for row in found.new_rows]
    assert all(len(rows) == 1 for rows in named)
    listed = sorted(rows[0].key for rows in named)
    assert len({row.origin for row in found.new_rows}) == len(listed)
    both = all if joiner == " 且 " else any
    expected = [
        row.key
        for row in customers
        if both(_has(row, piece) for piece in pieces)
        and (consent := row.record.__dict__["contact_consent"]) != "请勿联系"
        and (consent != "仅邮件" or row.record.__dict__["email"])
    ]
    assert listed == (sorted(expected) if wish else [])


ASKED: Mapping[str, tuple[str, Value]] = {
    "行业-制造业": ("tags", ("行业-制造业", "级别-重点")),
    "级别-重点": ("tags", ("行业-制造业", "级别-重点")),
    "level in (VIP, A)": ("level", "A"),
    "name contains '米'": ("name", "小米"),
    "last_contact < today()": ("last_contact", clock("2026-11-01 10:00")),
    "邮箱 为空": ("email", None),
}
OTHERS: Mapping[str, Value] = {
    "tags": (), "level": "C", "name": "华为", "last_contact": None, "email": "a@example.com",
}  # fmt: skip


def _asked_for(key: str, random: Random, *, wholly: bool) -> Row:
    wanted = {column: value for column, value in ASKED.values() if wholly or random.random() < 0.5}
    values = {**OTHERS, **wanted, "contact_consent": random.choice(SAID)}
    return Row(RowKey(key), Customer.model_validate(values))


def _has(row: Row, piece: str) -> bool:
    column, value = ASKED[piece]
    return bool(row.record.__dict__[column] == value)
