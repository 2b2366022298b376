"""The search for canaries finds them wherever they are, and plants one in every text cell."""

import base64
import gzip
import io
import shutil
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.leaks import Canaries, Cell, found_tokens, token_of
from tests.rules.tables import ALL_TABS

CELL = Cell(TabKey("customers"), RowKey("C-1"), ColumnKey("note"))
TOKEN = token_of(CELL)


def zipped(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return made.getvalue()


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"] = f"跟进提醒 {TOKEN}"
    message.set_content("无\n" * 40, cte="base64")
    return message.as_bytes()


def attachment() -> bytes:
    message = EmailMessage()
    message["Subject"] = "周报"
    message.set_content("见附件")
    message.add_attachment(zipped("a.xml", TOKEN.encode()), maintype="application", subtype="zip", filename="a.zip")
    return message.as_bytes()


ENTITIES = "".join(f"&#{ord(letter)};" for letter in TOKEN)
PLACES = {
    "bytes": b"\x01\x02" + TOKEN.encode() + b"\xff",
    "capitals": TOKEN.upper().encode(),
    "utf-16-le": f"客户 {TOKEN}".encode("utf-16-le"),
    "utf-16-be": f"客户 {TOKEN}".encode("utf-16-be"),
    "zip": zipped("xl/sheet1.xml", f"<t>{TOKEN}</t>".encode()),
    "name of a member": zipped(f"xl/{TOKEN}.xml", b"<t/>"),
    "zip in a zip": zipped("inner.zip", zipped("a.txt", TOKEN.encode())),
    "entities": zipped("xl/sheet1.xml", f"<t>{ENTITIES}</t>".encode()),
    "gzip": gzip.compress(TOKEN.encode()),
    "base64": b'{"body": "' + base64.b64encode(f"客户 {TOKEN} 说".encode()) + b'"}',
    "subject of a mail": mail(),
    "attachment of a mail": attachment(),
    "quoted-printable": b"=E5=AE=A2" + TOKEN[:6].encode() + b"=\r\n" + TOKEN[6:].encode(),
    "address of a page": b"https://example.com/?q=" + b"".join(b"%%%02X" % letter for letter in TOKEN.encode()),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_canary_is_found_wherever_it_is(place: str) -> None:
    assert TOKEN in found_tokens(PLACES[place])


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="Poppler (pdftotext) is not on this machine")
def test_a_canary_is_found_in_a_pdf() -> None:
    weasyprint = pytest.importorskip("weasyprint", reason="the extra `report` is not installed")
    content = weasyprint.HTML(string=f"<p style='width: 3em; overflow-wrap: anywhere'>{TOKEN}</p>").write_pdf()
    assert TOKEN.encode() not in content
    assert TOKEN in found_tokens(content)


def test_files_and_folders_are_searched_with_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "views" / f"S001-{TOKEN}"
    folder.mkdir(parents=True)
    assert found_tokens(tmp_path) == {TOKEN}
    folder.rename(tmp_path / "views" / "S001")
    assert found_tokens(tmp_path) == set()
    (tmp_path / "views" / "S001" / "a.xlsx").write_bytes(PLACES["zip in a zip"])
    assert found_tokens(tmp_path) == {TOKEN}


def test_every_text_cell_of_a_row_has_its_own() -> None:
    canaries = Canaries()
    first = canaries.planted(ALL_TABS[CELL.tab], "C-1", {"name": "华为"})
    second = canaries.planted(ALL_TABS[CELL.tab], "C-2", {"name": "小米"}, columns=("note", "contact"))
    assert (first[ColumnKey("name")], first[ColumnKey("note")]) == ("华为", TOKEN)
    assert {"private_note", "tags", "email", "status", "shared_with"} <= first.keys()
    assert set(second) == {"name", "note", "contact"}
    assert len(canaries.cells) == len(first) + len(second) - 2
    ALL_TABS[CELL.tab].record.model_validate(first)


def test_cells_are_found_and_chosen() -> None:
    canaries = Canaries()
    canaries.planted_in(CELL)
    canaries.planted_in(CELL._replace(column=ColumnKey("name")))
    assert canaries.found(f"a {TOKEN} b") == {CELL}
    assert canaries.found("kxbbbbbbbbbb") == set()
    assert canaries.of(lambda tab, row, column: column == "note") == {CELL}
