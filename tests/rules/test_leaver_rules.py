"""What somebody who left still holds."""

from crm_sheets.rules.leavers import leavers
from tests.rules.tables import before, book, context, said

BOOK = """
    people
    key | id | name | manager | active | role
    P-1 | E1 | 王芳 | 张伟 | false | 销售专员
    P-2 | E2 | 张伟 | | true | 部门经理
    P-3 | E3 | 李强 | 张伟 | false | 销售专员

    customers
    key | name | owner
    C-1 | 华为 | 王芳
    C-2 | 小米 | e1
    C-3 | 大疆 | 张伟

    opportunities
    key | name | customer | stage | owner
    O-1 | 新机房 | 华为 | 商务谈判 | 王芳
    O-2 | 旧机房 | 华为 | 赢单 | 王芳
"""


def told(text: str, *, was_active: bool) -> list[tuple[str, str, str, str]]:
    of = book(text)
    row = before(of.rows[0], active=was_active)
    reminders = leavers(row, context(of)).reminders
    return [(each.kind, each.person, each.parameters["subject"], each.parameters["content"]) for each in reminders]


def test_what_is_open_is_counted_and_what_is_closed_is_not() -> None:
    assert said(leavers, BOOK) == ["P-1 active warning leaver-holds"]
    of = book(BOOK)
    (issue,) = leavers(of.rows[0], context(of)).issues
    assert issue.parameters["rows"] == "客户 2 条、机会 1 条"


def test_the_manager_is_told_when_somebody_leaves_and_not_again() -> None:
    assert told(BOOK, was_active=True) == [("notice-leaver", "张伟", "王芳", "客户 2 条、机会 1 条")]
    assert told(BOOK, was_active=False) == []


def test_nobody_is_told_where_there_is_no_manager_at_work() -> None:
    assert told(BOOK.replace("E2 | 张伟 | | true", "E2 | 张伟 | | false"), was_active=True) == []
    assert told(BOOK.replace("E1 | 王芳 | 张伟", "E1 | 王芳 |"), was_active=True) == []
