"""A follow-up with a time of day stands in the calendar of whoever is to do it, moves with it and vanishes with it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Protocol

import pytest
from icalendar import Calendar

from crm_sheets import app, clock
from crm_sheets.app.appointments import MANY
from crm_sheets.sync.notifiers.sink import MailSink
from tests.app.offices import CONFIG, NOW, Office

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "客户管理 <crm@example.com>"
"""
PLAN = {"客户": "上海宏图机械有限公司", "跟进方式": "电话", "跟进内容": "报价", "跟进人": "王芳"}
Tell = Callable[[], list[tuple[EmailMessage, Calendar]]]


class Begin(Protocol):
    def __call__(self, more: str = "") -> Tell: ...


@pytest.fixture
def desk(first_team: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    return first_team.copied(tmp_path / "desk")


@pytest.fixture
def told(desk: Office, tmp_path: Path) -> Iterator[Begin]:
    """Runs a cycle, sends what is due, and gives the new mails that bring a calendar."""
    seen: set[Path] = set()
    with MailSink(tmp_path / "mails") as sink:

        def begin(more: str = "") -> Tell:
            desk.config.write_text(CONFIG + MAIL.format(port=sink.port) + more, encoding="utf-8")
            return tell

        def tell() -> list[tuple[EmailMessage, Calendar]]:
            desk.sync()
            app.remind(desk.settings)
            fresh = [file for file in sink.files if file not in seen]
            seen.update(fresh)
            return [found for file in fresh if (found := parsed(file.read_bytes())) is not None]

        yield begin


def parsed(content: bytes) -> tuple[EmailMessage, Calendar] | None:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            text = part.get_content()
            calendar = Calendar.from_ical(text)
            assert isinstance(calendar, Calendar)
            assert part["Content-Type"].params["method"] == calendar["METHOD"]
            assert all(len(line.encode()) <= 75 for line in text.splitlines())
            return mail, calendar
    return None


def facts(found: list[tuple[EmailMessage, Calendar]]) -> list[tuple[str, str, int, str]]:
    """Of each mail: to whom, method, sequence and hour on the clocks of the team."""
    told = []
    for mail, calendar in found:
        (event,) = calendar.walk("VEVENT")
        starts = event.decoded("dtstart")
        assert isinstance(starts, datetime)
        told.append(
            (
                mail["To"].addresses[0].addr_spec,
                str(calendar["METHOD"]),
                int(str(event["SEQUENCE"])),
                f"{starts:%d %H:%M}",
            )
        )
    return told


def uids(found: list[tuple[EmailMessage, Calendar]]) -> set[str]:
    return {str(event["UID"]) for _, calendar in found for event in calendar.walk("VEVENT")}


def test_moved_twice_and_cancelled(desk: Office, told: Begin) -> None:
    tell = told()
    desk.add("跟进", [{**PLAN, "计划完成时间": "2026-11-25 10:30"}])
    first = tell()
    desk.type("跟进", 2, {"计划完成时间": "2026-11-26 15:00"})
    second = tell()
    desk.type("跟进", 2, {"计划完成时间": "2026-11-27 09:15"})
    third = tell()
    desk.type("跟进", 2, {"跟进结果": "取消：客户出差"})
    last = tell()
    assert tell() == []
    wang = "wangfang@example.com"
    assert [facts(each) for each in (first, second, third, last)] == [
        [(wang, "REQUEST", 0, "25 10:30")],
        [(wang, "REQUEST", 1, "26 15:00")],
        [(wang, "REQUEST", 2, "27 09:15")],
        [(wang, "CANCEL", 3, "27 09:15")],
    ]
    assert len(uids([*first, *second, *third, *last])) == 1
    mail, calendar = first[0]
    (event,) = calendar.walk("VEVENT")
    (zone,) = calendar.walk("VTIMEZONE")
    assert (event["SUMMARY"], event["STATUS"], zone["TZID"]) == (
        "电话：上海宏图机械有限公司",
        "CONFIRMED",
        "Asia/Shanghai",
    )
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=30)
    assert str(event["ORGANIZER"]) == "mailto:crm@example.com"
    assert str(event["ATTENDEE"]) == "mailto:wangfang@example.com"
    assert mail["Subject"].startswith("【新日程】上海宏图机械有限公司")
    assert [part.get_filename() for part in mail.iter_attachments()] == ["invite.ics"]


