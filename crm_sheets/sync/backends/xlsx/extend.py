"""Ranges that grow when rows are appended: tables, filters, conditional formats, validations and their x14 kin."""

import re

from crm_sheets.sync.backends.xlsx.markup import attributes_of, decode, with_attribute
from crm_sheets.sync.backends.xlsx.rows_general import parse_area
from crm_sheets.sync.backends.xlsx.sheet_patch import area_text

_REF = re.compile(rb"<(?:[\w.-]+:)?(?:table|autoFilter)\s[^>]*>")
_SORT = re.compile(rb"<(?:[\w.-]+:)?(?:sortState|sortCondition)\s[^>]*>")
_FILTER = re.compile(rb"<(?:[\w.-]+:)?autoFilter\s[^>]*>")
_SQREF = re.compile(rb"<(?:[\w.-]+:)?(?:conditionalFormatting|dataValidation)\s[^>]*>")
_EXTENSION = re.compile(
    rb"<(?P<name>(?:[\w.-]+:)?(?:conditionalFormatting|dataValidation))[\s>].*?</(?P=name)\s*>", re.DOTALL
)
_INNER = re.compile(rb"(<(?:[\w.-]+:)?sqref>)([^<]*)(</)")
_NAME = re.compile(rb"""(<(?:[\w.-]+:)?definedName\s[^>]*name\s*=\s*["']_xlnm\._FilterDatabase["'][^>]*>)([^<]*)(<)""")


def grown(references: str, last: int, new_last: int) -> str:
    """A list of areas in which those that ended at row `last` end at `new_last`."""
    return " ".join(_grown_area(reference, last, new_last) for reference in references.split())


def _grown_area(reference: str, last: int, new_last: int) -> str:
    area = parse_area(reference)
    if area is None or area[2] != last:
        return reference
    return area_text((area[0], area[1], new_last, area[3]))


def extended_table(content: bytes, last: int, new_last: int) -> bytes:
    """A table part over the new rows; a table with a totals row ends with that, not with its data, and stays."""
    first = _REF.search(content)
    if first is None or int(attributes_of(first[0]).get(b"totalsRowCount", b"0")):
        return content
    grow = _Grow(b"ref", last, new_last)
    return _SORT.sub(grow.tag, _REF.sub(grow.tag, content))


def extended_sheet(content: bytes, last: int, new_last: int) -> bytes:
    """A sheet part whose filter, conditional formats and validations reach over the new rows."""
    stop = content.rfind(b"</sheetData>") if b"</sheetData>" in content else content.rfind(b"sheetData")
    head, tail = content[:stop], content[stop:]
    tail = _FILTER.sub(_Grow(b"ref", last, new_last).tag, tail)
    tail = _SQREF.sub(_Grow(b"sqref", last, new_last).tag, tail)

    def inner(match: re.Match[bytes]) -> bytes:
        return match[1] + grown(match[2].decode("latin-1"), last, new_last).encode("latin-1") + match[3]

    def extension(match: re.Match[bytes]) -> bytes:
        return _INNER.sub(inner, match[0])

    return head + _EXTENSION.sub(extension, tail)


class _Grow:
    """Replaces one attribute of a start tag."""

    def __init__(self, attribute: bytes, last: int, new_last: int) -> None:
        self._attribute = attribute
        self._last = last
        self._new_last = new_last

    def tag(self, match: re.Match[bytes]) -> bytes:
        """The tag with its areas grown; the same bytes when none ended at the last row."""
        old = attributes_of(match[0]).get(self._attribute)
        if old is None:
            return match[0]
        new = grown(old.decode("latin-1"), self._last, self._new_last).encode("latin-1")
        return match[0] if new == b" ".join(old.split()) else with_attribute(match[0], self._attribute, new)


def extended_names(workbook: bytes, sheet: str, last: int, new_last: int) -> bytes:
    """workbook.xml whose hidden name for the sheet's filter reaches over the new rows."""

    def name(match: re.Match[bytes]) -> bytes:
        try:
            tab, _, area = decode(match[2]).rpartition("!")
        except ValueError:
            return match[0]
        plain = tab.strip("'").replace("''", "'")
        edge = re.fullmatch(r"(.*\$)(\d+)", area)
        if plain != sheet or edge is None or int(edge[2]) != last:
            return match[0]
        raw = match[2]
        return match[1] + raw[: len(raw) - len(edge[2])] + str(new_last).encode() + match[3]

    return _NAME.sub(name, workbook)
