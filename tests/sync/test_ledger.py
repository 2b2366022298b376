"""Each reminder is accounted for exactly once, whatever clock, outages and people do; tables written by hand."""

from datetime import timedelta

import pytest

from tests.sync.ledgers import DAYTIME, LedgerDesk, desk

MONDAY = "2026-11-23"


def begun(book: LedgerDesk, at: str, *plans: tuple[str, str]) -> LedgerDesk:
    """A team with plans, looked at for the first time."""
    book.team()
    for planned, remind in plans:
        book.plan(planned, remind)
    book.look(at)
    return book


# -- outages and clocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York"])
def test_a_day_without_the_daemon(zone: str) -> None:
    """Down from Monday 12:00 to Tuesday 12:00, over everything that fell due in between."""
    book = begun(
        desk(zone),
        "2026-11-20 12:00",
        ("2026-11-23 09:00", ""),
        ("2026-11-23 15:00", "1小时"),
        ("2026-11-24 00:00", "1天"),
        ("2026-11-24 12:30", "1小时"),
        ("2026-11-25 09:00", "1天"),
    )
    book.watch("2026-11-23 08:00", "2026-11-23 12:00")
    book.watch("2026-11-24 12:00", "2026-11-24 13:00")
    book.watch("2026-11-24 13:10", "2026-11-24 14:00")
    assert book.told("before_due", "due", "overdue") == [
        ("before_due", "王芳", "11-23 09:00", "pending"),
        ("due", "王芳", "11-23 09:00", "pending"),
        ("before_due", "王芳", "11-23 14:00", "pending"),
        ("due", "王芳", "11-23 15:00", "pending"),
        ("before_due", "王芳", "11-24 09:00", "pending"),
        ("due", "王芳", "11-24 09:00", "pending"),
        ("overdue", "王芳", "11-24 09:00", "pending"),
        ("overdue", "王芳", "11-24 09:00", "pending"),
        ("before_due", "王芳", "11-24 11:30", "pending"),
        ("due", "王芳", "11-24 12:30", "pending"),
    ]


@pytest.mark.parametrize(
    ("planned", "remind", "before", "due", "overdue"),
    [
        # the clock goes forward at 02:00 on 8 March; a plan inside the gap is at 03:30
        ("2026-03-08 02:30", "", "", "03-08 03:30", "03-09 09:00"),
        ("2026-03-08 03:30", "1小时", "03-08 01:30", "03-08 03:30", "03-09 09:00"),
        ("2026-03-08 00:00", "1天", "03-07 08:00", "03-08 09:00", "03-09 09:00"),
        # and back at 02:00 on 1 November: 01:30 comes twice, the first is meant
        ("2026-11-01 01:30", "1小时", "11-01 00:30", "11-01 01:30", "11-02 09:00"),
        ("2026-11-01 03:00", "2小时", "11-01 01:00", "11-01 03:00", "11-02 09:00"),
        ("2026-11-02 00:00", "1天", "11-01 09:00", "11-02 09:00", ""),
    ],
)  # fmt: skip
def test_when_the_clock_changes(planned: str, remind: str, before: str, due: str, overdue: str) -> None:
    spring = planned < "2026-06"
    days = ("2026-03-05", "2026-03-06", "2026-03-09") if spring else ("2026-10-29", "2026-10-30", "2026-11-02")
    book = begun(desk("America/New_York"), f"{days[0]} 12:00", (planned, remind))
    book.watch(f"{days[1]} 12:00", f"{days[2]} 12:00", timedelta(hours=5))
    found = {kind: at for kind, _, at, _ in book.told("before_due", "due", "overdue")}
    assert found == {kind: at for kind, at in (("before_due", before), ("due", due), ("overdue", overdue)) if at}


def test_a_clock_that_jumps_forward_and_back_fires_each_once() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 15:00", "1小时"), ("2026-11-25 15:00", ""))
    book.look("2026-11-23 12:00")
    book.look("2026-11-24 12:00")  # a day too early
    early = book.keys()
    assert [line[:3] for line in book.told()] == [
        ("before_due", "王芳", "11-23 14:00"), ("due", "王芳", "11-23 15:00"), ("overdue", "王芳", "11-24 09:00"),
    ]  # fmt: skip
    book.watch("2026-11-23 12:10", "2026-11-24 13:00", timedelta(hours=1))  # and right again
    assert book.keys() == early
    assert book.cell("follow_ups", 0, "state") == "已逾期"
    book.watch("2026-11-24 13:00", "2026-11-25 16:00", timedelta(hours=1))
    assert [line[0] for line in book.told()] == ["before_due", "due", "overdue", "due"]


