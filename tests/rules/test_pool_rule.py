"""The pool: who goes into it, who may take out of it."""

from datetime import timedelta

import pytest

from crm_sheets.changes import Outcome
from crm_sheets.rules.pool import PoolTerms, pooling
from tests.rules.tables import before, book, clock, context, lines, plain, said

TERMS = PoolTerms(timedelta(days=30), timedelta(days=3), timedelta(days=7), 2)
RULE = pooling(TERMS)
PEOPLE = """
people
key | id | name | active
P-1 | 01 | 张伟 | true
P-2 | 02 | 李娜 | true
P-3 | 03 | 王强 | false
"""


def told(customers: str, more: str = "") -> list[str]:
    return said(RULE, f"customers\n{customers.strip()}\n\n{PEOPLE.strip()}\n{more}")


def outcome_of(customers: str) -> Outcome:
    of = book(f"customers\n{customers.strip()}\n\n{PEOPLE.strip()}")
    return RULE(of.rows[0], context(of))


def test_a_customer_without_contact_goes_into_the_pool() -> None:
    """
    Today is 2026-11-22, 10:00.
    """
    assert told(
        """
key | name | owner | last_contact     | next_contact     | created_at
C-1 | 华为 | 张伟  | 2026-10-23 10:00 |                  | 2026-01-01 09:00
C-2 | 小米 | 张伟  | 2026-10-23 10:01 |                  | 2026-01-01 09:00
C-3 | 大疆 | 张伟  | 2026-01-02 09:00 | 2026-11-30 09:00 | 2026-01-01 09:00
C-4 | 联想 | 张伟  |                  |                  | 2026-11-20 09:00
"""
    ) == [
        "C-1 owner = None",
        "C-1 pool_since = 2026-11-22 10:00",
        "C-1 pool_from = 张伟",
        "C-2 pool_since = None",
        "C-2 pool_from = None",
        "C-2 wakes 2026-11-22 10:01",
        "C-3 pool_since = None",
        "C-3 pool_from = None",
        "C-3 wakes 2026-12-27 09:00",
        "C-4 pool_since = None",
        "C-4 pool_from = None",
        "C-4 wakes 2026-12-17 09:00",
    ]


def test_who_has_bought_or_has_an_open_deal_stays() -> None:
    found = told(
        """
key | name | owner | status   | created_at       | converted_at
C-1 | 华为 | 张伟  | 成交客户 | 2026-01-01 09:00 |
C-2 | 小米 | 张伟  | 流失客户 | 2026-01-01 09:00 |
C-3 | 大疆 | 张伟  | 意向客户 | 2026-01-01 09:00 |
C-4 | 联想 | 张伟  | 意向客户 | 2026-01-01 09:00 |
C-5 | 海尔 | 张伟  | 休眠客户 | 2026-01-01 09:00 | 2026-02-01 09:00
""",
        """
opportunities
key | name | customer | stage
O-1 | 机房 | C-3      | 需求分析
O-2 | 旧单 | C-4      | 输单
""",
    )
    assert [line for line in found if "owner" in line] == ["C-4 owner = None"]


def test_its_person_is_warned() -> None:
    reminders = outcome_of(
        """
key | name | owner | created_at
C-1 | 华为 | 张伟  | 2026-11-01 09:00
"""
    ).reminders
    assert [(each.kind, each.person, plain(each.instant)) for each in reminders] == [
        ("deadline-pool-near", "张伟", "2026-11-28 09:00")
    ]


@pytest.mark.parametrize(
    ("claim", "more", "expected"),
    [
        ("李娜", "", ["owner = 李娜", "claim = None", "claimed_at = 2026-11-22 10:00", "pool_since = None",
                      "pool_from = None"]),
        ("张伟", "", ["claim error claim-too-soon", "wakes 2026-11-27 10:00"]),
        ("王强", "", ["claim error claim-left"]),
        ("谁呀", "", []),
        ("李娜", "C-2 | 小米 | 李娜 | | | \nC-3 | 大疆 | 02 | | | ",
         ["claim error claim-full", "wakes 2026-11-23 00:00"]),
    ],
)  # fmt: skip
def test_a_claim(claim: str, more: str, expected: list[str]) -> None:
    of = book(
        f"customers\nkey | name | owner | claim | pool_since | pool_from\n"
        f"C-1 | 华为 | | {claim} | 2026-11-20 10:00 | 张伟\n{more}".strip()
        + f"\n\n{PEOPLE.strip()}"
    )
    assert lines("C-1", RULE(of.rows[0], context(of))) == [f"C-1 {line}" for line in expected]


def test_a_claim_counts_when_its_time_has_come() -> None:
    of = book(
        "customers\nkey | name | owner | claim | pool_since | pool_from\n"
        f"C-1 | 华为 | | 张伟 | 2026-11-20 10:00 | 张伟\n\n{PEOPLE.strip()}"
    )
    assert RULE(of.rows[0], context(of, clock("2026-11-27 10:00"))).values["owner"] == "张伟"  # type: ignore[index]


def test_a_customer_that_has_a_person_is_not_claimed() -> None:
    found = told(
        """
key | name | owner | claim | created_at
C-1 | 华为 | 张伟  | 李娜  | 2026-11-20 09:00
"""
    )
    assert found[0] == "C-1 claim error claim-owned"


def test_whoever_was_given_a_customer_by_hand_has_the_whole_time() -> None:
    of = book(f"customers\nkey | name | owner | created_at\nC-1 | 华为 | 李娜 | 2026-01-01 09:00\n\n{PEOPLE.strip()}")
    row = before(of.rows[0], owner=None)
    found = RULE(row, context(of)).values
    assert (found.get("owner", "stays"), found["claimed_at"]) == ("stays", context(of).now)  # type: ignore[call-overload, index]
