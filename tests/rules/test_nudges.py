"""What somebody should hear of: silences, missing results, slow stages, targets that fall behind, the ladder."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm_sheets.rules.base import Rule
from crm_sheets.rules.escalations import Ladder, escalating, escalations
from crm_sheets.rules.missing_results import missing_results, wanting_results
from crm_sheets.rules.neglect import NeglectTerms, neglect, watching_over
from crm_sheets.rules.remind_actions import remind_actions
from crm_sheets.rules.stage_reminders import stage_reminders
from crm_sheets.rules.target_pace import pacing, target_pace
from tests.rules.tables import before, book, clock, context, outcome, plain, said

PEOPLE = """
    people
    key | id | name | department | group | role | manager | active
    P-1 | 001 | 张伟 | 销售部 | 一组 | 销售专员 | 王强 | true
    P-2 | 002 | 李娜 | 销售部 | 一组 | 组长 | 王强 | true
    P-3 | 003 | 王强 | 销售部 | | 部门经理 | 赵总 | true
    P-4 | 004 | 赵总 | 总部 | | 管理员 | | true
    P-5 | 005 | 陈静 | 客服部 | | 客服专员 | 赵总 | true
    P-6 | 006 | 周涛 | 客服部 | | 客服专员 | | false
"""


def told(rule: Rule, text: str, key: str, now: str = "2026-11-22 10:00") -> list[str]:
    found = outcome(rule, book(text + "\n" + PEOPLE), key, clock(now))
    return [f"{each.kind} {each.person} {plain(each.instant)}" for each in found.reminders]


# -- silences ----------------------------------------------------------------------------------------------------------


def customers(row: str) -> str:
    return f"""
    customers
    key | name | level | status | owner | last_contact | next_contact | created_at
    C-1 | 华为 | {row}
"""


@pytest.mark.parametrize(
    ("level", "instant"),
    [("VIP", "2026-11-19"), ("A级", "2026-11-30"), ("", "2026-12-14")],
    ids=["vip", "own", "blank"],
)
def test_silence_by_level(level: str, instant: str) -> None:
    terms = NeglectTerms({"vip": 7, "A级": 18, "*": 30}, None)
    found = told(watching_over(terms), customers(f"{level} | | 张伟 | 2026-11-12 10:00 | | 2026-01-01 10:00"), "C-1")
    assert found == [f"nudge-no-contact 张伟 {instant} 09:00"]


@pytest.mark.parametrize(
    "row",
    [
        "VIP | 流失客户 | 张伟 | 2026-11-12 10:00 | | 2026-01-01 10:00",
        "VIP | 休眠客户 | 张伟 | 2026-11-12 10:00 | | 2026-01-01 10:00",
        "VIP | | 张伟 | 2026-11-12 10:00 | 2026-11-25 10:00 | 2026-01-01 10:00",
        "VIP | | 张伟 | 2026-11-12 10:00 | 2026-11-22 00:00 | 2026-01-01 10:00",
        "VIP | | 周涛 | 2026-11-12 10:00 | | 2026-01-01 10:00",
        "VIP | | | 2026-11-12 10:00 | | 2026-01-01 10:00",
        "VIP | | 张伟 | | |",
    ],
    ids=["lost", "dormant", "planned", "today", "left", "nobody's", "nothing known"],
)
def test_no_silence(row: str) -> None:
    assert told(neglect, customers(row), "C-1") == []


def test_a_late_plan_is_no_plan() -> None:
    row = "VIP | | 张伟 | 2026-11-12 10:00 | 2026-11-13 10:00 | 2026-01-01 10:00"
    assert told(neglect, customers(row), "C-1") == ["nudge-no-contact 张伟 2026-11-19 09:00"]


@pytest.mark.parametrize(("stage", "nudged"), [("方案提交", True), ("赢单", False), ("输单", False)])
def test_an_open_deal_without_a_next_step(stage: str, *, nudged: bool) -> None:
    text = (
        customers("C | | 张伟 | 2026-11-19 10:00 | | 2026-01-01 10:00")
        + f"""
    opportunities
    key | name | customer | stage
    O-1 | 新机房 | 华为 | {stage}
"""
    )
    found = told(watching_over(NeglectTerms({}, 2)), text, "C-1")
    assert found == (["nudge-no-next-step 张伟 2026-11-23 09:00"] if nudged else [])


# -- results, stages, targets ------------------------------------------------------------------------------------------


def test_a_result_that_is_missing_is_asked_for() -> None:
    text = """
    follow_ups
    key | customer | owner | done_at | result
    F-1 | 华为 | 张伟 | 2026-11-20 15:00 |
    F-2 | 华为 | 张伟 | 2026-11-20 15:00 | 已谈
    F-3 | 华为 | 张伟 | |
    F-4 | 华为 | 张伟 | 2026-11-20 15:00 | ?
