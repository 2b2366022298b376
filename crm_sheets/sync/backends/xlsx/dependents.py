"""Which saved results of formulas a write made stale.

They are taken out, so that every program computes them anew: LibreOffice ignores `fullCalcOnLoad` in files that say
they come from Excel, and shows the saved result for ever.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from enum import Enum
from itertools import accumulate

from crm_sheets.sync.backends.xlsx.formula_cells import FormulaCell, formula_cell_before, formula_cells, formula_text
from crm_sheets.sync.backends.xlsx.formulas import Dirty, reach_of
from crm_sheets.sync.backends.xlsx.locate import NotUsual
from crm_sheets.sync.backends.xlsx.markup import has_declarations

_END = b"</f>"
_NUMBER = re.compile(rb"\d+")
_ONE_DIGIT = bytes.maketrans(b"0123456789\r", b"1111111111 ")
_MOST_SEARCHES = 50
_MOST_TURNS = 40


def may_read_other_tabs(chunks: Iterable[bytes], has_names: bool) -> bool:
    """Whether a sheet part, given in pieces, may have a formula that reads another tab; wrong only towards "may".

    Without a name that stands for cells there are two ways to another tab: an exclamation mark before the reference,
    and a function that makes a reference of text, which has a parenthesis. (A number sign may begin a character
    reference to one of them.) Single bytes are found at the speed of memory.
    """
    formula, outward = False, has_names
    before = b""
    for chunk in chunks:
        outward = outward or b"!" in chunk or b"(" in chunk or b"#" in chunk
        if not formula:
            formula = any(mark in chunk or mark in before + chunk[:16] for mark in (b"f>", b"dataTable"))
        if formula and outward:
            return True
        before = chunk[-16:]
    return False


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
        attributed = b"<f " in content
        tables = attributed and b"dataTable" in content
        self._one_by_one = usual and not tables and not (attributed and b"shared" in content)
        pieces = content.split(_END) if usual else [content]
        self._ends = list(accumulate(len(piece) + len(_END) for piece in pieces[:-1]))
        self._texts = _Texts([piece[piece.rfind(b">") + 1 :] for piece in pieces[:-1]])
        kinds = self._texts.kinds()
        self._outward = {index for index, kind in kinds.items() if kind is _Kind.OUTWARD}
        self._wide = kinds.keys() - self._outward
        self._near: set[int] = set()
        self._taken: set[int] = set()
        self._closed = usual and not self._outward and not tables
        self._cells: list[FormulaCell] | None = None

    def take(self, dirty: Dirty) -> list[FormulaCell]:
        """Formulas that may read a dirty cell and were not taken before."""
        if self._closed and not dirty.has(self.tab):
            return []
        if not self._one_by_one:
            return self._take_cells(dirty)
        candidates = set(self._outward)
        if dirty.has(self.tab):
            self._near |= self._texts.with_numbers(dirty.rows(self.tab))
            candidates |= self._wide | self._near
        taken = []
        for index in sorted(candidates - self._taken):
            cell = formula_cell_before(self._content, self._ends[index] - len(_END))
            if dirty.read_by(cell.reach, self.tab):
                taken.append(cell)
                self._taken.add(index)
        return taken

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


class _Texts:
    """The texts of a tab's formulas, by their place among them."""

    def __init__(self, texts: list[bytes]) -> None:
        self._texts = texts
        self._joined = b"\n".join(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self._searched: set[bytes] = set()
        self._by_number: dict[bytes, list[int]] | None = None

    def kinds(self) -> dict[int, "_Kind"]:
        """Those that read more than single cells of their own tab."""
        texts = self._texts
        shapes = self._joined.translate(_ONE_DIGIT).split(b"\n") if texts else []
        if len(shapes) != len(texts):  # a line break inside of a formula
            return dict.fromkeys(range(len(texts)), _Kind.OUTWARD)
        kinds = {shape: _kind(formula_text(shape)) for shape in set(shapes)}
        if not any(kinds.values()):
            return {}
        return {index: kind for index, shape in enumerate(shapes) if (kind := kinds[shape]) is not None}

    def with_numbers(self, numbers: set[bytes] | None) -> set[int]:
        """Those in which one of these numbers stands, but for numbers that were asked before; all for None."""
        if numbers is None:
            return set(range(len(self._texts)))
        wanted = numbers - self._searched
        self._searched |= wanted
        if len(wanted) <= _MOST_SEARCHES and self._by_number is None:
            return {index for number in wanted for index in self._search(number)}
        if self._by_number is None:
            self._by_number = {}
            for index, text in enumerate(self._texts):
                for number in _NUMBER.findall(text):
                    self._by_number.setdefault(number, []).append(index)
        return {index for number in wanted for index in self._by_number.get(number, ())}

    def _search(self, number: bytes) -> Iterable[int]:
        joined, length = self._joined, len(number)
        place = joined.find(number)
        while place >= 0:
            around = joined[max(0, place - 1) : place], joined[place + length : place + length + 1]
            if not around[0].isdigit() and not around[1].isdigit():
                yield bisect_right(self._starts, place) - 1
            place = joined.find(number, place + 1)


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
