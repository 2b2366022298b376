"""Splices what is not a cell into a sheet part: columns, conditional formats, validations, a wider filter.

Each goes where CT_Worksheet wants it (ECMA-376 part 1, 18.3.1.99); everything else keeps its bytes. The part must be
transitional and without prefix, see graft.require_plain.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from crm_sheets.cells import column_letters, column_number
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.guidance import Highlight, Validation
from crm_sheets.sync.backends.xlsx.markup import place_before
from crm_sheets.sync.backends.xlsx.style import Look

_ORDER = (
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
"""What may follow sheetData, in the order of CT_Worksheet."""


@dataclass(frozen=True, slots=True)
class NewColumn:
    """The look of a column: 1-based place, width in characters, number of its cell format."""

    place: int
    width: float
    hidden: bool
    style: int


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that validations and formats cover, 1-based."""

    first: int
    last: int

    def of(self, column: int) -> str:
        """`K2:K2001`."""
        letters = column_letters(column)
        return f"{letters}{self.first}:{letters}{self.last}"


_COL = re.compile(rb"<col\b[^>]*?/>|<col\b[^>]*?>\s*</col>")
_COLS = re.compile(rb"<cols\b[^>]*>(.*?)</cols\s*>", re.DOTALL)


def with_columns(content: bytes, columns: Sequence[NewColumn]) -> bytes:
    """The sheet part with the widths and styles of new columns; a range of the old ones that covers them is cut."""
    if not columns:
        return content
    first, last = columns[0].place, columns[-1].place
    present = _COLS.search(content)
    old = _COL.findall(present[1]) if present else []
    kept = [piece for element in old for piece in _outside(element, first, last)]
    added = [
        (
            column.place,
            b'<col min="%d" max="%d" width="%.2f" style="%d"%s customWidth="1"/>'
            % (
                column.place,
                column.place,
                column.width,
                column.style,
                b' hidden="1"' if column.hidden else b"",
            ),
        )
        for column in columns
    ]
    inner = b"<cols>" + b"".join(element for _, element in sorted([*kept, *added])) + b"</cols>"
    if present:
        return content[: present.start()] + inner + content[present.end() :]
    place = content.find(b"<sheetData")
    return content[:place] + inner + content[place:]


def _outside(element: bytes, first: int, last: int) -> list[tuple[int, bytes]]:
    """The pieces of a `<col>` that lie outside of the columns from `first` to `last`, each with its first column."""
    low, high = _number(element, b"min"), _number(element, b"max")
    if high < first or low > last:
        return [(low, element)]
    pieces = [(low, first - 1), (last + 1, high)]
    return [(start, _bounded(element, start, end)) for start, end in pieces if start <= end]


def _number(element: bytes, attribute: bytes) -> int:
    found = re.search(rb"\s" + attribute + rb"""=["']([0-9]+)["']""", element)
    if found is None:
        raise WriteRefused("a column without its place; save the workbook in Excel as .xlsx first")
    return int(found[1])


def _bounded(element: bytes, start: int, end: int) -> bytes:
    element = re.sub(rb"""(\smin=["'])[0-9]+""", rb"\g<1>%d" % start, element)
    return re.sub(rb"""(\smax=["'])[0-9]+""", rb"\g<1>%d" % end, element)


def with_highlights(content: bytes, highlights: Iterable[Highlight], rows: Rows, looks: dict[Look, int]) -> bytes:
    """The sheet part with our conditional formats behind those that it has, and of lower priority (18.3.1.18).

    A format whose formula is there already is not added once more.
    """
    priorities = [int(number) for number in re.findall(rb"""\spriority=["']([0-9]+)["']""", content)]
    priority = max(priorities, default=0)
    elements = []
    for highlight in highlights:
        formula = f"<formula>{escape(highlight.formula)}</formula>"
        if formula.encode() in content:
            continue
        priority += 1
        elements.append(
            f'<conditionalFormatting sqref="{rows.of(highlight.column)}"><cfRule type="expression" '
            f'dxfId="{looks[highlight.look]}" priority="{priority}">{formula}</cfRule></conditionalFormatting>'
        )
    if not elements:
        return content
    return _inserted(content, "conditionalFormatting", "".join(elements).encode())


