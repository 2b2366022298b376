"""The way of a customer's status: allowed steps, the first purchase, sleep and waking."""

from dataclasses import replace
from datetime import UTC, datetime

from crm_sheets.changes import Value
from crm_sheets.rules.base import Rule
from crm_sheets.rules.customer_lifecycles import customer_lifecycles
from crm_sheets.rules.customer_statuses import customer_statuses, judging_statuses
from crm_sheets.rules.dormancy import DormancyPolicy
from crm_sheets.rules.stage_history import writing_history
from crm_sheets.rules.status_moves import status_moves
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.tables import ColumnKey
from tests.rules.tables import NOW, SHIPPED, before, book, clock, context, lines, said

TRIAL = "试用中"
WAKEFUL = judging_statuses(DormancyPolicy(days=0))
"""Nobody ever falls asleep."""


def with_trial(**attributes: str) -> Dictionaries:
    """The shipped statuses, and one of the team's own."""
    own = DictionaryEntry(TRIAL, attributes.pop("code", ""), 3, True, attributes)
    return Dictionaries({**SHIPPED.entries, "customer_status": (*SHIPPED.entries["customer_status"], own)})


def judged(
    rule: Rule, text: str, known: Dictionaries = SHIPPED, now: datetime = NOW, /, **previous: Value
) -> list[str]:
    """What a rule says of the first row, which was another one at the end of the last cycle."""
    of = book(text)
    return lines("C-1", rule(before(of.rows[0], **previous), context(of, now, known)))


DEAL = """
    customers
    key | name | status | converted_at
    C-1 | 华为 | {status} | 2026-11-22 10:00

    opportunities
    key | customer | stage | stage_since
    O-1 | 华为 | 赢单 | 2026-11-22 10:00
"""


def won_now(status: str, known: Dictionaries = SHIPPED, /, **previous: Value) -> list[str]:
    """The first deal of a customer was won in this cycle."""
    return judged(WAKEFUL, DEAL.format(status=status), known, **{"converted_at": None} | previous)


def test_the_first_won_deal_moves_the_status() -> None:
    for status in ("潜在客户", "意向客户", "方案洽谈", "流失客户", "休眠客户"):
        assert won_now(status) == ["C-1 status = 成交客户"]
    assert won_now("") == ["C-1 status := 成交客户"]
    assert won_now("成交客户") == []


def test_what_sales_says_then_and_later_stays() -> None:
    assert won_now("意向客户", status="潜在客户") == ["C-1 status info status-behind-deals"]
    earlier = datetime(2026, 1, 1, tzinfo=UTC)
    assert won_now("意向客户", converted_at=earlier) == ["C-1 status info status-behind-deals"]
    of = book(DEAL.format(status="意向客户"))
    new = WAKEFUL(of.rows[0], context(of))
    assert lines("C-1", new) == ["C-1 status info status-behind-deals"], "what was typed in a new row stays"


def test_a_status_of_the_teams_own_moves_where_the_dictionary_says_so() -> None:
    assert won_now(TRIAL, with_trial()) == []
    assert won_now(TRIAL, with_trial(code="interested")) == ["C-1 status = 成交客户"]
    assert won_now(TRIAL, with_trial(next="成交客户|流失客户")) == ["C-1 status = 成交客户"]
    assert won_now(TRIAL, with_trial(next="lost")) == []


def test_a_first_order_converts_too() -> None:
    table = """
    customers
    key | name | status
    C-1 | 华为 | 意向客户

    orders
    key | external | customer | ordered_on | state
    R-1 | DD-1 | 华为 | 2026-11-03 | 已创建
    R-2 | DD-2 | 华为 | 2026-11-01 | 已取消
    """
    assert judged(customer_statuses, table) == ["C-1 status = 成交客户"]
    assert judged(customer_lifecycles, table) == [
        "C-1 lifecycle = 成交",
        "C-1 converted_at = 2026-11-03 00:00",
        "C-1 path = DD-1",
    ]
    assert judged(customer_statuses, table.replace("已创建", "已取消")) == []
    undated = judged(customer_statuses, table.replace("2026-11-03", ""))
    assert undated == ["C-1 status info status-behind-deals"], "it would convert in every cycle anew"


def test_an_order_of_a_won_deal_is_no_second_purchase() -> None:
    table = (
        DEAL
        + """
    orders
    key | customer | opportunity | ordered_on
    R-1 | 华为 | O-1 | 2026-11-22
    R-2 | 华为 | | {day}
    """
    )
    assert "C-1 lifecycle = 成交" in judged(customer_lifecycles, table.format(status="", day="").rsplit("R-2", 1)[0])
    assert "C-1 lifecycle = 忠诚" in judged(customer_lifecycles, table.format(status="", day="2026-11-23"))


