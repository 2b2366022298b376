"""Rows of a sheet read at the speed of the regular expression engine, for the markup that spreadsheet programs write.

Rows of a table have the same markup but for the row number and the texts. So each row is split into its skeleton
(the markup without texts) and its texts; what a skeleton means is worked out once, by a strict expression that must
tile it completely, and from then on a row costs three calls into C. A row that does not tile goes to the XML parser
of rows_general, and so does a sheet with comments, CDATA, prefixes or rows without a number.
"""

import gc
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import getitem, itemgetter

from crm_sheets.cells import CellValue, Formula
from crm_sheets.sync.backends.xlsx import values
from crm_sheets.sync.backends.xlsx.markup import (
    MAIN,
    attributes_of,
    decode,
    has_declarations,
    is_utf8,
    unescape_control,
)
from crm_sheets.sync.backends.xlsx.rows_general import SheetContent, letters_to_number, read_rows
from crm_sheets.tables import SheetRow

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]*\?>)?\s*(<worksheet\s[^<>]*>)")
_HEAD = re.compile(rb'\s*(?:<row[^<>]*/>\s*)*<row((?: [\w:]+="[^"<>]*")*)\s*>')
_BLANK_ROWS = re.compile(rb"\s*(?:<row[^<>]*/>\s*)*")
_ROW_NUMBER = re.compile(rb' r="(\d{1,7})"')
_TEXT_NODE = re.compile(rb">([^<]+)<")
_HERE = b"\0"
"""Stands in a skeleton where a text was; XML has no such character."""
_TEXTS = re.compile(rb"<[vtf](?: [^<>]*[^/<>])?>([^<]*)</")
_SPACE = rb'(?: xml:space="preserve")?'
_CELL = re.compile(
    rb'<c((?: [\w:]+="[^"<>]*")+)\s*(?:/>|>'
    rb'(?:(<f)(?: [\w:]+="[^"<>]*")*\s*(?:/>|>(</f>)))?'
    rb"(?:(<v)" + _SPACE + rb"(?:\s*/>|>(</v>)))?"
    rb"(?:(<is><t)" + _SPACE + rb"(?:\s*/>|>(</t>))</is>)?"
    rb"</c>)"
)
_COLUMN = re.compile(rb"[A-Z]{1,3}")
_MOST_PLANS = 4096
_MOST_CELL_PLANS = 1 << 14
_MOST_VALUES = 1 << 16


class Lookup(dict[bytes, CellValue]):
    """Texts as values: converted on first sight and kept, up to a bound, so that equal values are one object."""

    def __init__(self, convert: Callable[[bytes], CellValue]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, raw: bytes) -> CellValue:
        value = self._convert(raw)
        if len(self) < _MOST_VALUES:
            self[raw] = value
        return value


def _number(raw: bytes) -> CellValue:
    """As values.number, by a shorter way for what is most common."""
    if raw.isdigit() and len(raw) < 16:
        return int(raw)
    return values.number(decode(raw))


def _text(raw: bytes) -> str:
    if b"&" in raw or b"_" in raw or b"\r" in raw:
        return unescape_control(decode(raw))
    return raw.decode()


def _constant(raw: bytes) -> CellValue:
    return _text(raw) or None


