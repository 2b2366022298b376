"""A word of its own in every cell of a book: in nothing that a person gets is one that this person may not read.

The oracle is written out anew, without anything of the program's: who may read what, as a person would say it.
"""

import re
import shutil
import threading
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm_sheets import clock
from crm_sheets.app.cycles import Recorder
from crm_sheets.app.mail import mail_job, mail_round
from crm_sheets.app.workspace import opened
from crm_sheets.cells import CellValue
from crm_sheets.changes import Value
from crm_sheets.cli import cli
from crm_sheets.schema.book import tab as described
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.sync import logs
from crm_sheets.sync.notifiers.sink import MailSink
from crm_sheets.tables import ColumnKey, TabKey
from tests.app.galleries import Gallery
from tests.app.offices import NOW, made
from tests.leaks import Canaries, Cell
from tests.notifiers.servers import Mailbox, MailServer
from tests.sync.desks import WORDS

CONFIG = """
[workbook]
path = "客户.xlsx"
quiet = "0s"
tabs = ["customers", "follow_ups", "opportunities", "contracts", "services", "people", "dictionaries"]

[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "crm@example.com"

[log]
file = "log.jsonl"
level = "debug"

[views]
enabled = true
folder = "各人"
summaries = ["department_manager", "sales"]

[[grant]]
role = "shared"
tab = "*"
columns = {{ "*" = "edit" }}
create = "all"
delete = "allow"

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
create = "own"
columns = {{ "*" = "edit", email = "hidden", address = "hidden", tags = "hidden" }}

[[grant]]
role = "sales"
tab = "follow_ups"
rows = ["own", "customer"]
create = "own"
columns = {{ "*" = "edit", participants = "hidden" }}

[[grant]]
role = "sales"
tab = "opportunities"
rows = "own"
columns = {{ "*" = "read", competitor = "hidden" }}

[[grant]]
role = "sales"
tab = "opportunities"
rows = "department"
columns = {{ milestone = "read" }}

[[grant]]
role = "department_manager"
tab = "customers"
rows = "department"
columns = {{ "*" = "read", note = "edit", private_note = "hidden", contact = "hidden" }}

[[grant]]
role = "finance"
tab = "contracts"
rows = {{ where = "state == '执行中'" }}
columns = {{ number = "read", amount = "read", state = "read" }}

[[grant]]
role = "service"
tab = "services"
rows = "own"
columns = {{ "*" = "edit" }}
"""

PEOPLE = {
    "E01": ("王芳", "销售部", "销售专员"),
    "E02": ("张伟", "销售部", "部门经理"),
    "E03": ("李强", "销售部", "销售专员"),
    "E04": ("赵敏", "财务部", "财务"),
    "E05": ("陈静", "客服部", "客服专员"),
}
ADDRESSES = {number: f"{number.lower()}@example.com" for number in PEOPLE} | {
    "E01": "wangfang@example.com",
    "E02": "zhangwei@example.com",
}


