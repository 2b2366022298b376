"""Replacing the file that people work in: held, changed, read-only, swapped; and the stamp inside it."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.errors import WorkbookBusy, WorkbookChanged, WorkbookError
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, patch_workbook, read_workbook
from crm_sheets.sync.backends.xlsx import replace as replacing
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.replace import Backups, Written, backups_of, write_workbook
from crm_sheets.tables import Fingerprint, ReplicaKey, Stamp
from tests.backends.xlsx.independent import Book
from tests.backends.xlsx.kinds import KINDS

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def a_book(folder: Path) -> Path:
    path = folder / "客户.xlsx"
    KINDS["shared_formulas"](path)
    return path


def write(path: Path, value: CellValue, backups: Backups | None = None, quiet: float = 0.0) -> Written:
    expected = read_workbook(path).fingerprint
    edit = PackageEdit(open_package(path))
    edit.set_cells("G", {(1, 1): value})
    return write_workbook(path, expected, edit, backups=backups, quiet_seconds=quiet)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_write_replaces_and_backs_up(tmp_path: Path) -> None:
    path = a_book(tmp_path)
    path.chmod(0o640)
    old = path.read_bytes()
    written = write(path, "new", Backups(tmp_path / "backups", NOW))
    assert written.fingerprint == read_workbook(path).fingerprint
    assert read_workbook(path).sheets["G"].rows[0].cells == ("new",)
    assert written.backup is not None
    assert written.backup.read_bytes() == old
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["backups", "客户.xlsx"]


def test_a_write_of_nothing_touches_nothing(tmp_path: Path) -> None:
    path = a_book(tmp_path)
    before = path.stat()
    written = write(path, None, Backups(tmp_path / "backups", NOW))
    assert written.backup is None
    assert path.stat() == before
    assert names(tmp_path) == ["客户.xlsx"]


def test_backups_are_pruned_by_count_and_age(tmp_path: Path) -> None:
    path = a_book(tmp_path)
    folder = tmp_path / "backups"
    for day in range(10):
        write(path, day, Backups(folder, NOW + timedelta(days=day), keep=2, days=4))
    found = sorted(stamp for stamp, _ in backups_of(path, folder))
    assert found == [f"202603{day:02}T090000" for day in range(10, 15)]


def test_the_holder_is_named(tmp_path: Path) -> None:
    path = a_book(tmp_path)
    lock = tmp_path / "~$客户.xlsx"
    name = "王芳"
    lock.write_bytes(b"\x04Wang".ljust(54) + bytes([len(name), 0]) + name.encode("utf-16-le").ljust(110, b"\0"))
    with pytest.raises(WorkbookBusy, match="王芳") as caught:
        write(path, 1)
    assert caught.value.holder == "王芳"
    lock.unlink()
    (tmp_path / ".~lock.客户.xlsx#").write_text(",li,host,05.03.2026 09:00,file:///x;", encoding="utf-8")
    assert holder(path) == "li"
    (tmp_path / ".~lock.客户.xlsx#").write_bytes(b"")
    assert holder(path) == "?"


def test_a_save_before_the_write_is_noticed(tmp_path: Path) -> None:
    path = a_book(tmp_path)
    expected = read_workbook(path).fingerprint
    edit = PackageEdit(open_package(path))
    edit.set_cells("G", {(1, 1): 1})
    patch_workbook(path, path, {"F": {(1, 1): 77}})
    saved = path.read_bytes()
    with pytest.raises(WorkbookChanged):
        write_workbook(path, expected, edit)
    assert path.read_bytes() == saved


def test_a_save_in_the_very_moment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's save lands after the last check and before the swap."""
    if not replacing.exchange(tmp_path / "none", tmp_path / "none") and os.name == "nt":
        pytest.skip("this platform cannot swap files")
    path = a_book(tmp_path)
    person = tmp_path / "person.xlsx"
    patch_workbook(path, person, {"F": {(1, 1): 77}})
    saved = person.read_bytes()
    check_free = replacing.check_free
    calls = []

    def late(path: Path, expected: Fingerprint, quiet_seconds: float) -> None:
        check_free(path, expected, quiet_seconds)
        calls.append(path)
        if len(calls) == 2:
            person.replace(path)

    monkeypatch.setattr(replacing, "check_free", late)
    with pytest.raises(WorkbookChanged, match="very moment"):
        write(path, "ours")
    assert path.read_bytes() == saved
    assert names(tmp_path) == ["客户.xlsx"]


def test_quiet_period_read_only_and_a_vanished_file(tmp_path: Path) -> None:
    path = a_book(tmp_path)
    with pytest.raises(WorkbookBusy, match="seconds ago"):
        write(path, 1, quiet=60)
    os.utime(path, (time.time() - 100, time.time() - 100))
    write(path, 1, quiet=60)
    path.chmod(0o444)
    before = path.read_bytes()
    with pytest.raises(WorkbookError, match="read-only"):
        write(path, 2)
    assert path.read_bytes() == before
    path.chmod(0o644)
    expected = read_workbook(path).fingerprint
    edit = PackageEdit(open_package(path))
    edit.set_cells("G", {(1, 1): 3})
    path.unlink()
    with pytest.raises(WorkbookBusy, match="not there"):
        write_workbook(path, expected, edit)
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_leaves_the_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_book(tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(Path, "with_name", _to_full)
    with pytest.raises(WorkbookError, match="disk is full"):
        write(path, "x" * 1000)
    assert path.read_bytes() == before


def _to_full(path: Path, name: str) -> Path:
    target = path.parent / name
    if name.endswith(".crm-sheets.tmp") and not target.is_symlink():
        target.symlink_to("/dev/full")
    return target


def test_the_stamp_is_written_and_read(tmp_path: Path) -> None:
    for kind in KINDS:
        path = tmp_path / f"{kind}.xlsx"
        KINDS[kind](path)
        assert read_workbook(path).stamp is None
        for generation in (1, 2):
            stamp = Stamp("book & <co>", ReplicaKey("shared"), generation)
            edit = PackageEdit(open_package(path))
            edit.set_stamp(stamp)
            report = edit.write(tmp_path / "new.xlsx")
            (tmp_path / "new.xlsx").replace(path)
            assert read_workbook(path).stamp == stamp
            assert len(report.parts_changed) == (3 if generation == 1 else 1)


def test_other_custom_properties_stay(tmp_path: Path) -> None:
    from openpyxl import load_workbook
    from openpyxl.packaging.custom import StringProperty

    path = tmp_path / "a.xlsx"
    KINDS["openpyxl_plain"](path)
    made = load_workbook(path)
    made.custom_doc_props.append(StringProperty(name="Project", value="Alpha"))  # type: ignore[attr-defined]
    made.save(path)
    edit = PackageEdit(open_package(path))
    edit.set_stamp(Stamp("w", ReplicaKey("shared"), 7))
    edit.write(tmp_path / "b.xlsx")
    properties = load_workbook(tmp_path / "b.xlsx").custom_doc_props.props  # type: ignore[attr-defined]
    found = {item.name: item.value for item in properties}
    assert found == {
        "Project": "Alpha",
        "crm_sheets.workbook": "w",
        "crm_sheets.replica": "shared",
        "crm_sheets.generation": 7,
    }
    assert Book(tmp_path / "b.xlsx").order == Book(path).order
