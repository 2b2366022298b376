"""Deadlines and dates of feedback."""

from dataclasses import replace
from datetime import date

from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.feedback_deadlines import feedback_deadlines, silent_feedback_deadlines
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from tests.rules.tables import ZONE, book, clock, context, outcome, plain, said

TABLE = """
    feedback
    key | date | type | state
    B-1 | 2026-11-18 | 投诉 | 处理中
    B-2 | 2026-11-20 | 投诉 | 待处理
    B-3 | 2026-11-01 | 投诉 | 已处理
    B-4 | 2026-11-01 | 咨询 | 待处理
    B-5 | 2026-11-01 | 表扬 | 待处理
    B-6 | | 投诉 | 待处理
"""


def test_until_when_feedback_is_to_be_handled() -> None:
    """On a Sunday; weekends do not count."""
    assert said(feedback_deadlines, TABLE) == [
        "B-1 due warning feedback-overdue",
        "B-1 due = 2026-11-20",
        "B-1 wakes 2026-11-23 09:00",
        "B-2 due = 2026-11-24",
        "B-2 wakes 2026-11-24 09:00",
        "B-3 due = 2026-11-03",
        "B-4 due = None",
        "B-5 due = None",
        "B-6 due = None",
    ]


def test_it_is_late_from_the_next_day_on() -> None:
    assert "B-2 due warning feedback-overdue" not in said(feedback_deadlines, TABLE, clock("2026-11-24 23:59"))
    assert "B-2 due warning feedback-overdue" in said(feedback_deadlines, TABLE, clock("2026-11-25 00:00"))


def test_holidays_do_not_count() -> None:
    one = book(TABLE)
    free = WorkCalendar(ZONE, own={date(2026, 11, 21): True, date(2026, 11, 23): False})
    due = [feedback_deadlines(row, context(one, calendar=free)).values for row in one.rows[:2]]
    assert [str(values["due"]) for values in due] == ["2026-11-20", "2026-11-24"]  # type: ignore[index]


def test_hours_are_working_hours_from_the_morning_on() -> None:
    entry = DictionaryEntry("投诉", "complaint", 1, True, {"hours": "8", "days": "3"})
    known = Dictionaries({"feedback_type": (entry,)})
    assert "B-2 due = 2026-11-23" in said(feedback_deadlines, TABLE, known=known)


def test_who_handles_it_is_reminded_on_the_last_day_and_after() -> None:
    of = book("""
    feedback
    key | customer | date | type | state | owner | content
    B-1 | 华为 | 2026-11-18 | 投诉 | 待处理 | 001 | 送错了货
    B-2 | 华为 | 2026-11-18 | 投诉 | 已处理 | 001 | 送错了货
    B-3 | 华为 | 2026-11-18 | 投诉 | 待处理 | | 送错了货

    people
    key | id | name
    P-1 | 001 | 张伟
    """)
    told = outcome(feedback_deadlines, of, "B-1").reminders
    assert [(each.kind, each.person, plain(each.instant)) for each in told] == [
        ("deadline-handling-near", "张伟", "2026-11-20 09:00"),
        ("deadline-handling-late", "张伟", "2026-11-23 09:00"),
    ]
    assert told[0].parameters["subject"] == "送错了货"
    assert told[0].parameters["due_at"] == told[0].instant.isoformat()  # on its day it is due, and not late
    assert [outcome(feedback_deadlines, of, key).reminders for key in ("B-2", "B-3")] == [(), ()]
    silent = outcome(silent_feedback_deadlines, of, "B-1")
    assert replace(outcome(feedback_deadlines, of, "B-1"), reminders=()) == silent


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
