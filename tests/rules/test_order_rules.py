"""Lines of orders, what orders and customers come to, their states."""

from datetime import date
from decimal import Decimal

from crm_sheets.rules.customer_orders import customer_orders
from crm_sheets.rules.default_owners import default_owners
from crm_sheets.rules.money import purchases, rounded
from crm_sheets.rules.order_amounts import order_amounts
from crm_sheets.rules.order_line_amounts import order_line_amounts
from crm_sheets.rules.order_payments import order_payments
from crm_sheets.rules.order_states import order_states
from crm_sheets.rules.same_customer import same_customer
from crm_sheets.rules.unique import unique
from tests.rules.tables import book, context, said


def test_a_line_comes_to_quantity_times_price_less_its_discount() -> None:
    table = """
    order_lines
    key | quantity | unit_price | discount | cost
    OL-1 | 3 | 100 | | 210
    OL-2 | 3 | 9.7766667 | |
    OL-3 | 1 | 0.05 | 0.1 | 0.01
    OL-4 | 2 | 100 | 0.15 | 180.5
    OL-5 | 2 | | |
    OL-6 | 2 | 100 | ? |
    """
    assert said(order_line_amounts, table) == [
        "OL-1 amount = 300.00",
        "OL-1 profit = 90.00",
        "OL-2 amount = 29.33",
        "OL-2 profit = None",
        "OL-3 amount = 0.05",
        "OL-3 profit = 0.04",
        "OL-4 profit warning sold-at-a-loss",
        "OL-4 amount = 170.00",
        "OL-4 profit = -10.50",
        "OL-5 amount = None",
        "OL-5 profit = None",
        "OL-6 amount = None",
        "OL-6 profit = None",
    ]


def test_half_a_cent_is_rounded_up() -> None:
    assert [str(rounded(Decimal(text))) for text in ("0.005", "0.015", "2.675", "-0.005")] == [
        "0.01",
        "0.02",
        "2.68",
        "-0.01",
    ]


def test_an_order_comes_to_its_lines() -> None:
    table = """
    orders
    key | external | state
    OR-1 | PO-1 | 已创建
    OR-2 | | 已创建
    OR-3 | | 已创建
    OR-4 | | 已取消
    OR-5 | | 已创建

    order_lines
    key | order | quantity | unit_price | discount | cost
    OL-1 | po-1 | 2 | 50 | 0.1 | 60
    OL-2 | OR-1 | 1 | 10 | | 4
    OL-3 | OR-2 | 1 | 10 | | 4
    OL-4 | OR-2 | 1 | 10 | |
    OL-5 | OR-2 | | 10 | |
    OL-6 | OR-5 | 1 | 10 | ? |
    """
    assert said(order_amounts, table) == [
        "OR-1 total = 100.00",
        "OR-1 discount = 10.00",
        "OR-1 cost = 64.00",
        "OR-1 profit = 36.00",
        "OR-2 total warning order-lines-unknown",
        "OR-2 total = 20.00",
        "OR-2 discount = 0.00",
        "OR-2 cost = None",
        "OR-2 profit = None",
        "OR-3 total info order-without-lines",
        *(f"OR-3 {column} = None" for column in ("total", "discount", "cost", "profit")),
        *(f"OR-4 {column} = None" for column in ("total", "discount", "cost", "profit")),
        "OR-5 total warning order-lines-unknown",
        *(f"OR-5 {column} = None" for column in ("total", "discount", "cost", "profit")),
    ]


PAYMENTS = """
    orders
    key | state
    OR-1 | 处理中
    OR-2 | 处理中
    OR-3 | 已完成
    OR-4 | 处理中
    OR-5 | 已取消
    OR-6 | 处理中

    order_lines
    key | order | quantity | unit_price
    OL-1 | OR-1 | 1 | 100
    OL-2 | OR-2 | 1 | 100
    OL-3 | OR-3 | 1 | 100
    OL-4 | OR-4 | 1 | 100
    OL-5 | OR-5 | 1 | 100

    payments
    key | order | paid_on | amount
    PY-1 | OR-1 | 2026-11-22 | 100
    PY-2 | OR-2 | 2026-11-20 | 30
    PY-3 | OR-2 | 2026-11-25 | 30
    PY-4 | OR-2 | | 30
    PY-5 | OR-3 | 2026-11-20 | 99.99
    PY-6 | OR-4 | 2026-11-20 | 100.01
    PY-7 | OR-5 | 2026-11-20 | 10
    PY-8 | OR-6 | 2026-11-20 | 10
"""


def test_what_has_been_paid() -> None:
    assert said(order_payments, PAYMENTS) == [
        "OR-1 paid = 100.00",
        "OR-1 payment_state = 已支付",
        "OR-2 total warning instalments-differ",
        "OR-2 paid = 30.00",
        "OR-2 payment_state = 分期支付",
        "OR-2 wakes 2026-11-25 00:00",
        "OR-3 state warning completed-unpaid",
        "OR-3 paid = 99.99",
        "OR-3 payment_state = 分期支付",
        "OR-4 paid warning overpaid",
        "OR-4 paid = 100.01",
        "OR-4 payment_state = 已支付",
        "OR-5 paid warning cancelled-but-paid",
        "OR-5 paid = 10.00",
        "OR-5 payment_state = 分期支付",
        "OR-6 paid = 10.00",
        "OR-6 payment_state = 分期支付",
    ]


def test_instalments_that_are_the_whole_amount_are_no_finding() -> None:
    whole = PAYMENTS.replace("PY-4 | OR-2 | | 30", "PY-4 | OR-2 | | 40")
    assert "OR-2 total warning instalments-differ" not in said(order_payments, whole)


