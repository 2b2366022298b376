"""Stages in order and in time, and the lines that their moves leave behind."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from crm_sheets.changes import NewRow, Outcome, Value
from crm_sheets.rules.close_date_slips import close_date_slips
from crm_sheets.rules.stage_history import stage_history
from crm_sheets.rules.stage_steps import stage_steps
from crm_sheets.rules.stage_times import stage_times
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import ColumnKey
from tests.rules.tables import SHIPPED, TextBook, before, book, clock, context, lines, plain, said


def after(stage: str, was: str | None, known: Dictionaries = SHIPPED) -> list[str]:
    """What is said of a deal that went from one stage to another in this cycle."""
    of = book(f"opportunities\nkey | name | stage\nO-1 | 新机房 | {stage}")
    return lines("O-1", stage_steps(before(of.rows[0], stage=was), context(of, known=known)))


def test_steps_that_leave_stages_out_or_go_back_are_told() -> None:
    assert after("需求分析", "初步接触") == ["O-1 stage_was = 初步接触"]
    assert after("商务谈判", "初步接触") == ["O-1 stage info stage-skipped", "O-1 stage_was = 初步接触"]
    assert after("赢单", "合同签订") == ["O-1 stage_was = 合同签订"]
    assert after("赢单", "商务谈判") == ["O-1 stage info stage-skipped", "O-1 stage_was = 商务谈判"]
    assert after("输单", "初步接触") == ["O-1 stage_was = 初步接触"]
    assert after("初步接触", "需求分析") == ["O-1 stage warning stage-backward", "O-1 stage_was = 需求分析"]
    assert after("初步接触", "商务谈判") == ["O-1 stage warning stage-backward", "O-1 stage_was = 商务谈判"]
    assert after("商务谈判", "输单") == ["O-1 stage info deal-reopened", "O-1 stage_was = 输单"]
    assert after("输单", "赢单") == ["O-1 stage_was = 赢单"]
    assert after("自定义", "初步接触") == ["O-1 stage_was = 初步接触"]


def test_what_was_left_out_is_named() -> None:
    of = book("opportunities\nkey | name | stage | stage_was\nO-1 | 新机房 | 商务谈判 | 初步接触")
    (issue,) = stage_steps(of.rows[0], context(of)).issues
    assert issue.parameters == {"previous": "初步接触", "value": "商务谈判", "stages": "需求分析、方案提交"}


def test_the_stage_before_is_remembered_until_the_next_move() -> None:
    of = book("opportunities\nkey | name | stage | stage_was\nO-1 | 新机房 | 商务谈判 | 初步接触")
    assert lines("O-1", stage_steps(before(of.rows[0]), context(of))) == [
        "O-1 stage info stage-skipped",
        "O-1 stage_was = 初步接触",
    ]


def test_the_dictionary_may_say_what_follows() -> None:
    known = with_attributes("opportunity_stage", "contact", {"next": "negotiation｜输单"})
    assert after("商务谈判", "初步接触", known) == ["O-1 stage_was = 初步接触"]
    assert after("需求分析", "初步接触", known)[0] == "O-1 stage warning move-not-allowed"


def test_a_stage_that_was_cleared_before_another_was_typed_is_the_one_before() -> None:
    of = book("opportunities\nkey | stage\nO-1 | 初步接触")
    typed = before(of.rows[0], stage=None, stage_was="商务谈判")
    assert lines("O-1", stage_steps(typed, context(of))) == [
        "O-1 stage warning stage-backward",
        "O-1 stage_was = 商务谈判",
    ]


def with_attributes(dictionary: str, code: str, attributes: Mapping[str, str]) -> Dictionaries:
    changed = [
        replace(entry, attributes={**entry.attributes, **attributes}) if entry.code == code else entry
        for entry in SHIPPED.entries[dictionary]
    ]
    return Dictionaries({**SHIPPED.entries, dictionary: tuple(changed)})


TIMES = """
    opportunities
    key | customer | stage | stage_since
    O-1 | 华为 | 初步接触 | 2026-11-08 23:00
    O-2 | 华为 | 初步接触 | 2026-11-07 00:00
    O-3 | 华为 | 初步接触 | 2026-10-22 08:00
    O-4 | 小米 | 初步接触 | 2026-10-22 08:00
    O-5 | 小米 | 赢单 | 2026-01-01 08:00
    O-6 | 小米 | 自定义 | 2026-11-20 08:00
    O-7 | 无名 | 初步接触 | 2026-10-23 08:00

    customers
    key | name | last_contact
    C-1 | 华为 | 2026-11-01 10:00
    C-2 | 小米 | 2026-10-01 10:00
