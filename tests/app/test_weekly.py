"""Weekly reports of leads: who gets one, when, and that nothing is in it that they may not read."""

import json
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.digests import queue_digests
from crm_sheets.app.mail import letter
from crm_sheets.app.weekly import WeeklyReports
from crm_sheets.app.workspace import opened
from crm_sheets.dashboard.pictures import can_draw
from crm_sheets.dashboard.weekly import paper
from crm_sheets.errors import UsageError
from crm_sheets.sync.delivery import Content
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.store.outbox import SqlOutbox
from tests.app.galleries import POLICY, Gallery, gallery
from tests.app.offices import WHOLE
from tests.app.printing import can_print

MONDAY = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
LARGEST = 100 * 1024
OPEN = POLICY.replace(', level = "hidden", private_note = "hidden"', "")
"""Sellers may read all of their own customers, so that there is a summary of them."""
LIGHT = "[reports]\npictures = 1\npdf = false\n"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """张伟 manages 王芳 and 李强 and reads all customers of 销售部; 王芳 leads 李强, and reads her own only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", "2026-11-20T10:00:00+08:00")  # a Friday
        office = gallery(tmp_path_factory.mktemp("weekly") / "team", WHOLE + LIGHT + OPEN)
        office.type("组织", 2, {"上级": "张伟"})
        office.type("组织", 4, {"上级": "王芳"})
        office.type("客户", 2, {"负责人": "李强", "所属行业": "金融", "地区": "只有张伟看得到的地区"})
        office.sync()
        patched.setenv("CRM_SHEETS_NOW", "2026-11-20T18:00:00+08:00")
        office.sync()
    return office


def mails(team: Gallery, *moments: datetime) -> dict[str, tuple[OutboxEntry, Content]]:
    """The weekly mails of everybody after turns at some moments, as they would be sent at the last."""
    with opened(team.settings) as workspace:
        for moment in moments:
            queue_digests(workspace, moment)
        entries = SqlOutbox(workspace.state).entries((State.PENDING,))
        return {each.person: (each, letter(workspace, each, moments[-1])) for each in entries if each.kind == "weekly"}


@pytest.fixture(scope="module")
def monday(team: Gallery, tmp_path_factory: pytest.TempPathFactory) -> tuple[Gallery, dict[str, Content]]:
    """The mails of a Monday, put into words, and the workspace after that."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", MONDAY.isoformat())
        office = team.copied(tmp_path_factory.mktemp("monday") / "team")
        before = datetime.fromisoformat("2026-11-20T18:00:00+08:00")
        found = mails(office, before, MONDAY)
    return office, {person: content for person, (_, content) in found.items()}


def test_those_who_lead_somebody_get_one_mail(monday: tuple[Gallery, dict[str, Content]]) -> None:
    office, found = monday
    assert set(found) == {"张伟", "王芳"}
    with opened(office.settings) as workspace:
        keys = {entry.key for entry in SqlOutbox(workspace.state).entries((State.PENDING,))}
        assert {"weekly|张伟|2026-W47", "weekly|王芳|2026-W47"} <= keys
        assert not any(key.startswith(("digest|张伟", "digest|王芳")) for key in keys)  # it is in the weekly mail
        queue_digests(workspace, MONDAY.replace(hour=15))
        queue_digests(workspace, MONDAY.replace(day=24))
        again = {entry.key for entry in SqlOutbox(workspace.state).entries((State.PENDING,)) if entry.kind == "weekly"}
    assert again == {key for key in keys if key.startswith("weekly|")}


def test_the_mail_is_read_with_and_without_its_pictures(monday: tuple[Gallery, dict[str, Content]]) -> None:
    _, found = monday
    content = found["张伟"]
    assert len(content.html.encode()) < LARGEST
    shown = {file.identity for file in content.files if file.identity}
    assert {f"cid:{identity}" for identity in shown} == set(_attributes(content.html, "src"))
    assert bool(shown) is can_draw()
    assert "共 5 个客户" in content.subject + content.text
    assert _attributes(content.html, "alt") == (["行业分布 (客户数): 制造业 4; 金融 1"] if shown else [])
    assert "List-Unsubscribe" in content.headers


def _attributes(html: str, name: str) -> list[str]:
    return [part.partition('"')[0] for part in html.split(f' {name}="')[1:]]


def test_two_leads_two_reports(monday: tuple[Gallery, dict[str, Content]]) -> None:
    """Page, PDF, mail and pictures of each are made of nothing but their rows."""
    office, found = monday
    with opened(office.settings) as workspace:
        making = WeeklyReports(workspace)
        reports = {person: making.of(person, MONDAY) for person in ("张伟", "王芳")}
        counts = {
            person: next(figure.value for each in report.told for figure in each.figures if figure.key == key)
            for key in ["customers.customers"]
            for person, report in reports.items()
        }
        pages = {person: paper(report, workspace.words) for person, report in reports.items()}
    assert counts == {"张伟": 5, "王芳": 3}
    secret = "只有张伟看得到的地区"
    assert secret in pages["张伟"]
    for hidden in (secret, "李强"):
        assert hidden not in pages["王芳"]
    mail = found["王芳"]
    told = mail.subject + mail.text + mail.html
    assert secret not in told
    assert "金融" not in told + pages["王芳"]
    drawn = {person: {each.png for each in report.pictures} - {b""} for person, report in reports.items()}
    assert all(bool(pictures) is can_draw() for pictures in drawn.values())
    assert drawn["张伟"].isdisjoint(drawn["王芳"])


