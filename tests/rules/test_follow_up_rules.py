"""State, person, next row and reminders of follow-ups."""

import pytest

from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.follow_up_owners import follow_up_owners
from crm_sheets.rules.follow_up_states import follow_up_states
from crm_sheets.rules.next_follow_ups import next_follow_ups
from crm_sheets.rules.reminders import reminders
from tests.rules.tables import book, clock, outcome, plain, said

PEOPLE = """
    people
    key | id | name | active
    P-1 | 001 | 张伟 | true
    P-2 | 002 | 李娜 | false
    P-3 | 003 | 王强 | true
    P-4 | 004 | 王强 | true
"""


def test_the_state_of_a_follow_up() -> None:
    table = """
    follow_ups
    key | planned_at | done_at | result
    F-1 | 2026-11-22 15:00 | |
    F-2 | 2026-11-22 09:59 | |
    F-3 | 2026-11-20 09:00 | 2026-11-20 11:00 | 已报价
    F-4 | 2026-11-20 09:00 | | 取消，客户出差
    F-5 | 2026-11-20 09:00 | | 取消了订单
    F-6 | | |
    F-7 | 2026-11-22 10:00 | |
    """
    assert said(follow_up_states, table) == [
        "F-1 state = 待跟进",
        "F-1 wakes 2026-11-22 15:00",
        "F-2 state = 已逾期",
        "F-3 state = 已完成",
        "F-4 state = 已取消",
        "F-5 state = 已逾期",
        "F-6 state = 待跟进",
        "F-7 state = 已逾期",
    ]


def test_a_plan_for_a_day_is_not_late_before_the_day_is_over() -> None:
    table = """
    follow_ups
    key | planned_at
    F-1 | 2026-11-22 00:00
    F-2 | 2026-11-21 00:00
    """
    assert said(follow_up_states, table) == [
        "F-1 state = 待跟进",
        "F-1 wakes 2026-11-23 00:00",
        "F-2 state = 已逾期",
    ]


@pytest.mark.parametrize(
    "word", ["取消", "已取消", "取消：改期", "取消(客户出差)", "Cancelled - ill", "CANCELED", "作废。"]
)
def test_words_that_call_a_follow_up_off(word: str) -> None:
    rows = book(f"follow_ups\nkey | result\nF-1 | {word}")
    assert outcome(follow_up_states, rows, "F-1").values == {"state": "已取消"}


@pytest.mark.parametrize("word", ["取消了订单", "客户取消", "未取消", "cancelledorder"])
def test_words_that_tell_what_came_of_it(word: str) -> None:
    rows = book(f"follow_ups\nkey | result\nF-1 | {word}")
    assert outcome(follow_up_states, rows, "F-1").values == {"state": "待跟进"}


def test_the_customers_owner_does_what_nobody_is_named_for() -> None:
    table = """
    follow_ups
    key | customer | owner
    F-1 | 华为 |
    F-2 | 华为 | 李娜
    F-3 | 小米 |
    F-4 | 无名 |
    F-5 | 华为 | ?

    customers
    key | name | owner
    C-1 | 华为 | 张伟
    C-2 | 小米 |
    """
    assert said(follow_up_owners, table) == ["F-1 owner := 张伟"]


def test_dates_of_follow_ups() -> None:
    table = """
    follow_ups
    key | done_at | next_at
    F-1 | 2026-11-23 08:00 |
    F-2 | 2026-11-22 18:00 | 2026-11-22 17:00
    F-3 | 2026-11-20 18:00 | 2026-11-25 17:00
    """
    assert said(dates_in_order, table) == [
        "F-1 done_at warning date-in-future",
        "F-1 wakes 2026-11-23 00:00",
        "F-2 next_at warning date-before-other",
    ]


NEXT = """
    customers
    key | name
    C-1 | 华为

    follow_ups
    key|customer | opportunity | method | subject | content | planned_at | owner | remind | done_at | next_step|next_at
    F-1 | 华为 | | 电话 | 报价 | 谈价格 | 2026-11-20 09:00 | 张伟 | 1天 | 2026-11-20 09:30 | 送合同 | {first}
    F-2 | C-1 | {deal} | 拜访 | | 谈交期 | 2026-11-21 09:00 | | | {done} | | {second}
"""


