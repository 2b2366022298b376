"""Rows of a sheet read at the speed of the regular expression engine, for the markup that spreadsheet programs write.

Rows of a table have the same markup but for the row number and the texts. So each row is split into its skeleton
(the markup without texts) and its texts; what a skeleton means is worked out once, by a strict expression that must
tile it completely, and from then on a row costs three calls into C. Where each row leaves other cells out, hardly any
skeleton comes twice: then the pieces of markup between two texts are looked up, of which there are few kinds. A row
that does not tile goes to the XML parser of rows_general, and so does a sheet with comments, CDATA, prefixes or rows
without a number.
"""

import gc
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from operator import getitem, lt

from crm_sheets.cells import CellValue, Formula
from crm_sheets.sync.backends.xlsx.markup import MAIN, attributes_of, has_declarations, is_utf8
from crm_sheets.sync.backends.xlsx.row_blocks import Walk, groups, mark_of
from crm_sheets.sync.backends.xlsx.row_plans import (
    HERE,
    TEXTS,
    CellPlan,
    Links,
    Lookups,
    NotTiled,
    Plan,
    compile_plan,
)
from crm_sheets.sync.backends.xlsx.rows_general import SheetContent, read_rows
from crm_sheets.tables import RowBlock, SheetRow

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]*\?>)?\s*(<worksheet\s[^<>]*>)")
_HEAD = re.compile(rb'\s*(?:<row[^<>]*/>\s*)*<row((?: [\w:]+="[^"<>]*")*)\s*>')
_BLANK_ROWS = re.compile(rb"\s*(?:<row[^<>]*/>\s*)*")
_ROW_NUMBER = re.compile(rb' r="(\d{1,7})"')
_TEXT_NODE = re.compile(rb">([^<]+)<")
_SIGHTS = 2
"""How often the same skeleton comes before it is worked out as a whole."""
_MOST_PLANS = 4096


def read_sheet(
    content: bytes,
    strings: Sequence[str],
    date1904: bool,
    part: str,
    lookups: Lookups | None = None,
    marks: Sequence[bytes] | None = None,
) -> SheetContent:
    """Everything that a sheet part holds, by the quick way where it is sure, else by the XML parser.

    Args:
        content: of the part.
        strings: the shared strings of the workbook.
        date1904: as in Snapshot.
        part: what messages call it.
        lookups: made of the same strings and date system; may be shared by the sheets of a workbook.
        marks: of blocks that need not be read; None where nobody wants to know of blocks.

    Raises:
        WorkbookUnreadable: not well-formed, or it has a DOCTYPE.
    """
    span = span_of(content)
    if span is not None:
        root, start, stop = span
        found = read_rows(content[:start] + content[stop:], strings, date1904, part)
        opening = root + b"<sheetData>"

        def general(rows: bytes) -> list[SheetRow]:
            return read_rows(opening + rows + b"</sheetData></worksheet>", strings, date1904, part).rows

        collecting = gc.isenabled()
        gc.disable()  # millions of new tuples, none in a cycle: looking for cycles among them takes a third of the time
        try:
            reading = FastRows(lookups or Lookups(strings, date1904), general)
            if marks is None:
                found.rows = reading.read(content, start, stop)
            else:
                found.blocks = reading.read_blocks(content, start, stop, marks)
                found.rows = [row for block in found.blocks if block.read for row in block.rows()]
        except NotTiled:
            pass
        else:
            return found
        finally:
            if collecting:
                gc.enable()
    return read_rows(content, strings, date1904, part)


def span_of(content: bytes) -> tuple[bytes, int, int] | None:
    """The root tag of a sheet part, and between which places its rows stand; None where it is marked up in a way that
    only an XML parser knows."""
    root = _ROOT.match(content)
    start, stop = content.find(b"<sheetData>"), content.rfind(b"</sheetData>")
    if root is None or not 0 <= start < stop or has_declarations(content) or not is_utf8(content):
        return None
    return (root[1], start + len(b"<sheetData>"), stop) if _is_default(root[1]) else None