def test_what_a_wrong_clock_said_is_mended_when_it_is_right_again() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 15:00", ""))
    book.look("2026-11-24 12:00")
    assert book.cell("follow_ups", 0, "state") == "已逾期"
    book.look("2026-11-23 12:00")
    assert book.cell("follow_ups", 0, "state") == "待跟进"


def test_a_plan_entered_for_an_hour_that_has_passed_is_no_late_reminder() -> None:
    book = begun(desk(), "2026-11-23 09:00")
    book.watch("2026-11-23 09:10", "2026-11-23 12:00")
    book.plan("2026-11-23 10:00")
    book.look("2026-11-23 12:10")
    assert book.told("due", "before_due") == []


def test_what_comes_too_late_to_help_waits_for_the_digest() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""), ("2026-11-25 09:00", ""))
    book.look("2026-11-25 10:00")
    assert book.told("due", "overdue") == [
        ("due", "王芳", "11-23 09:00", "digest"),
        ("overdue", "王芳", "11-24 09:00", "digest"),
        ("due", "王芳", "11-25 09:00", "pending"),
    ]


# -- what changes ------------------------------------------------------------------------------------------------------


def test_a_moved_plan_takes_back_what_was_not_sent_and_is_reminded_of_anew() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.look("2026-11-23 09:00")
    book.type("follow_ups", 0, "planned_at", "2026-11-24 10:00")
    book.look("2026-11-23 09:10")
    book.look("2026-11-24 10:00")
    assert book.told("due") == [("due", "王芳", "11-23 09:00", "withdrawn"), ("due", "王芳", "11-24 10:00", "pending")]
    book.type("follow_ups", 0, "planned_at", "2026-11-23 09:00")  # and back again
    book.look("2026-11-24 10:10")
    assert book.told("due") == [("due", "王芳", "11-23 09:00", "digest"), ("due", "王芳", "11-24 10:00", "withdrawn")]


def test_a_done_follow_up_takes_its_reminders_back() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.look("2026-11-23 09:00")
    book.type("follow_ups", 0, "done_at", "2026-11-23 09:05")
    book.type("follow_ups", 0, "result", "已谈")
    book.look("2026-11-23 09:10")
    assert book.told("due") == [("due", "王芳", "11-23 09:00", "withdrawn")]
    book.watch("2026-11-24 08:00", "2026-11-24 10:00")
    assert len(book.told()) == 1


def test_who_takes_a_row_over_gets_what_was_not_sent() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.look("2026-11-23 09:00")
    book.type("follow_ups", 0, "owner", "李强")
    book.look("2026-11-23 09:10")
    assert book.told("due") == [("due", "李强", "11-23 09:00", "pending"), ("due", "王芳", "11-23 09:00", "withdrawn")]
    book.type("follow_ups", 0, "owner", "王芳")
    book.look("2026-11-23 09:20")
    assert book.told("due") == [("due", "李强", "11-23 09:00", "withdrawn"), ("due", "王芳", "11-23 09:00", "pending")]


def test_a_row_that_is_deleted_takes_its_reminders_back() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""), ("2026-12-23 09:00", ""))
    book.look("2026-11-23 09:00")
    del book.grid("follow_ups")[1]
    book.look("2026-11-23 09:10")
    assert book.told("due") == [("due", "王芳", "11-23 09:00", "withdrawn")]


# -- answers in the sheet ----------------------------------------------------------------------------------------------


def test_who_puts_a_reminder_off_hears_of_it_then() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.look("2026-11-23 09:00")
    book.type("follow_ups", 0, "remind_action", "推迟1小时")
    book.look("2026-11-23 09:05")
    assert book.cell("follow_ups", 0, "remind_action") is None
    assert book.told() == [("due", "王芳", "11-23 09:00", "withdrawn")]
    book.watch("2026-11-23 09:15", "2026-11-23 10:20")
    assert book.told("snoozed") == [("snoozed", "王芳", "11-23 10:05", "pending")]
    book.watch("2026-11-24 08:50", "2026-11-24 09:20")
    assert [line[0] for line in book.told()] == ["due", "snoozed", "overdue"]