class Planted:
    """A team with canaries in all its cells, and who owns what."""

    def __init__(self, folder: Path, port: int, config: str = CONFIG) -> None:
        self.canaries = Canaries()
        self.mails_searched = 0
        self.owner: dict[tuple[str, str], str] = {}
        self.customer: dict[tuple[str, str], str] = {}
        self.state: dict[tuple[str, str], str] = {}
        self._typed: dict[str, list[dict[str, CellValue]]] = {}
        self.team = Gallery(made(folder, config.format(port=port)).folder)
        self.team.add("组织", [
            {"工号": number, "姓名": name, "部门": unit, "角色": role, "邮箱": f"{number}@example.com"}
            for number, (name, unit, role) in PEOPLE.items() if number > "E02"
        ])  # fmt: skip
        for number, owner in enumerate(("王芳", "李强", "王芳", "李强")):
            self.plant("customers", f"c{number}", owner, {"type": "企业客户", "industry": "制造业"})
            name = self.word("customers", f"c{number}", "name")
            for turn, who in enumerate((owner, "张伟")):
                given: dict[str, Value] = {
                    "customer": name,
                    "method": "电话",
                    "planned_at": "2026-11-20 10:30",
                    "remind": "15分钟",
                }
                self.plant("follow_ups", f"f{number}{turn}", who, given)
                self.customer["follow_ups", f"f{number}{turn}"] = owner
            deal: dict[str, Value] = {
                "customer": name,
                "stage": "需求分析",
                "amount": 8_000_000 + number,
                "close_date": "2026-12-01",
            }
            self.plant("opportunities", f"o{number}", owner, deal)
            contract: dict[str, Value] = {
                "customer": name,
                "amount": 900_000 + number,
                "state": ("执行中", "待签署")[number % 2],
            }
            self.plant("contracts", f"k{number}", owner, {**contract, "ends_on": "2026-12-01"})
            self.plant("services", f"s{number}", ("陈静", "王芳")[number % 2], {
                "customer": name, "opened_at": "2026-11-20 09:00", "state": "处理中", "type": None, "priority": None,
            })  # fmt: skip
        for label, rows in self._typed.items():
            known = self.team.header(label)
            self.team.add(label, [{key: row[key] for key in row if key in known} for row in rows])

    def plant(self, tab: str, row: str, owner: str, given: Mapping[str, Value]) -> None:
        described_tab = described(TabKey(tab))
        kept = {"status": None, "source": None, "merge_into": None, "attachments": None, "opportunity": None}
        values = self.canaries.planted(described_tab, row, {**kept, **given, "owner": owner})
        cells: dict[str, CellValue] = {
            column_label(TabKey(tab), ColumnKey(column), WORDS): "、".join(value)
            if isinstance(value, tuple)
            else str(value)
            for column, value in values.items()
            if value is not None
        }
        self._typed.setdefault(tab_label(TabKey(tab), WORDS), []).append(cells)
        self.owner[tab, row], self.state[tab, row] = owner, str(given.get("state"))

    def word(self, tab: str, row: str, column: str) -> str:
        return next(word for word, cell in self.canaries.cells.items() if cell == (tab, row, column))

    def may_read(self, number: str, cell: Cell) -> bool:
        name, _, role = PEOPLE[number]
        tab, row, column = str(cell.tab), str(cell.row), str(cell.column)
        own = self.owner.get((tab, row)) == name
        if role == "销售专员":
            if tab == "customers":
                # The name of a customer stands in whatever names it, and may be read there.
                named = any(self.owner[each] == name for each in self.about(row)) and column == "name"
                return (own and column not in {"email", "address", "tags"}) or named
            if tab == "follow_ups":
                return (own or self.customer[tab, row] == name) and column != "participants"
            return tab == "opportunities" and (column == "milestone" or (own and column != "competitor"))
        if role == "部门经理":
            return tab == "customers" and column not in {"private_note", "contact"}
        if role == "财务":
            return tab == "contracts" and self.state[tab, row] == "执行中" and column in {"number", "amount", "state"}
        named = any(self.owner[each] == name for each in self.about(row) if each[0] == "services")
        return (tab == "services" and own) or (tab == "customers" and column == "name" and named)

    def about(self, customer: str) -> list[tuple[str, str]]:
        """The rows that name a customer."""
        return [(tab, row) for tab, row in self.owner if tab != "customers" and row[1] == customer[1]]

    def allowed(self, number: str) -> set[Cell]:
        return {cell for cell in self.canaries.cells.values() if self.may_read(number, cell)}


def files_of(team: Gallery, number: str) -> list[Path]:
    return sorted((team.folder / "各人").glob(f"{number}-*"))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.mark.slow
def test_nobody_gets_a_word_that_is_not_for_them(
    tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer(mailbox) as server:
        planted = Planted(tmp_path / "team", server.port)
        team = planted.team
        team.sync()
        seen = look(planted, mailbox)
        for number in PEOPLE:
            assert seen[number], f"{number} sees nothing at all: the search finds nothing"
        # Every person saves their view, as a program does that shares its strings; then a customer changes hands, a
        # contract is no longer carried out, somebody types in what is not theirs.
        for number in PEOPLE:
            for path in files_of(team, number):
                saved_by_another_program(next(path.glob("*.xlsx")))
        moved = next(row for row in team.rows("客户") if row["客户名称"] == planted.word("customers", "c0", "name"))
        team.type("客户", int(str(moved["#"])), {"负责人": "李强"})
        planted.owner["customers", "c0"] = planted.customer["follow_ups", "f00"] = "李强"
        planted.customer["follow_ups", "f01"] = "李强"
        ended = next(row for row in team.rows("合同") if row["合同编号"] == planted.word("contracts", "k0", "number"))
        team.type("合同", int(str(ended["#"])), {"状态" if "状态" in ended else "合同状态": "已完成"})
        planted.state["contracts", "k0"] = "已完成"
        desk = team.view("E02")
        desk.type("客户", 2, {"客户名称": "改成别的名字有限公司"})
        monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(minutes=20)).isoformat())
        team.sync()
        team.sync()
        look(planted, mailbox)
        said = planted.canaries.found(*(mail.as_bytes() for mail in mailbox.mails))
        assert {cell.tab for cell in said} >= {"customers", "follow_ups"}, "reminders tell what is to be done"