def test_the_reports_are_kept_for_each_in_the_folder_of_the_week(monday: tuple[Gallery, dict[str, Content]]) -> None:
    office, _ = monday
    kept = {path.name for path in (office.folder / "reports" / "2026-W47").iterdir()}
    assert kept == {"E02-张伟.html", "E01-王芳.html"}


def test_a_mail_that_is_a_day_late_leaves_out_what_it_says_of_the_day(team: Gallery, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "team")
    office.allow("pictures = 1", "pictures = 0")
    friday = datetime.fromisoformat("2026-11-20T18:00:00+08:00")
    with opened(office.settings) as workspace:
        queue_digests(workspace, friday)
        queue_digests(workspace, MONDAY)
        [entry] = [e for e in SqlOutbox(workspace.state).entries((State.PENDING,)) if e.key == "weekly|张伟|2026-W47"]
        item = {"tab": "customers", "row": "C", "title": "今天要打电话", "customer": "", "when": "", "state": ""}
        packed = {"at": MONDAY.isoformat(), "sections": [{"code": "today", "count": 1, "items": [item]}]}
        entry = OutboxEntry(
            entry.key, entry.kind, entry.person, MONDAY, MONDAY, MONDAY, {"digest": json.dumps(packed)}, "", ""
        )
        said = {hours: letter(workspace, entry, MONDAY + timedelta(hours=hours)).text for hours in (-12, 0, 24, 168)}
    assert "今天要打电话" in said[0]
    assert "今天要打电话" not in said[24]
    assert "共 5 个客户" in said[24]
    # It tells of its week when it waited for longer than one, and where Monday begins before that of the team.
    assert all("2026-11-16" in text for text in said.values()), said


@pytest.mark.parametrize(
    ("days", "turns", "sent"),
    [
        ('"mon", "tue"', "23 24", "23"),
        ('"mon", "tue"', "24 25", "24"),  # on Monday the computer was off
        ('"tue", "wed"', "23 24 25", "24"),
    ],
)
def test_the_report_goes_with_the_first_digest_of_the_week(
    team: Gallery, tmp_path: Path, days: str, turns: str, sent: str
) -> None:
    office = team.copied(tmp_path / "team")
    office.allow("pdf = false\n", f"pdf = false\n[reminders.digest]\nweekdays = [{days}]\n")
    with opened(office.settings) as workspace:
        for day in ("20", *turns.split()):
            queue_digests(workspace, datetime.fromisoformat(f"2026-11-{day}T18:00:00+08:00"))
        entries = SqlOutbox(workspace.state).entries((State.PENDING,))
    assert {each.not_before.strftime("%d") for each in entries if each.kind == "weekly"} == {sent}
    assert {each.key for each in entries if each.kind == "weekly"} == {"weekly|张伟|2026-W47", "weekly|王芳|2026-W47"}


def test_reports_may_be_left_out(team: Gallery, tmp_path: Path) -> None:
    office = team.copied(tmp_path / "team")
    office.allow("pictures = 1", "weekly = false")
    assert mails(office, datetime.fromisoformat("2026-11-20T18:00:00+08:00"), MONDAY) == {}


def test_on_the_command_line(team: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", MONDAY.isoformat())
    office = team.copied(tmp_path / "team")
    office.allow("pictures = 1", "pictures = 0")
    done = app.weekly_files(office.settings, None, person="王芳", preview=True)
    folder = office.folder / "reports" / "2026-W47"
    assert done.files == tuple(folder / f"E01-王芳{end}" for end in (".html", ".mail.html", ".mail.txt"))
    assert "cid:" not in done.files[1].read_text(encoding="utf-8")
    assert "E01-王芳" not in done.files[2].read_text(encoding="utf-8"), "who is greeted is called by name"
    by_number = app.weekly_files(office.settings, tmp_path / "E01.html", person="E01").files[0]
    assert "王芳的周报" in by_number.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="nobody"):
        app.weekly_files(office.settings, None, person="nobody", preview=False)
    target = tmp_path / "全队.html"
    done = app.weekly_files(office.settings, target, person=None)
    assert (done.files, done.notes) == ((target,), ())
    office.allow("pdf = false", "pdf = true")
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    done = app.weekly_files(office.settings, target, person=None)
    assert done.files == (target,)
    assert "PDF" in " ".join(done.notes), "it says why there is no PDF"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not on this machine")
def test_the_pdf_goes_along_and_holds_no_word_of_others(team: Gallery, tmp_path: Path) -> None:
    if not can_print():
        pytest.skip("WeasyPrint, Pango, matplotlib or a font with Chinese characters is missing")
    office = team.copied(tmp_path / "team")
    office.allow("pdf = false", "pdf = true")
    found = mails(office, datetime.fromisoformat("2026-11-20T18:00:00+08:00"), MONDAY)
    texts = {}
    for person, (_, content) in found.items():
        [pdf] = [file for file in content.files if file.kind == "application/pdf"]
        assert pdf.name == "周报 2026-W47.pdf"
        file = tmp_path / "report.pdf"
        file.write_bytes(pdf.content)
        texts[person] = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True).stdout.decode()
    assert (office.folder / "reports" / "2026-W47" / "E02-张伟.pdf").exists()
    assert "只有张伟看得到的地区" in texts["张伟"]
    assert "只有张伟看得到的地区" not in texts["王芳"]
    assert "金融" not in texts["王芳"]
