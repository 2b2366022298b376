"""What the markup of rows means: worked out once for each kind of markup, by strict expressions that must tile it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import TypeAlias

from crm_sheets.cells import CellValue
from crm_sheets.sync.backends.xlsx import values
from crm_sheets.sync.backends.xlsx.markup import attributes_of, decode, unescape_control
from crm_sheets.sync.backends.xlsx.rows_general import letters_to_number

HERE = b"\0"
"""Stands in a skeleton where a text was; XML has no such character."""

TEXTS = re.compile(rb"<[vtf](?: [^<>]*[^/<>])?>([^<]*)</")
_SPACE = rb'(?: xml:space="preserve")?'
_CELL = re.compile(
    rb'<c((?: [\w:]+="[^"<>]*")+)\s*(?:/>|>'
    rb'(?:(<f)(?: [\w:]+="[^"<>]*")*\s*(?:/>|>(</f>)))?'
    rb"(?:(<v)" + _SPACE + rb"(?:\s*/>|>(</v>)))?"
    rb"(?:(<is><t)" + _SPACE + rb"(?:\s*/>|>(</t>))</is>)?"
    rb"</c>)"
)
_BLANK_CELL = re.compile(rb'<c(?: [\w:]+="[^"<>]*")+\s*(?:/>|></c>)')
_LINK = re.compile(
    rb"(?:>|<(/v></c>|/t></is></c>))((?:" + _BLANK_CELL.pattern + rb")*)"
    rb'(?:(<c(?: [\w:]+="[^"<>]*")+)\s*>(<v|<is><t)' + _SPACE + rb">|<)"
)
_CLOSINGS = {b"<v": b"/v></c>", b"<is><t": b"/t></is></c>"}
_COLUMN = re.compile(rb"[A-Z]{1,3}")
_BEYOND = 1 << 20
"""A column beyond the last one."""
_MOST_CELL_PLANS = 1 << 14
_MOST_VALUES = 1 << 16

Link: TypeAlias = "tuple[bytes | None, int, bytes | None, int, Lookup | None]"
"""How the cell of the text before is closed, column of the first cell after it, how the cell of the text after must be
closed, its column, its lookup; None before the first text of a row and after the last."""


class NotTiled(Exception):
    """The markup is not what the expressions know."""


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
    if b"&" in raw or b"_" in raw or b"\r" in raw:
        return unescape_control(decode(raw)) or None
    return raw.decode() or None


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


class Links(dict[bytes, Link]):
    """What the markup between two texts of a row means, worked out on first sight."""

    def __init__(self, lookups: "Lookups") -> None:
        super().__init__()
        self._lookups = lookups

    def __missing__(self, markup: bytes) -> Link:
        link = compile_link(markup, self._lookups)
        if len(self) < _MOST_CELL_PLANS:
            self[markup] = link
        return link


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


def compile_link(markup: bytes, lookups: Lookups) -> Link:
    """See Links.

    Raises:
        NotTiled: it is not marked up as we know it.
    """
    match = _LINK.fullmatch(markup)
    if match is None:
        raise NotTiled
    closing, blanks, cell, text = match.groups()
    columns = [compile_cell(blank, lookups).column for blank in _BLANK_CELL.findall(blanks)]
    lookup = None
    if cell:
        plan = compile_cell(cell + b">" + text + b">" + b"<" + _CLOSINGS[text], lookups)
        columns.append(plan.column)
        lookup = plan.lookups[0]
    if any(one >= other for one, other in pairwise(columns)):
        raise NotTiled
    first = columns[0] if columns else _BEYOND
    return closing, first, _CLOSINGS[text] if cell else None, columns[-1] if cell else _BEYOND, lookup


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
    texts = TEXTS.findall(skeleton)
    all_texts = len(texts) == skeleton.count(HERE) and all(text == HERE for text in texts)
    before, *pieces = skeleton.replace(HERE, b"")[1:-1].split(b"<c ")
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
