"""Saved results of formulas that a write made stale: found and taken out, so that every program computes them anew.

LibreOffice ignores `fullCalcOnLoad` in files that say they come from Excel, and shows the saved result for ever.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from crm_sheets.sync.backends.xlsx.formulas import Dirty, Reach, Shift, reach_of
from crm_sheets.sync.backends.xlsx.locate import Locator, NotUsual, Place, locating
from crm_sheets.sync.backends.xlsx.markup import attributes_of, decode, has_declarations, is_utf8
from crm_sheets.sync.backends.xlsx.rows_general import Area, letters_to_number, parse_area

_SAVED = re.compile(rb"</f>\s*<v[^<>]*>[^<]")
_SAVED_SHARED = re.compile(rb"<f [^<>]*/>\s*<v[^<>]*>[^<]")
_ANY = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?P<tag>(?:\s[^<>]*?)?)(?:/>|>(?P<text>.*?)</(?:[\w.-]+:)?f\s*>)", re.DOTALL)
_RESULT = re.compile(rb"\s*<(?:[\w.-]+:)?v(?:\s[^<>]*)?>(?P<text>.*?)</(?:[\w.-]+:)?v\s*>", re.DOTALL)
_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: [\w:]+="[^"<>]*")*>')
_WITH_TEXT = re.compile(rb"<f( [^<>]*)?>([^<]*)</f>")
_TEXTS = re.compile(rb"<f(?: [^<>]*)?>([^<]*)</f>")
_NUMBER = re.compile(rb"\d+")
_MOST_TURNS = 40
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
    text = _text(match["text"] or b"") if match else ""
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


def _text(raw: bytes) -> str:
    try:
        return decode(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


class SheetFormulas:
    """The formulas of one tab, sorted so that only those that may read a dirty cell are looked at closely.

    A filled-down column gives thousands of formulas that differ in their numbers only. What such a shape can read is
    worked out once: a formula that names no other tab, name or range can only be reached through the rows whose numbers
    stand in it.
    """

    def __init__(self, tab: str, content: bytes, part: str) -> None:
        self.tab = tab
        self._content = content
        self._part = part
        usual = b"<sheetData>" in content and not has_declarations(content)
        tables = b"dataTable" in content
        self._one_by_one = usual and not tables
        self._spans: list[tuple[int, bytes]] | None = None
        kinds = self._kinds(_TEXTS.findall(content))
        self._outward = {index for index, kind in enumerate(kinds) if kind is _Kind.OUTWARD}
        self._wide = {index for index, kind in enumerate(kinds) if kind is _Kind.WIDE}
        self._simple = {index for index, kind in enumerate(kinds) if kind is None}
        self._numbers: dict[int, list[bytes]] | None = None
        self._closed = usual and not self._outward and not tables
        self._cells: list[FormulaCell] | None = None

    @staticmethod
    def _kinds(texts: list[bytes]) -> list["_Kind | None"]:
        """The kind of each formula, None for one that reads single cells of its own tab."""
        shapes = _NUMBER.sub(b"1", b"\n".join(texts).replace(b"\r", b" ")).split(b"\n") if texts else []
        if len(shapes) != len(texts):  # a line break inside of a formula
            return [_Kind.OUTWARD] * len(texts)
        known = {shape: _kind(_text(shape)) for shape in set(shapes)}
        return [known[shape] for shape in shapes]

    def take(self, dirty: Dirty) -> list[FormulaCell]:
        """Formulas that may read a dirty cell and were not taken before."""
        if self._closed and not dirty.has(self.tab):
            return []
        if self._one_by_one:
            self._found()
        if not self._one_by_one:
            return self._take_cells(dirty)
        spans = self._found()
        candidates = set(self._outward)
        if dirty.has(self.tab):
            candidates |= self._wide
            rows = dirty.rows(self.tab)
            if self._numbers is None:
                self._numbers = {index: _NUMBER.findall(spans[index][1]) for index in self._simple}
            candidates |= {
                index for index, numbers in self._numbers.items() if rows is None or not rows.isdisjoint(numbers)
            }
        taken = []
        for index in sorted(candidates):
            cell = self._cell(spans[index][0])
            if dirty.read_by(cell.reach, self.tab):
                taken.append(cell)
                self._outward.discard(index)
                self._wide.discard(index)
                if self._numbers is not None:
                    self._numbers.pop(index, None)
        return taken

    def _found(self) -> list[tuple[int, bytes]]:
        """Offset and text of each formula; where some are shared, the thorough way is taken from now on."""
        if self._spans is None:
            matches = list(_WITH_TEXT.finditer(self._content))
            self._spans = [(match.start(), match[2]) for match in matches]
            self._one_by_one &= not any(match[1] and b"shared" in match[1] for match in matches)
        return self._spans

    def _cell(self, place: int) -> FormulaCell:
        start = self._content.rfind(b"<c ", 0, place)
        end = self._content.index(b"</c>", place) + len(b"</c>")
        cell = _USUAL_CELL.match(self._content, start)
        if cell is None:
            raise NotUsual
        column = letters_to_number(cell[1].decode())
        return _formula_cell(self._content, (int(cell[2]), column, start, end), {})

    def _take_cells(self, dirty: Dirty) -> list[FormulaCell]:
        if self._cells is None:
            self._cells = formula_cells(self._content, self._part)
        taken: list[FormulaCell] = []
        left: list[FormulaCell] = []
        for cell in self._cells:
            (taken if dirty.read_by(cell.reach, self.tab) else left).append(cell)
        self._cells = left
        return taken

    def give_up(self) -> list[FormulaCell]:
        """All that is left: for workbooks whose formulas hang together in endless chains."""
        self._one_by_one = self._closed = False
        taken = formula_cells(self._content, self._part)
        self._cells = []
        return taken

    def careful(self) -> None:
        """Look at each cell by the thorough way from now on."""
        self._one_by_one = False


class _Kind(Enum):
    WIDE = "ranges of its own tab"
    OUTWARD = "other tabs, names, or cells that it computes"


def _kind(shape: str) -> _Kind | None:
    reach = reach_of(shape)
    if reach.everything or reach.names or any(tab is not None for tab, _ in reach.areas):
        return _Kind.OUTWARD
    return _Kind.WIDE if ":" in shape else None


def stale(sheets: Iterable[SheetFormulas], dirty: Dirty) -> dict[str, list[FormulaCell]]:
    """Formulas that may read a dirty cell, straight or through other formulas, by tab; their cells get dirty too."""
    found: dict[str, dict[tuple[int, int], FormulaCell]] = {}
    waiting = list(sheets)
    for turn in range(_MOST_TURNS + 1):
        new = 0
        for sheet in waiting:
            cells = _taken(sheet, dirty) if turn < _MOST_TURNS else sheet.give_up()
            here = found.setdefault(sheet.tab, {})
            for cell in cells:
                new += (cell.row, cell.column) not in here
                here[cell.row, cell.column] = cell
                dirty.tab(sheet.tab).add(cell.row, cell.column)
                if cell.area is not None:
                    dirty.tab(sheet.tab).add_area(cell.area)
        if not new:
            break
    return {tab: list(cells.values()) for tab, cells in found.items()}


def _taken(sheet: SheetFormulas, dirty: Dirty) -> list[FormulaCell]:
    try:
        return sheet.take(dirty)
    except NotUsual:
        sheet.careful()
        return sheet.take(dirty)


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
