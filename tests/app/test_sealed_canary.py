"""Numbers that stand nowhere but in the cell into which they were typed, until the next cycle.

Every file of a team is searched, byte by byte, unzipped, in UTF-8 and UTF-16: workbook, state, backups, logs, mails,
exports, reports.
"""

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import openpyxl
import pytest
from stdnum.cn import ric
from typer.testing import CliRunner

from crm_sheets import app, clock
from crm_sheets.app.digests import queue_digests
from crm_sheets.app.imports import ImportRequest
from crm_sheets.app.mail import mail_round
from crm_sheets.app.workspace import opened
from crm_sheets.approvals import Verb
from crm_sheets.cells import CellValue, Formula
from crm_sheets.cli import cli
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.importing.mapping import parse_mapping
from crm_sheets.schema import TABS
from crm_sheets.state import EntryKind
from crm_sheets.sync import logs
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.package import open_package
from crm_sheets.sync.notifiers.sink import MailSink
from crm_sheets.sync.store.ciphers import new_key
from crm_sheets.tables import ColumnKey
from tests.app.offices import CONFIG, NOW, WHOLE, Office, made
from tests.leaks import holding

KEY = '[sealed]\nkey = { env = "CANARY_KEY" }\n'
SEALED = CONFIG + KEY
GRANTS = """
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"
delete = "allow"

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { "*" = "edit" }
create = "own"
reveal = ["id_number"]

[[grant]]
role = "department_manager"
tab = "customers"
columns = { "*" = "edit" }
"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NUMBER, CUSTOMERS = "证件号码", "客户"
PERSON = {"客户类型": "个人客户"}
_numbers = count(7)


def number() -> str:
    """Another resident ID number, whose check digit is right."""
    n = next(_numbers)
    body = f"110101{1950 + n % 60}{n % 12 + 1:02}{n % 27 + 1:02}{100 + n % 899}"
    return body + str(ric.calc_check_digit(body + "0"))


def blobs(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path}!{name}", archive.read(name)) for name in archive.namelist())


def found(folder: Path, *texts: str) -> set[str]:
    """Where any of the texts stands."""
    wanted = [text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    return {name for name, content in blobs(folder) if any(each in content for each in wanted)}


@pytest.fixture(scope="session")
def first_sealed(tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        patched.setenv("CANARY_KEY", "a" * 43 + "=")
        return made(tmp_path_factory.mktemp("sealed"), SEALED)


@pytest.fixture
def sealed(first_sealed: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("CANARY_KEY", "a" * 43 + "=")
    return first_sealed.copied(tmp_path / "office")


def typed(office: Office, place: int, text: CellValue) -> int:
    """Types a number into the row of a customer; its row in the sheet."""
    row = office.rows(CUSTOMERS)[place]["#"]
    assert isinstance(row, int)
    office.type(CUSTOMERS, row, PERSON | {NUMBER: text})
    return row


def shown(office: Office, place: int) -> object:
    return office.rows(CUSTOMERS)[place][NUMBER]


def key(office: Office, place: int) -> str:
    return str(office.rows(CUSTOMERS)[place]["编号"])


def told(office: Office, place: int, person: str = "王芳") -> str:
    return app.reveal(office.settings, key(office, place), NUMBER, person=person, reason="开票核对").text


def put_away(office: Office, kind: EntryKind) -> list[str]:
    """The numbers of journal entries of a kind, as somebody with the key can read them."""
    with opened(office.settings) as workspace:
        assert workspace.vault is not None
        texts = []
        for line in workspace.state.journal():
            if line.entry.kind is kind and "sealed:" in line.entry.new:
                value = json.loads(line.entry.new)["id_number"]
                texts.append(workspace.vault.reveal(line.entry.tab, line.entry.row, ColumnKey("id_number"), value))
        return texts


def with_grants(office: Office) -> Office:
    office.config.write_text(SEALED + GRANTS, encoding="utf-8")
    return office


def test_a_number_leaves_its_cell_and_stands_nowhere(sealed: Office) -> None:
    right = number()
    wrong = right[:-1] + ("1" if right[-1] != "1" else "2")
    typed(sealed, 0, right)
    typed(sealed, 1, wrong)
    assert found(sealed.folder, right) == {f"{sealed.book}!xl/worksheets/sheet1.xml"}
    report = sealed.sync()
    assert shown(sealed, 0) == right[:6] + "*" * 8 + right[-4:]
    assert [(each.code, each.column) for each in report.issues] == [("wrong-check-digit", "id_number")]
    assert found(sealed.folder, right, wrong) == set()
    assert not sealed.sync().written, "typing nothing is no edit"


def test_every_path_that_a_value_can_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits, a conflict, an undo, held and new and copied rows, an import with errors, an export, a backup.

    With every summary that there is.
    """
    monkeypatch.setenv("CANARY_KEY", "a" * 43 + "=")
    office = made(tmp_path / "office", WHOLE + KEY)
    office.config.write_text(WHOLE + KEY + GRANTS, encoding="utf-8")
    numbers = [number() for _ in range(9)]
    for text in (number(), numbers[0]):
        typed(office, 0, text)
        office.sync()
    old_copy = office.book.read_bytes()
    for text in (number(), numbers[1]):
        typed(office, 0, text)
        office.sync()
    newest = office.book.read_bytes()
    office.book.write_bytes(old_copy)  # somebody's old copy, saved again: its mask is no edit
    report = office.sync()
    assert (report.issues, told(office, 0)) == ((), numbers[1])
    office.book.write_bytes(old_copy)  # and with an edit of its own
    typed(office, 0, numbers[2])
    report = office.sync()
    assert [each.column for each in report.conflicts] == ["id_number"]
    assert put_away(office, EntryKind.CONFLICT) == [numbers[2]]
    assert told(office, 0) == numbers[1]
    office.book.write_bytes(newest)
    office.sync()
    office.add(CUSTOMERS, [{"客户名称": "新客户甲", **PERSON, NUMBER: numbers[3], "联系电话": "13900139001"}])
    office.sync()
    assert shown(office, 5) == numbers[3][:6] + "*" * 8 + numbers[3][-4:]
    run = max(each.run for each in app.history(office.settings, app.HistoryRequest()).entries)
    typed(office, 0, numbers[4])
    office.sync()
    app.undo(office.settings, run + 1, dry_run=False)
    assert told(office, 0) == numbers[1], "the older version is kept, and opens"
    typed(office, 1, float(numbers[5][:15] + "000"))  # a number cell: 15 digits are left of it
    row = office.rows(CUSTOMERS)[2]
    held = {NUMBER: numbers[6], "编号": row["编号"], "客户名称": row["客户名称"], "联系电话": "13900139002"}
    office.add(CUSTOMERS, [held, held | {NUMBER: numbers[7]}])
    office.sync()
    assert {numbers[6], numbers[7]} <= {*put_away(office, EntryKind.HOLD)}
    source = tmp_path / "office" / "来源.csv"
    lines = [f"新客户乙,个人客户,1390013900x,{numbers[8]}", f"新客户丙,个人客户,13900139007,{number()}"]
    source.write_text("\n".join(["客户名称,客户类型,联系电话,证件号码", *lines]), encoding="utf-8")
    mapping = parse_mapping(MAPPING, "m.toml", {tab.key: tab for tab in TABS})
    errors = tmp_path / "office" / "errors.xlsx"
    came = app.import_files(office.settings, ImportRequest((source,), mapping, error_workbook=errors))
    assert (len(came.refused), errors.exists(), sum(came.imported.values())) == (1, True, 1)
    source.unlink()
    app.export(office.settings, app.ExportRequest(target=tmp_path / "office" / "out.csv"))
    app.backup(office.settings)
    typed(office, 2, "")
    typed(office, 3, numbers[8])
    app.backup(office.settings)
    office.sync()
    for name in ("history", "status", "doctor", "explain"):
        arguments = [name, "--config", str(office.config), "--json"] + ([key(office, 0)] if name == "explain" else [])
        (office.folder / f"{name}.json").write_text(CliRunner().invoke(cli, arguments).output, encoding="utf-8")
    held_cells = [
        text for text in (numbers[6], numbers[7]) if text in {each.get(NUMBER) for each in office.rows(CUSTOMERS)}
    ]
    left = found(office.folder, *(text for text in numbers if text not in held_cells), numbers[5][:15])
    assert left == set()
    assert all("xlsx!" in name or name == str(office.book) for name in found(office.folder, *held_cells))
    assert {path.suffix for path in (office.folder / "backups").iterdir()} <= {".sealed", ".zip"}