def test_another_owner_gets_an_event_of_their_own(desk: Office, told: Begin) -> None:
    tell = told()
    desk.add("跟进", [{**PLAN, "计划完成时间": "2026-11-25 10:30"}])
    first = tell()
    desk.type("跟进", 2, {"跟进人": "张伟"})
    second = tell()
    desk.type("跟进", 2, {"跟进人": "王芳"})
    third = tell()
    wang, zhang = "wangfang@example.com", "zhangwei@example.com"
    assert sorted(facts(second)) == [(wang, "CANCEL", 1, "25 10:30"), (zhang, "REQUEST", 0, "25 10:30")]
    assert sorted(facts(third)) == [(wang, "REQUEST", 2, "25 10:30"), (zhang, "CANCEL", 1, "25 10:30")]
    assert len(uids(first) | uids(second)) == 2
    assert uids(third) == uids(second)


def test_what_names_no_hour_or_is_over_stands_in_no_calendar(desk: Office, told: Begin) -> None:
    tell = told()
    plans = ("2026-11-25", "2026-11-19 10:00")
    desk.add("跟进", [{**PLAN, "计划完成时间": plan} for plan in plans])
    assert tell() == []


def test_what_took_place_stays_in_the_calendar(desk: Office, told: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = told()
    desk.add("跟进", [{**PLAN, "计划完成时间": "2026-11-20 15:00"}])
    assert len(tell()) == 1
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(hours=6)).isoformat())
    assert clock.now() > NOW
    done = {"实际跟进时间": "2026-11-20 15:30", "跟进结果": "已报价", "下一步计划": "签约", "客户反馈": "好"}
    desk.type("跟进", 2, done)
    assert tell() == []


def test_a_person_and_a_team_may_do_without(desk: Office, told: Begin) -> None:
    desk.add("跟进", [{**PLAN, "计划完成时间": "2026-11-25 10:30"}])
    assert told("[mail.calendar]\nenabled = false\n")() == []
    tell = told("")
    assert len(tell()) == 1
    desk.type("组织", 2, {"日历邀请": "否"})
    assert facts(tell()) == [("wangfang@example.com", "CANCEL", 1, "25 10:30")]
    desk.type("跟进", 2, {"计划完成时间": "2026-11-26 10:30"})
    assert tell() == []


def test_the_row_that_is_taken_out_takes_its_event_with_it(desk: Office, told: Begin) -> None:
    tell = told()
    desk.add("跟进", [{**PLAN, "计划完成时间": "2026-11-25 10:30"}])
    first = tell()
    desk.type("跟进", 2, dict.fromkeys(desk.header("跟进")))
    last = tell()
    assert facts(last) == [("wangfang@example.com", "CANCEL", 1, "25 10:30")]
    assert uids(first) == uids(last)


def test_a_team_that_brings_its_plans_along_is_not_flooded(desk: Office, told: Begin) -> None:
    tell = told()
    desk.add("跟进", [{**PLAN, "计划完成时间": f"2026-11-25 10:{minute}"} for minute in range(10, 10 + MANY + 1)])
    assert tell() == []
    desk.type("组织", 3, {"部门": "客服部"})  # everybody is looked at anew
    assert tell() == []
    desk.type("跟进", 2, {"计划完成时间": "2026-11-26 15:00"})
    assert [(method, sequence) for _, method, sequence, _ in facts(tell())] == [("REQUEST", 0)]
