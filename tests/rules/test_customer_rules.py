"""What a customer's row says by itself, and what its follow-ups and deals say about it."""

from dataclasses import replace

from crm_sheets.rules.birthdays import birthday_matches
from crm_sheets.rules.customer_contacts import customer_contacts
from crm_sheets.rules.customer_departments import customer_departments
from crm_sheets.rules.customer_lifecycles import customer_lifecycles
from crm_sheets.rules.customer_statuses import customer_statuses
from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.merge_decisions import merge_decisions
from crm_sheets.rules.shared_with import shared_with
from crm_sheets.rules.tags import tags
from crm_sheets.schema.dictionaries import DictionaryEntry
from tests.rules.tables import SHIPPED, book, clock, outcome, said


def test_the_birthday_is_the_one_in_the_id_number() -> None:
    table = """
    customers
    key | id_number | birthday
    C-1 | 11010519491231002X | 1949-12-31
    C-2 | 11010519491231002X | 1949-12-30
    C-3 | 11010519491231002X |
    C-4 | | 1949-12-30
    C-5 | E12345678 | 1949-12-30
    """
    assert said(birthday_matches, table) == ["C-2 birthday error birthday-differs"]
    (issue,) = outcome(birthday_matches, book(table), "C-2").issues
    assert issue.parameters == {}, "the message would show a part of a sealed number"


def test_a_birthday_is_not_in_the_future() -> None:
    table = """
    customers
    key | birthday
    C-1 | 2026-11-22
    C-2 | 2026-12-22
    """
    assert said(dates_in_order, table) == [
        "C-2 birthday warning date-in-future",
        "C-2 wakes 2026-12-22 00:00",
    ]


def test_tags_say_their_dimension() -> None:
    table = """
    customers
    key | tags
    C-1 | 行业-制造业; 级别-A类; 需求－设备采购
    C-2 | A类; 行业-; -制造业; 级别-A-1
    C-3 |
    """
    assert said(tags, table) == ["C-2 tags info tag-without-dimension"]
    assert outcome(tags, book(table), "C-2").issues[0].parameters["value"] == "A类、行业-、-制造业"


LIBRARY = replace(
    SHIPPED,
    entries={
        **SHIPPED.entries,
        "tag": (
            DictionaryEntry("行业-制造业", "", 1, True, {"alias": "制造|生产型企业"}),
            DictionaryEntry("级别-A类", "", 2, True, {}),
            DictionaryEntry("级别-D类", "", 3, False, {}),
            DictionaryEntry("备注-*", "", 4, True, {}),
        ),
    },
)


def test_tags_are_those_of_the_library_where_one_is_kept() -> None:
    table = """
    customers
    key | tags
    C-1 | 行业-制造业; 级别－a类; 备注-下周再来
    C-2 | 行业-制造
    C-3 | 行业-零售
    C-4 | 渠道-展会
    C-5 | 制造
    C-6 | 级别-D类
    C-7 | A类
    """
    assert said(tags, table, known=LIBRARY) == [
        "C-2 tags warning tag-unknown-similar",
        "C-3 tags warning tag-unknown",
        "C-4 tags warning tag-dimension-unknown",
        "C-5 tags info tag-alias",
        "C-6 tags warning dictionary-value-retired",
        "C-7 tags info tag-without-dimension",
    ]
    assert said(tags, table) == [f"C-{n} tags info tag-without-dimension" for n in (5, 7)]
    of = book(table)
    assert outcome(tags, of, "C-2", known=LIBRARY).issues[0].parameters["suggestion"] == "行业-制造业"
    assert outcome(tags, of, "C-3", known=LIBRARY).issues[0].parameters["choices"] == "行业-制造业"
    assert outcome(tags, of, "C-4", known=LIBRARY).issues[0].parameters["choices"] == "行业、级别、备注"


def test_sharing_can_be_understood() -> None:
    table = """
    customers
    key | shared_with
    C-1 | 售后部:可编辑; 客服中心：仅查看；
    C-2 | 售后部
    C-3 | 售后部:随便
    C-4 | :可编辑
    C-5 |
    """
    assert said(shared_with, table) == [f"C-{n} shared_with warning share-not-understood" for n in (2, 3, 4)]