def wanted(first: str, second: str = "", done: str = "", deal: str = "") -> list[str]:
    rows = book(NEXT.format(first=first, second=second, done=done, deal=deal))
    return [f"{new.origin} {plain(new.values['planned_at'])}" for new in outcome(next_follow_ups, rows, "C-1").new_rows]  # type: ignore[index]


def test_the_next_follow_up_carries_over_what_stays() -> None:
    rows = book(NEXT.format(first="2026-11-25 14:00", second="", done="", deal=""))
    made = outcome(next_follow_ups, rows, "C-1")
    (new,) = made.new_rows
    assert (new.tab, new.origin) == ("follow_ups", "next-follow-up|F-1")
    assert {column: plain(value) for column, value in new.values.items()} == {
        "customer": "华为",
        "method": "电话",
        "subject": "报价",
        "content": "送合同",
        "planned_at": "2026-11-25 14:00",
        "owner": "张伟",
        "remind": "1天",
    }
    assert made.wake_at == clock("2026-11-26 00:00")


def test_only_done_follow_ups_with_a_time_to_come_have_a_next_one() -> None:
    assert wanted("2026-11-22 08:00") == ["next-follow-up|F-1 2026-11-22 08:00"]
    assert wanted("2026-11-21 18:00") == []
    assert wanted("", second="2026-11-25 09:00") == []
    assert wanted("", second="2026-11-25 09:00", done="2026-11-21 10:00") == ["next-follow-up|F-2 2026-11-25 09:00"]


def test_one_follow_up_a_day_for_a_customer_and_its_deal_is_enough() -> None:
    assert wanted("2026-11-25 09:00", "2026-11-25 15:00", "2026-11-21 10:00") == ["next-follow-up|F-1 2026-11-25 09:00"]
    assert len(wanted("2026-11-25 09:00", "2026-11-25 15:00", "2026-11-21 10:00", deal="新机房")) == 2


def test_who_calls_again_on_the_same_day_gets_the_next_row() -> None:
    """F-2 was planned for today and is done; what took place before does not stand for what comes after."""
    today = NEXT.replace("谈交期 | 2026-11-21", "谈交期 | 2026-11-22")

    def made(first: str, second: str) -> list[str]:
        rows = book(today.format(first=first, second=second, done="2026-11-22 09:30", deal=""))
        return [str(new.origin) for new in outcome(next_follow_ups, rows, "C-1").new_rows]

    assert made("", "2026-11-22 16:00") == ["next-follow-up|F-2"]
    assert made("2026-11-22 08:00", "2026-11-22 16:00") == ["next-follow-up|F-2"], "F-2 is the one after F-1"
    assert made("2026-11-22 08:00", "") == []


def test_the_customer_is_looked_at_again_when_the_first_next_time_has_passed() -> None:
    rows = book(NEXT.format(first="2026-11-25 14:00", second="2026-11-24 14:00", done="2026-11-21 10:00", deal=""))
    assert outcome(next_follow_ups, rows, "C-1").wake_at == clock("2026-11-25 00:00")


def test_who_typed_the_next_row_already_gets_no_second_one() -> None:
    rows = book(
        NEXT.format(first="2026-11-25 14:00", second="", done="", deal="")
        + "    F-3 | 华为 | | 电话 | | 送合同 | 2026-11-25 09:00 | | | | |"
    )
    assert outcome(next_follow_ups, rows, "C-1").new_rows == ()


def reminded(row: str, now: str = "2026-11-22 10:00") -> list[str]:
    rows = book(f"""
    follow_ups
    key | customer | owner | planned_at | remind | done_at | result
    F-1 | 华为 | {row}

    customers
    key | name | owner
    C-1 | 华为 | 张伟

{PEOPLE}""")
    made = outcome(reminders, rows, "F-1", clock(now))
    told = [f"{each.kind} {each.person} {plain(each.instant)}" for each in made.reminders]
    return sorted(told) + ([f"wakes {plain(made.wake_at)}"] if made.wake_at else [])


def test_three_reminders_of_a_follow_up() -> None:
    assert reminded("张伟 | 2026-11-23 15:00 | 15分钟 | |") == [
        "before_due 张伟 2026-11-23 14:45",
        "due 张伟 2026-11-23 15:00",
        "overdue 张伟 2026-11-24 09:00",
        "overdue 张伟 2026-11-26 09:00",
        "overdue 张伟 2026-12-02 09:00",
        "wakes 2026-11-23 14:45",
    ]