MAILING = """
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"
delete = "allow"

[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "crm@example.com"

[reminders.digest]
errors = "both"

[log]
file = "log.jsonl"
level = "debug"

[[field]]
tab = "customers"
key = "second"
label = "护照号"
type = "text"
sealed = true

[[rule]]
name = "no-second"
tab = "customers"
when = "contact = '李娜'"
forbidden = ["second"]
severity = "error"

[[approval]]
name = "证件"
tab = "customers"
columns = ["id_number"]
steps = [{ approver = "department_head" }]
"""


@pytest.mark.slow
def test_mails_logs_and_samples_hold_no_number(sealed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people are sent, what the machine's log tells, and what an import shows for signing off."""
    office, folder, numbers = sealed, sealed.folder, [number() for _ in range(6)]
    passport = "E7314159265"
    tabs = 'tabs = ["customers", "follow_ups", "conflicts", "people", "dictionaries"]'
    with MailSink(folder / "mails") as sink:
        config = (SEALED + MAILING).replace("{port}", str(sink.port)).replace("[workbook]", f"[workbook]\n{tabs}")
        office.config.write_text(config, encoding="utf-8")
        logs.configure(office.settings.log.level, office.settings.log.file)
        office.sync()
        old_copy = office.book.read_bytes()
        row = typed(office, 0, numbers[0])  # a request, and what a rule forbids
        office.type(CUSTOMERS, row, {"护照号": passport})
        typed(office, 1, numbers[1][:-1] + ("1" if numbers[1][-1] != "1" else "2"))
        office.sync()
        request, _ = app.approvals(office.settings).requests
        office.type(CUSTOMERS, row, {"护照号": f"{passport}7"})
        office.sync()
        app.decide_approval(office.settings, request.id, Verb.APPROVE, "张伟")
        office.book.write_bytes(old_copy)
        office.type(CUSTOMERS, row, {"护照号": f"{passport}8"})
        office.sync()
        conflicts = app.conflicts(office.settings).conflicts
        monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(days=3)).isoformat())
        with opened(office.settings) as workspace:
            queue_digests(workspace, clock.now())
            mail_round(workspace, clock.now())
        source = folder / "来源.csv"
        lines = [f"新客户乙,个人客户,13900139001,{numbers[3]}", f"新客户丙,个人客户,1390013900x,{numbers[4]}"]
        source.write_text("\n".join(["客户名称,客户类型,联系电话,证件号码", *lines]), encoding="utf-8")
        mapping = parse_mapping(MAPPING, "m.toml", {tab.key: tab for tab in TABS})
        app.sample_import(office.settings, ImportRequest((source,), mapping), 5, 1, folder / "sample.xlsx")
        app.import_files(office.settings, ImportRequest((source,), mapping, error_workbook=folder / "errors.xlsx"))
        logs.configure("info", None)
    assert len(conflicts) == 1
    for word in ("待审批", "冲突", "证件号码", "护照号"):
        assert holding(folder / "mails", word), f"a mail tells of {word}"
    assert {"sample.xlsx", "errors.xlsx", "log.jsonl"} <= {path.name for path in folder.iterdir()}
    assert holding(folder, *numbers, passport) == {"来源.csv"}


