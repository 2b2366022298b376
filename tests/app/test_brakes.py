"""Who is named in `mail.administrators` hears once of a brake that was pulled."""

from datetime import timedelta

import pytest

from crm_sheets.app.cycles import Recorder
from crm_sheets.app.mail import letter
from crm_sheets.app.people import Recipients
from crm_sheets.app.workspace import opened
from crm_sheets.clock import VARIABLE
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.store.outbox import SqlOutbox
from tests.app.galleries import POLICY, gallery
from tests.app.offices import CONFIG, NOW, Office

MAIL = '\n[mail]\nadministrators = ["ops@example.com", "王芳@example.com"]\n'


@pytest.fixture
def warned(office: Office) -> Office:
    office.config.write_text(CONFIG + MAIL, encoding="utf-8")
    return office


def told(office: Office) -> list[OutboxEntry]:
    with opened(office.settings) as workspace:
        return [each for each in SqlOutbox(workspace.state).entries(list(State)) if each.kind == "notice-brake"]


def empty(office: Office, tab: str) -> None:
    rows = {int(str(row["#"])): dict.fromkeys(office.header(tab)) for row in office.rows(tab)}
    office.type_all(tab, rows)


def test_each_administrator_is_told_once_and_again_of_another(warned: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = warned.book.read_bytes()
    empty(warned, "客户")
    warned.sync()
    with opened(warned.settings) as workspace:
        Recorder(workspace, NOW).cycle()  # the daemon meets it too
    first, second = told(warned)
    assert {first.person, second.person} == {"ops@example.com", "王芳@example.com"}
    assert first.parameters["subject"] == str(warned.book)
    assert "--accept-deletions" in first.parameters["content"]

    monkeypatch.setenv(VARIABLE, (NOW + timedelta(hours=1)).isoformat())
    warned.book.write_bytes(kept)
    warned.sync()
    assert len(told(warned)) == 2, "nobody is told that it is over"
    monkeypatch.setenv(VARIABLE, (NOW + timedelta(hours=2)).isoformat())
    empty(warned, "客户")
    warned.sync()
    assert len(told(warned)) == 4


def test_the_mail_goes_to_the_address_and_says_what_to_do(warned: Office) -> None:
    empty(warned, "客户")
    warned.sync()
    with opened(warned.settings) as workspace:
        entry = next(
            each for each in SqlOutbox(workspace.state).entries(list(State)) if each.person == "ops@example.com"
        )
        recipient = Recipients(workspace).of(entry.person)
        assert recipient is not None
        assert recipient.address == "ops@example.com"
        mail = letter(workspace, entry, NOW)
    assert str(warned.book) in mail.subject
    assert "现在一行也没有" in mail.text


def test_a_dry_run_tells_nobody(warned: Office) -> None:
    empty(warned, "客户")
    assert warned.sync(dry_run=True).halted is not None
    assert told(warned) == []


def test_a_brake_of_somebodys_own_workbook_counts(warned: Office) -> None:
    team = gallery(warned.folder / "team", CONFIG + MAIL + POLICY)
    empty(team.view("E01"), "客户")
    report = team.sync()
    assert [bool(view.halted) for view in report.views if view.person == "E01"] == [True]
    assert {each.parameters["subject"].rpartition("/")[2] for each in told(team)} == {"E01-王芳.xlsx"}