def row_spans(content: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """The number of each row between two places, where it begins, blank rows before it included, and where it ends.

    Raises:
        NotTiled: a row is not marked up as we know it.
    """
    place = start
    while (end := content.find(b"</row>", place, stop)) >= 0:
        _, digits = _head_of(content, place, end)
        yield int(digits), place, end + 6
        place = end + 6


def _is_default(root: bytes) -> bool:
    return attributes_of(root).get(b"xmlns", b"").decode("latin-1") in MAIN


class FastRows:
    """Reads the rows between two places of a sheet part."""

    def __init__(
        self,
        lookups: Lookups,
        general: Callable[[bytes], list[SheetRow]],
    ) -> None:
        self._lookups = lookups
        self._general = general
        self._plans: dict[bytes, Plan] = {}
        self._cells: dict[bytes, CellPlan] = {}
        self._links = Links(lookups)
        self._sights: dict[int, int] = {}
        """How often a skeleton, by its hash, has come."""

    def read(self, content: bytes, start: int, stop: int) -> list[SheetRow]:
        """The rows that are not blank.

        Raises:
            NotTiled: the rows are not marked up as we know it.
        """
        rows: list[SheetRow] = []
        place = start
        while (end := content.find(b"</row>", place, stop)) >= 0:
            head, digits = _head_of(content, place, end)
            try:
                row = SheetRow(int(digits), self.cells(content[head.end() - 1 : end + 1], digits))
            except (NotTiled, ValueError, IndexError):
                rows += self._general(content[head.start() : end + 6])
            else:
                if row.cells:
                    rows.append(row)
            place = end + 6
        _require_blank(content, place, stop)
        return rows

    def read_blocks(self, content: bytes, start: int, stop: int, marks: Sequence[bytes]) -> list[RowBlock]:
        """As read(), in blocks; those that have one of the marks are not read, unless there is no row behind them.

        Raises:
            NotTiled: the rows are not marked up as we know it.
        """
        blocks: list[RowBlock] = []
        walk = Walk(content, start, stop, marks)
        place, mark = start, b"?"
        while mark:
            mark, begin, end = walk.next_block()
            for one, other in groups(content, place, begin):
                rows = self.read(content, one, other)
                blocks.append(RowBlock(mark_of(content, one, other), partial(list, rows), True))
                place = other
            _require_blank(content, place, begin)
            if mark:
                blocks.append(RowBlock(mark, partial(self.read, content, begin, end), False))
            place = end
        return _with_the_last_row(blocks)

    def cells(self, body: bytes, number: bytes) -> tuple[CellValue, ...]:
        """The cells of one row: `body` runs from the end of its start tag to the `<` of its end tag."""
        pieces = _TEXT_NODE.split(body)
        skeleton = b">\0<".join(pieces[::2]).replace(number + b'"', b'"')
        plan = self._plans.get(skeleton)
        if plan is None:
            seen = self._sights.get(mark := hash(skeleton), 0)
            if seen < _SIGHTS:
                self._sights[mark] = seen + 1
                with suppress(NotTiled):
                    return self._linked(skeleton.split(HERE), pieces[1::2])
            plan = compile_plan(skeleton, self._lookups, self._cells)
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[skeleton] = plan
        texts = pieces[1::2] if plan.all_texts else TEXTS.findall(body)
        if len(texts) != len(plan.lookups):
            raise NotTiled
        if plan.arrange is None:
            cells = tuple(map(getitem, plan.lookups, texts))
        else:
            found = list(map(getitem, plan.lookups, texts))
            for text, result in plan.formulas:
                cached = None if result < 0 else found[result]
                found.append(Formula("" if text < 0 else str(found[text]), cached))  # type: ignore[arg-type]
            found.append(None)
            cells = plan.arrange(found)
        while cells and cells[-1] is None:
            cells = cells[:-1]
        return cells

    def _linked(self, markups: Sequence[bytes], texts: Sequence[bytes]) -> tuple[CellValue, ...]:
        """The cells of a row by the markup between its texts, of which there are few kinds even where each row leaves
        other cells out.

        Raises:
            NotTiled: there are formulas in it, or it is not marked up as we know it.
        """
        closing, first, closed_by, columns, lookups = zip(*map(self._links.__getitem__, markups), strict=True)
        if closing[1:] != closed_by[:-1] or not all(map(lt, columns[:-1], first[1:])):
            raise NotTiled
        found = dict(zip(columns, map(getitem, lookups, texts), strict=False))
        cells = tuple(map(found.get, range(1, columns[-2] + 1))) if texts else ()
        while cells and cells[-1] is None:
            cells = cells[:-1]
        return cells


def _with_the_last_row(blocks: list[RowBlock]) -> list[RowBlock]:
    """The blocks, the last one in which there is a row among those that were read."""
    for place in reversed(range(len(blocks))):
        if rows := blocks[place].rows():
            blocks[place] = replace(blocks[place], rows=partial(list, rows), read=True)
            break
    return blocks


def _head_of(content: bytes, place: int, end: int) -> tuple[re.Match[bytes], bytes]:
    """The start tag of the next row, blank rows before it included, and its number."""
    head = _HEAD.match(content, place, end)
    number = _ROW_NUMBER.search(head[1]) if head else None
    if head is None or number is None:
        raise NotTiled
    return head, number[1]


def _require_blank(content: bytes, start: int, stop: int) -> None:
    if _BLANK_ROWS.fullmatch(content, start, stop) is None:
        raise NotTiled