MAPPING = """
[[table]]
source = "来源.csv"
tab = "customers"
columns = { name = "客户名称", type = "客户类型", phone = "联系电话", id_number = "证件号码" }
unknown = "take"
"""


def share_strings(book: Path, text: str) -> None:
    """Puts a text that stands in a cell into the shared strings, as Excel does on saving."""
    edit = PackageEdit(open_package(book))
    strings = f'<sst xmlns="{MAIN}" count="1" uniqueCount="1"><si><t>{text}</t></si></sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    edit.add_part("xl/sharedStrings.xml", strings.encode(), kind)
    edit.add_relationship(edit.package.workbook, "sharedStrings", "sharedStrings.xml")
    part = next(sheet.part for sheet in edit.package.sheets if sheet.name == CUSTOMERS)
    content = edit.read(part).decode()
    shared = re.sub(rf't="inlineStr"([^>]*)><is><t[^>]*>{text}</t></is></c>', r't="s"\1><v>0</v></c>', content)
    assert shared != content
    edit.replace_part(part, shared.encode())
    edit.write(book.with_suffix(".typed"))
    book.with_suffix(".typed").replace(book)


def test_excel_keeps_typed_text_beside_the_cells(sealed: Office) -> None:
    """Programs put texts into one list for the whole workbook; the cell only points there."""
    text, other = number(), number()
    typed(sealed, 0, text)
    typed(sealed, 1, Formula(f'"{other}"', other))
    share_strings(sealed.book, text)
    assert f"{sealed.book}!xl/sharedStrings.xml" in found(sealed.folder, text)
    sealed.sync()
    assert shown(sealed, 0) == text[:6] + "*" * 8 + text[-4:]
    assert found(sealed.folder, text, other) == set()


