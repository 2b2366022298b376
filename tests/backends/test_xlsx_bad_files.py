"""Files that are no workbook, or a hostile one: each ends in WorkbookUnreadable with its reason."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx import read_workbook
from crm_sheets.sync.backends.xlsx.container import Limits
from crm_sheets.sync.backends.xlsx.untrusted import Bounds, read_untrusted
from tests.backends.xlsx.kinds import HEAD, KINDS, MAIN, by_hand

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def book(folder: Path) -> bytes:
    path = folder / "good.xlsx"
    KINDS["shared_formulas"](path)
    return path.read_bytes()


def flipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    place = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


def zipped(**parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(80 << 20))
    return made.getvalue()


def lying() -> bytes:
    """A part that says that it unpacks to 10 bytes, and unpacks to a million."""
    content = bytearray(zipped(a="x" * 1_000_000))
    place = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, place + 24, 10)
    return bytes(content)


def check(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(WorkbookUnreadable, match=path.name) as caught:
        read_workbook(path)
    assert caught.value.reason == reason
    assert path.read_bytes() == content


def test_each_bad_file_has_its_reason(tmp_path: Path) -> None:
    good = book(tmp_path)
    path = tmp_path / "bad.xlsx"
    check(path, b"", "truncated")
    check(path, b"hello", "not-a-zip")
    check(path, good[: len(good) // 2], "truncated")
    check(path, good[-len(good) // 2 :], "truncated")
    check(path, OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted")
    check(path, OLE + "Workbook".encode("utf-16-le"), "legacy-xls")
    check(path, flipped(good), "bad-crc")
    check(path, bomb(), "zip-bomb")
    check(path, zipped(a="x"), "no-workbook")
    check(path, zipped(**{"_rels/.rels": "<!DOCTYPE a><a/>"}), "doctype")
    check(path, zipped(**{"_rels/.rels": "<a"}), "bad-xml")


def test_a_workbook_without_tabs_and_another_document(tmp_path: Path) -> None:
    path = tmp_path / "none.xlsx"
    by_hand(path, {})
    with pytest.raises(WorkbookUnreadable) as caught:
        read_workbook(path)
    assert caught.value.reason == "no-sheets"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["xl/workbook.xml"] = '<document xmlns="http://example.com"/>'
    check(path, zipped(**parts), "no-workbook")


def test_sizes_are_bounded_before_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    path.write_bytes(zipped(**{f"p{n}": "" for n in range(30)}))
    with pytest.raises(WorkbookUnreadable) as caught:
        read_workbook(path, limits=Limits(members=20))
    assert caught.value.reason == "too-many-members"
    path.write_bytes(book(tmp_path))
    with pytest.raises(WorkbookUnreadable) as caught:
        read_workbook(path, limits=Limits(total=100))
    assert caught.value.reason == "zip-bomb"


def test_a_part_that_lies_about_its_size(tmp_path: Path) -> None:
    from crm_sheets.sync.backends.xlsx.container import Container

    with pytest.raises(WorkbookUnreadable) as caught:
        Container("lying.zip", lying()).read("a")
    assert caught.value.reason == "bad-crc"


def test_a_stranger_is_read_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    for kind in ("xlsxwriter_rich", "strict_1904"):
        KINDS[kind](path)
        here, there = read_workbook(path), read_untrusted(path)
        assert {name: sheet.rows for name, sheet in there.sheets.items()} == {
            name: list(sheet.rows) for name, sheet in here.sheets.items()
        }
        assert (there.fingerprint, there.part_digests, there.date1904) == (
            here.fingerprint,
            here.part_digests,
            here.date1904,
        )


def test_a_stranger_keeps_to_its_bounds(tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    rows = "".join(
        f'<row r="{r}"><c r="A{r}" t="inlineStr"><is><t>{r:0200}</t></is></c></row>' for r in range(1, 100_000)
    )
    by_hand(path, {"T": f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'})
    # With the last byte gone the interpreter may spin instead of raising: then the bound on time ends it.
    for bounds, reasons in (
        (Bounds(memory=60 << 20, seconds=3), {"memory", "time-out"}),
        (Bounds(seconds=0.05), {"time-out"}),
    ):
        with pytest.raises(WorkbookUnreadable) as caught:
            read_untrusted(path, bounds)
        assert caught.value.reason in reasons
    path.write_bytes(OLE)
    with pytest.raises(WorkbookUnreadable) as caught:
        read_untrusted(path)
    assert caught.value.reason == "legacy-xls"