class Lookups:
    """One lookup for each type of cell."""

    def __init__(self, strings: Sequence[str], date1904: bool) -> None:
        def shared(raw: bytes) -> CellValue:
            if not raw.isdigit():
                raise ValueError("not an index")
            return strings[int(raw)] or None

        self.text = Lookup(_text)
        self.constant = Lookup(_constant)
        self.cached = {
            b"n": Lookup(_number),
            b"str": self.text,
            b"b": Lookup(lambda raw: values.flag(decode(raw))),
            b"e": Lookup(lambda raw: values.error(decode(raw))),
            b"d": Lookup(lambda raw: values.iso_date(decode(raw), date1904)),
        }
        self.plain = {**self.cached, b"str": self.constant, b"s": Lookup(shared)}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the texts of a row become its cells.

    Attributes:
        lookups: one for each text, in order.
        formulas: (place of the formula's text, place of its result) among the texts; -1 where there is none.
        arrange: picks the cells from the values, the formulas and a final blank; None when the values are the cells.
        all_texts: whether the texts are all that stands between tags: none is empty, and there are no line breaks.
    """

    lookups: tuple[Lookup, ...]
    formulas: tuple[tuple[int, int], ...]
    arrange: Callable[[list[CellValue]], tuple[CellValue, ...]] | None
    all_texts: bool


@dataclass(frozen=True, slots=True)
class CellPlan:
    """How the texts of one cell become its value.

    Attributes:
        lookups: one for each text, in order; none for a cell that is blank by its markup.
        formula: as in Plan.formulas, places among the texts of the cell; None for a constant.
    """

    column: int
    lookups: tuple[Lookup, ...]
    formula: tuple[int, int] | None


class RowMemory:
    """The rows of the last reading of each sheet, by a digest of their markup.

    For a process that reads a workbook again and again: after one edit, one row is taken apart anew, not all of them.
    """

    def __init__(self) -> None:
        self._strings: Sequence[str] = ()
        self._date1904 = False
        self._sheets: dict[str, dict[bytes, tuple[CellValue, ...]]] = {}

    def prepare(self, strings: Sequence[str], date1904: bool) -> None:
        """Forgets everything unless rows still mean the same: shared strings may only have been added to."""
        if date1904 != self._date1904 or strings[: len(self._strings)] != self._strings:
            self._sheets.clear()
        self._strings, self._date1904 = strings, date1904

    def rows_of(self, sheet: str) -> dict[bytes, tuple[CellValue, ...]]:
        """What is known of a sheet."""
        return self._sheets.get(sheet, {})

    def keep(self, sheet: str, rows: dict[bytes, tuple[CellValue, ...]]) -> None:
        """Takes the rows of a reading in the place of those of the one before."""
        self._sheets[sheet] = rows


class NotTiled(Exception):
    """The markup is not what the expressions know."""


def read_sheet(
    content: bytes,
    strings: Sequence[str],
    date1904: bool,
    part: str,
    lookups: Lookups | None = None,
    memory: RowMemory | None = None,
) -> SheetContent:
    """Everything that a sheet part holds, by the quick way where it is sure, else by the XML parser.

    `lookups`, made of the same strings and date system, may be shared by the sheets of a workbook, and `memory`,
    prepared for the same, by readings of it.

    Raises:
        WorkbookUnreadable: not well-formed, or it has a DOCTYPE.
    """
    root = _ROOT.match(content)
    start, stop = content.find(b"<sheetData>"), content.rfind(b"</sheetData>")
    if (
        root is not None
        and 0 <= start < stop
        and not has_declarations(content)
        and is_utf8(content)
        and _is_default(root[1])
    ):
        start += len(b"<sheetData>")
        found = read_rows(content[:start] + content[stop:], strings, date1904, part)
        opening = root[1] + b"<sheetData>"

        def general(rows: bytes) -> list[SheetRow]:
            return read_rows(opening + rows + b"</sheetData></worksheet>", strings, date1904, part).rows

        collecting = gc.isenabled()
        gc.disable()  # millions of new tuples, none in a cycle: looking for cycles among them takes a third of the time
        try:
            reading = FastRows(
                lookups or Lookups(strings, date1904), general, None if memory is None else memory.rows_of(part)
            )
            found.rows = reading.read(content, start, stop)
            if memory is not None:
                memory.keep(part, reading.seen)
        except NotTiled:
            pass
        else:
            return found
        finally:
            if collecting:
                gc.enable()
    return read_rows(content, strings, date1904, part)


def _is_default(root: bytes) -> bool:
    return attributes_of(root).get(b"xmlns", b"").decode("latin-1") in MAIN


class FastRows:
    """Reads the rows between two places of a sheet part."""

    def __init__(
        self,
        lookups: Lookups,
        general: Callable[[bytes], list[SheetRow]],
        known: dict[bytes, tuple[CellValue, ...]] | None = None,
    ) -> None:
        self._lookups = lookups
        self._general = general
        self._known = known
        self.seen: dict[bytes, tuple[CellValue, ...]] = {}
        self._plans: dict[bytes, Plan] = {}
        self._cells: dict[bytes, CellPlan] = {}

    def read(self, content: bytes, start: int, stop: int) -> list[SheetRow]:
        """The rows that are not blank.

        Raises:
            NotTiled: the rows are not marked up as we know it.
        """
        rows: list[SheetRow] = []
        place = start
        while (end := content.find(b"</row>", place, stop)) >= 0:
            head = _HEAD.match(content, place, end)
            number = _ROW_NUMBER.search(head[1]) if head else None
            if head is None or number is None:
                raise NotTiled
            try:
                cells = self._recalled(content[head.end() - 1 : end + 1], number[1])
            except (NotTiled, ValueError, IndexError):
                rows += self._general(content[head.start() : end + 6])
            else:
                if cells:
                    rows.append(SheetRow(int(number[1]), cells))
            place = end + 6
        if _BLANK_ROWS.fullmatch(content, place, stop) is None:
            raise NotTiled
        return rows

    def _recalled(self, body: bytes, number: bytes) -> tuple[CellValue, ...]:
        """The cells of a row, from memory where its markup is known, its number included."""
        if self._known is None:
            return self.cells(body, number)
        mark = blake2b(body, digest_size=16).digest()
        cells = self._known.get(mark)
        if cells is None:
            cells = self.cells(body, number)
        self.seen[mark] = cells
        return cells

    def cells(self, body: bytes, number: bytes) -> tuple[CellValue, ...]:
        """The cells of one row: `body` runs from the end of its start tag to the `<` of its end tag."""
        pieces = _TEXT_NODE.split(body)
        skeleton = b">\0<".join(pieces[::2]).replace(number + b'"', b'"')
        plan = self._plans.get(skeleton)
        if plan is None:
            plan = compile_plan(skeleton, self._lookups, self._cells)
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[skeleton] = plan
        texts = pieces[1::2] if plan.all_texts else _TEXTS.findall(body)
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


def compile_plan(skeleton: bytes, lookups: Lookups, cells: dict[bytes, CellPlan]) -> Plan:
    """What a row's markup means; row numbers are already gone from it, and texts are but marked.

    `cells` keeps what each cell's markup means: where most rows leave other cells out, there are as many skeletons as
    rows, but hardly more kinds of cells than columns.

    Raises:
        NotTiled: it is not marked up as we know it.
    """
    used: list[Lookup] = []
    formulas: list[tuple[int, int]] = []
    places: dict[int, int] = {}  # column -> place among the values, or -1 - place among the formulas
    column = 0
    texts = _TEXTS.findall(skeleton)
    all_texts = len(texts) == skeleton.count(_HERE) and all(text == _HERE for text in texts)
    before, *pieces = skeleton.replace(_HERE, b"")[1:-1].split(b"<c ")
    if before:
        raise NotTiled
    for piece in pieces:
        cell = cells.get(piece)
        if cell is None:
            cell = compile_cell(b"<c " + piece, lookups)
            if len(cells) < _MOST_CELL_PLANS:
                cells[piece] = cell
        if cell.column <= column:
            raise NotTiled
        column = cell.column
        if cell.formula is not None:
            formulas.append(tuple(len(used) + place if place >= 0 else -1 for place in cell.formula))  # type: ignore[arg-type]  # two of them
            places[column] = -len(formulas)
        elif cell.lookups:
            places[column] = len(used)
        used += cell.lookups
    return Plan(tuple(used), tuple(formulas), _arrangement(places, len(used), len(formulas)), all_texts)


def compile_cell(markup: bytes, lookups: Lookups) -> CellPlan:
    """What a cell's markup means.

    Raises:
        NotTiled: it is not marked up as we know it.
    """
    match = _CELL.fullmatch(markup)
    attributes = attributes_of(match[1]) if match else {}
    reference = attributes.get(b"r", b"")
    if match is None or _COLUMN.fullmatch(reference) is None:
        raise NotTiled
    kind = attributes.get(b"t", b"n")
    _, formula, formula_text, value, value_text, inline, inline_text = match.groups()
    table = lookups.cached if formula else lookups.plain
    if (kind == b"inlineStr") != bool(inline) and (value or formula or inline):
        raise NotTiled
    if value and kind not in table:
        raise NotTiled
    used: list[Lookup] = []
    text_place = result_place = -1
    if formula_text:
        text_place = len(used)
        used.append(lookups.text)
    if value_text:
        result_place = len(used)
        used.append(table[kind])
    if inline_text:
        result_place = len(used)
        used.append(lookups.constant)
    return CellPlan(letters_to_number(reference.decode()), tuple(used), (text_place, result_place) if formula else None)


def _arrangement(
    places: dict[int, int], values_count: int, formulas_count: int
) -> Callable[[list[CellValue]], tuple[CellValue, ...]] | None:
    width = max(places, default=0)
    blank = values_count + formulas_count
    slots = [places.get(column, blank) for column in range(1, width + 1)]
    slots = [values_count - slot - 1 if slot < 0 else slot for slot in slots]
    if slots == list(range(values_count)):
        return None
    if len(slots) == 1:
        only = slots[0]
        return lambda found: (found[only],)
    return itemgetter(*slots) if slots else lambda _: ()