def test_equal_numbers_are_found_and_the_same_one_typed_again_is_no_edit(sealed: Office) -> None:
    text = number()
    typed(sealed, 0, text)
    typed(sealed, 3, text)
    typed(sealed, 4, number())
    sealed.sync()
    same, other = (app.explain_duplicates(sealed.settings, key(sealed, 0), key(sealed, place)) for place in (3, 4))
    assert [what for _, what, _ in same.reasons].count("same") == 1
    assert {name: said for name, said, _ in same.reasons}["id_number"] == "same"
    assert {name: said for name, said, _ in other.reasons}["id_number"] == "different"
    typed(sealed, 0, text)
    assert sealed.sync().changes == ()
    assert shown(sealed, 0) == text[:6] + "*" * 8 + text[-4:], "the text is gone from the cell again"
    assert found(sealed.folder, text) == set()


def test_a_mask_that_means_nothing_is_flagged_and_changes_nothing(sealed: Office) -> None:
    office, text = with_grants(sealed), number()
    typed(office, 0, text)
    office.sync()
    typed(office, 0, "110101********9999")
    typed(office, 1, text[:6] + "*" * 8 + text[-4:])
    report = office.sync()
    assert [(each.code, each.row) for each in report.issues] == [
        ("sealed-mask", each) for each in sorted((key(office, 0), key(office, 1)))
    ]
    assert told(office, 0) == text
    typed(office, 0, text[:6] + "*" * 8 + text[-4:])
    typed(office, 1, "")
    assert office.sync().issues == ()


def test_revealing_asks_for_a_right_and_a_reason_and_is_journalled(sealed: Office) -> None:
    office, text = with_grants(sealed), number()
    typed(office, 0, text)
    office.sync()
    row = key(office, 0)
    with pytest.raises(UsageError, match="reveal"):
        told(office, 0, "张伟")  # the manager sees the row, and no grant reveals the column to managers
    with pytest.raises(UsageError, match="reason"):
        app.reveal(office.settings, row, NUMBER, person="王芳", reason=" ")
    with pytest.raises(UsageError, match="nobody"):
        told(office, 0, "李雷")
    assert told(office, 0) == text
    last = app.history(office.settings, app.HistoryRequest(row=row)).entries[0]
    assert (last.kind, last.column, last.new) == ("reveal", "id_number", "王芳 (E01): 开票核对")
    assert found(office.folder, text) == set()


