"""Views with a password: made, opened, changed by their person in the view itself, forgotten and made anew."""

import io
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import msoffcrypto
import pytest
from msoffcrypto.exceptions import InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile
from typer.testing import CliRunner

from crm_sheets import app
from crm_sheets.app.mail import letter
from crm_sheets.app.view_locks import PASSWORD_LETTER, Lock
from crm_sheets.app.view_passwords import judged
from crm_sheets.app.workspace import opened
from crm_sheets.cells import CellValue, Formula
from crm_sheets.cli import cli
from crm_sheets.config import load
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.organisation import Person
from crm_sheets.sync.backends.xlsx import patch_workbook
from crm_sheets.sync.backends.xlsx.padlock import is_locked
from crm_sheets.sync.backends.xlsx.password_sheet import FIRST, SECOND, PasswordCells
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import SqlOutbox
from tests.app.galleries import POLICY, Desk, Gallery, gallery
from tests.app.offices import CONFIG, NOW

KEY = "a" * 43 + "="
LOCKED = (
    CONFIG + '[sealed]\nkey = { env = "CANARY_KEY" }\n' + POLICY.replace('"各人"\n', '"各人"\nencrypt = ["王芳"]\n')
)
OWN = "Kranich-7-flog"
SHEET = "我的密码"


def plain(path: Path, password: str) -> bytes:
    file = msoffcrypto.OfficeFile(io.BytesIO(path.read_bytes()))
    file.load_key(password=password, verify_password=True)
    found = io.BytesIO()
    file.decrypt(found)
    return found.getvalue()


