"""The daily digest: for whom, when, and what is in it; and what `remind` shows without sending anything."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.digests import MADE_NOTE, NEXT_NOTE, queue_digests
from crm_sheets.app.mail import letter
from crm_sheets.app.workspace import opened
from crm_sheets.errors import UsageError
from crm_sheets.sync.outbox import Settlement, State
from crm_sheets.sync.store.outbox import SqlOutbox
from tests.app.offices import CONFIG, CUSTOMERS, NOW, Office, made

HONGTU, JINCHANG = CUSTOMERS[0]["客户名称"], CUSTOMERS[1]["客户名称"]
MONDAY = datetime.fromisoformat("2026-11-23T09:00:00+08:00")


def follow_up(customer: str, planned: str, content: str, **more: str) -> dict[str, str]:
    return {
        "客户": customer, "跟进人": "王芳", "跟进方式": "电话", "跟进内容": content, "计划完成时间": planned, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """王芳 has four follow-ups and a deal for which nothing is planned; 张伟 is her manager; 李强 lives in New York."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())  # a Friday, 10:00
        office = made(tmp_path_factory.mktemp("digests") / "office", CONFIG)
        office.type("组织", 2, {"上级": "张伟"})
        staff = {"部门": "销售部", "角色": "销售专员", "上级": "张伟"}
        office.add(
            "组织",
            [
                {"工号": "E03", "姓名": "李强", "邮箱": "l@example.com", **staff, "时区": "America/New_York"},
                {"工号": "E04", "姓名": "赵敏", "邮箱": "m@example.com", **staff, "提醒方式": "仅汇总"},
                {"工号": "E05", "姓名": "孙丽", "邮箱": "s@example.com", **staff, "不接收的提醒": "日报"},
            ],
        )
        office.add(
            "跟进",
            [
                follow_up(HONGTU, "2026-11-20 15:00", "问价"),
                follow_up(HONGTU, "2026-11-23 15:00", "送样"),
                follow_up(JINCHANG, "2026-11-20 16:00", "回访", 跟进人="赵敏"),
                follow_up(JINCHANG, "2026-11-23 16:00", "看厂", 跟进人="李强"),
                follow_up(JINCHANG, "2026-11-20 17:00", "报价", 跟进人="孙丽"),
            ],
        )
        deal = {"机会名称": "新机房", "客户": CUSTOMERS[2]["客户名称"], "阶段": "方案提交", "预计成交金额": "1000",
                "预计成交日期": "2026-12-31", "负责人": "王芳"}  # fmt: skip
        office.add("机会", [deal])
        office.sync()
        patched.setenv("CRM_SHEETS_NOW", (NOW + timedelta(hours=8)).isoformat())
        office.sync()
    return office


def digests(office: Office, *moments: datetime) -> dict[str, Mapping[str, list[str]]]:
    """The titles in each section of everybody's digests, weekly ones too, after turns at some moments."""
    with opened(office.settings) as workspace:
        for moment in moments:
            queue_digests(workspace, moment)
        pending = SqlOutbox(workspace.state).entries((State.PENDING,))
        entries = [each for each in pending if each.kind in {"digest", "weekly"}]
    return {
        entry.person: {
            part["code"]: [item["title"] for item in part["items"]]
            for part in json.loads(entry.parameters["digest"])["sections"]
        }
        for entry in entries
    }


def test_everybody_gets_what_waits_for_them_at_their_own_hour(team: Office, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "office")
    found = digests(office, NOW + timedelta(hours=8), MONDAY)
    assert found["王芳"]["overdue"] == ["问价"]
    assert found["王芳"]["today"] == ["送样"]
    assert found["王芳"]["no_next_step"] == ["有进行中的机会，没有安排下一次跟进"]
    assert found["赵敏"]["overdue"] == ["回访"]
    assert "李强" not in found  # it is Sunday evening where he lives
    assert "孙丽" not in found
    assert found["张伟"]["team"] == [
        "王芳：已逾期 1、今天 1、没有下一步安排 1", "李强：今天 1", "赵敏：已逾期 1", "孙丽：已逾期 1",
    ]  # fmt: skip
    later = digests(office, MONDAY + timedelta(hours=13))  # Monday morning in New York
    assert later["李强"]["overdue"] == ["看厂"]


def test_a_digest_is_made_once_and_none_at_night_or_on_days_off(team: Office, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "office")
    with opened(office.settings) as workspace:
        queue_digests(workspace, NOW + timedelta(hours=8))
        made = [
            queue_digests(workspace, datetime.fromisoformat(f"{at}+08:00"))
            for at in ("2026-11-21T09:00", "2026-11-22T09:00", "2026-11-23T08:20", "2026-11-23T08:31",
                       "2026-11-23T08:32", "2026-11-23T12:00", "2026-11-24T07:00")
        ]  # fmt: skip
    assert made == [1, 0, 0, 3, 0, 0, 1]  # those at the ends are of New York, where it was morning meanwhile


def test_a_digest_of_the_evening_goes_the_next_morning_on_which_people_may_be_written_to(
    team: Office, tmp_path: Path
) -> None:
    office = team.copied(tmp_path / "office")
    office.config.write_text(f'{CONFIG}[reminders.digest]\nat = "20:00"\n', encoding="utf-8")
    with opened(office.settings) as workspace:
        queue_digests(workspace, NOW)
        for at in ("2026-11-20T20:30", "2026-11-21T09:00", "2026-11-23T07:59", "2026-11-23T08:01", "2026-11-23T08:30"):
            queue_digests(workspace, datetime.fromisoformat(f"{at}+08:00"))
        found = SqlOutbox(workspace.state).entries((State.PENDING,))
    assert {
        each.key: f"{each.not_before:%d %H:%M}" for each in found if each.person == "王芳" and each.kind == "digest"
    } == {"digest|王芳|2026-11-20": "23 00:00"}