def test_the_state_of_an_order_goes_with_its_dates() -> None:
    table = """
    orders
    key | state | delivery_due | delivered_on
    OR-1 | 已发货 | 2026-11-21 |
    OR-2 | 已发货 | 2026-11-22 |
    OR-3 | 已发货 | 2026-11-21 | 2026-11-20
    OR-4 | 已交付 | 2026-11-21 | 2026-11-22
    OR-5 | 已取消 | 2026-11-21 |
    """
    assert said(order_states, table) == [
        "OR-1 delivery_due warning delivery-overdue",
        "OR-2 wakes 2026-11-23 00:00",
        "OR-3 state warning state-behind-dates",
    ]


def test_a_blank_owner_is_the_customers() -> None:
    table = """
    orders
    key | customer | owner
    OR-1 | 华为 |
    OR-2 | 华为 | 李娜
    OR-3 | 华为 | ?
    OR-4 | 小米 |

    customers
    key | name | owner
    C-1 | 华为 | 张伟
    C-2 | 小米 |
    """
    assert said(default_owners, table) == ["OR-1 owner := 张伟"]


def test_an_order_names_an_opportunity_of_its_customer() -> None:
    table = """
    orders
    key | customer | opportunity
    OR-1 | 华为 | 新机房
    OR-2 | 小米 | 新机房
    OR-3 | C-1 | O-1

    customers
    key | name
    C-1 | 华为
    C-2 | 小米

    opportunities
    key | name | customer
    O-1 | 新机房 | 华为
    """
    assert said(same_customer, table) == ["OR-2 opportunity warning opportunity-of-another-customer"]


def test_what_must_be_unique_is_flagged_on_every_row_that_has_it() -> None:
    table = """
    orders
    key | external
    OR-1 | PO-1
    OR-2 | ｐｏ-1
    OR-3 | PO-2
    OR-4 |
    OR-5 |
    """
    assert said(unique, table) == ["OR-1 external error not-unique", "OR-2 external error not-unique"]


CUSTOMERS = """
    customers
    key | name
    C-1 | 华为
    C-2 | 小米
    C-3 | 中兴

    orders
    key | customer | ordered_on | state | total | cost
    OR-1 | 华为 | 2026-11-01 | 已完成 | 100 | 60
    OR-2 | C-1 | 2026-11-20 | 已创建 | 50.5 | 20
    OR-3 | 华为 | 2026-11-21 | 已取消 | 999 | 1
    OR-4 | 小米 | 2026-10-01 | 已完成 | 10 |
    OR-5 | 小米 | | 已完成 | 10 | 1
"""


def test_what_a_customer_bought() -> None:
    assert said(customer_orders, CUSTOMERS) == [
        "C-1 orders = 2",
        "C-1 order_amount = 150.50",
        "C-1 order_profit = 70.50",
        "C-1 last_order = 2026-11-20",
        "C-2 orders = 2",
        "C-2 order_amount = 20.00",
        "C-2 order_profit = None",
        "C-2 last_order = 2026-10-01",
        "C-3 orders = 0",
        "C-3 order_amount = 0.00",
        "C-3 order_profit = None",
        "C-3 last_order = None",
    ]


def test_purchases_of_a_period() -> None:
    of = book(CUSTOMERS)
    one, two = of.rows[0], of.rows[1]
    found = purchases(one, context(of), date(2026, 11, 2), date(2026, 11, 20))
    assert (found.orders, found.amount) == (1, Decimal("50.5"))
    assert purchases(one, context(of), last=date(2026, 11, 19)).orders == 1
    assert purchases(two, context(of), first=date(2026, 1, 1)).orders == 1


def test_what_may_be_of_two_counts_for_neither() -> None:
    """An order of 张伟 is the purchase of one of them; two of a number share no line and no payment."""
    customers = """
    customers
    key | name | merged_from
    C-1 | 张伟 |
    C-2 | 张伟 |
    C-3 | 远航 |
    C-4 | 远航物流 | 远航
    """
    rest = """
    orders
    key | external | customer | state | total | ordered_on
    OR-1 | PO-1 | 张伟 | 已创建 | 100 | 2026-11-01
    OR-2 | PO-1 | C-1 | 已创建 | 50 | 2026-11-02
    OR-3 | PO-3 | 远航 | 已创建 | 30 | 2026-11-03

    order_lines
    key | order | quantity | unit_price | cost
    OL-1 | PO-1 | 1 | 10 | 4
    OL-2 | OR-1 | 1 | 20 | 4

    payments
    key | order | paid_on | amount
    P-1 | PO-1 | 2026-11-03 | 7
    P-2 | OR-2 | 2026-11-03 | 5
    """
    told = [
        line
        for line in said(customer_orders, f"{customers.strip()}\n\n{rest.strip()}")
        if " orders = " in line or " order_amount = " in line
    ]
    assert told == [
        "C-1 orders = 1",
        "C-1 order_amount = 50.00",
        "C-2 orders = 0",
        "C-2 order_amount = 0.00",
        "C-3 orders = 1",
        "C-3 order_amount = 30.00",
        "C-4 orders = 0",
        "C-4 order_amount = 0.00",
    ]
    assert [line for line in said(order_amounts, rest) if " total = " in line] == [
        "OR-1 total = 20.00",
        "OR-2 total = None",
        "OR-3 total = None",
    ]
    assert [line for line in said(order_payments, rest) if " paid = " in line] == [
        "OR-1 paid = 0.00",
        "OR-2 paid = 5.00",
        "OR-3 paid = 0.00",
    ]