def test_a_key_is_changed_and_the_old_one_forgotten(sealed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office, text = with_grants(sealed), number()
    typed(office, 0, text)
    office.sync()
    monkeypatch.setenv("NEXT_KEY", new_key())
    both = 'key = { env = "NEXT_KEY" }\nold_keys = [{ env = "CANARY_KEY" }]'
    office.config.write_text((SEALED + GRANTS).replace('key = { env = "CANARY_KEY" }', both), encoding="utf-8")
    assert told(office, 0) == text
    done = app.rotate_keys(office.settings)
    assert done.values > 0
    assert done.files == len(list((office.folder / "backups").glob("*.sealed")))
    assert app.rotate_keys(office.settings).values == 0
    office.config.write_text((SEALED + GRANTS).replace("CANARY_KEY", "NEXT_KEY"), encoding="utf-8")
    assert told(office, 0) == text
    typed(office, 0, text)
    assert office.sync().changes == (), "the index is as it was"
    newest = max((office.folder / "backups").glob("*.sealed"))
    opened = office.folder / "opened.xlsx"
    app.open_sealed(office.settings, newest, opened)
    assert openpyxl.load_workbook(opened).sheetnames[0]
    office.config.write_text(SEALED + GRANTS, encoding="utf-8")
    with pytest.raises(ConfigError, match="old_keys"):
        office.sync()


def test_a_store_that_was_kept_in_plain_is_sealed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The team turns it on later: whatever stands in store and backups is sealed by the next command."""
    first, second = number(), number()
    typed(office, 0, first)
    office.sync()
    typed(office, 0, second)
    office.sync()
    assert len(found(office.folder / "backups", first, second)) > 1
    examined = {each.name: each.passed for each in app.doctor(office.settings).examinations}
    assert not examined["sealed"]
    monkeypatch.setenv("CANARY_KEY", new_key())
    office.config.write_text(SEALED + GRANTS, encoding="utf-8")
    app.status(office.settings)
    assert found(office.folder, first) == set()
    assert found(office.folder, second) == {f"{office.book}!xl/worksheets/sheet1.xml"}
    report = office.sync()
    assert (report.changes, report.issues) == ((), ())
    assert shown(office, 0) == second[:6] + "*" * 8 + second[-4:]
    assert found(office.folder, first, second) == set()
    assert told(office, 0) == second
    assert office.sync().written == ()
    before = max(
        each.run
        for each in app.history(office.settings, app.HistoryRequest(row=key(office, 0))).entries
        if each.column == "id_number" and each.kind == "edit"
    )
    app.undo(office.settings, before, dry_run=False)
    assert told(office, 0) == first
    examined = {each.name: each.passed for each in app.doctor(office.settings).examinations}
    assert examined["sealed"]
    office.config.write_text(CONFIG, encoding="utf-8")
    with pytest.raises(ConfigError, match="sealed"):
        office.sync()


def test_a_sealed_text_does_not_open_in_another_row(sealed: Office) -> None:
    """Whoever can write into the database cannot have another row's number revealed to them."""
    import sqlite3

    office, text = with_grants(sealed), number()
    typed(office, 0, text)
    typed(office, 1, number())
    office.sync()
    with sqlite3.connect(office.folder / "state.db") as database:
        (data,) = database.execute("SELECT data FROM sealed WHERE key = ?", (key(office, 0),)).fetchone()
        database.execute("UPDATE sealed SET data = ? WHERE key = ?", (data, key(office, 1)))
    with pytest.raises(UsageError, match="changed or moved"):
        told(office, 1)
    assert told(office, 0) == text


def test_the_commands(sealed: Office, tmp_path: Path) -> None:
    office, text = with_grants(sealed), number()
    typed(office, 0, text)
    office.sync()
    run = CliRunner()
    config = ["--config", str(office.config)]
    asked = ["reveal", key(office, 0), NUMBER, "--person", "E01", "--reason", "核对", *config]
    assert text in run.invoke(cli, asked).output
    assert json.loads(run.invoke(cli, [*asked, "--json"]).output)["text"] == text
    assert len(run.invoke(cli, ["keys", "new"]).output.strip()) == 44
    assert run.invoke(cli, ["keys", "new", "--to", str(tmp_path / "key")]).exit_code == 0
    if os.name == "posix":
        assert (tmp_path / "key").stat().st_mode & 0o77 == 0
    assert "0" in run.invoke(cli, ["keys", "rotate", *config]).output


def of_view(office: Office, person: str) -> Office:
    """The same hands in somebody's own workbook."""
    path = office.folder / "views" / person / f"{person}.xlsx"
    assert path.exists()
    return View(office.folder, path)


@dataclass(frozen=True, slots=True)
class View(Office):
    """A view, as an office whose workbook it is."""

    path: Path = Path()

    @property
    def book(self) -> Path:
        return self.path


def test_a_view_shows_the_number_to_whom_a_grant_reveals_it(sealed: Office) -> None:
    """王芳 reads the numbers of her own customers, her manager the masks. What she types goes the same way."""
    office, first, second = with_grants(sealed), number(), number()
    views = '[views]\nenabled = true\nfolder = "views"\n'
    office.config.write_text(SEALED + views + GRANTS, encoding="utf-8")
    typed(office, 0, first)
    office.sync()
    hers, his = of_view(office, "E01-王芳"), of_view(office, "E02-张伟")
    assert NUMBER in hers.header(CUSTOMERS)
    assert [row[NUMBER] for row in hers.rows(CUSTOMERS) if row[NUMBER]] == [first]
    assert [row[NUMBER] for row in his.rows(CUSTOMERS) if row[NUMBER]] == [first[:6] + "*" * 8 + first[-4:]]
    assert not office.sync().written, "a number that may stand there is no edit"
    row = next(each for each in hers.rows(CUSTOMERS) if each[NUMBER])
    assert isinstance(row["#"], int)
    hers.type(CUSTOMERS, row["#"], {NUMBER: second})
    office.sync()
    assert shown(office, 0) == second[:6] + "*" * 8 + second[-4:]
    assert [each[NUMBER] for each in hers.rows(CUSTOMERS) if each[NUMBER]] == [second]
    assert found(office.folder, first, second) == {f"{hers.book}!xl/worksheets/sheet1.xml"}
    hers.type(CUSTOMERS, row["#"], {NUMBER: second[:6] + "*" * 8 + second[-4:]})
    assert office.sync().changes == (), "the mask means the number"
    assert [each[NUMBER] for each in hers.rows(CUSTOMERS) if each[NUMBER]] == [second]
    office.config.write_text((SEALED + views + GRANTS).replace('reveal = ["id_number"]', ""), encoding="utf-8")
    office.sync()
    assert [each[NUMBER] for each in hers.rows(CUSTOMERS) if each[NUMBER]] == [second[:6] + "*" * 8 + second[-4:]]
    assert found(office.folder, first, second) == set()
    hers.add(CUSTOMERS, [{"客户名称": "新客户丁", **PERSON, NUMBER: first, "联系电话": "13900139003"}])
    office.sync()
    assert found(office.folder, first) == set()
    with_grants(office)
    with pytest.raises(UsageError, match="reveal"):
        told(office, 5)  # what the config gives back waits until somebody has confirmed it
    app.access_apply(office.settings, app.access_apply(office.settings).confirm)
    assert told(office, 5) == first