def with_validations(content: bytes, validations: Sequence[Validation], rows: Rows, warning_title: str) -> bytes:
    """The sheet part with our validations, for columns that have none of their own (18.3.1.33)."""
    taken = validated_columns(content)
    added = [_validation(each, rows, warning_title) for each in validations if each.column not in taken]
    if not added:
        return content
    present = re.search(rb"<dataValidations\b([^>]*)>(.*?)</dataValidations\s*>", content, re.DOTALL)
    count = len(added) + (len(re.findall(rb"<dataValidation\b", present[2])) if present else 0)
    attributes = re.sub(rb"""\scount=["'][0-9]*["']""", b"", present[1]) if present else b""
    inner = (present[2] if present else b"") + "".join(added).encode()
    element = b'<dataValidations%s count="%d">%s</dataValidations>' % (attributes, count, inner)
    if present:
        return content[: present.start()] + element + content[present.end() :]
    return _inserted(content, "dataValidations", element)


def _validation(validation: Validation, rows: Rows, warning_title: str) -> str:
    attributes = {"type": "list"} if validation.source else {}
    attributes |= {"errorStyle": "warning", "showErrorMessage": "1"} if validation.warning else {}
    attributes |= {"allowBlank": "1"}
    if validation.prompt:
        attributes |= {"showInputMessage": "1", "promptTitle": validation.title, "prompt": validation.prompt}
    if validation.warning:
        attributes |= {"errorTitle": warning_title, "error": validation.warning}
    attributes |= {"sqref": rows.of(validation.column)}
    text = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    formula = f"<formula1>{escape(validation.source)}</formula1>" if validation.source else ""
    return f"<dataValidation {text}>{formula}</dataValidation>"


_AREAS = (
    re.compile(rb"""<dataValidation\b[^>]*\ssqref=["']([^"']*)["']"""),
    re.compile(rb"<x14:dataValidation\b.*?<xm:sqref>([^<]*)</xm:sqref>", re.DOTALL),
)
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?[0-9]*(?::\$?([A-Z]{1,3})\$?[0-9]*)?")


def validated_columns(content: bytes) -> set[int]:
    """Columns in which some cell has a validation already; whoever made it knew why."""
    found: set[int] = set()
    for pattern in _AREAS:
        for areas in pattern.findall(content):
            for first, last in _AREA.findall(areas.decode()):
                low = column_number(first)
                found |= set(range(low, column_number(last) + 1 if last else low + 1))
    return found


_FILTER = re.compile(rb"""(<autoFilter\b[^>]*?\sref=["']\$?[A-Z]{1,3}\$?[0-9]+:\$?)([A-Z]{1,3})(\$?[0-9]+["'])""")


def with_wider_filter(content: bytes, old_last: int, new_last: int) -> bytes:
    """The sheet part whose filter, if it ended with the last column, takes in the new ones: a sort must move them."""
    place = _tail(content)
    tail = _FILTER.sub(
        lambda match: (
            match[1] + column_letters(new_last).encode() + match[3]
            if column_number(match[2].decode()) == old_last
            else match[0]
        ),
        content[place:],
        count=1,
    )
    return content[:place] + tail


def _tail(content: bytes) -> int:
    """Where sheetData ends."""
    found = re.search(rb"</sheetData\s*>|<sheetData\s*/>", content)
    if found is None:
        raise WriteRefused("a sheet without rows element; save the workbook in Excel as .xlsx first")
    return found.end()


def _inserted(content: bytes, name: str, element: bytes) -> bytes:
    """The sheet part with an element before whatever must come after it.

    Only children of the worksheet count: a data bar has an `extLst` of its own, a view of somebody its own page setup.
    """
    later = {each.encode() for each in _ORDER[_ORDER.index(name) + 1 :]} | {b"mc:AlternateContent", b"worksheet"}
    place = place_before(content, later, _tail(content))
    if place is None:
        raise WriteRefused("a sheet without an end; save the workbook in Excel as .xlsx first")
    return content[:place] + element + content[place:]


def cell_style(content: bytes, row: int, column: int) -> int:
    """The cell format of a cell, 0 where it has none."""
    reference = f"{column_letters(column)}{row}".encode()
    found = re.search(rb'<c\b(?=[^>]*\sr="' + reference + rb'")[^>]*>', content)
    style = re.search(rb'\ss="([0-9]+)"', found[0]) if found else None
    return int(style[1]) if style else 0
