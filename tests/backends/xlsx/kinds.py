"""Workbooks of every kind, made on the spot: by openpyxl, by XlsxWriter, and by hand in odd dialects of the markup."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONSHIPS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def openpyxl_plain(path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "客户 'A'"
    sheet.append([f"列{n}" for n in range(1, 13)])
    for row in range(2, 60):
        sheet.append([f"名{row}", row, row * 1.5, row % 2 == 0, None, "=1+1", "  spaced ", f"=B{row}*2", "x<&>y"])
    sheet["A1"].font = Font(bold=True)
    sheet["C3"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["E5"].comment = Comment("look", "me")
    sheet["F2"].data_type = "s"
    sheet.merge_cells("J4:L6")
    sheet.add_data_validation(DataValidation("list", formula1='"a,b"', sqref="D2:D59"))
    sheet.auto_filter.ref = "A1:I59"
    other = book.create_sheet("Other")
    other["B2"] = "=SUM('客户 ''A'''!B2:B59)"
    other["C9"] = 12
    book.defined_names["total"] = DefinedName("total", attr_text="Other!$B$2")
    book.save(path)


def xlsxwriter_rich(path: Path) -> None:
    import xlsxwriter

    image = path.with_suffix(".png")
    image.write_bytes(_png())
    macros = path.with_suffix(".bin")
    macros.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"macro" * 300)
    book = xlsxwriter.Workbook(str(path))
    if path.suffix == ".xlsm":
        book.add_vba_project(str(macros))
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "0.00", "bg_color": "#eeeeee"})
    data, extra = book.add_worksheet("Data"), book.add_worksheet("More")
    for column in range(10):
        data.write(0, column, f"H{column}", bold)
        for row in range(1, 80):
            if (row + column) % 7:
                data.write(
                    row, column, row * column if column % 3 else f"text {row % 9}", money if column == 4 else None
                )
    for row in range(1, 80):
        data.write_formula(row, 11, f"=B{row + 1}+C{row + 1}", None, row)
        data.write_formula(row, 12, f'=IF(A{row + 1}="x","yes","no")', None, "no")
    data.write_rich_string(3, 14, "plain ", bold, "bold", " after")
    data.write_array_formula("P2:P6", "{=B2:B6*2}", None, 4)
    data.write_comment("A3", "a comment")
    data.conditional_format("B2:E80", {"type": "data_bar", "data_bar_2010": True})
    data.conditional_format("B2:B80", {"type": "cell", "criteria": ">", "value": 9, "format": bold})
    data.data_validation("E2:E80", {"validate": "list", "source": "=More!$A$1:$A$3"})
    data.add_sparkline("Q2", {"range": "Data!B2:E2"})
    data.insert_image("S2", str(image))
    data.merge_range("S20:U22", "merged", bold)
    data.autofilter("A1:J80")
    data.freeze_panes(1, 2)
    data.set_row(90, 30, money)
    data.set_column("X:Z", 20, bold)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Data!$B$2:$B$9"})
    data.insert_chart("S30", chart)
    extra.add_table("B3:D8", {"data": [[1, 2, 3], [4, 5, 6]], "columns": [{"header": name} for name in "abc"]})
    extra.write_formula("F1", "=SUM(Data!B:B)", None, 99)
    extra.write_formula("F2", "=F1*2", None, 198)
    extra.write_formula("F3", "=SUM(Table1[a])", None, 5)
    extra.write_formula("F4", "=1+1", None, 2)
    extra.write_url("A1", "https://example.com", None, "link")
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": "=Data!$B$2:$B$9"})
    book.add_chartsheet("Chart").set_chart(pie)
    book.define_name("rates", "=Data!$B$2:$B$80")
    extra.write_formula("F5", "=MAX(rates)", None, 7)
    book.close()


def _png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def by_hand(
    path: Path,
    sheets: Mapping[str, str],
    *,
    strings: str | None = None,
    strict: bool = False,
    workbook_extra: str = "",
    prefix: str = "",
    extra_parts: Mapping[str, str] | None = None,
) -> None:
    """A workbook from the XML of its sheets: each value is a whole sheet part."""
    main, relationships = (STRICT, STRICT_RELATIONSHIPS) if strict else (MAIN, RELATIONSHIPS)
    colon, space = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")
    names = list(sheets)
    listed = "".join(
        f'<{colon}sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
    )
    workbook = (
        f'{HEAD}<{colon}workbook {space}="{main}" xmlns:r="{relationships}">{workbook_extra}'
        f"<{colon}sheets>{listed}</{colon}sheets></{colon}workbook>"
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(names) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{relationships}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    if strings is not None:
        links += f'<Relationship Id="rId99" Type="{relationships}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{relationships}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{package}/relationships">{links}</Relationships>',
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in enumerate(names, start=1)}
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **(extra_parts or {})}.items():
            archive.writestr(name, content)


def prefixed(path: Path) -> None:
    rows = "".join(
        f"<x:row r='{r}' spans='1:3'><x:c r='A{r}' t='s'><x:v>{r % 3}</x:v></x:c>"
        f"<x:c r='C{r}' s='1'><x:v>{r}.5</x:v></x:c>"
        f"<x:c r='D{r}'><x:f>C{r}*2</x:f><x:v>{2 * r + 1}</x:v></x:c></x:row>"
        for r in range(1, 40)
    )
    sheet = (
        f"{HEAD}<x:worksheet xmlns:x='{MAIN}'><x:dimension ref='A1:D39'/><x:sheetData>{rows}</x:sheetData>"
        "<x:mergeCells count='1'><x:mergeCell ref='F2:G3'/></x:mergeCells></x:worksheet>"
    )
    strings = (
        f'{HEAD}<x:sst xmlns:x="{MAIN}"><x:si><x:t>nil</x:t></x:si><x:si><x:t>one</x:t></x:si>'
        "<x:si><x:r><x:t>t</x:t></x:r><x:r><x:t>wo</x:t></x:r></x:si></x:sst>"
    )
    by_hand(
        path,
        {"P": sheet, "Q": f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData/></x:worksheet>"},
        strings=strings,
        prefix="x",
    )


def without_references(path: Path) -> None:
    rows = "".join(f"<row><c><v>{n}</v></c><c/><c t='inlineStr'><is><t>t{n}</t></is></c></row>" for n in range(30))
    rows += '<row/><row r="40"><c r="D40"><v>1</v></c><c><v>2</v></c></row>'
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    by_hand(path, {"N": sheet})


def commented(path: Path) -> None:
    rows = "".join(
        f'<row r="{r}"><!-- row {r} > <c r="A{r}"/> --><c r="A{r}" t="str"><v><![CDATA[a<b]]></v></c>'
        f'<c r="B{r}"><v>{r}</v><!-- x --></c></row>'
        for r in range(1, 30)
    )
    sheet = (
        f'{HEAD}<!-- <sheetData> --><worksheet xmlns="{MAIN}"><sheetData>\n{rows}\n</sheetData><!-- end --></worksheet>'
    )
    by_hand(path, {"C": sheet})


def strict_1904(path: Path) -> None:
    rows = "\n  ".join(
        f'<row r="{r}" ht="15">\n<c r="A{r}" t="d"><v>2024-03-{r:02}T12:00:00</v></c>\n<c r="B{r}" t="b"><v>1</v></c>'
        f'<c r="E{r}" t="e"><v>#N/A</v></c></row>'
        for r in range(1, 29, 2)
    )
    sheet = f'{HEAD}<worksheet xmlns="{STRICT}"><sheetData>\n{rows}\n</sheetData></worksheet>'
    by_hand(path, {"S": sheet}, strict=True, workbook_extra='<workbookPr date1904="1"/>')


def shared_formulas(path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B20" si="0">A1*2</f><v>2</v></c></row>'
    rows += "".join(
        f'<row r="{r}" spans="1:2"><c r="A{r}"><v>{r}</v></c><c r="B{r}"><f t="shared" si="0"/><v>{2 * r}</v></c></row>'
        for r in range(2, 21)
    )
    rows += '<row r="25"><c r="A25"><f>SUM(B1:B20)</f><v>420</v></c><c r="B25"><f>A25&amp;"!"</f><v>7</v></c></row>'
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}"><dimension ref="A1:B25"/><sheetData>{rows}</sheetData></worksheet>'
    by_hand(path, {"F": sheet, "G": f'<worksheet xmlns="{MAIN}"><sheetData></sheetData></worksheet>'})


def xlsm(path: Path) -> None:
    made = path.with_suffix(".xlsm")
    xlsxwriter_rich(made)
    made.replace(path)


class _Stream(io.RawIOBase):
    """A target that cannot be rewound: zip then writes sizes after the content, in data descriptors."""

    def __init__(self) -> None:
        super().__init__()
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer") -> int:
        self.content += bytes(data)
        return len(bytes(data))


def streamed(path: Path) -> None:
    """Data descriptors, zip64 fields, an archive comment and stored parts."""
    shared_formulas(path)
    stream = _Stream()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as copy:
        copy.comment = b"a comment"
        for number, info in enumerate(archive.infolist()):
            entry = zipfile.ZipInfo(info.filename, (2020, 5, 6, 7, 8, 10))
            entry.compress_type = zipfile.ZIP_STORED if number % 4 == 3 else zipfile.ZIP_DEFLATED
            with copy.open(entry, "w", force_zip64=number % 2 == 0) as writable:
                writable.write(archive.read(info))
    path.write_bytes(stream.content)


KINDS: Mapping[str, Callable[[Path], None]] = {
    maker.__name__: maker
    for maker in (
        openpyxl_plain,
        xlsxwriter_rich,
        xlsm,
        prefixed,
        without_references,
        commented,
        strict_1904,
        shared_formulas,
        streamed,
    )
}
