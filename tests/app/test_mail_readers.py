"""Mails say what their receiver may read: in a team with views, what stands in the receiver's own."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.appointments import event_parameters
from crm_sheets.app.digests import queue_digests
from crm_sheets.app.mail import letter
from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.workspace import opened
from crm_sheets.sync.appointments import CANCEL, REQUEST
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import SqlOutbox
from tests.app.galleries import POLICY, Gallery, gallery
from tests.app.offices import CONFIG, NOW

HONGTU, QINGDAO = "上海宏图机械有限公司", "青岛海蓝船务有限公司"
LATER = NOW + timedelta(hours=5)
DIGEST = """
[reminders.digest]
enabled = true
at = "09:00"
"""


def follow_up(customer: str, owner: str, content: str) -> dict[str, str]:
    planned = "2026-11-20 15:00"
    return {
        "客户": customer, "跟进人": owner, "跟进方式": "电话", "跟进内容": content, "计划完成时间": planned,
    }  # fmt: skip


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """李强 follows up a customer of 王芳, whom he does not see, and one of his own; the manager has one to do too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        office = gallery(tmp_path_factory.mktemp("mails"), CONFIG + DIGEST + POLICY)
        office.add(
            "跟进",
            [
                follow_up(HONGTU, "李强", "问价"),
                follow_up("杭州锦昌环保科技有限公司", "李强", "回访"),
                follow_up(HONGTU, "王芳", "送合同"),
                follow_up(QINGDAO, "张伟", "看账"),
            ],
        )
        office.sync()
        patched.setenv("CRM_SHEETS_NOW", LATER.isoformat())
        office.sync()
    return office


def letters(team: Gallery, at: datetime = LATER) -> dict[tuple[str, str], str]:
    """The text of every mail that is due, by its receiver and the content of the row."""
    with opened(team.settings) as workspace:
        found: dict[tuple[str, str], str] = {}
        for entry in SqlOutbox(workspace.state).entries((State.PENDING,)):
            content = letter(workspace, entry, at)
            found[entry.person, entry.parameters.get("content", "")] = content.subject + content.text + content.html
    return found


def test_who_does_not_see_the_customer_gets_neither_phone_nor_contact(team: Gallery) -> None:
    mail = letters(team)["李强", "问价"]
    assert "问价" in mail
    assert "13800138001" not in mail
    assert "李娜" not in mail


def test_who_sees_the_customer_gets_all(team: Gallery) -> None:
    mail = letters(team)["王芳", "送合同"]
    assert "13800138001" in mail
    assert "李娜" in mail
    assert HONGTU in mail


def test_who_does_not_see_the_row_is_told_no_word_of_it(team: Gallery) -> None:
    mail = letters(team)["张伟", "看账"]
    assert "看账" not in mail
    assert QINGDAO not in mail
    assert "您无权查看的记录" in mail
    assert "请与管理员联系" in mail  # 张伟 has nobody above him


def test_nobody_is_to_act_on_an_appointment_that_is_cancelled(team: Gallery) -> None:
    """Whoever handed a follow-up over may see it no longer, and is not named in it either."""
    with opened(team.settings) as workspace:
        entries = SqlOutbox(workspace.state).entries((State.PENDING,))
        (mine,) = (entry for entry in entries if entry.parameters.get("content") == "看账")
        sent = {"starts": LATER.isoformat(), "sequence": "1"}
        readers = MailReaders(workspace, LATER)
        told = {
            kind: event_parameters(workspace, replace(mine, kind=kind, parameters=sent), readers).parameters
            for kind in (REQUEST, CANCEL)
        }
    assert "请与管理员联系" in told[REQUEST]["content"]
    assert (told[CANCEL]["subject"], told[CANCEL]["content"]) == ("一条您无权查看的记录", "")


def test_a_grant_that_nobody_confirmed_opens_no_mail(team: Gallery, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "wider")
    wider = '\n[[grant]]\nrole = "department_manager"\ntab = "follow_ups"\ncolumns = { "*" = "read" }\n'
    office.config.write_text(office.config.read_text(encoding="utf-8") + wider, encoding="utf-8")
    assert "看账" not in letters(office)["张伟", "看账"]
    digest = app.access_apply(office.settings).confirm
    app.access_apply(office.settings, digest)
    assert "看账" in letters(office)["张伟", "看账"]


def test_a_digest_names_rows_that_its_reader_sees(team: Gallery, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "team")
    with opened(office.settings) as workspace:
        queue_digests(workspace, LATER + timedelta(days=3))
        entries = [each for each in SqlOutbox(workspace.state).entries((State.PENDING,)) if each.kind == "digest"]
        titles = {
            entry.person: {
                item["title"] for part in json.loads(entry.parameters["digest"])["sections"] for item in part["items"]
            }
            for entry in entries
        }
    assert {"问价", "回访"} <= titles["李强"]
    assert "看账" not in titles.get("张伟", set())


def test_without_views_everything_is_said(team: Gallery, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "open")
    office.allow("enabled = true\nfolder", "enabled = false\nfolder")
    assert "13800138001" in letters(office)["李强", "问价"]
    assert "看账" in letters(office)["张伟", "看账"]


def test_a_receipt_of_a_hand_over_names_what_its_reader_may_read(team: Gallery, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "handed")
    office.allow('level = "hidden", private_note = "hidden"', 'name = "hidden", level = "hidden"')
    app.handover(office.settings, "王芳", "李强", dry_run=False)
    with opened(office.settings) as workspace:
        entries = [each for each in SqlOutbox(workspace.state).entries((State.PENDING,)) if each.kind == "handover"]
    told = {entry.person: entry.parameters["content"] for entry in entries}
    assert set(told) == {"王芳", "李强"}
    customers = [line for text in told.values() for line in text.splitlines() if line.startswith("客户")]
    assert len(customers) == 8  # four, to each of them
    assert not any("公司" in line for line in customers), customers
