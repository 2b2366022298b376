"""What people get beside their view, searched for words that are not for them: reports on paper, the weekly report,
digests, invitations, requests, messages to a group, questions, previews, backups, and files that they dropped."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm_sheets import clock
from crm_sheets.app.digests import queue_digests
from crm_sheets.app.group_robots import robot_rounds
from crm_sheets.app.mail import mail_round
from crm_sheets.app.workspace import opened
from crm_sheets.cli import cli
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.app.offices import NOW
from tests.app.printing import can_print
from tests.app.test_leaks import CONFIG, PEOPLE, Planted, files_of, mails_to
from tests.leaks import Cell
from tests.notifiers.servers import Mailbox, MailServer
from tests.notifiers.test_robots import Stub

MORE = """
[[grant]]
role = ["sales", "department_manager"]
tab = "people"
columns = {{ id = "read", name = "read", department = "read", group = "read", manager = "read" }}

[[grant]]
role = "department_manager"
tab = "opportunities"
rows = "department"
columns = {{ "*" = "read", competitor = "hidden", milestone = "hidden" }}

[[grant]]
role = "department_manager"
tab = "follow_ups"
rows = ["department", "customer"]
columns = {{ "*" = "read", content = "hidden", result = "hidden" }}

[[grant]]
role = "sales"
tab = "lookups"
rows = "own"
create = "own"
columns = {{ "*" = "edit" }}

[[approval]]
name = "联系人变更"
tab = "customers"
columns = ["contact"]
propose = ["sales"]
steps = [ {{ approver = "manager" }} ]

[[robots]]
name = "李强的群"
kind = "wecom"
url = {{ env = "TEST_ROBOT_URL" }}
about = ["due", "overdue", "customers", "contracts"]
reader = "李强"

[reports]
pictures = 0

[intake]
folder = "收件"
quiet = "0s"

