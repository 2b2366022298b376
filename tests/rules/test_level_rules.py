"""Customer levels: thresholds, periods, levels set by hand, and fifths of all customers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.rules.customer_levels import customer_levels, giving_levels
from crm_sheets.rules.level_policies import LevelPolicy, Method, Tally, tally
from crm_sheets.rules.quintiles import Borders, borders_between, fifth_of
from crm_sheets.rules.rfm import borders_from, borders_of, borders_text, scores_of
from crm_sheets.rules.stage_history import stage_history
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import ColumnKey
from tests.rules.tables import SHIPPED, before, book, clock, context, lines, said

DEALS = """
    customers
    key | name | level | level_basis | computed_level
    C-1 | 华为 | | |
    C-2 | 小米 | VIP | 老板的朋友 |
    C-3 | 中兴 | A | 自动：近365天赢单2个，金额400,000.00 | A
    C-4 | 联想 | B | 自动：近365天赢单1个，金额400,000.00 | A
    C-5 | 小明 | | |

    opportunities
    key | customer | stage | amount | stage_since
    O-1 | 华为 | 赢单 | 300000 | 2025-11-23 00:00
    O-2 | 华为 | 赢单 | 900000 | 2025-11-22 23:59
    O-3 | 华为 | 商务谈判 | 900000 | 2026-11-01 10:00
    O-4 | 小米 | 赢单 | 60000 | 2026-11-01 10:00
    O-5 | 中兴 | 赢单 | 60000 | 2026-11-01 10:00