CONTACTS = """
    customers
    key | name
    C-1 | 华为
    C-2 | 小米

    follow_ups
    key | customer | planned_at | done_at | result
    F-1 | 华为 | 2026-11-01 09:00 | 2026-11-01 09:30 | 已谈
    F-2 | C-1 | 2026-11-10 09:00 | 2026-11-12 10:00 | 已谈
    F-3 | 华为 | 2026-11-20 09:00 | |
    F-4 | 华为 | 2026-11-24 09:00 | |
    F-5 | 华为 | 2026-11-23 09:00 | |
    F-6 | 华为 | 2026-11-21 09:00 | 2026-11-21 09:00 | 取消：改期
"""


def test_last_and_next_contact() -> None:
    assert said(customer_contacts, CONTACTS) == [
        "C-1 last_contact = 2026-11-12 10:00",
        "C-1 next_contact = 2026-11-23 09:00",
        "C-1 wakes 2026-11-23 09:00",
        "C-2 last_contact = None",
        "C-2 next_contact = None",
    ]


def test_the_next_contact_is_the_latest_of_those_that_are_late_when_no_other_is_planned() -> None:
    assert "C-1 next_contact = 2026-11-24 09:00" in said(customer_contacts, CONTACTS, clock("2026-11-25 09:00"))


def test_the_department_is_that_of_the_owner() -> None:
    table = """
    customers
    key | owner
    C-1 | 张伟
    C-2 | 无名
    C-3 |

    people
    key | id | name | department
    P-1 | 001 | 张伟 | 销售一部
    """
    assert said(customer_departments, table) == [
        "C-1 department = 销售一部",
        "C-2 department = None",
        "C-3 department = None",
    ]


DEALS = """
    customers
    key | name | source | status
    C-1 | 华为 | 展会 | 潜在客户
    C-2 | 小米 | | 成交客户
    C-3 | 中兴 | 官网 | 流失客户
    C-4 | 联想 | 官网 | 意向客户
    C-5 | 小明 | 展会 |

    opportunities
    key | name | customer | source | stage | stage_since
    O-1 | 新机房 | 华为 | 招投标 | 赢单 | 2026-03-05 10:00
    O-2 | 维保 | C-1 | | 赢单 | 2026-02-01 10:00
    O-3 | 手机 | 小米 | 官网咨询 | 赢单 | 2026-05-01 10:00
    O-6 | 平板 | 小明 | | 赢单 | 2026-05-01 10:00
    O-7 | 音箱 | 小明 | | 赢单 | 2026-05-01 10:00
    O-4 | 基站 | 中兴 | | 赢单 | 2026-06-01 10:00
    O-5 | 电脑 | 联想 | | 商务谈判 | 2026-06-01 10:00
"""


def test_the_life_of_a_customer_as_its_deals_tell_it() -> None:
    assert said(customer_lifecycles, DEALS) == [
        "C-1 lifecycle = 忠诚",
        "C-1 converted_at = 2026-02-01 10:00",
        "C-1 path = 展会 → 维保",
        "C-2 lifecycle = 成交",
        "C-2 converted_at = 2026-05-01 10:00",
        "C-2 path = 官网咨询 → 手机",
        "C-3 lifecycle = 流失",
        "C-3 converted_at = 2026-06-01 10:00",
        "C-3 path = 官网 → 基站",
        "C-4 lifecycle = 潜在",
        "C-4 converted_at = None",
        "C-4 path = None",
        "C-5 lifecycle = 忠诚",
        "C-5 converted_at = 2026-05-01 10:00",
        "C-5 path = 展会 → 平板",
    ]


def test_a_status_that_is_behind_the_deals() -> None:
    assert said(customer_statuses, DEALS) == ["C-1 status info status-behind-deals", "C-5 status := 成交客户"]


def test_a_customer_that_is_to_be_merged_into_itself() -> None:
    """
    What can be merged was before rules ran, so a decision that is still there and names another row says nothing.
    """
    table = """
    customers
    key | name | level | merge_into
    C-1 | 华为 | | 华为
    C-2 | 小米 | | 华为
    C-3 | 大疆 | ? | 华为
    C-4 | 联想 | | 中国
    C-5 | 中兴 | |
    """
    assert said(merge_decisions, table) == [
        "C-1 merge_into error merge-into-itself",
        "C-3 merge_into error merge-unreadable",
    ]