"""


def test_the_time_in_a_stage_against_its_goal_and_limit() -> None:
    assert [line for line in said(stage_times, TIMES) if "wakes" not in line] == [
        "O-1 stage_days = 14",
        "O-1 stage_due = 2026-11-22",
        "O-2 stage info stage-over-goal",
        "O-2 stage_days = 15",
        "O-2 stage_due = 2026-11-21",
        "O-3 stage warning stage-over-limit",
        "O-3 stage_days = 31",
        "O-3 stage_due = 2026-11-05",
        "O-4 stage warning deal-stalled",
        "O-4 stage_days = 31",
        "O-4 stage_due = 2026-11-05",
        "O-5 stage_days = None",
        "O-5 stage_due = None",
        "O-6 stage_days = 2",
        "O-6 stage_due = None",
        "O-7 stage info stage-over-goal",
        "O-7 stage_days = 30",
        "O-7 stage_due = 2026-11-06",
    ]


def test_the_time_in_a_stage_is_looked_at_every_day() -> None:
    assert "O-1 wakes 2026-11-23 00:00" in said(stage_times, TIMES)
    assert "O-7 stage warning deal-stalled" in said(stage_times, TIMES, clock("2026-11-23 00:00"))


def test_a_follow_up_of_the_deal_keeps_it_from_being_stalled() -> None:
    table = (
        TIMES
        + """
    follow_ups
    key | customer | opportunity | done_at | result
    F-1 | 小米 | O-4 | 2026-11-10 10:00 | 已谈
    F-2 | 小米 | O-3 | 2026-11-10 10:00 | 取消
    """
    )
    assert "O-4 stage warning stage-over-limit" in said(stage_times, table)


def slips(close: date, was: date | None, count: int | None, stage: str = "方案提交") -> list[str]:
    of = book(f"opportunities\nkey | stage | close_date\nO-1 | {stage} | {close}")
    return lines("O-1", close_date_slips(before(of.rows[0], close_date=was, slips=count), context(of)))


def test_a_close_that_is_put_off_is_counted() -> None:
    early, late = date(2026, 12, 1), date(2026, 12, 2)
    assert slips(late, early, None) == ["O-1 slips = 1"]
    assert slips(late, early, 2) == ["O-1 close_date info close-date-slips", "O-1 slips = 3"]
    assert slips(early, late, 2) == ["O-1 slips = 2"]
    assert slips(late, late, 2) == ["O-1 slips = 2"]
    assert slips(late, None, None) == ["O-1 slips = None"]
    assert slips(late, early, 3, "赢单") == ["O-1 slips = 3"], "a decided deal is not put off any more"


HISTORY = """
    opportunities
    key | name | customer | stage | stage_since
    O-1 | 新机房 | 华为 | {stage} | 2026-11-02 23:30

    customers
    key | name
    C-1 | 华为

    stage_history
    key | object | opportunity | field | number | from_value | to_value | at
    H-1 | O-1 | O-1 | 阶段 | 1 | | 初步接触 | 2026-10-01 08:00
    H-2 | O-1 | O-1 | 阶段 | 2 | 初步接触 | 需求分析 | 2026-11-02 23:30
    H-3 | O-9 | O-1 | 阶段 | 7 | 初步接触 | 商务谈判 | 2026-11-02 23:30
"""


def asked(of: TextBook, **previous: Value) -> tuple[NewRow, ...]:
    return judged(of, **previous).new_rows


def judged(of: TextBook, **previous: Value) -> Outcome:
    return stage_history(before(of.rows[0], **previous), replace(context(of), author="shared (王芳)"))


def test_a_move_leaves_a_line() -> None:
    (line,) = asked(book(HISTORY.format(stage="方案提交")), stage="需求分析")
    assert line.origin == "history|opportunities|O-1|stage|3|2026-11-22T02:00:00+00:00"
    assert {column: plain(value) for column, value in line.values.items()} == {
        "object": "O-1",
        "name": "新机房",
        "customer": "华为",
        "opportunity": "O-1",
        "field": "阶段",
        "number": "3",
        "from_value": "需求分析",
        "to_value": "方案提交",
        "at": "2026-11-22 10:00",
        "days": "20",
        "who": "王芳",
    }


def test_what_did_not_move_leaves_none() -> None:
    assert asked(book(HISTORY.format(stage="需求分析"))) == ()
    assert asked(book(HISTORY.format(stage="需求分析")), stage="初步接触") == (), "the line is there already"
    assert asked(book(HISTORY.format(stage="")), stage="初步接触") == ()


def test_the_first_stage_of_a_new_deal_leaves_a_line() -> None:
    of = book("opportunities\nkey | name | stage | close_date\nO-1 | 新机房 | 赢单 | 2026-03-01")
    (line,) = stage_history(of.rows[0], context(of)).new_rows
    assert plain(line.values[ColumnKey("at")]) == "2026-03-01 00:00"
    assert "from_value" not in line.values
    assert "days" not in line.values


def test_a_team_without_the_tab_gets_no_lines() -> None:
    of = book("opportunities\nkey | name | stage\nO-1 | 新机房 | 方案提交")
    assert stage_history(of.rows[0], replace(context(of), tabs={})).new_rows == ()
