"""Which reminders a group is told of, once, and what becomes of those that its robot refuses."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from crm_sheets import app
from crm_sheets.app.group_robots import robot_rounds
from crm_sheets.app.workspace import opened
from crm_sheets.errors import ConfigError
from crm_sheets.sync.store.outbox import MAIL, SqlOutbox
from tests.app.offices import NOW, Office
from tests.notifiers.test_robots import Stub

ROBOT = """
[[robots]]
name = "销售群"
kind = "wecom"
url = { env = "TEST_ROBOT_URL" }
about = ["due", "overdue"]
"""
DUE = NOW + timedelta(hours=5)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    made = Stub()
    monkeypatch.setenv("TEST_ROBOT_URL", made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()


def told(stub: Stub) -> list[str]:
    return [str(body["markdown"]["content"]) for _, body in stub.received]  # type: ignore[index]


def at(office: Office, monkeypatch: pytest.MonkeyPatch, instant: datetime) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", instant.isoformat())
    office.sync()
    with opened(office.settings) as workspace:
        robot_rounds(workspace, instant)


def with_robot(office: Office, more: str = "") -> None:
    office.config.write_text(office.config.read_text(encoding="utf-8") + ROBOT + more, encoding="utf-8")
    office.add(
        "跟进",
        [
            {
                "客户": "上海宏图机械有限公司",
                "跟进人": "王芳",
                "跟进方式": "电话",
                "跟进内容": "<@all>问价",
                "计划完成时间": "2026-11-20 15:00",
            }
        ],
    )


def test_a_group_is_told_once_of_what_falls_due(office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with_robot(office)
    at(office, monkeypatch, NOW)
    assert told(stub) == []
    at(office, monkeypatch, DUE)
    at(office, monkeypatch, DUE + timedelta(minutes=1))
    assert len(told(stub)) == 1
    assert "上海宏图机械有限公司" in told(stub)[0]
    assert "王芳" in told(stub)[0]
    assert "@all" not in told(stub)[0]
    report = app.robots(office.settings, send=False).robots[0]
    assert (report.waiting, report.sent, report.dead) == (0, 1, 0)


def test_mails_and_messages_to_groups_go_their_own_ways(
    office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_robot(office)
    at(office, monkeypatch, NOW)
    at(office, monkeypatch, DUE)
    with opened(office.settings) as workspace:
        mails = SqlOutbox(workspace.state, MAIL).due(DUE, 100)
        assert {entry.person for entry in mails} == {"王芳"}


def test_what_a_robot_refuses_stands_in_its_line(office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with_robot(office)
    at(office, monkeypatch, NOW)
    stub.code(93000, "invalid webhook url")
    at(office, monkeypatch, DUE)
    report = app.robots(office.settings, send=False).robots[0]
    assert (report.sent, report.dead) == (0, 1)
    assert "93000" in report.error


def test_what_is_refused_for_now_goes_later(office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with_robot(office)
    at(office, monkeypatch, NOW)
    stub.code(45009, "api freq out of limit")
    at(office, monkeypatch, DUE)
    assert app.robots(office.settings, send=False).robots[0].waiting == 1
    at(office, monkeypatch, DUE + timedelta(minutes=5))
    assert app.robots(office.settings, send=False).robots[0].sent == 1


@pytest.mark.parametrize(("delivery", "expected"), [("at-least-once", 2), ("at-most-once", 1)])
def test_a_lost_answer(
    office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch, delivery: str, expected: int
) -> None:
    with_robot(office, f'delivery = "{delivery}"\n')
    at(office, monkeypatch, NOW)
    stub.answers.append("close")
    at(office, monkeypatch, DUE)
    at(office, monkeypatch, DUE + timedelta(minutes=5))
    assert len(told(stub)) == expected
    assert app.robots(office.settings, send=False).robots[0].dead == 2 - expected


def test_only_a_department_of_its_own(office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with_robot(office, 'departments = ["售后部"]\n')
    at(office, monkeypatch, NOW)
    at(office, monkeypatch, DUE)
    assert told(stub) == []


def test_a_test_message(office: Office, stub: Stub) -> None:
    with_robot(office)
    assert app.robot_test(office.settings, "销售群").name == "销售群"
    assert "测试" in told(stub)[0]


def test_with_views_a_group_needs_a_reader(office: Office) -> None:
    office.config.write_text(office.config.read_text(encoding="utf-8") + ROBOT + "[views]\nenabled = true\n", "utf-8")
    with pytest.raises(ConfigError, match="销售群"):
        _ = office.settings


def test_a_plan_that_was_moved_is_told_to_nobody(office: Office, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with_robot(office)
    at(office, monkeypatch, NOW)
    monkeypatch.setenv("CRM_SHEETS_NOW", DUE.isoformat())
    office.sync()  # it is due, and lies in the outbox
    office.type("跟进", 2, {"计划完成时间": "2026-12-01 15:00"})
    at(office, monkeypatch, DUE + timedelta(minutes=1))
    assert told(stub) == []