def parts(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as container:
        return b"".join(container.read(name) for name in container.namelist())


def opens(path: Path, password: str) -> bool:
    try:
        return plain(path, password).startswith(b"PK")
    except InvalidKeyError:
        return False


@dataclass(frozen=True, slots=True)
class Closed:
    """The view of 王芳, by whoever knows its password."""

    team: Gallery
    password: str

    @property
    def path(self) -> Path:
        return self.team.view("E01").path

    def desk(self) -> Desk:
        """A copy without the password, to look at."""
        copy = self.team.folder / "offen" / "E01.xlsx"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(plain(self.path, self.password))
        return Desk(self.team.folder, copy)

    def save(self, tab: str, cells: dict[tuple[int, int], CellValue], password: str | None = None) -> None:
        """Types, and saves with the same password, as programs do."""
        desk = self.desk()
        patch_workbook(desk.path, desk.path.with_suffix(".out"), {tab: cells})
        content, made = desk.path.with_suffix(".out").read_bytes(), io.BytesIO()
        OOXMLFile(io.BytesIO(content)).encrypt(password or self.password, made)
        self.path.write_bytes(made.getvalue() if password != "" else content)

    def said(self) -> str:
        rows = self.desk().snapshot().sheets[SHEET].rows
        return str(next(row.cells[0] for row in rows if row.number == 7))


def sent(team: Gallery) -> dict[str, str]:
    """The mails with passwords that wait, by receiver: the password in them."""
    with opened(team.settings) as workspace:
        entries = [
            each for each in SqlOutbox(workspace.state).entries((State.PENDING,)) if each.kind == PASSWORD_LETTER
        ]
        texts = {entry.person: letter(workspace, entry, NOW).text for entry in entries}
    return {
        who: text.split("初始密码：\n")[1].split("\n")[0] if "初始密码：\n" in text else ""
        for who, text in texts.items()
    }


@pytest.fixture(scope="session")
def first_locked(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        patched.setenv("CANARY_KEY", KEY)
        return gallery(tmp_path_factory.mktemp("locked"), LOCKED)


@pytest.fixture
def closed(first_locked: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Closed:
    monkeypatch.setenv("CANARY_KEY", KEY)
    team = first_locked.copied(tmp_path / "team")
    return Closed(team, sent(team)["王芳"])


def stands_anywhere(folder: Path, text: str) -> list[Path]:
    wanted = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    return [path for path in folder.rglob("*") if path.is_file() and any(each in path.read_bytes() for each in wanted)]


def test_only_whom_the_config_names_gets_a_password_and_only_they_are_told(closed: Closed) -> None:
    team = closed.team
    assert set(sent(team)) == {"王芳"}
    assert is_locked(closed.path.read_bytes())
    assert opens(closed.path, closed.password)
    assert not opens(closed.path, closed.password[:-1])
    assert not is_locked(team.view("E02").path.read_bytes())
    assert "上海宏图机械有限公司" in {row["客户名称"] for row in closed.desk().rows("客户")}
    assert "初始密码" in closed.said()
    closed.desk().path.unlink()
    assert stands_anywhere(team.folder, closed.password) == []
    before = closed.path.read_bytes()
    assert not team.sync().written
    assert closed.path.read_bytes() == before


@pytest.mark.slow
def test_what_is_typed_in_an_encrypted_view_reaches_the_book_and_back(closed: Closed) -> None:
    desk = closed.desk()
    row, column = next(row["#"] for row in desk.rows("客户")), desk.header("客户").index("备注") + 1
    assert isinstance(row, int)
    closed.save("客户", {(row, column): "从加密文件里来"})
    closed.team.sync()
    assert "从加密文件里来" in {each["备注"] for each in closed.team.rows("客户")}
    place = next(each["#"] for each in closed.team.rows("客户") if each["备注"] == "从加密文件里来")
    assert isinstance(place, int)
    closed.team.type("客户", place, {"备注": "从总表里来"})
    closed.team.sync()
    assert is_locked(closed.path.read_bytes())
    assert "从总表里来" in {each["备注"] for each in closed.desk().rows("客户")}
    closed.desk().path.unlink()
    kept = list((closed.team.folder / "backups" / "views").rglob("E01*"))
    assert kept
    assert not any(path.read_bytes().startswith(b"PK") for path in kept)
    told = closed.team.folder / "kept.xlsx"
    app.open_sealed(closed.team.settings, max(kept), told)
    assert told.read_bytes().startswith(b"PK"), "administrators open old files of a view with the kept passwords"


def test_its_person_chooses_a_password_in_the_view_itself(closed: Closed) -> None:
    team = closed.team
    before = closed.path.read_bytes()
    closed.save(SHEET, {FIRST: OWN, SECOND: OWN})
    team.sync()
    changed = Closed(team, OWN)
    assert opens(closed.path, OWN)
    assert not opens(closed.path, closed.password)
    assert "自己设置" in changed.said()
    assert OWN.encode() not in parts(plain(closed.path, OWN))
    shutil.rmtree(team.folder / "offen")
    assert stands_anywhere(team.folder, OWN) == []
    assert sent(team) == {"王芳": ""}, "the mail with the initial one is worth nothing any more"
    assert not team.sync().written
    closed.path.write_bytes(before)  # what somebody saved meanwhile, with the password before
    desk = Closed(team, closed.password)
    row, column = 2, desk.desk().header("客户").index("备注") + 1
    desk.save("客户", {(row, column): "仍用旧密码保存"})
    team.sync()
    assert "仍用旧密码保存" in {each["备注"] for each in team.rows("客户")}
    assert opens(closed.path, OWN)


@pytest.mark.slow
def test_the_password_is_taken_in_before_the_file_is_written_anew(
    closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has it open meanwhile: the old one opens it until it is closed, and then the new one does."""
    closed.save(SHEET, {FIRST: OWN, SECOND: OWN})
    mark = closed.path.with_name(f".~lock.{closed.path.name}#")
    mark.write_text(",wangfang,PC,20.11.2026 10:00,;", encoding="utf-8")
    closed.team.sync()
    assert opens(closed.path, closed.password)
    mark.unlink()
    closed.team.sync()
    assert opens(closed.path, OWN)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (None, None, ""),
        (OWN, None, "once_more"),
        (None, OWN, "once_more"),
        (OWN, OWN + "x", "differs"),
        ("kurz", "kurz", "length"),
        ("aaaaaaaaaa", "aaaaaaaaaa", "plain"),
        ("E0123456", "E0123456", "plain"),
        ("x" * 100 + "abcd" * 50, "x" * 100 + "abcd" * 50, "length"),
        (12345678.0, 12345678.0, "no_text"),
        (Formula("A1", OWN), Formula("A1", OWN), "no_text"),
        ("initial-one", "initial-one", "used"),
        (OWN, OWN, ""),
    ],
)
def test_what_counts_as_a_password(first: CellValue, second: CellValue, verdict: str) -> None:
    person = Person("E0123456", "王芳", "sales")
    found = judged(PasswordCells(first, second, None), Lock(("initial-one",)), person, 8)
    assert found == (verdict, OWN if (first, second, verdict) == (OWN, OWN, "") else None)


@pytest.mark.slow
def test_what_does_not_count_is_cleared_and_told(closed: Closed) -> None:
    closed.save(SHEET, {FIRST: "Kranich", SECOND: "Storch"})
    closed.team.sync()
    assert "两次输入的不一样" in closed.said()
    assert "Storch" not in str(closed.desk().snapshot().sheets[SHEET])
    assert not closed.team.sync().written, "what was said stays until something else is typed"
    assert opens(closed.path, closed.password)


@pytest.mark.slow
def test_a_file_saved_without_its_password_gets_it_back(closed: Closed) -> None:
    closed.save(SHEET, {(9, 1): "我自己的话"}, password="")
    assert not is_locked(closed.path.read_bytes())
    closed.team.sync()
    assert opens(closed.path, closed.password)
    assert "我自己的话" in str(closed.desk().snapshot().sheets[SHEET])


@pytest.mark.slow
def test_a_password_that_nobody_knows_is_told_and_reset(closed: Closed) -> None:
    closed.save("客户", {(2, 40): "x"}, password="set-in-excel-itself")
    report = closed.team.sync()
    assert [view.person for view in report.views if view.error] == ["E01"]
    (line,) = (view for view in app.views(closed.team.settings).views if view.person == "E01")
    assert (line.state, line.password) == ("trouble", "initial")
    assert "--reset" in line.told
    done = app.view_password(closed.team.settings, "王芳", reset=True)
    assert (done.state, done.sent, done.password) == ("initial", True, "")
    again = sent(closed.team)["王芳"]
    assert again != closed.password
    assert opens(closed.path, again)
    assert "上海宏图机械有限公司" in {row["客户名称"] for row in Closed(closed.team, again).desk().rows("客户")}


@pytest.mark.slow
def test_a_forgotten_one_is_replaced_and_nothing_in_the_file_is_lost(closed: Closed) -> None:
    closed.save(SHEET, {FIRST: OWN, SECOND: OWN, (9, 1): "我自己的话"})
    closed.team.sync()
    app.view_password(closed.team.settings, "E01", reset=True)
    again = Closed(closed.team, app.view_password(closed.team.settings, "E01", shown=True).password)
    assert opens(closed.path, again.password)
    assert "我自己的话" in str(again.desk().snapshot().sheets[SHEET])
    closed.team.sync()
    assert app.view_password(closed.team.settings, "E02").state == "none"


@pytest.mark.slow
def test_keys_are_rotated_under_the_passwords(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXT_KEY", "b" * 43 + "=")
    closed.team.allow('key = { env = "CANARY_KEY" }', 'key = { env = "NEXT_KEY" }\nold_keys = [{ env = "CANARY_KEY" }]')
    app.rotate_keys(closed.team.settings)
    closed.team.allow('\nold_keys = [{ env = "CANARY_KEY" }]', "")
    assert app.view_password(closed.team.settings, "E01", shown=True).password == closed.password


@pytest.mark.slow
def test_switched_on_later_and_off_again(closed: Closed) -> None:
    team = closed.team
    manager = team.view("E02").path
    patch_workbook(manager, manager.with_suffix(".out"), {"客户": {(2, 60): "自己的一列"}})
    manager.with_suffix(".out").replace(manager)
    team.allow('encrypt = ["王芳"]', 'encrypt = ["department_manager"]')
    team.sync()
    assert not is_locked(closed.path.read_bytes()), "nobody wants it encrypted any more"
    assert "不再加密" in str(team.view("E01").snapshot().sheets[SHEET])
    password = sent(team)["张伟"]
    assert opens(manager, password)
    assert "自己的一列".encode() in parts(plain(manager, password))
    assert not team.sync().written


def test_without_a_key_for_the_vault_the_config_is_refused(closed: Closed) -> None:
    closed.team.allow('[sealed]\nkey = { env = "CANARY_KEY" }\n', "")
    with pytest.raises(ConfigError, match=r"views\.encrypt"):
        load(closed.team.config)


@pytest.mark.slow
def test_the_command(closed: Closed) -> None:
    run, config = CliRunner(), ["--config", str(closed.team.config)]
    assert "初始密码" in run.invoke(cli, ["views", "password", "王芳", *config]).output
    shown = run.invoke(cli, ["views", "password", "王芳", "--show", "--json", *config])
    assert json.loads(shown.output)["password"] == closed.password
    refused = run.invoke(cli, ["views", "password", "张伟", "--reset", *config])
    assert isinstance(refused.exception, UsageError)
    assert "初始密码" in run.invoke(cli, ["views", *config]).output