"""


def test_the_level_follows_what_was_bought_in_the_period() -> None:
    first, *_ = (line for line in said(customer_levels, DEALS) if " level = " in line)
    assert first == "C-1 level = A"
    assert [line for line in said(customer_levels, DEALS) if line.startswith("C-1")] == [
        "C-1 computed_level = A",
        "C-1 level_was = None",
        "C-1 level_since = None",
        "C-1 level = A",
        "C-1 level_basis = 自动：近365天赢单1个，金额300,000.00",
        "C-1 wakes 2026-11-23 00:00",
    ]
    assert "C-1 level = C" in said(customer_levels, DEALS, clock("2026-11-23 00:00"))


def test_a_level_set_by_hand_stays_until_it_is_cleared() -> None:
    two = [line for line in said(customer_levels, DEALS) if line.startswith(("C-2", "C-4"))]
    assert [line for line in two if "level_was" not in line and "since" not in line and "wakes" not in line] == [
        "C-2 computed_level = B",
        "C-4 computed_level = C",
        "C-4 level_basis = 手动",
    ]
    assert "C-2 level = B" in said(customer_levels, DEALS.replace("VIP | 老板", " | 老板"))
    assert "C-4 level = C" in said(customer_levels, DEALS.replace("联想 | B |", "联想 | |"))


def test_a_level_that_is_cleared_leaves_no_basis_where_none_is_reached() -> None:
    shipped = SHIPPED.entries["customer_level"]
    high = tuple(entry for entry in shipped if entry.code in {"vip", "a"})
    only_high = Dictionaries({**SHIPPED.entries, "customer_level": high})
    table = """
    customers
    key | name | level | level_basis | computed_level
    C-1 | 华为 | | 手动 |
    C-2 | 小米 | | 老板的朋友 |
    """
    told = said(customer_levels, table, known=only_high)
    assert [line for line in told if "basis" in line] == ["C-1 level_basis = None"]


def test_a_level_of_ours_goes_up_and_down_and_says_when() -> None:
    of = book(DEALS)
    row = before(of.rows[2])
    down = lines("C-3", customer_levels(row, context(of)))
    assert down == [
        "C-3 computed_level = B",
        "C-3 level_was = A",
        "C-3 level_since = 2026-11-22 10:00",
        "C-3 level = B",
        "C-3 level_basis = 自动：近365天赢单1个，金额60,000.00（2026-11-22由A降级）",
        "C-3 wakes 2027-11-01 00:00",
    ]
    of = book(DEALS.replace("赢单 | 60000", "赢单 | 9000000"))
    assert "C-3 level_basis = 自动：近365天赢单1个，金额9,000,000.00（2026-11-22由A升级）" in lines(
        "C-3", customer_levels(before(of.rows[2]), context(of))
    )


def test_a_move_of_the_program_says_so_in_the_history() -> None:
    of = book(DEALS)
    told = replace(context(of), author="shared (王芳)")
    (ours,) = stage_history(before(of.rows[2], level="B"), told).new_rows
    (theirs,) = stage_history(before(of.rows[1], level="B"), told).new_rows
    assert [line.values[ColumnKey("who")] for line in (ours, theirs)] == ["系统", "王芳"]
    assert ours.values[ColumnKey("field")] == "客户等级"


def levels(policy: LevelPolicy, known: Dictionaries = SHIPPED, text: str = DEALS) -> list[str]:
    return [line for line in said(giving_levels(policy), text, known=known) if " level = " in line]


def with_frequency() -> Dictionaries:
    wanted = {
        "vip": {"threshold": "500000", "frequency": "2"},
        "a": {"frequency": "1"},
        "b": {},
        "c": {"threshold": "0"},
    }
    changed = [replace(entry, attributes=wanted[entry.code]) for entry in SHIPPED.entries["customer_level"]]
    return Dictionaries({**SHIPPED.entries, "customer_level": tuple(changed)})


def test_amount_and_frequency() -> None:
    both = LevelPolicy(period_days=366)
    assert levels(both, with_frequency()) == ["C-1 level = VIP", "C-3 level = A", "C-5 level = C"]
    assert levels(LevelPolicy(), with_frequency())[0] == "C-1 level = A"
    assert levels(LevelPolicy(any_of=True, period_days=366), with_frequency())[0] == "C-1 level = VIP"
    one = DEALS.replace("300000", "500000")
    assert levels(LevelPolicy(any_of=True), with_frequency(), one)[0] == "C-1 level = VIP"
    assert levels(LevelPolicy(), with_frequency(), one)[0] == "C-1 level = A"


def test_a_team_may_want_none() -> None:
    assert said(giving_levels(LevelPolicy(method=Method.NONE)), DEALS) == []


def test_orders_may_count_instead_of_deals() -> None:
    table = (
        DEALS
        + """
    orders
    key | customer | ordered_on | state | total
    R-1 | 小明 | 2026-11-01 | 已完成 | 300000
    R-2 | 小明 | 2026-11-02 | 已取消 | 900000
    R-3 | 小明 | 2026-11-23 | 已创建 | 700000
    """
    )
    by_orders = giving_levels(LevelPolicy(by_orders=True))
    assert "C-5 level_basis = 自动：近365天下单1笔，金额300,000.00" in said(by_orders, table)
    assert "C-5 wakes 2026-11-23 00:00" in said(by_orders, table)
    assert "C-5 level = VIP" in said(by_orders, table, clock("2026-11-23 00:00"))


# -- RFM ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "fifths"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        ([7, 7, 7], [1, 1, 1]),
        ([5], [1]),
        ([1, 1, 1, 1, 9], [1, 1, 1, 1, 5]),
    ],
)
def test_fifths(values: list[int], fifths: list[int]) -> None:
    borders = borders_between([Decimal(value) for value in values])
    assert [fifth_of(Decimal(value), borders) for value in values] == fifths


@given(st.lists(st.integers(0, 30), min_size=1))
def test_no_lower_fifth_holds_less_than_its_share(values: list[int]) -> None:
    borders = borders_between([Decimal(value) for value in values])
    for part in (1, 2, 3, 4):
        below = sum(fifth_of(Decimal(value), borders) <= part for value in values)
        assert below >= part * len(values) / 5


def test_scores_and_levels_by_fifths() -> None:
    of = book(DEALS)
    policy = LevelPolicy(method=Method.RFM, period_days=400)
    borders = borders_of(tally(row, context(of), policy) for row in of.of("customers"))
    assert borders == Borders(
        recency=tuple(Decimal(day.toordinal()) for day in (date(2025, 11, 23), *[date(2026, 11, 1)] * 3)),
        frequency=(Decimal(1), Decimal(1), Decimal(1), Decimal(2)),
        monetary=(Decimal(60000), Decimal(60000), Decimal(60000), Decimal(1200000)),
    )
    within = replace(context(of), rfm=borders)
    told = [lines("C", giving_levels(policy)(row, within)) for row in of.of("customers")]
    assert told[0][3:5] == ["C level = B", "C level_basis = 自动：近400天RFM 1-4-4，共9分"]
    assert told[4][3:5] == ["C level = C", "C level_basis = 自动：近400天RFM 0-0-0，共0分"]


def test_borders_are_kept_as_text() -> None:
    some = Tally(Decimal("10.5"), 2, date(2026, 11, 1), None)
    borders = borders_of([some])
    assert borders is not None
    kept = borders_text(borders, date(2026, 11, 22), "deals/365")
    assert borders_from(kept, "deals/365") == (date(2026, 11, 22), borders)
    assert borders_from(kept, "orders/365") is None
    assert borders_from(None, "deals/365") is None
    assert borders_of([]) is None
    assert scores_of(some, None).total == 0