def look(planted: Planted, mailbox: Mailbox) -> dict[str, set[Cell]]:
    """Sends the mails that are due and searches everything that each person has; what each has found."""
    with opened(planted.team.settings) as workspace:
        mail_round(workspace, clock.now())
    seen: dict[str, set[Cell]] = {}
    told_by_commands(planted)
    # A mail tells what may be read when it is sent; nobody takes it back when the customer changes hands.
    arrived = Mailbox(mails=mailbox.mails[planted.mails_searched :])
    planted.mails_searched = len(mailbox.mails)
    for number in PEOPLE:
        mails = [mail.as_bytes() for mail in mails_to(arrived, number)]
        commands = planted.team.folder / "befehle" / number
        assert any(commands.iterdir())
        found = planted.canaries.found(*files_of(planted.team, number), *mails, commands)
        secret = found - planted.allowed(number)
        assert not secret, f"{number} has {sorted(secret)[:12]}"
        seen[number] = found
    return seen


def mails_to(mailbox: Mailbox, number: str) -> list[EmailMessage]:
    """What somebody got by mail."""
    return [mail for mail in mailbox.mails if ADDRESSES[number] in str(mail["To"]).lower()]


def told_by_commands(planted: Planted) -> None:
    """What is told to each person on the command line: every tab exported as they see it, their history."""
    config = ["--config", str(planted.team.config)]
    for number in PEOPLE:
        folder = planted.team.folder / "befehle" / number
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        commands = {"history.json": ["history", "--limit", "5000", "--json"], "history.txt": ["history"]}
        for tab in planted.team.settings.workbook.tabs:
            commands[f"{tab}.json"] = ["export", "--tab", tab, "--json"]
            for ending in ("csv", "xlsx"):
                commands[f"{tab}.{ending}.txt"] = ["export", "--tab", tab, "--to", str(folder / f"{tab}.{ending}")]
            commands[f"{tab}.where.txt"] = ["export", "--tab", tab, "--where", "联系人 = 1 and 备注 = 1"]
        for name, command in commands.items():
            done = CliRunner().invoke(cli, [*command, "--as", number, *config])
            (folder / name).write_text(f"{done.output}{done.exception or ''}", encoding="utf-8")


def test_logs_and_the_status_hold_no_word_of_any_cell(planted_once: Planted) -> None:
    """Whoever reads the log of the machine need not be allowed to read the book."""
    team, settings = planted_once.team, planted_once.team.settings
    kept = team.folder / "各人" / "E01-王芳" / "E01-王芳.xlsx"
    kept.write_bytes(b"PK\x03\x04" + kept.read_bytes()[:400])  # a failure, which is logged
    with MailSink(team.folder / "mails") as sink:
        team.allow("port = 25", f"port = {sink.port}")
        logs.configure(settings.log.level, settings.log.file)
        try:
            with opened(team.settings) as workspace:
                Recorder(workspace, clock.now()).cycle()
                mail_job(workspace, clock.now(), threading.Event())
        finally:
            logs.configure("info", None)
    told = {"log": team.folder / "log.jsonl", "status": team.folder / "status.json"}
    for command in ("status", "views", "doctor", "outbox"):
        told[command] = team.folder / f"{command}.json"
        done = CliRunner().invoke(cli, [command, "--json", "--config", str(team.config)])
        told[command].write_text(done.output, encoding="utf-8")
    assert all(path.stat().st_size for path in told.values())
    assert {name for name, path in told.items() if planted_once.canaries.found(path)} <= {"outbox"}


@pytest.fixture(scope="module")
def planted_once(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        planted = Planted(tmp_path_factory.mktemp("logs"), 25)
        CliRunner().invoke(cli, ["sync", "--config", str(planted.team.config)])
        return planted


INLINE = re.compile(r'<c ([^>]*)t="inlineStr"([^>]*)><is><t[^>]*>(.*?)</t></is></c>', re.DOTALL)


def saved_by_another_program(path: Path) -> None:
    """As Excel and LibreOffice write texts: among the strings that all sheets share."""
    with zipfile.ZipFile(path) as before:
        parts = {name: before.read(name).decode("utf-8") for name in before.namelist()}
    strings: list[str] = []

    def shared(cell: re.Match[str]) -> str:
        strings.append(cell[3])
        return f'<c {cell[1]}t="s"{cell[2]}><v>{len(strings) - 1}</v></c>'

    parts = {name: INLINE.sub(shared, part) if "/sheet" in name else part for name, part in parts.items()}
    assert strings
    items = "".join(f"<si><t>{text}</t></si>" for text in strings)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{main}">{items}</sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    listed = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", listed)
    names = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    related = f'<Relationship Id="shared" Type="{names}" Target="sharedStrings.xml"/></Relationships>'
    links = "xl/_rels/workbook.xml.rels"
    parts[links] = parts[links].replace("</Relationships>", related)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name, part in parts.items():
            after.writestr(name, part)
