"""The calendar tab in a cycle: a day that is entered moves every deadline that runs through it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.rules.tables import plain
from tests.sync.desks import Desk

COLUMNS = {
    "services": "id key_ customer opened_at priority problem state owner first_response_at solved_at solution "
    "response_due solve_due waiting_since waited sla_state check",
    "calendar": "key_ date kind name check",
}
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""


def desk_with_service() -> Desk:
    desk = Desk(COLUMNS, now=MONDAY)
    desk.cycle.setup = replace(desk.setup, calendar=replace(desk.setup.calendar, zone=desk.setup.zone))
    desk.add(
        "services", customer="华为", opened_at="2026-11-23 09:00", priority="高", problem="无法开机", state="处理中"
    )
    desk.sync()
    return desk


def shown(desk: Desk, column: str) -> str:
    """What the record has, as text; the sheet has the same as a serial number."""
    (values,) = desk.records("services").values()
    return plain(values.get(column))


def test_a_day_off_that_is_entered_moves_the_deadline() -> None:
    desk = desk_with_service()
    assert shown(desk, "solve_due") == "2026-11-24 09:30"
    desk.add("calendar", date="2026-11-24", kind="休息日", name="公司周年庆")
    desk.sync()
    desk.sync()
    assert shown(desk, "solve_due") == "2026-11-25 09:30"
    desk.type("calendar", 0, "date", date(2026, 11, 26))
    desk.sync()
    assert shown(desk, "solve_due") == "2026-11-24 09:30"


def test_a_service_becomes_late_by_itself_and_waits_with_the_customer() -> None:
    desk = desk_with_service()
    assert shown(desk, "sla_state") == "正常"
    desk.type("services", 0, "first_response_at", "2026-11-23 09:10")
    desk.sync(later=timedelta(hours=7, minutes=45))
    assert shown(desk, "sla_state") == "即将超时"
    desk.type("services", 0, "state", "等待客户")
    desk.sync()
    desk.sync(later=timedelta(days=3))
    assert (shown(desk, "sla_state"), shown(desk, "solve_due")) == ("即将超时", "None")
    desk.type("services", 0, "state", "处理中")
    desk.sync()
    assert shown(desk, "sla_state") == "即将超时"
    desk.sync(later=timedelta(days=1))
    assert shown(desk, "sla_state") == "已超时"
    assert "service-resolution-late" in desk.codes()
    desk.type("services", 0, "state", "已解决")
    desk.type("services", 0, "solution", "换了主板")
    desk.sync()
    assert shown(desk, "sla_state") == "未达标"
    assert "service-resolution-late" not in desk.codes()
    assert shown(desk, "solved_at") != "None"
