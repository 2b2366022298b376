"""Payments and contracts: whom they are of, what has arrived, what is due, who is told."""

from datetime import timedelta

import pytest

from crm_sheets.rules.contract_payments import contract_payments
from crm_sheets.rules.contract_terms import contract_terms, noticing_contracts
from crm_sheets.rules.payment_dates import PaymentTerms, noticing_payments, payment_dates
from crm_sheets.rules.payment_purposes import payment_purposes
from crm_sheets.rules.required_when import required_when
from tests.rules.tables import book, clock, outcome, plain, said

PEOPLE = """

    people
    key | id | name | active
    P-1 | 001 | 张伟 | true
    P-2 | 002 | 李娜 | false
"""


def test_a_payment_is_of_the_customer_and_the_owner_of_its_order() -> None:
    table = """
    payments
    key | order | contract | customer | amount
    PY-1 | PO-1 | | | 1
    PY-2 | | HT-1 | | 1
    PY-3 | PO-1 | HT-1 | 华为 | 1
    PY-4 | PO-1 | HT-2 | 华为 | 1
    PY-5 | | | | 1
    PY-6 | ? | | | 1
    PY-7 | PO-9 | | | 1
    PY-8 | | | |

    orders
    key | external | customer | owner
    OR-1 | PO-1 | 华为 | 张伟

    contracts
    key | number | customer | owner
    CT-1 | HT-1 | 华为 | 李娜
    CT-2 | HT-2 | 小米 | 李娜

    customers
    key | name
    C-1 | 华为
    C-2 | 小米
    """
    nobody = ["customer = None", "owner = None"]
    assert said(payment_purposes, table) == [
        "PY-1 customer = 华为",
        "PY-1 owner = 张伟",
        "PY-2 customer = 华为",
        "PY-2 owner = 李娜",
        "PY-3 customer = 华为",
        "PY-3 owner = 张伟",
        "PY-4 contract warning payment-of-two-customers",
        "PY-4 customer = 华为",
        "PY-4 owner = 张伟",
        "PY-5 order error payment-for-nothing",
        *(f"{key} {line}" for key in ("PY-5", "PY-6", "PY-7", "PY-8") for line in nobody),
    ]


DUE = f"""
    payments
    key | order | contract | due_on | paid_on | owner
    PY-1 | OR-1 | | 2026-11-21 | | 张伟
    PY-2 | OR-1 | | 2026-11-22 | | 李娜
    PY-3 | OR-1 | | 2026-11-21 | 2026-11-22 | 张伟
    PY-4 | OR-2 | | 2026-11-21 | | 张伟
    PY-5 | | HT-1 | 2026-11-21 | | 张伟
    PY-6 | OR-1 | | 2026-12-01 | | 张伟
    PY-7 | OR-1 | | | | 张伟

    orders
    key | state
    OR-1 | 处理中
    OR-2 | 已取消

    contracts
    key | number | state
    CT-1 | HT-1 | 已终止{PEOPLE}
"""


def test_a_planned_payment_that_has_not_arrived_is_late_the_day_after() -> None:
    assert said(payment_dates, DUE) == [
        "PY-1 due_on warning payment-overdue",
        "PY-1 wakes 2026-11-23 09:00",
        "PY-2 wakes 2026-11-23 00:00",
        "PY-6 wakes 2026-11-28 09:00",
    ]


def mails(*, notice: int, wanted: bool = True) -> list[str]:
    terms = PaymentTerms((timedelta(days=notice),), (1,), wanted)
    found = outcome(noticing_payments(terms), book(DUE), "PY-6")
    return [f"{each.kind} {each.person} {plain(each.instant)}" for each in found.reminders]


def test_its_owner_is_told_before_on_the_day_and_the_day_after() -> None:
    assert mails(notice=3) == [
        "deadline-payment 张伟 2026-11-28 09:00",
        "deadline-payment 张伟 2026-12-01 09:00",
        "deadline-payment 张伟 2026-12-02 09:00",
    ]
    assert mails(notice=0) == ["deadline-payment 张伟 2026-12-01 09:00", "deadline-payment 张伟 2026-12-02 09:00"]
    assert mails(notice=3, wanted=False) == []
    assert outcome(payment_dates, book(DUE), "PY-2").reminders == ()


