"""Services: promised times in working hours, waits, states, reminders."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.only_when import only_when
from crm_sheets.rules.required_when import required_when
from crm_sheets.rules.service_deadlines import ServiceWishes, service_deadlines, service_deadlines_of
from crm_sheets.rules.service_levels import hours_of
from crm_sheets.rules.service_moments import service_moments
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.schema.services import Service
from tests.rules.tables import SHIPPED, TextBook, before, book, clock, context, lines, outcome, plain, said

MONDAY = clock("2026-11-23 10:00")

OPEN = """
    services
    key | opened_at | priority | state | first_response_at
    S-1 | 2026-11-23 09:00 | 紧急 | 待解决 |
    S-2 | 2026-11-23 09:30 | 紧急 | 处理中 | 2026-11-23 09:45
    S-3 | 2026-11-23 09:00 | 高 | 待解决 |
    S-4 | 2026-11-20 17:00 | 高 | 处理中 | 2026-11-20 17:10
    S-5 | 2026-11-20 17:00 | 高 | 处理中 | 2026-11-23 14:00
    S-6 | | 高 | 待解决 |
    S-7 | 2026-11-20 17:00 | | 待解决 |
"""


def states(rule_said: list[str]) -> list[str]:
    return [line for line in rule_said if " sla_state " in line or " wakes " in line or "service-" in line]


def test_how_open_services_stand() -> None:
    assert states(said(service_deadlines, OPEN, MONDAY)) == [
        "S-1 response_due warning service-response-late",
        "S-1 sla_state = 已超时",
        "S-1 wakes 2026-11-23 12:00",  # three of the four hours are over
        "S-2 sla_state = 正常",
        "S-2 wakes 2026-11-23 14:00",
        "S-3 sla_state = 正常",
        "S-3 wakes 2026-11-23 10:30",  # half of the two hours for an answer is left, a quarter at 10:30
        "S-4 sla_state = 正常",
        "S-4 wakes 2026-11-23 15:30",
        "S-5 sla_state = 已超时",  # it was answered at 14:00, an hour and a half late; told in the future
        "S-5 wakes 2026-11-23 15:30",
        "S-6 sla_state = None",
        "S-7 sla_state = None",
    ]


def test_deadlines_are_counted_in_working_hours() -> None:
    told = said(service_deadlines, OPEN, MONDAY)
    assert [line for line in told if "_due =" in line][:10] == [
        "S-1 response_due = 2026-11-23 09:30",
        "S-1 solve_due = 2026-11-23 14:30",
        "S-2 response_due = 2026-11-23 10:00",
        "S-2 solve_due = 2026-11-23 15:00",
        "S-3 response_due = 2026-11-23 11:00",
        "S-3 solve_due = 2026-11-24 09:30",
        "S-4 response_due = 2026-11-23 10:00",
        "S-4 solve_due = 2026-11-23 17:30",
        "S-5 response_due = 2026-11-23 10:00",
        "S-5 solve_due = 2026-11-23 17:30",
    ]


def test_the_state_changes_at_the_instant_that_was_told() -> None:
    one = book(OPEN)
    for at, state in (("15:29", "正常"), ("15:30", "即将超时"), ("17:29", "即将超时"), ("17:30", "已超时")):
        now = clock(f"2026-11-23 {at}")
        assert outcome(service_deadlines, one, "S-4", now).values["sla_state"] == state, at  # type: ignore[index]


def test_a_team_says_what_is_near() -> None:
    rule = service_deadlines_of(ServiceWishes(near=Decimal("0.5")))
    assert "S-3 sla_state = 即将超时" in said(rule, OPEN, MONDAY)
    assert "S-3 sla_state = 正常" in said(rule, OPEN, clock("2026-11-23 09:59"))


SOLVED = """
    services
    key | opened_at | priority | state | first_response_at | solved_at | waited
    S-1 | 2026-11-20 09:00 | 高 | 已解决 | 2026-11-20 11:00 | 2026-11-23 09:30 |
    S-2 | 2026-11-20 09:00 | 高 | 已解决 | 2026-11-20 11:01 | 2026-11-23 09:30 |
    S-3 | 2026-11-20 09:00 | 高 | 已解决 | | 2026-11-20 10:59 |
    S-4 | 2026-11-20 09:00 | 高 | 已解决 | 2026-11-20 09:01 | 2026-11-23 10:01 |
    S-5 | 2026-11-20 09:00 | 高 | 已解决 | 2026-11-20 09:01 | 2026-11-23 10:01 | 31
    S-6 | 2026-11-20 09:00 | 高 | 已解决 | 2026-11-20 09:01 | |
