"""Conflict copies in a real folder: found, read, moved once, and never over another file."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.copies import FoundCopy
from crm_sheets.sync.backends.xlsx import copy_shelf
from crm_sheets.sync.backends.xlsx.copy_shelf import FolderShelf
from crm_sheets.sync.backends.xlsx.reader import read_workbook
from crm_sheets.tables import Snapshot

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NAME = "客户 (张三的冲突副本 2026-11-22).xlsx"


def workbook(path: Path, text: str = "华为") -> Path:
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = text
    book.save(path)
    old = path.stat().st_mtime - 3600
    os.utime(path, (old, old))
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> FolderShelf:
    folder = tmp_path / "share"
    folder.mkdir()
    workbook(folder / "客户.xlsx")
    return FolderShelf(folder / "客户.xlsx", tmp_path / "conflicts")


def only(shelf: FolderShelf) -> FoundCopy:
    (copy,) = shelf.look()
    return copy


def test_copies_are_found_and_nothing_else(shelf: FolderShelf) -> None:
    folder = shelf.path.parent
    for name in (NAME, "客户 (1).xlsx", "客户-备份.xlsx", "~$客户 (1).xlsx", "报价 (1).xlsx"):
        workbook(folder / name)
    (folder / "客户 (2).xlsx").mkdir()
    assert [(copy.name, copy.told.who) for copy in shelf.look()] == [("客户 (1).xlsx", ""), (NAME, "张三")]


def test_a_copy_that_is_open_or_was_just_saved_is_busy(shelf: FolderShelf) -> None:
    copy = workbook(shelf.path.with_name(NAME))
    lock = copy.with_name(f".~lock.{NAME}#")
    assert not only(shelf).busy
    lock.write_text("ann,host", encoding="utf-8")
    assert only(shelf).busy
    lock.unlink()
    copy.touch()
    assert only(shelf).busy


def test_it_is_moved_under_a_name_of_its_own(shelf: FolderShelf) -> None:
    moved = []
    for text in ("one", "two"):
        path = workbook(shelf.path.with_name(NAME), text)
        content = path.read_bytes()
        found = shelf.put_away(only(shelf), shelf.read(only(shelf)).fingerprint.digest, AT)
        assert found is not None
        assert found.read_bytes() == content
        moved.append(found.name)
    stem = NAME.removesuffix(".xlsx")
    assert moved == [f"{stem}.20261122T093000.xlsx", f"{stem}.20261122T093000-1.xlsx"]
    assert shelf.look() == ()


def test_a_copy_that_was_saved_since_it_was_read_stays(shelf: FolderShelf) -> None:
    path = workbook(shelf.path.with_name(NAME))
    digest = shelf.read(only(shelf)).fingerprint.digest
    workbook(path, "another save")
    assert shelf.put_away(only(shelf), digest, AT) is None
    assert path.exists()
    assert not shelf.conflicts.exists()


def test_a_save_in_the_moment_of_moving_comes_back(shelf: FolderShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(shelf.path.with_name(NAME))
    digest = shelf.read(only(shelf)).fingerprint.digest
    free_name = copy_shelf._free_name

    def slipped_in(folder: Path, source: Path, at: datetime) -> Path:
        workbook(source, "slipped in")
        return free_name(folder, source, at)

    monkeypatch.setattr(copy_shelf, "_free_name", slipped_in)
    assert shelf.put_away(only(shelf), digest, AT) is None
    assert read_workbook(path).sheets["Sheet"].rows[0].cells == ("slipped in",)
    assert list(shelf.conflicts.iterdir()) == []


def test_it_is_moved_to_another_disk(shelf: FolderShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(shelf.path.with_name(NAME))
    content = path.read_bytes()
    digest = shelf.read(only(shelf)).fingerprint.digest
    rename = Path.rename

    def across(self: Path, target: Path) -> Path:
        if self.suffix == ".xlsx":
            raise OSError(18, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", across)
    found = shelf.put_away(only(shelf), digest, AT)
    assert found is not None
    assert found.read_bytes() == content
    assert not path.exists()
    assert [each.name for each in shelf.conflicts.iterdir()] == [found.name]


def test_it_is_put_away_encrypted_where_backups_are(shelf: FolderShelf) -> None:
    path = workbook(shelf.path.with_name(NAME))
    content = path.read_bytes()
    secret = replace(shelf, conceal=lambda plain: b"sealed" + plain[::-1])
    found = secret.put_away(only(shelf), shelf.read(only(shelf)).fingerprint.digest, AT)
    assert found is not None
    assert found.name.endswith(".xlsx.sealed")
    assert found.read_bytes() == b"sealed" + content[::-1]
    assert not path.exists()
    assert [each.name for each in shelf.conflicts.iterdir()] == [found.name]


def test_what_cannot_be_moved_stays(shelf: FolderShelf) -> None:
    path = workbook(shelf.path.with_name(NAME))
    digest = shelf.read(only(shelf)).fingerprint.digest
    shelf.conflicts.write_text("a file where the folder should be", encoding="utf-8")
    assert shelf.put_away(only(shelf), digest, AT) is None
    assert path.exists()


def test_what_is_no_workbook_says_so(shelf: FolderShelf) -> None:
    path = shelf.path.with_name(NAME)
    path.write_bytes(b"half a download")
    copy = FoundCopy(NAME, "", only(shelf).told)
    with pytest.raises(WorkbookUnreadable):
        shelf.read(copy)
    path.unlink()
    with pytest.raises(WorkbookUnreadable):
        shelf.read(copy)


def test_the_folder_may_be_gone(tmp_path: Path) -> None:
    def reads(path: Path) -> Snapshot:
        raise AssertionError(path)

    assert FolderShelf(tmp_path / "gone" / "客户.xlsx", tmp_path, reads=reads).look() == ()
