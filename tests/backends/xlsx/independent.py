"""What a patch may change, checked with zipfile and lxml alone: nothing of the parser or patcher under test is used."""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from lxml import etree

from crm_sheets.cells import CellError, CellValue, Formula

Place = tuple[int, int]
SPACES = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")


def local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def column_of(reference: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", reference):
        number = number * 26 + ord(letter) - 64
    return number


@dataclass
class SheetXml:
    """One sheet part: rows and cells by place, and the rest of it as canonical XML."""

    content: bytes
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    cells: dict[Place, etree._Element] = field(default_factory=dict)
    texts: dict[Place, bytes] = field(default_factory=dict)
    order: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        root = etree.fromstring(self.content)
        data = next(child for child in root if local(child) == "sheetData")
        row_number = 0
        for row in (child for child in data if local(child) == "row"):
            row_number = int(row.get("r", row_number + 1))
            self.rows[row_number] = {key: value for key, value in attributes(row).items() if key not in ("spans", "r")}
            column = 0
            for cell in (child for child in row if local(child) == "c"):
                reference = cell.get("r")
                column = column_of(reference) if reference else column + 1
                self.cells[row_number, column] = cell
                self.texts[row_number, column] = canonical(cell)
                self.order.append((row_number, column))
        self.merged = [area_of(item.get("ref", "")) for item in root.iter("{*}mergeCell")]
        for child in list(data):
            data.remove(child)
        data.text = None
        for child in root:
            if local(child) == "dimension":
                child.set("ref", "-")
        self.rest = etree.tostring(root, method="c14n", with_comments=True)

    def cell(self, place: Place) -> bytes | None:
        return self.texts.get(place)


def canonical(cell: etree._Element) -> bytes:
    tail, cell.tail = cell.tail, None
    text = etree.tostring(cell, method="c14n", exclusive=True)
    cell.tail = tail
    return text


def area_of(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    last = last or first
    digits = [int(re.sub(r"\D", "", part)) for part in (first, last)]
    return digits[0], column_of(first), digits[1], column_of(last)


class Book:
    """A workbook as zip members and sheet parts."""

    def __init__(self, path: Path) -> None:
        self._sheets: dict[str, SheetXml] = {}
        self._forbidden: dict[str, set[Place]] = {}
        self.data = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            self.infos = {info.filename: info for info in archive.infolist()}
            self.order = [info.filename for info in archive.infolist()]
            self.parts = {name: archive.read(name) for name in self.infos}
        workbook = etree.fromstring(self.parts["xl/workbook.xml"])
        links = self.links("xl/workbook.xml")
        self.sheet_parts: dict[str, str] = {}
        for sheet in workbook.iter("{*}sheet"):
            key = next(value for name, value in attributes(sheet).items() if name.endswith("}id"))
            kind, target = links[key]
            if kind.endswith("/worksheet"):
                self.sheet_parts[attributes(sheet)["name"]] = target
        self.date1904 = any(item.get("date1904") in ("1", "true") for item in workbook.iter("{*}workbookPr"))

    def links(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        listing = self.parts.get(f"{folder}/_rels/{name}.rels")
        if listing is None:
            return {}
        found = {}
        for item in etree.fromstring(listing):
            target = attributes(item)["Target"]
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes(item)["Id"]] = (attributes(item)["Type"], full)
        return found

    def raw(self, name: str) -> tuple[object, ...]:
        info = self.infos[name]
        start = info.header_offset
        name_length = int.from_bytes(self.data[start + 26 : start + 28], "little")
        extra_length = int.from_bytes(self.data[start + 28 : start + 30], "little")
        body = start + 30 + name_length + extra_length
        return (
            self.data[start:body],
            self.data[body : body + info.compress_size],
            info.date_time,
            info.extra,
            info.external_attr,
            info.flag_bits,
        )

    def header_agrees(self, name: str) -> bool:
        """Whether the local header says what the directory says, in itself or in the descriptor that it promises."""
        info = self.infos[name]
        start = info.header_offset
        flags = int.from_bytes(self.data[start + 6 : start + 8], "little")
        crc = self.data[start + 14 : start + 18]
        if flags & 8:
            lengths = [int.from_bytes(self.data[start + place : start + place + 2], "little") for place in (26, 28)]
            end = start + 30 + sum(lengths) + info.compress_size
            signature, crc = self.data[end : end + 4], self.data[end + 4 : end + 8]
            if signature != b"PK\x07\x08":
                return False
        return flags == info.flag_bits and int.from_bytes(crc, "little") == info.CRC

    @cached_property
    def strings(self) -> list[str]:
        content = self.parts.get("xl/sharedStrings.xml")
        if content is None:
            return []
        found = []
        for item in etree.fromstring(content):
            if local(item) == "si":
                texts = [
                    text.text or ""
                    for text in item.iter("{*}t")
                    if not any(local(above) == "rPh" for above in text.iterancestors())
                ]
                found.append(plain("".join(texts)))
        return found

    def sheet(self, name: str) -> SheetXml:
        if name not in self._sheets:
            self._sheets[name] = SheetXml(self.parts[self.sheet_parts[name]])
        return self._sheets[name]

    def forbidden(self, name: str) -> set[Place]:
        """Places that a patch must refuse to write."""
        if name not in self._forbidden:
            self._forbidden[name] = self._find_forbidden(name)
        return self._forbidden[name]

    def _find_forbidden(self, name: str) -> set[Place]:
        sheet = self.sheet(name)
        found = set()
        for place, cell in sheet.cells.items():
            for formula in cell.findall("{*}f"):
                found.add(place)
                if formula.get("t") in ("array", "dataTable"):
                    found |= places(area_of(formula.get("ref", "")))
        for area in sheet.merged:
            found |= places(area) - {area[:2]}
        for kind, target in self.links(self.sheet_parts[name]).values():
            if kind.endswith("/table"):
                area = area_of(etree.fromstring(self.parts[target]).get("ref", ""))
                found |= places((area[0], area[1], area[0], area[3]))
        return found


def places(area: tuple[int, int, int, int]) -> set[Place]:
    return {(row, column) for row in range(area[0], area[2] + 1) for column in range(area[1], area[3] + 1)}


def plain(text: str) -> str:
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def value_of(book: Book, cell: etree._Element | None) -> object:
    """The value of a cell as the standard says: text, float, bool, CellError, Formula, or None."""
    if cell is None:
        return None
    formula = cell.find("{*}f")
    if formula is not None:
        return Formula(plain(formula.text or ""))
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return plain("".join(text.text or "" for text in cell.iter("{*}t")))
    stored = cell.find("{*}v")
    text = None if stored is None else stored.text
    if text is None:
        return None
    match kind:
        case "s":
            return book.strings[int(text)]
        case "str":
            return plain(text)
        case "b":
            return text == "1"
        case "e":
            return CellError(text)
        case "n":
            return float(text)
    return text


def expected(value: CellValue, date1904: bool) -> object:
    """What `value_of` must find where `value` was written."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.isoformat())
        passed = moment - datetime.fromisoformat("1904-01-01" if date1904 else "1899-12-30")
        return passed.days + passed.seconds / 86400 + passed.microseconds / 86_400_000_000
    return Formula(value.text) if isinstance(value, Formula) else value


def same(found: object, wanted: object) -> bool:
    if isinstance(found, float) and isinstance(wanted, float) and not isinstance(wanted, bool):
        return abs(found - wanted) <= 1e-12 * abs(wanted)
    if found in (None, "") and wanted in (None, ""):
        return True
    return type(found) is type(wanted) and found == wanted