"""


def test_met_or_missed() -> None:
    told = [line for line in said(service_deadlines, SOLVED, MONDAY) if "sla_state" in line or "wakes" in line]
    assert told == [
        "S-1 sla_state = 达标",
        "S-2 sla_state = 未达标",
        "S-3 sla_state = 达标",
        "S-4 sla_state = 未达标",
        "S-5 sla_state = 达标",
        "S-6 sla_state = None",
    ]


def after(row: Row, now: datetime, **typed: object) -> Row:
    """The row after a cycle at `now`, and after somebody typed something then."""
    typed_row = replace(row, record=row.record.model_copy(update=typed), previous=row.record)
    within = context(TextBook([]), now)
    rules = [rule(typed_row, within) for rule in (service_moments, service_deadlines)]
    filled = {key: value for said in rules for key, value in said.defaults.items()}
    changed = {key: value for said in rules for key, value in said.values.items()}
    return replace(
        typed_row, record=typed_row.record.model_copy(update={str(k): v for k, v in (filled | changed).items()})
    )


def test_the_clock_stands_still_while_the_customer_is_waited_for() -> None:
    (row,) = book("""
    services
    key | opened_at | priority | state
    S-1 | 2026-11-20 09:00 | 高 | 待解决
    """).rows
    row = after(row, clock("2026-11-20 10:00"), state="等待客户")
    record = row.record
    assert isinstance(record, Service)
    assert plain(record.first_response_at) == plain(record.waiting_since) == "2026-11-20 10:00"
    assert (record.solve_due, record.waited, record.sla_state) == (None, None, "正常")
    waiting = service_deadlines(row, context(TextBook([]), clock("2026-12-20 10:00")))
    assert lines("S-1", waiting)[-1] == "S-1 sla_state = 正常"
    assert (waiting.wake_at, waiting.reminders) == (None, ())
    row = after(row, clock("2026-11-23 10:00"), state="处理中")
    record = row.record
    assert isinstance(record, Service)
    assert (record.waiting_since, record.waited) == (None, 60 * 7 + 30)
    assert plain(record.solve_due) == "2026-11-24 09:30"  # a working day later than without the wait
    row = after(row, clock("2026-11-23 11:00"), state="等待客户")
    row = after(row, clock("2026-11-23 17:00"), state="已解决", solved_at=clock("2026-11-23 14:00"))
    record = row.record
    assert isinstance(record, Service)
    assert record.waited == 60 * 7 + 30 + 90  # the wait ended when it was solved
    assert record.sla_state == "达标"


AGAIN = """
    services
    key | opened_at | priority | state | solution | solved_at
    S-1 | 2026-11-20 09:00 | 高 | 已解决 | 重启 | 2026-11-20 10:00