def test_a_plan_for_a_day_is_announced_in_the_morning() -> None:
    assert reminded("张伟 | 2026-11-23 00:00 | 1天 | |") == [
        "before_due 张伟 2026-11-22 09:00",
        "due 张伟 2026-11-23 09:00",
        "overdue 张伟 2026-11-24 09:00",
        "overdue 张伟 2026-11-26 09:00",
        "overdue 张伟 2026-12-02 09:00",
        "wakes 2026-11-23 09:00",
    ]


@pytest.mark.parametrize("remind", ["", "不提醒", "每天"])
def test_without_a_lead_time_the_first_reminder_is_at_the_due_time(remind: str) -> None:
    assert reminded(f"张伟 | 2026-11-23 15:00 | {remind} | |", "2026-11-23 15:00") == [
        "due 张伟 2026-11-23 15:00",
        "overdue 张伟 2026-11-24 09:00",
        "overdue 张伟 2026-11-26 09:00",
        "overdue 张伟 2026-12-02 09:00",
        "wakes 2026-11-24 09:00",
    ]


@pytest.mark.parametrize(
    "row",
    [
        "张伟 | 2026-11-23 15:00 | 1天 | 2026-11-22 09:00 | 已谈",
        "张伟 | 2026-11-23 15:00 | 1天 | | 取消",
        "李娜 | 2026-11-23 15:00 | 1天 | |",
        "王强 | 2026-11-23 15:00 | 1天 | |",
        "陌生人 | 2026-11-23 15:00 | 1天 | |",
        "张伟 | | 1天 | |",
    ],
    ids=["done", "cancelled", "left", "ambiguous", "unknown", "no plan"],
)
def test_who_need_not_or_cannot_be_reminded(row: str) -> None:
    assert reminded(row) == []


def test_reminders_go_to_the_customers_owner_where_nobody_is_named() -> None:
    assert reminded(" | 2026-11-23 15:00 | | |")[0] == "due 张伟 2026-11-23 15:00"


def test_a_person_whose_name_two_have_is_called_by_number() -> None:
    assert reminded("003 | 2026-11-23 15:00 | | |")[0] == "due 003 2026-11-23 15:00"


def test_moving_the_plan_earns_new_reminders() -> None:
    first = book("follow_ups\nkey | owner | planned_at\nF-1 | 张伟 | 2026-11-23 15:00\n\n" + PEOPLE)
    moved = book("follow_ups\nkey | owner | planned_at\nF-1 | 张伟 | 2026-11-24 16:00\n\n" + PEOPLE)
    keys = [{each.key for each in outcome(reminders, rows, "F-1").reminders} for rows in (first, moved)]
    assert len(keys[0]) == len(keys[1]) == 4
    assert len(keys[0] & keys[1]) <= 1  # the same working day may be the first after one plan, the third after another


def test_a_reminder_shows_what_the_person_needs_and_nothing_sealed() -> None:
    rows = book(f"""
    follow_ups
    key | customer | opportunity | owner | planned_at | method | subject | content | done_at | result
    F-1 | C-1 | 新机房 | 张伟 | 2026-11-23 15:00 | 电话 | 报价 | 谈价格 | |
    F-2 | 华为 | | 张伟 | 2026-11-01 15:00 | 电话 | 初访 | 介绍 | 2026-11-01 15:00 | 有兴趣
    F-3 | 华为 | | 张伟 | 2026-11-10 15:00 | 电话 | 回访 | 介绍 | 2026-11-10 15:00 | 想要报价
    F-4 | 华为 | | 张伟 | 2026-11-15 15:00 | 电话 | 催办 | 介绍 | 2026-11-15 15:00 |

    customers
    key | name | contact | phone | id_number | private_note
    C-1 | 华为 | 任先生 | 13800000000 | 11010519491231002X | 秘密

{PEOPLE}""")
    parameters = outcome(reminders, rows, "F-1").reminders[0].parameters
    assert parameters == {
        "subject": "报价",
        "customer": "华为",
        "contact": "任先生",
        "customer_phone": "13800000000",
        "opportunity": "新机房",
        "method": "电话",
        "content": "谈价格",
        "last_note": "想要报价",
        "planned_at": "2026-11-23 15:00",
        "due_at": "2026-11-23T07:00:00+00:00",
    }