def test_who_has_heard_of_a_plan_hears_no_more_of_it_but_of_the_next() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.type("follow_ups", 0, "remind_action", "知道了")
    book.look("2026-11-20 13:00")
    book.watch("2026-11-23 08:00", "2026-11-23 10:00")
    book.look("2026-11-24 09:00")
    assert book.told("due", "overdue") == []
    book.type("follow_ups", 0, "planned_at", "2026-11-25 10:00")
    book.look("2026-11-24 10:00")
    book.look("2026-11-25 10:00")
    assert book.told("due", "overdue") == [("due", "王芳", "11-25 10:00", "pending")]


def test_an_answer_is_journalled_as_any_edit() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.type("follow_ups", 0, "remind_action", "推迟到明天")
    book.look("2026-11-20 13:00")
    assert f"{book.cell('follow_ups', 0, 'snoozed_until')}" == "46347.375"
    lines = [each.entry for each in book.state.journal(limit=50) if each.entry.column == "remind_action"]
    assert [entry.new for entry in lines] == ['{"remind_action":"推迟到明天"}']


# -- peace -------------------------------------------------------------------------------------------------------------


def test_a_reminder_of_what_is_ahead_goes_earlier_and_of_what_is_past_later() -> None:
    book = begun(desk(peace=DAYTIME), "2026-11-20 12:00", ("2026-11-23 08:30", "1小时"), ("2026-11-20 14:00", ""))
    book.watch("2026-11-20 13:00", "2026-11-20 20:00")
    assert book.told() == [
        ("due", "王芳", "11-20 14:00", "pending"),
        ("before_due", "王芳", "11-20 19:30", "pending"),  # 07:30 on Monday is too early
    ]
    book.watch("2026-11-23 07:00", "2026-11-23 09:30")
    assert book.told("due", "overdue")[1:] == [
        ("due", "王芳", "11-23 08:30", "pending"), ("overdue", "王芳", "11-23 09:00", "pending"),
    ]  # fmt: skip


def test_a_plan_made_in_quiet_hours_is_reminded_of_at_its_time() -> None:
    book = begun(desk(peace=DAYTIME), "2026-11-20 12:00")
    book.look("2026-11-21 09:50")
    book.plan("2026-11-21 15:00", "1小时")  # on Saturday, for Saturday
    book.look("2026-11-21 10:00")
    book.watch("2026-11-21 13:50", "2026-11-21 15:10")
    assert book.told() == [("before_due", "王芳", "11-21 14:00", "pending")]


def test_a_late_reminder_waits_for_the_morning() -> None:
    book = begun(desk(peace=DAYTIME), "2026-11-20 12:00", ("2026-11-23 19:00", ""))
    book.look("2026-11-23 18:00")
    book.look("2026-11-23 23:00")  # the daemon was down
    assert book.told() == [("due", "王芳", "11-23 19:00", "pending")]
    assert book.first_tries() == ["11-24 08:00"]


def test_somebody_who_wants_no_mails() -> None:
    book = desk()
    book.team(remind_by="仅汇总", remind_off="逾期")
    book.plan("2026-11-23 09:00")
    book.look("2026-11-20 12:00")
    book.watch("2026-11-23 08:50", "2026-11-23 09:20")
    book.watch("2026-11-24 08:50", "2026-11-24 09:20")
    assert book.told("due", "overdue") == [
        ("due", "王芳", "11-23 09:00", "digest"),
        ("overdue", "王芳", "11-24 09:00", "muted"),
    ]


# -- the ladder --------------------------------------------------------------------------------------------------------


def test_the_ladder_ends_with_anything_that_is_logged() -> None:
    book = begun(desk(), "2026-11-20 12:00", ("2026-11-23 09:00", ""))
    book.look("2026-11-26 09:00")
    assert book.told("escalation-lead") == [("escalation-lead", "张伟", "11-26 09:00", "pending")]
    book.add("follow_ups", customer="华为", method="电话", content="回访", planned_at="2026-11-27 09:00", owner="王芳",
             done_at="2026-11-27 09:00", result="已谈", next_step="报价", reaction="满意")  # fmt: skip
    book.look("2026-11-27 12:00")
    book.look("2026-12-02 09:00")
    assert book.told("escalation-lead", "escalation-manager") == [
        ("escalation-lead", "张伟", "11-26 09:00", "withdrawn")
    ]
