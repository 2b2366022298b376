"""The policy of examples/permissions.toml does what it says: the permission examples of the guide, one by one."""

from pathlib import Path

import pytest

from crm_sheets.permissions import Extent
from crm_sheets.tables import TabKey
from tests.core.permission_tables import Team

EXAMPLE = (Path(__file__).parents[2] / "examples" / "permissions.toml").read_text(encoding="utf-8")

BOOK = """
customers
key | name | owner | status | shared_with | private_note | phone | annual_budget
C-1 | 华为 | 张伟 | 成交客户 | 售后部:可编辑; 财务部:仅查看 | 爱茶 | 13800000001 | 5
C-2 | 中兴 | 李娜 | 潜在客户 | | | 13800000002 |
C-3 | 海外 | 周杰 | 潜在客户 | | | 13800000003 |

follow_ups
key | customer | owner | content | done_at
F-1 | 华为 | 张伟 | 一 |
F-2 | 中兴 | 李娜 | 二 |
F-3 | 华为 | 周杰 | 三 |

orders
key | customer | owner | state
OR-1 | 华为 | 张伟 | 已创建
OR-2 | 中兴 | 李娜 | 已创建

payments
key | order | amount | customer | owner
PY-1 | OR-1 | 10 | 华为 | 张伟
PY-2 | OR-2 | 20 | 中兴 | 李娜

contracts
key | number | customer | owner | amount | state
CT-1 | HT1 | 华为 | 张伟 | 100 | 执行中
CT-2 | HT2 | 华为 | 李娜 | 200 | 执行中
CT-3 | HT3 | 华为 | 张伟 | 300 | 已完成

performance
key | month | person
PF-1 | 2026-11 | 张伟
PF-2 | 2026-11 | 周杰
"""


@pytest.fixture(scope="module")
def team() -> Team:
    return Team(EXAMPLE, BOOK)


@pytest.mark.parametrize(
    ("name", "tab", "expected"),
    [
        ("张伟", "customers", "C-1"),  # sales: their own
        ("李娜", "customers", "C-2"),
        ("孙丽", "customers", "C-1"),  # a group lead: the group's
        ("赵敏", "customers", "C-1 C-2"),  # a manager: the department's
        ("周杰", "customers", "C-1"),  # service: what is shared with them
        ("钱进", "customers", "C-1"),
        ("王总", "customers", "C-1 C-2 C-3"),
        ("张伟", "follow_ups", "F-1 F-3"),  # whoever sees a customer sees all its rows
        ("赵敏", "follow_ups", "F-1 F-2 F-3"),
        ("钱进", "payments", "PY-1"),  # finance: payments of customers that have bought
        ("张伟", "payments", "PY-1"),
        ("周杰", "contracts", "CT-1 CT-2 CT-3"),
        ("李娜", "contracts", "CT-2"),
        ("赵敏", "performance", "PF-1"),
        ("张伟", "performance", ""),
        ("陈晨", "people", ""),  # has left
        ("", "customers", ""),  # the shared workbook is closed
    ],
)
def test_who_sees_which_rows(team: Team, name: str, tab: str, expected: str) -> None:
    assert " ".join(team.sees(name, tab)) == expected


@pytest.mark.parametrize(
    ("name", "key", "columns", "expected"),
    [
        ("张伟", "C-1", "name contact private_note credit_code", "edit propose edit read"),
        ("周杰", "C-1", "phone owner shared_with private_note annual_budget", "edit read read hidden hidden"),
        ("钱进", "C-1", "phone private_note", "read hidden"),
        ("赵敏", "C-1", "phone owner private_note", "read edit hidden"),
        ("王总", "C-1", "phone private_note", "edit hidden"),  # even administrators: it is the owner's alone
        # A manager sees the whole department, but of subordinates' rows only moves the follow-up on.
        ("赵敏", "F-1", "content planned_at done_at result next_step next_at", "read read edit edit edit edit"),
        ("赵敏", "F-3", "content done_at", "read read"),
        # Finance edits when and how much was paid, and nothing else.
        ("钱进", "PY-1", "paid_on amount method due_on", "edit edit edit read"),
        # Amounts of contracts are for whoever signed them.
        ("张伟", "CT-1", "number amount", "edit edit"),
        ("张伟", "CT-2", "number amount", "read hidden"),
        ("周杰", "CT-1", "number amount paid", "read hidden hidden"),
        ("张伟", "CT-3", "number amount", "read read"),  # completed
        ("王总", "CT-3", "amount", "edit"),
        # What is computed from all rows of a customer is shown to those who see these.
        ("张伟", "C-1", "last_contact order_amount department", "read read read"),
        ("赵敏", "C-1", "last_contact order_amount department lifecycle", "read read read read"),
        ("周杰", "C-1", "order_amount", "read"),
        ("赵敏", "PF-1", "won_amount", "read"),
    ],
)
def test_how_far(team: Team, name: str, key: str, columns: str, expected: str) -> None:
    found = team.levels(name, key, *columns.split())
    assert " ".join(each.split()[1] for each in found.split(", ")) == expected


@pytest.mark.parametrize(
    ("name", "key", "edits", "expected"),
    [
        ("张伟", "C-1", {"status": "流失客户"}, "status propose change"),  # sales → manager → the status changes
        ("张伟", "C-1", {"status": "休眠客户"}, "status edit granted"),
        ("张伟", "C-1", {"owner": "李娜"}, "owner read leaves"),
        ("赵敏", "C-1", {"owner": "李娜"}, "owner edit granted"),
        ("赵敏", "C-1", {"owner": "周杰"}, "owner edit granted"),
        ("赵敏", "C-1", {"owner": "赵敏"}, "owner edit granted"),  # and reads no private note by that
        ("周杰", "C-1", {"owner": "周杰"}, "owner read no-grant"),
        ("周杰", "C-1", {"phone": "13900000000"}, "phone edit granted"),
        ("李娜", "C-1", {"phone": "13900000000"}, "phone hidden no-grant"),
        ("张伟", "CT-1", {"state": "已完成"}, "state edit granted"),
        ("张伟", "CT-3", {"state": "执行中"}, "state read denied"),
        ("钱进", "PY-1", {"due_on": "2026-01-01"}, "due_on read no-grant"),
        ("王总", "C-2", {"owner": "王总"}, "owner edit granted"),
    ],
)
def test_what_becomes_of_edits(team: Team, name: str, key: str, edits: dict[str, str], expected: str) -> None:
    assert team.edits(name, key, **edits) == expected


def test_who_is_asked_about_a_lost_customer(team: Team) -> None:
    assert team.judged("张伟", "C-1", status="流失客户")["status"].approve_by == ("department_manager",)


def test_new_rows_and_rows_taken_out(team: Team) -> None:
    made = {name: team.rights(name).create(TabKey("customers")) for name in ("张伟", "赵敏", "周杰", "王总", "")}
    assert made == {
        "张伟": Extent.OWN,
        "赵敏": Extent.NONE,
        "周杰": Extent.NONE,
        "王总": Extent.ALL,
        "": Extent.NONE,
    }
    deletes = [
        team.rights(name).of(TabKey("customers"), team.values("C-1"), team.book).delete.name
        for name in ("张伟", "赵敏", "周杰", "王总")
    ]
    assert deletes == ["PROPOSE", "HIDDEN", "HIDDEN", "EDIT"]