[[intake.source]]
files = "*.csv"
tab = "customers"
duplicates = "skip"
"""
MONDAY = datetime.fromisoformat("2026-11-23T09:30:00+08:00")
REQUESTED = Cell(TabKey("approvals"), RowKey("q0"), ColumnKey("contact"))
DROPPED = """客户名称,客户类型,所属行业,联系人,联系电话
{name},企业客户,制造业,郑爽,13800138011
武汉三号有限公司,企业客户,,孙丽,138
"""


@dataclass
class Everything:
    """A team, and all that was made of it for somebody."""

    planted: Planted
    mailbox: Mailbox
    stub: Stub
    once: dict[str, set[Cell]] = field(default_factory=dict)
    """What each person was allowed to read at some time: what was kept of that time may hold it."""

    def allowed(self, number: str) -> set[Cell]:
        words = self.planted.canaries.cells.values()
        return {cell for cell in words if self.may_read(number, cell)}

    def may_read(self, number: str, cell: Cell) -> bool:
        tab, column = str(cell.tab), str(cell.column)
        if cell == REQUESTED:  # of whoever proposed it, and hidden from whoever decides
            return number == "E01"
        if number == "E02" and tab == "opportunities":
            return column not in {"competitor", "milestone"}
        if number == "E02" and tab == "follow_ups":
            return column not in {"content", "result"}
        return self.planted.may_read(number, cell) or (number == "E02" and column == "name" and tab == "customers")

    def mails(self, number: str) -> list[EmailMessage]:
        return mails_to(self.mailbox, number)

    def goes_on(self, now: datetime) -> None:
        """A round of everything that the daemon does, at an instant."""
        os.environ["CRM_SHEETS_NOW"] = now.isoformat()
        self.planted.team.sync()
        with opened(self.planted.team.settings) as workspace:
            queue_digests(workspace, clock.now())
            mail_round(workspace, clock.now())
            robot_rounds(workspace, clock.now())
        for number in PEOPLE:
            self.once[number] = self.once.get(number, set()) | self.allowed(number)

    def run(self, *command: str) -> bytes:
        done = CliRunner().invoke(cli, [*command, "--config", str(self.planted.team.config)])
        assert done.exit_code in (0, 1), done.output
        return f"{done.output}{done.exception or ''}".encode()

    def secrets(self, number: str, *sources: Path | bytes) -> list[Cell]:
        found = self.planted.canaries.found(*sources)
        assert found, f"nothing at all is in what {number} gets: the search finds nothing"
        return sorted(found - self.once[number])


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        stub, mailbox = Stub(), Mailbox()
        patched.setenv("TEST_ROBOT_URL", stub.url)
        with MailServer(mailbox) as server:
            config = CONFIG.replace('"contracts", ', '"contracts", "approvals", "lookups", ') + MORE
            planted = Planted(tmp_path_factory.mktemp("further") / "team", server.port, config)
            made = Everything(planted, mailbox, stub)
            lived(made)
            yield made
        stub.server.shutdown()
        stub.server.server_close()


def lived(made: Everything) -> None:
    """A few days of the team: a plan falls due, a request is made, a question asked, a file dropped, a report sent."""
    planted = made.planted
    team, word = planted.team, planted.word
    team.type_all("组织", {row: {"上级": "张伟"} for row in (2, 4)})
    made.goes_on(NOW)
    desk = team.view("E01")
    [mine] = [row for row in desk.rows("客户") if row["客户名称"] == word("customers", "c0", "name")]
    desk.type("客户", int(str(mine["#"])), {"联系人": planted.canaries.planted_in(REQUESTED)})
    desk.add("查重", [{"查询内容": word("customers", "c1", "name")}])
    team.book.parent.joinpath("收件").mkdir()
    dropped = team.book.parent / "收件" / "来源.csv"
    dropped.write_text(DROPPED.format(name=word("customers", "c1", "name")), encoding="utf-8")
    os.utime(dropped, (time.time() - 60, time.time() - 60))
    made.goes_on(NOW + timedelta(minutes=20))
    [given] = [row for row in team.rows("客户") if row["客户名称"] == word("customers", "c2", "name")]
    team.type("客户", int(str(given["#"])), {"负责人": "李强"})
    planted.owner["customers", "c2"] = planted.customer["follow_ups", "f20"] = "李强"
    planted.customer["follow_ups", "f21"] = "李强"
    made.goes_on(MONDAY)


def test_a_view_holds_nothing_else_and_a_lead_has_figures(everything: Everything) -> None:
    tabs = set(everything.planted.team.view("E02").snapshot().sheets)
    assert {"汇总_销售漏斗", "汇总_洞察"} & tabs
    for number in PEOPLE:
        found = everything.planted.canaries.found(*files_of(everything.planted.team, number))
        asked = {Cell(TabKey("customers"), RowKey("c1"), ColumnKey("name"))} if number == "E01" else set()
        assert found <= everything.allowed(number) | asked, number


@pytest.mark.parametrize("number", ["E01", "E02", "E03"])
def test_mails_digests_invitations_and_requests(everything: Everything, number: str) -> None:
    mails = everything.mails(number)
    assert everything.secrets(number, *(mail.as_bytes() for mail in mails)) == []


def test_there_are_mails_of_every_kind(everything: Everything) -> None:
    lead = b"".join(mail.as_bytes() for mail in everything.mails("E02"))
    parts = {part.get_content_type() for mail in everything.mailbox.mails for part in mail.walk()}
    assert parts >= {"text/calendar", "text/html"}
    assert "审批" in " ".join(str(mail["Subject"]) for mail in everything.mails("E02")), "a request is told"
    assert lead


def test_what_a_group_is_told(everything: Everything) -> None:
    told = json.dumps([body for _, body in everything.stub.received], ensure_ascii=False)
    assert everything.secrets("E03", told.encode()) == []


@pytest.mark.parametrize("number", ["E02", "E03"])
def test_reports_and_previews(everything: Everything, number: str, tmp_path: Path) -> None:
    """The page, the same on paper, the weekly report with its mail, and the view that somebody would get."""
    page, weekly, view = tmp_path / "r.html", tmp_path / "w.html", tmp_path / "v.xlsx"
    everything.run(
        "report", "--html", str(page), *(["--pdf"] if number == "E02" and can_print() else []), "--as", number
    )
    everything.run("access", number, "--preview", str(view))
    if number == "E02":
        everything.run("report", "--weekly", "--preview", "--out", str(weekly), "--as", number)
    assert all(path.exists() for path in (page, view))
    assert weekly.exists() == (number == "E02")
    assert everything.secrets(number, tmp_path) == []


@pytest.mark.parametrize("number", ["E01", "E02", "E03"])
def test_what_is_kept_of_people_holds_what_they_could_see(everything: Everything, number: str) -> None:
    folder = everything.planted.team.folder
    kept = [path for part in ("backups/views", "reports") for path in (folder / part).rglob(f"{number}*")]
    assert kept
    assert everything.secrets(number, *kept) == []


def test_a_question_is_answered_with_a_department_and_nothing_else(everything: Everything) -> None:
    for row in ("c0", "c3"):  # her own, and somebody else's
        word = everything.planted.word("customers", row, "name")
        told = everything.planted.canaries.found(everything.run("lookup", word, "--as", "E01", "--json"))
        assert told <= everything.allowed("E01") | {everything.planted.canaries.cells[word]}


def test_what_comes_back_of_a_dropped_file_names_nobody_elses_rows(everything: Everything) -> None:
    """Whoever drops a file need not be allowed to read the book."""
    everything.run("intake")
    folder = everything.planted.team.folder / "收件"
    assert any(folder.rglob("*.xlsx")), "an error workbook"
    found = everything.planted.canaries.found(folder)
    assert found == {Cell(TabKey("customers"), RowKey("c1"), ColumnKey("name"))}, "what was dropped, and nothing more"


def test_what_anybody_at_the_machine_reads_names_no_cell(everything: Everything, tmp_path: Path) -> None:
    """The daemon's page, its log, and the checklist of the launch."""
    page = tmp_path / "team.html"
    everything.run("report", "--html", str(page))
    everything.run("doctor", "--launch", "--checklist", str(tmp_path / "list.xlsx"))
    log = everything.planted.team.folder / "log.jsonl"
    for path in (tmp_path / "status.html", tmp_path / "list.xlsx", *([log] if log.exists() else [])):
        assert everything.planted.canaries.found(path) == set(), path.name
