"""Required columns, plain and conditional, and columns that belong to some rows only."""

from crm_sheets.rules.follow_up_completion import follow_up_completion
from crm_sheets.rules.only_when import only_when
from crm_sheets.rules.required import required
from crm_sheets.rules.required_when import required_when
from tests.rules.tables import book, outcome, said


def test_blank_required_columns_are_flagged() -> None:
    table = """
    feedback
    key | customer | date | type | content | state
    B-1 | 华为 | 2026-11-01 | 投诉 | 漏水 | 待处理
    B-2 | 华为 | | 投诉 | | 待处理
    """
    assert said(required, table) == ["B-2 date error required", "B-2 content error required"]


def test_a_row_in_which_staff_typed_nothing_is_no_row_yet() -> None:
    table = """
    feedback
    key | customer | content | due | id
    B-1 | | | 2026-11-03 | B-1
    """
    assert said(required, table) == []


def test_what_cannot_be_read_is_not_missing() -> None:
    table = """
    feedback
    key | customer | date | type | content | state
    B-1 | ? | ? | 投诉 | 漏水 | 待处理
    B-2 | | ? | | |
    """
    missing = ["customer", "type", "content", "state"]
    assert said(required, table) == [f"B-2 {column} error required" for column in missing]


def test_reasons_are_required_once_a_deal_is_decided() -> None:
    table = """
    opportunities
    key | stage | win_reason | loss_reason
    O-1 | 赢单 | | 价格偏高
    O-2 | 输单 | 价格优势 |
    O-3 | 商务谈判 | |
    O-4 | 赢单 | 价格优势 |
    O-5 | 试用 | |
    O-6 | 赢单 | ? |
    """
    assert said(required_when, table) == [
        "O-1 win_reason error required-when",
        "O-2 loss_reason error required-when",
    ]
    assert said(only_when, table) == [
        "O-1 loss_reason warning only-when",
        "O-2 win_reason warning only-when",
    ]


def test_handled_feedback_says_how() -> None:
    table = """
    feedback
    key | state | response
    B-1 | 已处理 |
    B-2 | 已处理 | 已更换
    B-3 | 处理中 |
    """
    assert said(required_when, table) == ["B-1 response error required-when"]


def test_numbers_of_companies_and_of_persons() -> None:
    table = """
    customers
    key | type | credit_code | id_number | birthday
    C-1 | 企业客户 | 91350100M000100Y43 | | 1990-01-01
    C-2 | 个人客户 | 91350100M000100Y43 | 11010519491231002X | 1949-12-31
    C-3 | 渠道客户 | 91350100M000100Y43 | |
    C-4 | 经销商 | 91350100M000100Y43 | | 1990-01-01
    C-5 | | 91350100M000100Y43 | | 1990-01-01
    """
    assert said(only_when, table) == ["C-1 birthday warning only-when", "C-2 credit_code warning only-when"]
    (issue,) = outcome(only_when, book(table), "C-2").issues
    assert issue.parameters == {"other": "客户类型", "value": "企业客户”或“渠道客户"}


def test_a_follow_up_that_took_place_says_what_came_of_it() -> None:
    table = """
    follow_ups
    key | done_at | result | next_step | reaction
    F-1 | 2026-11-20 10:00 | 已报价 | | 满意
    F-2 | 2026-11-20 10:00 | | |
    F-3 | 2026-11-20 10:00 | 已报价 | 签约 | 满意
    F-4 | | 已报价 | |
    F-5 | | 取消：客户出差 | |
    F-6 | 2026-11-20 10:00 | 已取消 | |
    F-7 | | | |
    F-8 | ? | 已报价 | |
    F-9 | 2026-11-20 10:00 | ? | 签约 | 满意
    """
    assert said(follow_up_completion, table) == [
        "F-1 next_step error required-when-done",
        "F-2 result error required-when-done",
        "F-2 next_step error required-when-done",
        "F-2 reaction error required-when-done",
        "F-4 done_at warning result-without-time",
    ]