"""


def test_a_service_that_is_opened_again_was_answered_and_not_solved() -> None:
    (row,) = book(AGAIN).rows
    row = after(row, clock("2026-11-20 15:00"), state="处理中")
    record = row.record
    assert isinstance(record, Service)
    assert (record.solved_at, plain(record.first_response_at)) == (None, "2026-11-20 10:00")
    assert (record.sla_state, plain(record.solve_due)) == ("正常", "2026-11-23 09:30")
    assert said(only_when, AGAIN.replace("已解决", "处理中")) == ["S-1 solved_at warning only-when"]
    row = after(row, clock("2026-11-20 16:00"), state="已解决")
    assert isinstance(row.record, Service)
    assert (plain(row.record.solved_at), row.record.sla_state) == ("2026-11-20 16:00", "达标")


def test_a_time_of_solution_stays_that_was_typed_anew_or_under_a_state_of_the_team() -> None:
    (row,) = book(AGAIN).rows
    typed = clock("2026-11-20 11:00")
    for edit in ({"state": "处理中", "solved_at": typed}, {"state": "已关闭"}, {"state": None}):
        record = after(row, clock("2026-11-20 15:00"), **edit).record
        assert isinstance(record, Service)
        assert (record.solved_at, record.first_response_at) == (edit.get("solved_at", clock("2026-11-20 10:00")), None)


def test_a_wait_after_a_service_was_opened_again_counts() -> None:
    (row,) = book("""
    services
    key | opened_at | priority | state | solved_at
    S-1 | 2026-11-20 09:00 | 高 | 处理中 | 2026-11-20 10:00
    """).rows
    row = after(row, clock("2026-11-20 15:00"), state="等待客户")
    row = after(row, clock("2026-11-20 17:00"), state="处理中")
    record = row.record
    assert isinstance(record, Service)
    assert record.waited == 120, "somebody left the time of its first solution there, which ended no later wait"


def test_who_says_solved_means_now() -> None:
    (row,) = book("""
    services
    key | opened_at | priority | state | solution
    S-1 | 2026-11-23 09:00 | 高 | 处理中 | 换了主板
    """).rows
    solved = replace(row, record=row.record.model_copy(update={"state": "已解决"}), previous=row.record)
    within = context(TextBook([]), MONDAY)
    assert lines("S-1", service_moments(solved, within)) == ["S-1 solved_at := 2026-11-23 10:00"]
    assert "S-1 sla_state = 达标" in lines("S-1", service_deadlines(solved, within))
    before_the_book = replace(solved, previous=None)
    assert lines("S-1", service_moments(before_the_book, within)) == []
    unreadable = replace(solved, unreadable=frozenset({"solved_at"}))  # type: ignore[arg-type]
    assert lines("S-1", service_moments(unreadable, within)) == []
    assert lines("S-1", service_moments(before(solved, state="已解决"), within)) == []


def test_hours_by_type_and_priority() -> None:
    def entry(value: str, code: str, **attributes: str) -> DictionaryEntry:
        named = {name.replace("_", "."): hours for name, hours in attributes.items()}
        return DictionaryEntry(value, code, 1, True, named)

    known = Dictionaries(
        {
            "service_type": (
                entry("故障报修", "fault", resolution="6", urgent_resolution="3", 特急_resolution="1"),
                entry("咨询", "consultation", resolution="soon"),
            ),
            "service_priority": (
                entry("紧急", "urgent", resolution="4"),
                entry("普通", "normal", resolution="24"),
                entry("特急", "", resolution="2"),
            ),
        }
    )
    table = """
    services
    key | type | priority
    S-1 | 故障报修 | 紧急
    S-2 | 故障报修 | 普通
    S-3 | 故障报修 | 特急
    S-4 | 故障报修 |
    S-5 | 咨询 | 普通
    S-6 | 咨询 |
    """
    within = context(book(table), known=known)
    hours = [hours_of(row.record, "resolution", within) for row in book(table).rows if isinstance(row.record, Service)]
    assert [str(each) for each in hours] == ["3", "6", "1", "6", "24", "None"]


REMINDING = """
    services
    key | customer | opened_at | priority | problem | state | owner
    S-1 | 华为 | 2026-11-23 09:00 | 高 | 无法开机 | 待解决 | 001
    S-2 | 华为 | 2026-11-23 09:00 | 高 | 无法开机 | 待解决 | 李娜
    S-3 | 华为 | 2026-11-23 09:00 | 高 | 无法开机 | 已解决 | 001
    S-4 | 华为 | 2026-11-23 09:00 | 高 | 无法开机 | 等待客户 | 001

    customers
    key | name | contact | phone
    C-1 | 华为 | 陈工 | 138 0000 0000

    people
    key | id | name | active
    P-1 | 001 | 张伟 | true
    P-2 | 002 | 李娜 | false
"""


def test_the_owner_is_reminded_when_little_time_is_left_and_when_none_is() -> None:
    of = book(REMINDING)
    told = outcome(service_deadlines, of, "S-1", MONDAY).reminders
    assert [(each.kind, each.person, plain(each.instant)) for each in told] == [
        ("deadline-response-near", "张伟", "2026-11-23 10:30"),
        ("deadline-response-late", "张伟", "2026-11-23 11:00"),
        ("deadline-resolution-near", "张伟", "2026-11-23 16:30"),
        ("deadline-resolution-late", "张伟", "2026-11-24 09:30"),
    ]
    assert told[0].parameters["customer"] == "华为"
    assert told[0].parameters["contact"] == "陈工"
    assert [outcome(service_deadlines, of, key, MONDAY).reminders for key in ("S-2", "S-3", "S-4")] == [(), (), ()]
    assert outcome(service_deadlines_of(ServiceWishes(remind=False)), of, "S-1", MONDAY).reminders == ()


def test_what_a_solved_service_needs_and_the_order_of_its_times() -> None:
    table = """
    services
    key | opened_at | state | first_response_at | solved_at | solution
    S-1 | 2026-11-20 09:00 | 已解决 | | |
    S-2 | 2026-11-20 09:00 | 已解决 | 2026-11-20 08:00 | 2026-11-20 07:00 | 重启
    S-3 | 2026-11-20 09:00 | 处理中 | | 2026-11-20 10:00 |
    S-4 | 2026-11-24 09:00 | 待解决 | | |
    """
    assert said(required_when, table) == [
        "S-1 solution error required-when",
        "S-1 solved_at error required-when",
    ]
    assert said(only_when, table) == ["S-3 solved_at warning only-when"]
    assert said(dates_in_order, table) == [
        "S-2 first_response_at warning date-before-other",
        "S-2 solved_at warning date-before-other",
        "S-2 solved_at warning date-before-other",
        "S-4 opened_at warning date-in-future",
        "S-4 wakes 2026-11-24 00:00",
    ]


def test_the_shipped_hours_are_numbers() -> None:
    priorities = SHIPPED.entries["service_priority"]
    assert [(entry.code, entry.attributes["response"]) for entry in priorities] == [
        ("urgent", "0.5"),
        ("high", "2"),
        ("normal", "4"),
        ("low", "8"),
    ]
