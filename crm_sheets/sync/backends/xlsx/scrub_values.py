"""What the cells of a workbook hold before and after a change: which values are gone, which shared strings are used."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.sync.backends.xlsx.markup import MAIN, elements, new_parser, parse
from crm_sheets.sync.backends.xlsx.package import SheetPart
from crm_sheets.sync.backends.xlsx.part_edit import PartEdit
from crm_sheets.sync.backends.xlsx.row_plans import Lookups
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area
from crm_sheets.sync.backends.xlsx.strings import shared_strings

Cells = Mapping[str, Collection[tuple[int, int]]]
"""Cells by the name of their tab, each as (row, column), 1-based."""

FEWEST_DIGITS = 5
"""A number of fewer digits tells nothing of where it comes from."""


class SharedText(str):
    """A text that a cell has from the shared strings, with its place among them."""

    __slots__ = ("place",)
    place: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values that must be nowhere: texts as they are, numbers as the digits that files hold."""

    texts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.texts or self.numbers)


@dataclass(slots=True)
class CellUse:
    """What cells hold.

    Attributes:
        strings: places of the shared strings that a cell refers to.
        typed: values of cells without a formula, but for those that a pivot table fills.
        results: saved results of formulas, and what pivot tables filled in, by tab and cell.
        pivots: of `results`, the cells that a pivot table fills.
    """

    strings: set[int] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    results: dict[tuple[str, int, int], str] = field(default_factory=dict)
    pivots: set[tuple[str, int, int]] = field(default_factory=set)


def secrets_of(values: Collection[CellValue]) -> Secrets:
    """The values of cells as they are searched for; what is too short or too common to tell anything is none."""
    texts: set[str] = set()
    numbers: set[str] = set()
    for value in values:
        plain = value.cached if isinstance(value, Formula) else value
        if isinstance(plain, str) and plain.strip():
            texts.add(plain.strip())
        elif isinstance(plain, (int, float)) and not isinstance(plain, bool):
            shown = number_text(plain)
            if sum(map(str.isdigit, shown)) >= FEWEST_DIGITS:
                numbers.add(shown)
    return Secrets(frozenset(texts), frozenset(numbers))


def number_text(value: float) -> str:
    """A number as files write it, whole ones without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


def values_before(edit: PartEdit, cells: Cells) -> list[CellValue]:
    """What cells held in the workbook as it was opened."""
    package = edit.package
    strings = shared_strings(package.read(package.shared_strings), "") if package.shared_strings else []
    found: list[CellValue] = []
    for sheet in package.sheets:
        wanted = set(cells.get(sheet.name, ()))
        if not wanted:
            continue
        place = f"{package.name}: {sheet.part}"
        lookups = Lookups(strings, package.date1904)
        for row in read_sheet(package.read(sheet.part), strings, package.date1904, place, lookups, None).rows:
            found += [cell for at, cell in enumerate(row.cells, 1) if (row.number, at) in wanted]
    return found


def cell_use(edit: PartEdit) -> CellUse:
    """What the cells of all tabs will hold."""
    package, use = edit.package, CellUse()
    strings = _indexed(edit)
    lookups = Lookups(strings, package.date1904)
    for sheet in package.sheets:
        if sheet.kind != "worksheet":
            continue
        areas = list(_pivot_areas(edit, sheet))
        place = f"{package.name}: {sheet.part}"
        for row in read_sheet(edit.read(sheet.part), strings, package.date1904, place, lookups, None).rows:
            for column, value in enumerate(row.cells, 1):
                if value is not None:
                    _note(use, (sheet.name, row.number, column), value, _within(areas, row.number, column))
    return use


def _note(use: CellUse, place: tuple[str, int, int], value: CellValue, in_pivot: bool) -> None:
    plain = value.cached if isinstance(value, Formula) else value
    if isinstance(plain, SharedText):
        use.strings.add(plain.place)
    text = shown(plain)
    if isinstance(value, Formula) or in_pivot:
        use.results[place] = text
        if in_pivot:
            use.pivots.add(place)
    else:
        use.typed.add(text)


def shown(value: CellValue) -> str:
    """A value as a text to be compared."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    return value.code if isinstance(value, CellError) else str(value)


def _indexed(edit: PartEdit) -> list[str]:
    part = edit.package.shared_strings
    texts: list[str] = []
    for place, text in enumerate(shared_strings(edit.read(part), part) if part else ()):
        one = SharedText(text)
        one.place = place
        texts.append(one)
    return texts


def _within(areas: list[Area], row: int, column: int) -> bool:
    return any(area[0] <= row <= area[2] and area[1] <= column <= area[3] for area in areas)


def _pivot_areas(edit: PartEdit, sheet: SheetPart) -> Iterator[Area]:
    """What the pivot tables of a tab fill (ECMA-376 part 1, 18.10.1.49)."""
    for part in edit.package.related(sheet.part, "pivotTable"):
        for item in elements(edit.read(part), part):
            area = parse_area(item.attributes.get("ref", "")) if item.name == "location" else None
            if area is not None:
                yield area


def without_strings(content: bytes, keep: Collection[int], part: str) -> bytes:
    """Shared strings with all but some blanked: places stay, rich runs and phonetic ones go with them.

    Raises:
        WorkbookUnreadable: not well-formed.
    """
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    parser = new_parser(part)

    def start(name: str, _: dict[str, str]) -> None:
        if _is_item(name):
            opened.append(parser.CurrentByteIndex)

    def end(name: str) -> None:
        if _is_item(name):
            spans.append((opened.pop(), content.index(b">", parser.CurrentByteIndex) + 1))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, content, part)
    kept = set(keep)
    pieces: list[bytes] = []
    position = 0
    for place, (begin, stop) in enumerate(spans):
        if place not in kept:
            prefix = content[begin + 1 : stop].partition(b"si")[0]
            blank = b"<" + prefix + b"si><" + prefix + b"t/></" + prefix + b"si>"
            pieces += (content[position:begin], blank)
            position = stop
    return b"".join((*pieces, content[position:]))


def _is_item(name: str) -> bool:
    namespace, _, local = name.rpartition(" ")
    return local == "si" and namespace in MAIN
