"""Deadlines and dates of feedback."""

from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.feedback_deadlines import feedback_deadlines
from tests.rules.tables import clock, said

TABLE = """
    feedback
    key | date | type | state
    B-1 | 2026-11-19 | 投诉 | 处理中
    B-2 | 2026-11-20 | 投诉 | 待处理
    B-3 | 2026-11-01 | 投诉 | 已处理
    B-4 | 2026-11-01 | 咨询 | 待处理
    B-5 | 2026-11-01 | 表扬 | 待处理
    B-6 | | 投诉 | 待处理
"""


def test_until_when_feedback_is_to_be_handled() -> None:
    assert said(feedback_deadlines, TABLE) == [
        "B-1 due warning feedback-overdue",
        "B-1 due = 2026-11-21",
        "B-2 due = 2026-11-22",
        "B-2 wakes 2026-11-23 00:00",
        "B-3 due = 2026-11-03",
        "B-4 due = None",
        "B-5 due = None",
        "B-6 due = None",
    ]


def test_it_is_late_from_the_next_day_on() -> None:
    assert "B-2 due warning feedback-overdue" not in said(feedback_deadlines, TABLE, clock("2026-11-22 23:59"))
    assert "B-2 due warning feedback-overdue" in said(feedback_deadlines, TABLE, clock("2026-11-23 00:00"))


def test_feedback_is_resolved_after_it_was_given() -> None:
    table = """
    feedback
    key | date | resolved_at
    B-1 | 2026-11-20 | 2026-11-20 00:00
    B-2 | 2026-11-20 | 2026-11-19 23:59
    B-3 | 2026-11-24 | 2026-11-25 10:00
    """
    assert said(dates_in_order, table) == [
        "B-2 resolved_at warning date-before-other",
        "B-3 date warning date-in-future",
        "B-3 resolved_at warning date-in-future",
        "B-3 wakes 2026-11-24 00:00",
    ]