@pytest.mark.parametrize(("errors", "kinds"), [("digest", "digest"), ("mail", "faults"), ("both", "digest faults")])
def test_rows_with_errors_are_told_as_the_team_wants(team: Office, tmp_path: Path, errors: str, kinds: str) -> None:
    office = team.copied(tmp_path / "office")
    office.config.write_text(f'{CONFIG}[reminders.digest]\nerrors = "{errors}"\n', encoding="utf-8")
    office.type("跟进", 2, {"计划完成时间": "明天吧"})
    office.sync()
    with opened(office.settings) as workspace:
        for moment in (MONDAY, MONDAY + timedelta(minutes=20)):
            queue_digests(workspace, moment)
        mine = [each for each in SqlOutbox(workspace.state).entries((State.PENDING,)) if each.person == "王芳"]
        found = {each.kind: each for each in mine if each.kind in {"digest", "weekly", "faults"}}
        told = {
            kind: [part["code"] for part in json.loads(entry.parameters["digest"])["sections"]]
            for kind, entry in found.items()
        }
        assert {kind for kind, codes in told.items() if "faults" in codes} == set(kinds.split())
        assert all(codes == ["faults"] for kind, codes in told.items() if kind == "faults")
        if "faults" in found:
            content = letter(workspace, found["faults"], MONDAY)
            assert content.subject == "【请改正】2026年11月23日（周一）：1 行有错误"
            assert "明天吧" in content.text
            assert "unsubscribe" in content.headers["List-Unsubscribe"]


def test_what_waited_for_the_digest_is_told_once(team: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = team.copied(tmp_path / "office")
    with opened(office.settings) as workspace:
        waiting = [each.person for each in SqlOutbox(workspace.state).entries((State.DIGEST,))]
        assert waiting == ["赵敏"]
        queue_digests(workspace, NOW + timedelta(hours=8))
        queue_digests(workspace, MONDAY)
        assert SqlOutbox(workspace.state).entries((State.DIGEST,)) == ()
        assert [each.person for each in SqlOutbox(workspace.state).entries((State.DIGESTED,))] == ["赵敏"]


def test_an_older_digest_that_was_not_sent_makes_room(team: Office, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "office")
    digests(office, NOW + timedelta(hours=8), MONDAY)
    digests(office, MONDAY + timedelta(days=1))
    with opened(office.settings) as workspace:
        old = [each.key for each in SqlOutbox(workspace.state).entries((State.WITHDRAWN,)) if each.kind == "digest"]
    assert "digest|王芳|2026-11-23" in old


@pytest.mark.parametrize("sent", [False, True])
def test_a_digest_that_is_made_twice_is_not_lost(team: Office, tmp_path: Path, *, sent: bool) -> None:
    """The process ended before it was noted that digests were made, or the clock was put back."""
    office = team.copied(tmp_path / "office")
    before = NOW + timedelta(hours=8)
    with opened(office.settings) as workspace:
        store, state = SqlOutbox(workspace.state), workspace.state
        noted = {name: state.note(name) or "" for name in (MADE_NOTE, NEXT_NOTE)}
        queue_digests(workspace, before)
        queue_digests(workspace, MONDAY)
        mine = next(each for each in store.entries((State.PENDING,)) if each.key == "digest|赵敏|2026-11-23")
        if sent:  # and something came that waits for a digest
            store.settle(mine.key, Settlement(State.SENT, 0, sent_at=MONDAY))
            (waiting,) = (each.key for each in store.entries((State.DIGESTED,)))
            store.settle(waiting, Settlement(State.DIGEST, 0))
        made = {each.key: each.state for each in store.entries(tuple(State))}
        for name, text in noted.items():
            state.set_note(name, text)
        queue_digests(workspace, before)
        queue_digests(workspace, MONDAY + timedelta(minutes=1))
        assert {each.key: each.state for each in store.entries(tuple(State))} == made


# -- looking ahead -----------------------------------------------------------------------------------------------------


def test_a_dry_run_lists_what_would_go(team: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = team.copied(tmp_path / "office")
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(hours=8)).isoformat())
    lines = app.upcoming(office.settings, days=3).reminders
    planned = {
        (line.person, line.kind, f"{line.at:%m-%d %H:%M}", line.state) for line in lines if line.tab == "follow_ups"
    }
    assert {
        ("王芳", "overdue", "11-23 09:00", "planned"), ("王芳", "due", "11-23 15:00", "planned"),
        ("赵敏", "overdue", "11-23 09:00", "digest"), ("李强", "due", "11-21 08:30", "planned"),
    } <= planned  # fmt: skip
    assert all(line.rule and not line.rule.startswith("mail.") for line in lines)
    with opened(office.settings) as workspace:
        assert SqlOutbox(workspace.state).counts() == counts(team)


def counts(office: Office) -> dict[str, int]:
    with opened(office.settings) as workspace:
        return SqlOutbox(workspace.state).counts()


def test_a_preview_is_the_mail(team: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = team.copied(tmp_path / "office")
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(hours=8)).isoformat())
    row = next(str(each["编号"]) for each in office.rows("跟进") if each["跟进内容"] == "送样")
    mails = app.preview(office.settings, row, tmp_path / "preview").mails
    assert [mail.reminder.kind for mail in mails][:2] == ["due", "overdue"]
    first = mails[0]
    assert "送样" in first.html_file.read_text(encoding="utf-8")
    assert first.text_file.read_text(encoding="utf-8").startswith(first.subject)
    with pytest.raises(UsageError, match="F-NONE"):
        app.preview(office.settings, "F-NONE", tmp_path / "preview")
