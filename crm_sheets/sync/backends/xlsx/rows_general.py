"""Rows of a sheet read by a full XML parser: any prefix, quoting, comment, CDATA, or missing `r`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from crm_sheets.cells import CellError, CellValue, Formula, Scalar
from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx import values
from crm_sheets.sync.backends.xlsx.markup import MAIN, new_parser, parse, unescape_control
from crm_sheets.tables import RowBlock, SheetRow

Area: TypeAlias = tuple[int, int, int, int]
"""First row, first column, last row, last column, 1-based."""

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


@dataclass(slots=True)
class SheetContent:
    """What one pass over a sheet part found."""

    rows: list[SheetRow] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    blocks: list[RowBlock] = field(default_factory=list)


@lru_cache(maxsize=1024)
def letters_to_number(letters: str) -> int:
    """A -> 1; upper case only matters not."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def parse_area(reference: str) -> Area | None:
    """`B2:C9` or `B2` as an area; None when it is neither."""
    first, _, last = reference.partition(":")
    start, stop = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if start is None or stop is None:
        return None
    rows = sorted((int(start[2]), int(stop[2])))
    columns = sorted((letters_to_number(start[1]), letters_to_number(stop[1])))
    return rows[0], columns[0], rows[1], columns[1]


class RowCollector:
    """Handlers of the parser; `take` gets each row that is not blank."""

    def __init__(self, strings: Sequence[str], date1904: bool, part: str) -> None:
        self.content = SheetContent()
        self._strings = strings
        self._date1904 = date1904
        self._part = part
        self._row = self._column = 0
        self._cells: dict[int, CellValue] = {}
        self._type = "n"
        self._has_formula = False
        self._texts: dict[str, list[str]] = {}
        self._target: list[str] | None = None
        self._phonetic = 0
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "row": self._start_row,
            "c": self._start_cell,
            "mergeCell": self._start_merge,
        }

    def run(self, content: bytes) -> SheetContent:
        """Parse a sheet part."""
        parser = new_parser(self._part)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parse(parser, content, self._part)
        return self.content

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in MAIN:
            return
        if local in ("v", "f", "t"):
            self._target = None if self._phonetic else self._texts.setdefault(local, [])
            self._has_formula |= local == "f"
        elif local == "rPh":
            self._phonetic += 1
        elif local in self._starts:
            self._starts[local](attributes)

    def _start_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", "")
        self._row = int(given) if given.isdigit() else self._row + 1
        self._column = 0
        self._cells = {}

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise WorkbookUnreadable(f"{self._part}: {reference!r} is no cell", "bad-xml")
            self._column = letters_to_number(match[1])
        self._type = attributes.get("t", "n")
        self._texts = {}
        self._has_formula = False

    def _start_merge(self, attributes: dict[str, str]) -> None:
        area = parse_area(attributes.get("ref", ""))
        if area is not None:
            self.content.merged.append(area)

    def _end(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in MAIN:
            return
        if local in ("v", "f", "t"):
            self._target = None
        elif local == "rPh":
            self._phonetic -= 1
        elif local == "c":
            value = self._cell_value()
            if value is not None:
                self._cells[self._column] = value
        elif local == "row" and self._cells:
            last = max(self._cells)
            cells = tuple(map(self._cells.get, range(1, last + 1)))
            self.content.rows.append(SheetRow(self._row, cells))

    def _characters(self, text: str) -> None:
        if self._target is not None:
            self._target.append(text)

    def _cell_value(self) -> CellValue:
        value = self._stored_value()
        if self._has_formula:
            return Formula(unescape_control("".join(self._texts.get("f", ()))), _cached(value))
        return None if value == "" else value

    def _stored_value(self) -> CellValue:  # noqa: PLR0911 - one for each type of cell
        if self._type == "inlineStr":
            return unescape_control("".join(self._texts.get("t", ()))) if "t" in self._texts else None
        if "v" not in self._texts:
            return None
        text = "".join(self._texts["v"])
        match self._type:
            case "s":
                index = text.strip()
                known = index.isdigit() and int(index) < len(self._strings)
                return self._strings[int(index)] if known else CellError("#VALUE!") if index else None
            case "str":
                return unescape_control(text)
            case "b":
                return values.flag(text)
            case "e":
                return values.error(text)
            case "d":
                return values.iso_date(text, self._date1904)
            case _:
                return values.number(text)


def _cached(value: CellValue) -> Scalar | CellError:
    """The saved result of a formula is never a formula."""
    return None if isinstance(value, Formula) else value


def read_rows(content: bytes, strings: Sequence[str], date1904: bool, part: str) -> SheetContent:
    """Everything that a sheet part holds.

    Raises:
        WorkbookUnreadable: not well-formed, or it has a DOCTYPE.
    """
    return RowCollector(strings, date1904, part).run(content)