"""
    assert told(missing_results, text, "F-1") == [
        "nudge-result 张伟 2026-11-23 09:00",
        "nudge-result 张伟 2026-11-25 09:00",
    ]
    assert [told(missing_results, text, key) for key in ("F-2", "F-3", "F-4")] == [[], [], []]
    assert told(wanting_results(()), text, "F-1") == []


def test_a_deal_past_the_limit_of_its_stage() -> None:
    text = """
    opportunities
    key | name | customer | stage | stage_since | owner
    O-1 | 新机房 | 华为 | 方案提交 | 2026-10-01 10:00 | 张伟
    O-2 | 旧机房 | 华为 | 赢单 | 2026-10-01 10:00 | 张伟
"""
    assert told(stage_reminders, text, "O-1") == ["nudge-stage 张伟 2026-11-16 09:00"]  # 45 days later is a Sunday
    assert told(stage_reminders, text, "O-2") == []


@pytest.mark.parametrize(
    ("scope", "person"), [("张伟", "张伟"), ("一组", "李娜"), ("销售部", "王强"), ("公司", None), ("客服部", "赵总")]
)
def test_whoever_a_target_is_for_hears_that_it_is_behind(scope: str, person: str | None) -> None:
    text = f"""
    targets
    key | period | scope | measure | value | attainment | pace
    TG-1 | 2026-11 | {scope} | 成交金额 | 100 | 0.55 | 0.7
"""
    assert told(target_pace, text, "TG-1") == ([f"nudge-pace {person} 2026-11-16 09:00"] if person else [])
    assert told(pacing(Decimal("0.3")), text, "TG-1") == []


# -- the ladder --------------------------------------------------------------------------------------------------------


def open_one(owner: str, more: str = "") -> str:
    return f"""
    follow_ups
    key | customer | owner | planned_at | done_at
    F-1 | 华为 | {owner} | 2026-11-16 10:00 |
    {more}

    customers
    key | name
    C-1 | 华为
"""


@pytest.mark.parametrize(
    ("owner", "lead", "manager"),
    [
        ("张伟", "李娜", "王强"),
        ("李娜", "王强", "王强"),
        ("陈静", "赵总", "赵总"),
        ("王强", "赵总", "赵总"),
        ("赵总", "", ""),
    ],
)
def test_who_hears_of_what_stays_open(owner: str, lead: str, manager: str) -> None:
    expected = [f"escalation-lead {lead} 2026-11-19 09:00", f"escalation-manager {manager} 2026-11-25 09:00"]
    assert told(escalations, open_one(owner), "F-1") == (expected if lead else [])


def test_whoever_left_leaves_open_work_that_is_told_of() -> None:
    assert told(escalations, open_one("周涛"), "F-1") == []  # and has no manager
    assert told(escalating(Ladder(None, None)), open_one("张伟"), "F-1") == []


@pytest.mark.parametrize(("done_at", "ends"), [("2026-11-15 10:00", False), ("2026-11-16 09:00", True)])
def test_anything_done_since_ends_the_ladder(done_at: str, *, ends: bool) -> None:
    text = open_one("张伟", f"F-2 | 华为 | 李娜 | 2026-11-15 10:00 | {done_at}")
    assert (told(escalations, text, "F-1") == []) is ends


# -- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ("知道了", ["F-1 remind_action = None", "F-1 heard_of = 2026-11-23 15:00", "F-1 snoozed_until = None"]),
        ("推迟1小时", ["F-1 remind_action = None", "F-1 heard_of = None", "F-1 snoozed_until = 2026-11-22 11:00"]),
        ("推迟到明天", ["F-1 remind_action = None", "F-1 heard_of = None", "F-1 snoozed_until = 2026-11-23 09:00"]),
        ("推迟一周", ["F-1 remind_action = None", "F-1 heard_of = None", "F-1 snoozed_until = 2026-11-29 09:00"]),
        ("随便", []),
        ("", []),
    ],
)
def test_what_an_answer_comes_to(answer: str, lines: list[str]) -> None:
    text = f"""
    follow_ups
    key | planned_at | remind_action
    F-1 | 2026-11-23 15:00 | {answer}
    """
    assert said(remind_actions, text) == lines


def test_what_was_put_off_ends_when_the_plan_moves() -> None:
    of = book("follow_ups\nkey | planned_at | snoozed_until\nF-1 | 2026-11-25 15:00 | 2026-11-24 09:00")
    moved = before(of.rows[0], planned_at=of.rows[0].record.__dict__["planned_at"] - timedelta(days=1))
    assert remind_actions(moved, context(of)).values == {"snoozed_until": None}
    assert remind_actions(before(of.rows[0]), context(of)).values == {}
