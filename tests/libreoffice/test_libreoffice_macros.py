"""A workbook with macros and slicers is adopted: neither is touched, and LibreOffice still opens it."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.backends.workbook.books import parts
from tests.libreoffice.office import WHY_NOT, crm, python_with_uno, told
from tests.libreoffice.test_libreoffice_adopt import converted

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]

MAIN = 'xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
X15 = 'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"'
SLICER = f'<slicers {MAIN}><slicer name="状态" cache="切片器_状态" caption="状态" rowHeight="241300"/></slicers>'
SLICER_CACHE = (
    f'<slicerCacheDefinition {MAIN} name="切片器_状态" sourceName="客户状态"><extLst>'
    f'<x:ext xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" {X15}><x15:tableSlicerCache tableId="1" column="4"/></x:ext>'
    "</extLst></slicerCacheDefinition>"
)
SHEET_EXT = (
    '<extLst><ext uri="{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:slicerList '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><x14:slicer r:id="rIdSlicer"/>'
    "</x14:slicerList></ext></extLst>"
)
BOOK_EXT = (
    '<extLst><ext uri="{46BE6895-7355-4a93-B00E-2C351335B9C9}" '
    f"{X15}><x15:slicerCaches "
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:slicerCache '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rIdCache"/>'
    "</x15:slicerCaches></ext></extLst>"
)
RELATION = '<Relationship Id="{}" Type="http://schemas.microsoft.com/office/2007/relationships/{}" Target="{}"/>'
TYPE = '<Override PartName="{}" ContentType="application/vnd.ms-excel.{}+xml"/>'


def theirs(path: Path) -> Path:
    """A workbook with a table, a slicer on it, and a macro project."""
    macros = path.with_name("vbaProject.bin")
    macros.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8)
    header = ["公司名称", "联系电话", "我们的评分", "客户状态"]
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_vba_project(str(macros))
        sheet = workbook.add_worksheet("客户台账")
        for row in range(1, 7):
            sheet.write_row(row, 0, [f"公司{row}", f"1380013800{row}", row * 1.5, "潜在客户"])
        sheet.add_table(0, 0, 6, 3, {"columns": [{"header": text} for text in header]})
    with_slicer = {
        **parts(path),
        "xl/slicers/slicer1.xml": SLICER.encode(),
        "xl/slicerCaches/slicerCache1.xml": SLICER_CACHE.encode(),
    }
    for name, before, more in (
        ("xl/worksheets/sheet1.xml", "</worksheet>", SHEET_EXT),
        ("xl/workbook.xml", "</workbook>", BOOK_EXT),
        ("xl/worksheets/_rels/sheet1.xml.rels", "</Relationships>",
         RELATION.format("rIdSlicer", "slicer", "../slicers/slicer1.xml")),
        ("xl/_rels/workbook.xml.rels", "</Relationships>",
         RELATION.format("rIdCache", "slicerCache", "slicerCaches/slicerCache1.xml")),
        ("[Content_Types].xml", "</Types>",
         TYPE.format("/xl/slicers/slicer1.xml", "slicer")
         + TYPE.format("/xl/slicerCaches/slicerCache1.xml", "slicerCache")),
    ):  # fmt: skip
        markup = with_slicer[name].decode("utf-8")
        assert markup.count(before) == 1
        with_slicer[name] = markup.replace(before, more + before).encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in with_slicer.items():
            archive.writestr(name, content)
    return path


def test_macros_and_slicers_are_not_touched(tmp_path: Path) -> None:
    book = theirs(tmp_path / "客户.xlsm")
    (tmp_path / "config.toml").write_text(f'[workbook]\npath = "{book.name}"\nquiet = "0s"\n', encoding="utf-8")
    before = parts(book)
    for words in (["init", "--adopt"], ["sync"]):
        done = crm(tmp_path, *words)
        assert done.returncode == 0, done.stderr
    after = parts(book)
    for name in ("xl/vbaProject.bin", "xl/slicers/slicer1.xml", "xl/slicerCaches/slicerCache1.xml"):
        assert after[name] == before[name]
    assert b"slicerList" in after["xl/worksheets/sheet1.xml"]
    assert b"slicerCaches" in after["xl/workbook.xml"]
    assert b"macroEnabled" in after["[Content_Types].xml"]
    assert told(tmp_path, "sync")["written"] == []
    assert parts(book) == after
    assert converted(book, "pdf", tmp_path).read_bytes().startswith(b"%PDF-")