def test_steps_that_the_dictionary_does_not_allow_are_told() -> None:
    table = "customers\nkey | name | status\nC-1 | 华为 | {}"
    refused = judged(WAKEFUL, table.format("潜在客户"), status="成交客户")
    assert refused == ["C-1 status warning move-not-allowed"]
    assert judged(WAKEFUL, table.format("流失客户"), status="成交客户") == []
    assert judged(WAKEFUL, table.format("成交客户"), status="潜在客户") == []
    later = table.replace("status\n", "status | status_was\n").format("潜在客户 | 成交客户")
    assert judged(WAKEFUL, later) == refused, "it stands until the status moves on"
    known = with_trial(next="interested")
    assert judged(WAKEFUL, table.format("流失客户"), known, status=TRIAL) == refused
    assert judged(WAKEFUL, table.format("意向客户"), known, status=TRIAL) == []


def test_the_last_move_of_a_status_is_remembered() -> None:
    table = "customers\nkey | status | status_was | status_since\nC-1 | 意向客户 | 休眠客户 | 2026-03-01 09:00"
    assert judged(status_moves, table) == ["C-1 status_was = 休眠客户", "C-1 status_since = 2026-03-01 09:00"]
    assert judged(status_moves, table, status="潜在客户") == [
        "C-1 status_was = 潜在客户",
        "C-1 status_since = 2026-11-22 10:00",
    ]
    back = judged(status_moves, table, status=None, status_was="意向客户")
    assert back == ["C-1 status_was = None", "C-1 status_since = 2026-03-01 09:00"], "it was cleared and typed again"


QUIET = """
    customers
    key | name | status | created_at | status_since
    C-1 | 华为 | 意向客户 | 2026-01-01 09:00 |
    C-2 | 小米 | 意向客户 | 2026-01-01 09:00 |
    C-3 | 中兴 | 意向客户 | 2026-05-26 09:00 |
    C-4 | 联想 | 流失客户 | 2026-01-01 09:00 |
    C-5 | 小明 | 意向客户 | 2026-01-01 09:00 | 2026-11-01 09:00
    C-6 | 大疆 | 成交客户 | 2026-05-27 09:00 |

    follow_ups
    key | customer | done_at | result
    F-1 | 华为 | 2026-05-26 23:00 | 已谈
    F-2 | 小米 | 2026-10-01 10:00 | 已谈
    F-3 | 中兴 | 2026-10-01 10:00 | 取消
"""


def test_a_customer_with_whom_nobody_speaks_is_dormant() -> None:
    assert said(customer_statuses, QUIET) == [
        "C-1 status info customer-dormant",
        "C-2 wakes 2027-03-30 00:00",
        "C-3 status info customer-dormant",
        "C-5 wakes 2027-04-30 00:00",
        "C-6 wakes 2026-11-23 00:00",
    ]


def test_the_days_until_then_are_for_the_team_to_say() -> None:
    assert said(judging_statuses(DormancyPolicy(days=0)), QUIET) == []
    rule = judging_statuses(DormancyPolicy(days=10))
    assert "C-2 status info customer-dormant" in said(rule, QUIET)
    own = [
        replace(entry, attributes={"dormant_days": "0"}) if entry.code == "interested" else entry
        for entry in SHIPPED.entries["customer_status"]
    ]
    known = Dictionaries({**SHIPPED.entries, "customer_status": tuple(own)})
    assert said(rule, QUIET, known=known) == ["C-6 status info customer-dormant"]


MOVING = judging_statuses(DormancyPolicy(moves=True))


def test_the_program_may_move_it() -> None:
    assert judged(MOVING, QUIET) == ["C-1 status = 休眠客户"]
    new = [line for line in said(MOVING, QUIET) if line.startswith("C-1")]
    assert new == ["C-1 status info customer-dormant", "C-1 wakes 2026-11-23 00:00"], "a new row keeps what was typed"


ASLEEP = """
    customers
    key | name | status | status_was | status_since
    C-1 | 华为 | 休眠客户 | {was} | 2026-06-01 09:00

    follow_ups
    key | customer | done_at
    F-1 | 华为 | {done}
"""


def test_a_dormant_customer_wakes_at_the_next_contact() -> None:
    awake = ASLEEP.format(was="方案洽谈", done="2026-06-01 10:00")
    assert judged(customer_statuses, awake) == ["C-1 status info dormant-contacted"]
    assert judged(MOVING, awake) == ["C-1 status = 方案洽谈"]
    assert judged(MOVING, ASLEEP.format(was="", done="2026-06-01 10:00")) == ["C-1 status = 潜在客户"]
    assert judged(MOVING, ASLEEP.format(was="方案洽谈", done="2026-06-01 08:00")) == []


def test_the_history_says_who_let_a_customer_fall_asleep() -> None:
    of = book(QUIET.replace("C-1 | 华为 | 意向客户", "C-1 | 华为 | 休眠客户"))
    row, author = before(of.rows[0], status="意向客户"), replace(context(of), author="shared (王芳)")
    lines_of = {moves: writing_history(DormancyPolicy(moves=moves))(row, author).new_rows for moves in (True, False)}
    assert [line.values[ColumnKey("who")] for line in lines_of[True]] == ["系统"]
    assert [line.values[ColumnKey("who")] for line in lines_of[False]] == ["王芳"]


def test_a_day_later_a_customer_may_be_dormant() -> None:
    assert "C-6 status info customer-dormant" in said(customer_statuses, QUIET, clock("2026-11-23 00:00"))
