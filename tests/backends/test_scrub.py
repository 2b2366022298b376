"""A row that a reader may no longer see: after the scrub no byte of it is in the file, wherever it was kept."""

import io
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
import xlsxwriter
from openpyxl import load_workbook

from crm_sheets.cells import Address
from crm_sheets.errors import BytesRemain
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package
from crm_sheets.sync.backends.xlsx.reader import read_workbook
from crm_sheets.sync.backends.xlsx.scrub import Scrubbed, scrub
from crm_sheets.sync.backends.xlsx.scrub_values import without_strings
from tests.backends.xlsx.kinds import HEAD, KINDS, MAIN, by_hand

TAB, MINE = "客户", "我的"
HIDDEN = "秘密客户-TOKEN7"
AMOUNT = 7345678
ROW = 5
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def made(path: Path) -> Path:
    """A view in which row 5 must go, and a person's own sheet that reads it."""
    book = xlsxwriter.Workbook(str(path))
    sheet, mine = book.add_worksheet(TAB), book.add_worksheet(MINE)
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, ["客户名称", "电话", "邮箱", "金额", "私人备注"])
    for row in range(1, 9):
        name, amount = (HIDDEN, AMOUNT) if row == ROW - 1 else (f"客户{row}", row * 1000)
        sheet.write_row(row, 0, [name, f"1380000{row:04}", None, amount, f"我写的{row}"])
        sheet.write_url(row, 2, f"mailto:{name}@example.com", None, f"{name}@example.com")
    sheet.write_rich_string(ROW - 1, 1, "秘密", bold, "电话-TOKEN7", "尾")
    sheet.autofilter("A1:E9")
    sheet.filter_column_list("A", ["客户1", HIDDEN])
    sheet.write_comment(ROW - 1, 0, f"{HIDDEN} 很难缠")
    sheet.write_comment(2, 0, "留着的批注")
    mine.write_formula("A1", f"={TAB}!A{ROW}", None, HIDDEN)
    mine.write_formula("A2", f'=INDIRECT("{TAB}!A{ROW}")&"!"', None, f"{HIDDEN}!")
    mine.write_formula("A3", f"=SUM({TAB}!D2:D9)", None, AMOUNT + 31000)
    mine.write_formula("A4", f"={TAB}!D{ROW}", None, AMOUNT)
    mine.write_string("A5", "自己的话")
    mine.insert_textbox("C1", HIDDEN, {"textlink": f"={TAB}!$A${ROW}"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": f"={TAB}!$A$2:$A$9", "values": f"={TAB}!$D$2:$D$9", "name": f"={TAB}!$A${ROW}"})
    mine.insert_chart("C9", chart)
    book.close()
    return path


def with_parts(path: Path, parts: Mapping[str, str | bytes], links: Mapping[str, tuple[str, str, str]]) -> Path:
    """The workbook with parts more, and relationships: listing -> (id, last word of the type, target)."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        content[name] = part if isinstance(part, bytes) else part.encode()
    for listing, (id_, kind, target) in links.items():
        element = f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        head = f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        now = content.get(listing, f"{head}</Relationships>".encode())
        content[listing] = now.replace(b"</Relationships>", element.encode() + b"</Relationships>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def scrubbed(path: Path, columns: range = range(1, 5)) -> tuple[Path, Scrubbed]:
    edit = PackageEdit(open_package(path))
    gone = {(ROW, column) for column in columns}
    edit.set_cells(TAB, dict.fromkeys(gone))
    done = scrub(edit, {TAB: gone})
    target = path.with_name("after.xlsx")
    edit.write(target)
    return target, done


def everywhere(path: Path, *tokens: str) -> list[str]:
    """Where one of the tokens stands: in the parts, their names and the file itself, as text or as bytes."""
    found = [str(path)] if any(token.encode() in path.read_bytes() for token in tokens) else []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            plain = re.sub(r"<[^>]*>", "", content.decode("utf-8", "replace"))
            for token in tokens:
                codes = (token.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
                if token in plain or any(code in content for code in codes):
                    found.append(name)
    return found


TOKENS = (HIDDEN, "TOKEN7", "秘密", str(AMOUNT))


def test_before_the_scrub_it_is_in_many_places(tmp_path: Path) -> None:
    path = made(tmp_path / "v.xlsx")
    edit = PackageEdit(open_package(path))
    edit.set_cells(TAB, {(ROW, column): None for column in range(1, 5)})
    edit.write(tmp_path / "after.xlsx")
    left = everywhere(tmp_path / "after.xlsx", *TOKENS)
    assert {"xl/sharedStrings.xml", "xl/charts/chart1.xml", "xl/comments1.xml", "xl/worksheets/sheet1.xml"} <= set(left)


def test_no_byte_of_it_is_left(tmp_path: Path) -> None:
    after, done = scrubbed(made(tmp_path / "v.xlsx"))
    assert everywhere(after, *TOKENS) == []
    assert done.notes == ((Address(TAB, ROW, 1), f"{HIDDEN} 很难缠"),)
    assert done.strings >= 3
    load_workbook(after)


def test_what_others_rows_and_the_person_hold_stays(tmp_path: Path) -> None:
    before = made(tmp_path / "v.xlsx")
    cells = read_workbook(before).sheets
    after, _ = scrubbed(before)
    now = read_workbook(after).sheets
    kept = [row for row in cells[TAB].rows if row.number != ROW]
    assert [row for row in now[TAB].rows if row.number != ROW] == kept
    assert [row.cells[4] for row in now[TAB].rows if row.number == ROW] == ["我写的4"]
    assert now[MINE].rows[4].cells[0] == "自己的话"
    with zipfile.ZipFile(after) as archive:
        assert "留着的批注" in archive.read("xl/comments1.xml").decode()
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<hyperlink ") == 7
        assert archive.read("xl/worksheets/_rels/sheet1.xml.rels").count(b"mailto:") == 7


def test_a_text_that_another_row_holds_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "v.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet(TAB)
    for row in range(6):
        sheet.write_row(row, 0, ["制造业", f"n{row}", 1, 2])
    sheet.data_validation("A1:A9", {"validate": "list", "source": ["制造业", "零售"]})
    book.close()
    after, _ = scrubbed(path)
    assert [row.cells[0] for row in read_workbook(after).sheets[TAB].rows] == ["制造业"] * 5


def test_caches_of_pivots_links_and_logs_go(tmp_path: Path) -> None:
    space = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
    definition = (
        f'{HEAD}<pivotCacheDefinition {space} r:id="rId1" recordCount="2"><cacheSource type="worksheet">'
        f'<worksheetSource ref="A1:D9" sheet="{TAB}"/></cacheSource><cacheFields count="2">'
        f'<cacheField name="客户名称"><sharedItems count="2"><s v="客户1"/><s v="{HIDDEN}"/></sharedItems></cacheField>'
        f'<cacheField name="金额"><sharedItems containsNumber="1" minValue="1000" maxValue="{AMOUNT}">'
        f'<n v="{AMOUNT}"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>'
    )
    path = with_parts(
        made(tmp_path / "v.xlsx"),
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": definition,
            "xl/pivotCache/pivotCacheRecords1.xml": f'{HEAD}<pivotCacheRecords {space}><r><s v="{HIDDEN}"/></r>'
            "</pivotCacheRecords>",
            "xl/externalLinks/externalLink1.xml": f"{HEAD}<externalLink {space}><externalBook><sheetDataSet>"
            f'<sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>{HIDDEN}</v></cell></row></sheetData>'
            "</sheetDataSet></externalBook></externalLink>",
            "xl/revisions/revisionHeaders.xml": f"{HEAD}<headers {space}/>",
            "xl/revisions/revisionLog1.xml": f'{HEAD}<revisions {space}><rcc><oc r="A5" t="inlineStr"><is><t>{HIDDEN}'
            "</t></is></oc></rcc></revisions>",
            "xl/threadedComments/threadedComment1.xml": f'{HEAD}<ThreadedComments {space}><threadedComment ref="A5" '
            f'id="1"><text>{HIDDEN}?</text></threadedComment><threadedComment ref="A3" id="2"><text>ok</text>'
            "</threadedComment></ThreadedComments>",
            "docProps/thumbnail.wmf": HIDDEN.encode("utf-16-le"),
        },
        {
            "xl/_rels/workbook.xml.rels": ("rId90", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),
            "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": (
                "rId1", "pivotCacheRecords", "pivotCacheRecords1.xml",
            ),
            "xl/worksheets/_rels/sheet1.xml.rels": (
                "rId91", "threadedComment", "../threadedComments/threadedComment1.xml",
            ),
            "xl/revisions/_rels/revisionHeaders.xml.rels": ("rId1", "revisionLog", "revisionLog1.xml"),
            "_rels/.rels": ("rId92", "thumbnail", "docProps/thumbnail.wmf"),
        },
    )  # fmt: skip
    with_parts(path, {}, {"xl/_rels/workbook.xml.rels": ("rId93", "revisionHeaders", "revisions/revisionHeaders.xml")})
    after, done = scrubbed(path)
    assert everywhere(after, *TOKENS) == []
    with zipfile.ZipFile(after) as archive:
        names = set(archive.namelist())
        pivot = archive.read("xl/pivotCache/pivotCacheDefinition1.xml").decode()
        assert "<text>ok</text>" in archive.read("xl/threadedComments/threadedComment1.xml").decode()
        listings = [archive.read(name).decode() for name in names if name.endswith(".rels")]
    gone = {"xl/pivotCache/pivotCacheRecords1.xml", "docProps/thumbnail.wmf", "xl/revisions/revisionLog1.xml"}
    assert not names & gone
    assert not [name for name in gone for text in listings if name.rpartition("/")[2] in text]
    assert 'refreshOnLoad="1"' in pivot
    assert "客户1" in pivot
    assert "Value=" not in pivot
    assert (Address(TAB, ROW, 1), f"{HIDDEN}?") in done.notes


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("customXml/item1.xml", f"<a><b>{HIDDEN}</b></a>"),
        ("customXml/item2.xml", f"<a><!-- {HIDDEN} --></a>"),
        ("customXml/item3.xml", f"<a><r>{HIDDEN[:3]}</r><r>{HIDDEN[3:]}</r></a>"),
        ("customXml/item4.xml", "<a b='" + "".join(f"&#{ord(letter)};" for letter in HIDDEN) + "'/>"),
        ("xl/printerSettings/p1.bin", b"\0\1" + HIDDEN.encode("utf-16-le")),
        ("xl/embeddings/old.bin", HIDDEN.encode()),
        ("customXml/item5.xml", f'<?xml version="1.0" encoding="UTF-16"?><a>{HIDDEN}</a>'.encode("utf-16")),
        ("customXml/item6.xml", f"<a>{AMOUNT}</a>"),
        ("xl/_rels/odd.xml.rels", f'<a Target="https://example.com/?q={quote(HIDDEN)}"/>'),
        ("customXml/broken.xml", f"<a>{HIDDEN}"),
    ],
)
def test_what_cannot_be_emptied_is_refused(tmp_path: Path, part: str, content: str | bytes) -> None:
    path = with_parts(made(tmp_path / "v.xlsx"), {part: content}, {})
    with pytest.raises(BytesRemain) as refused:
        scrubbed(path)
    assert part in str(refused.value)
    assert HIDDEN not in str(refused.value)


def test_a_workbook_within_the_workbook_is_searched(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{HIDDEN}</t></si></sst>")
    path = with_parts(made(tmp_path / "v.xlsx"), {"xl/embeddings/sheet.xlsx": inner.getvalue()}, {})
    with pytest.raises(BytesRemain):
        scrubbed(path)


def test_nothing_to_scrub_changes_nothing(tmp_path: Path) -> None:
    edit = PackageEdit(open_package(made(tmp_path / "v.xlsx")))
    assert scrub(edit, {TAB: ()}) == Scrubbed()
    assert not edit.changed


def test_blanked_strings_keep_their_places(tmp_path: Path) -> None:
    strings = (
        f'{HEAD}<x:sst xmlns:x="{MAIN}"><x:si><x:t>一</x:t></x:si><x:si/><x:si><x:r><x:t>二</x:t></x:r>'
        '<x:rPh sb="0" eb="1"><x:t>èr</x:t></x:rPh></x:si><x:si><x:t>三</x:t></x:si></x:sst>'
    )
    blanked = without_strings(strings.encode(), {3}, "part").decode()
    assert blanked.count("<x:si>") == 4
    assert [text for text in ("一", "二", "èr", "三") if text in blanked] == ["三"]
    rows = '<row r="5"><c r="A5" t="s"><v>0</v></c></row><row r="6"><c r="A6" t="s"><v>3</v></c></row>'
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows.replace("<", "<x:").replace("<x:/", "</x:")}</x:sheetData>'
    )
    path = tmp_path / "p.xlsx"
    by_hand(path, {TAB: f"{HEAD}{sheet}</x:worksheet>"}, strings=strings, prefix="x")
    after, done = scrubbed(path, range(1, 2))
    assert everywhere(after, "一", "二", "èr") == []
    assert done.strings == 2
    assert [row.cells for row in read_workbook(after).sheets[TAB].rows] == [("三",)]


@pytest.mark.parametrize("kind", KINDS)
def test_random_cells_of_every_kind_of_workbook(tmp_path: Path, kind: str) -> None:
    """What was in cleared cells and in no other is nowhere, or the scrub refuses; all else reads as it did."""
    chance = random.Random(kind)
    path = tmp_path / "before.xlsx"
    KINDS[kind](path)
    package = open_package(path)
    for sheet in read_workbook(path).sheets.values():
        texts = [
            (row.number, at)
            for row in sheet.rows
            for at, cell in enumerate(row.cells, 1)
            if isinstance(cell, str)
        ]  # fmt: skip
        if sheet.kind != "worksheet" or not texts:
            continue
        below = [place for place in texts if place[0] > 3]  # the header of a table is not written
        gone = set(chance.sample(below, min(len(below), 5)))
        edit = PackageEdit(package)
        edit.set_cells(sheet.name, dict.fromkeys(gone))
        target = tmp_path / "after.xlsx"
        try:
            scrub(edit, {sheet.name: gone})
        except BytesRemain:
            continue
        edit.write(target)
        now = read_workbook(target).sheets
        held = {str(cell) for each in now.values() for row in each.rows for cell in row.cells}
        lost = {str(row.cells[at - 1]) for row in sheet.rows for number, at in gone if row.number == number} - held
        assert [text for text in lost if len(text) > 3 and everywhere(target, text)] == []
        for row in sheet.rows:
            left = {at: cell for at, cell in enumerate(row.cells, 1) if (row.number, at) not in gone}
            again = next((each for each in now[sheet.name].rows if each.number == row.number), None)
            for at, cell in left.items():
                if isinstance(cell, (str, int, float)):
                    assert again is not None
                    assert again.cells[at - 1] == cell


@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not on this machine")
def test_libreoffice_opens_what_is_left(tmp_path: Path) -> None:
    after, _ = scrubbed(made(tmp_path / "v.xlsx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = tmp_path / "out"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(after)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    again = read_workbook(out / "after.xlsx").sheets
    assert [row.cells[0] for row in again[TAB].rows if row.number != ROW][:3] == ["客户名称", "客户1", "客户2"]
    assert everywhere(out / "after.xlsx", *TOKENS) == []