ENDING = f"""
    contracts
    key | number | state | ends_on | amount | owner
    CT-1 | HT-1 | 执行中 | 2026-12-22 | 123456.78 | 001
    CT-2 | HT-2 | 执行中 | 2026-12-23 | 123456.78 | 李娜
    CT-3 | HT-3 | 执行中 | 2026-11-21 | 1 | 张伟
    CT-4 | HT-4 | 已完成 | 2026-11-21 | 1 | 张伟
    CT-5 | HT-5 | 待签署 | 2026-11-22 | 1 | 张伟{PEOPLE}
"""


def test_a_contract_that_ends() -> None:
    assert said(noticing_contracts((timedelta(days=30),)), ENDING) == [
        "CT-1 ends_on info contract-ends-soon",
        "CT-1 wakes 2026-12-22 09:00",
        "CT-2 wakes 2026-11-23 00:00",
        "CT-3 ends_on warning contract-ended",
        "CT-5 ends_on info contract-ends-soon",
        "CT-5 wakes 2026-11-23 00:00",
    ]


def test_the_owner_of_a_contract_is_told_and_no_amount_is_in_it() -> None:
    told = outcome(noticing_contracts((timedelta(days=10),)), book(ENDING), "CT-1").reminders
    assert [(each.person, plain(each.instant)) for each in told] == [
        ("张伟", "2026-12-12 09:00"),
        ("张伟", "2026-12-22 09:00"),
    ]
    assert not any("123" in value for each in told for value in each.parameters.values())
    assert outcome(contract_terms, book(ENDING), "CT-2").reminders == ()


def test_what_of_a_contract_has_been_paid() -> None:
    table = """
    contracts
    key | number | state | signed_on | amount
    CT-1 | HT-1 | 执行中 | 2026-01-01 | 100
    CT-2 | HT-2 | 执行中 | 2026-01-01 | 100
    CT-3 | HT-3 | 已完成 | 2026-01-01 | 100
    CT-4 | HT-4 | 已终止 | 2026-01-01 | 100
    CT-5 | HT-5 | 待签署 | 2026-01-01 | 100
    CT-6 | HT-6 | 执行中 | 2026-01-01 | 100

    payments
    key | contract | paid_on | amount
    PY-1 | HT-1 | 2026-11-01 | 60
    PY-2 | HT-1 | | 40
    PY-3 | ht-2 | | 40
    PY-4 | HT-3 | 2026-11-01 | 60
    PY-5 | CT-4 | | 40
    PY-6 | HT-6 | 2026-11-01 | 101
    """
    assert said(contract_payments, table) == [
        "CT-1 paid = 60.00",
        "CT-2 amount warning contract-instalments-differ",
        "CT-2 paid = 0.00",
        "CT-3 state warning completed-unpaid",
        "CT-3 paid = 60.00",
        "CT-4 state warning ended-with-open-payments",
        "CT-4 paid = 0.00",
        "CT-5 state warning state-behind-dates",
        "CT-5 paid = 0.00",
        "CT-6 paid warning contract-overpaid",
        "CT-6 paid = 101.00",
    ]


@pytest.mark.parametrize(
    ("state", "wanted"), [("执行中", True), ("已完成", True), ("待签署", False), ("已终止", False)]
)
def test_a_running_contract_was_signed(state: str, *, wanted: bool) -> None:
    found = said(required_when, f"contracts\nkey | state | signed_on\nCT-1 | {state} |")
    assert found == (["CT-1 signed_on error required-when"] if wanted else [])


def test_on_the_day_after_the_finding_comes() -> None:
    assert "PY-2 due_on warning payment-overdue" in said(payment_dates, DUE, clock("2026-11-23 00:00"))
