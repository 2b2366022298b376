"""Cells with a formula: where they stand in a sheet part, what they read, and their saved results taken out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crm_sheets.sync.backends.xlsx.formulas import Reach, Shift, reach_of
from crm_sheets.sync.backends.xlsx.locate import Locator, NotUsual, Place, locating
from crm_sheets.sync.backends.xlsx.markup import attributes_of, decode, has_declarations, is_utf8
from crm_sheets.sync.backends.xlsx.rows_general import Area, letters_to_number, parse_area

_SAVED = re.compile(rb"</f>\s*<v[^<>]*>[^<]")
_SAVED_SHARED = re.compile(rb"<f [^<>]*/>\s*<v[^<>]*>[^<]")
_ANY = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?P<tag>(?:\s[^<>]*?)?)(?:/>|>(?P<text>.*?)</(?:[\w.-]+:)?f\s*>)", re.DOTALL)
_RESULT = re.compile(rb"\s*<(?:[\w.-]+:)?v(?:\s[^<>]*)?>(?P<text>.*?)</(?:[\w.-]+:)?v\s*>", re.DOTALL)
_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: [\w:]+="[^"<>]*")*>')
_TYPE = re.compile(rb"""\st\s*=\s*["'][^"']*["']""")


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A cell with a formula; `start` and `end` are of its element, `area` is what an array formula fills."""

    row: int
    column: int
    start: int
    end: int
    text: str
    shift: Shift
    area: Area | None
    saved: bool

    @property
    def reach(self) -> Reach:
        """What it reads."""
        return reach_of(self.text, self.shift)


def may_hold_saved_results(content: bytes) -> bool:
    """Whether the sheet part has a formula with a saved result; True too where the markup is unusual."""
    if has_declarations(content) or b"<sheetData>" not in content:
        return _ANY.search(content) is not None
    if b"</f>" not in content and b"dataTable" not in content:
        return False
    return _SAVED.search(content) is not None or _SAVED_SHARED.search(content) is not None


def formula_cells(content: bytes, part: str) -> list[FormulaCell]:
    """All cells with a formula, in the order of the sheet."""
    usual = not has_declarations(content) and b"<sheetData>" in content and is_utf8(content)
    found = _by_search(content) if usual else None
    if found is None:
        found = locating(content, part, lambda locator: _by_locator(content, locator))
    return found


def _by_search(content: bytes) -> list[FormulaCell] | None:
    found: list[FormulaCell] = []
    masters: dict[bytes, tuple[str, int, int]] = {}
    place = content.find(b"<f")
    while place >= 0:
        if content[place + 2 : place + 3] in (b">", b" ", b"/"):
            start = content.rfind(b"<c ", 0, place)
            end = content.find(b"</c>", place) + len(b"</c>")
            cell = _USUAL_CELL.match(content, start)
            if start < 0 or end < len(b"</c>") or cell is None:
                return None
            column = letters_to_number(cell[1].decode())
            found.append(_formula_cell(content, (int(cell[2]), column, start, end), masters))
            place = end - 1
        place = content.find(b"<f", place + 1)
    return found


def _by_locator(content: bytes, locator: Locator) -> list[FormulaCell]:
    found: list[FormulaCell] = []
    masters: dict[bytes, tuple[str, int, int]] = {}
    for row in _rows(locator):
        for cell in locator.cells(row):
            if _ANY.search(content, cell.body, cell.close):
                found.append(_formula_cell(content, (row.number, cell.number, cell.start, cell.end), masters))
    return found


def _rows(locator: Locator) -> Iterable[Place]:
    first, last = locator.first_row(), locator.last_row()
    numbers = range(first.number, last.number + 1) if first and last else range(0)
    places = (locator.row(number)[0] for number in numbers)
    return (place for place in places if place is not None)


def _formula_cell(
    content: bytes, place: tuple[int, int, int, int], masters: dict[bytes, tuple[str, int, int]]
) -> FormulaCell:
    row, column, start, end = place
    match = _FORMULA.search(content, start, end)
    attributes = attributes_of(match["tag"]) if match else {}
    text = formula_text(match["text"] or b"") if match else ""
    result = _RESULT.match(content, match.end(), end) if match else None
    shift = (0, 0)
    area = None
    kind = attributes.get(b"t")
    if kind == b"shared":
        group = attributes.get(b"si", b"")
        if text:
            masters[group] = (text, row, column)
        elif group in masters:
            text, master_row, master_column = masters[group]
            shift = (row - master_row, column - master_column)
    elif kind in (b"array", b"dataTable"):
        area = parse_area(attributes.get(b"ref", b"").decode("latin-1"))
        if kind == b"dataTable":
            text = "INDIRECT()"  # it reads wherever its formula reads
    saved = result is not None and bool(result["text"])
    return FormulaCell(row, column, start, end, text, shift, area, saved)


def formula_text(raw: bytes) -> str:
    """A formula as text; good enough to see what it reads, even where its markup is not right."""
    try:
        return decode(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def formula_cell_before(content: bytes, place: int) -> FormulaCell:
    """The cell whose formula's end tag starts at `place`, in a part of the usual markup; not for shared formulas.

    Raises:
        NotUsual: the cell does not say where it is as we know it.
    """
    start = content.rfind(b"<c ", 0, place)
    end = content.index(b"</c>", place) + len(b"</c>")
    cell = _USUAL_CELL.match(content, start) if start >= 0 else None
    if cell is None:
        raise NotUsual
    return _formula_cell(content, (int(cell[2]), letters_to_number(cell[1].decode()), start, end), {})


def without_results(content: bytes, cells: Iterable[FormulaCell]) -> bytes:
    """A sheet part in which these formulas have no saved result; their style and formula keep their bytes."""
    pieces: list[bytes] = []
    position = 0
    for cell in sorted(cells, key=lambda cell: cell.start):
        pieces += (content[position : cell.start], _without_result(content[cell.start : cell.end]))
        position = cell.end
    return b"".join((*pieces, content[position:]))


def _without_result(element: bytes) -> bytes:
    formula = _FORMULA.search(element)
    if formula is None:
        return element
    result = _RESULT.match(element, formula.end())
    stop = result.end() if result else formula.end()
    tag_end = element.index(b">") + 1
    tag = _TYPE.sub(b"", element[:tag_end])
    return tag + element[tag_end : formula.end()] + element[stop:]
