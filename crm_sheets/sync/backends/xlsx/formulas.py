"""Which formulas depend on which cells: rough, and wrong only towards "depends"."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from crm_sheets.sync.backends.xlsx.rows_general import Area, letters_to_number

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_TEXT = re.compile(r'"(?:[^"]|"")*"')
_SHEET = r"(?P<sheet>'(?:[^']|'')+'|[^\s'!(),:;+\-*/^&=<>{}\"]+(?::[^\s'!(),:;+\-*/^&=<>{}\"]+)?)!"
_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})"
_TOKEN = re.compile(
    rf"(?:{_SHEET})?(?:"
    rf"(?P<area>\$?[A-Za-z]{{1,3}}\$?\d{{1,7}}(?::\$?[A-Za-z]{{1,3}}\$?\d{{1,7}})?)(?![\w.(])"
    r"|(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})(?![\w.(])"
    r"|(?P<rows>\$?\d{1,7}:\$?\d{1,7})(?![\w.])"
    r"|(?P<name>[^\W\d][\w.\\?]*)(?!\s*[(\w.!])"
    r"|(?P<other>[\w.\\]+))"
)
_UNKNOWN = re.compile(r"\b(?:INDIRECT|OFFSET|EVALUATE|CALL)\s*\(|\)\s*:|:\s*[A-Z_.]+\(", re.IGNORECASE)
_REFERENCE = re.compile(_CELL)

Shift: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a formula reads.

    Attributes:
        areas: (tab in lower case, `a:b` for a run of tabs, or None for its own tab; area).
        names: names that it uses, in lower case: defined names and tables.
        everything: it computes addresses, so it may read any cell.
    """

    areas: tuple[tuple[str | None, Area], ...]
    names: frozenset[str]
    everything: bool


@lru_cache(maxsize=1 << 14)
def reach_of(text: str, shift: Shift = (0, 0)) -> Reach:
    """What the formula `text` reads; `shift` moves its relative references (rows, columns), as for a shared formula."""
    bare = _TEXT.sub('""', text)
    areas: list[tuple[str | None, Area]] = []
    names: set[str] = set()
    for match in _TOKEN.finditer(bare):
        sheet = match["sheet"]
        if sheet is not None:
            sheet = sheet.strip("'").replace("''", "'").lower()
            if "[" in sheet and not sheet.startswith("[0]"):
                continue  # another workbook
        if area := match["area"]:
            areas.append((sheet, _area(area, shift)))
        elif columns := match["columns"]:
            first, _, last = columns.replace("$", "").partition(":")
            edges = sorted((letters_to_number(first), letters_to_number(last)))
            areas.append((sheet, (1, 1 if shift[1] else edges[0], LAST_ROW, LAST_COLUMN if shift[1] else edges[1])))
        elif rows := match["rows"]:
            edges = sorted(int(row) for row in rows.replace("$", "").split(":"))
            areas.append((sheet, (1 if shift[0] else edges[0], 1, LAST_ROW if shift[0] else edges[1], LAST_COLUMN)))
        elif name := match["name"]:
            names.add(name.lower())
    return Reach(tuple(areas), frozenset(names), _UNKNOWN.search(bare) is not None)


def _area(text: str, shift: Shift) -> Area:
    rows, columns = [], []
    for fixed_column, letters, fixed_row, digits in _REFERENCE.findall(text):
        columns.append(_moved(letters_to_number(letters), 0 if fixed_column else shift[1], LAST_COLUMN))
        rows.append(_moved(int(digits), 0 if fixed_row else shift[0], LAST_ROW))
    return min(rows), min(columns), max(rows), max(columns)


def _moved(number: int, by: int, last: int) -> int:
    """References that leave the sheet come in again at its other end."""
    return (number + by - 1) % last + 1


class Cells:
    """Cells of one tab, asked for by area."""

    def __init__(self) -> None:
        self._columns: dict[int, list[int]] = {}
        self._areas: list[Area] = []

    def add(self, row: int, column: int) -> None:
        """Add a cell."""
        rows = self._columns.setdefault(column, [])
        place = bisect_left(rows, row)
        if place == len(rows) or rows[place] != row:
            insort(rows, row)

    def add_area(self, area: Area) -> None:
        """Add a whole area."""
        self._areas.append(area)

    @property
    def rows(self) -> set[bytes] | None:
        """Numbers of the rows that have one of the cells; None when there are whole areas."""
        if self._areas:
            return None
        return {b"%d" % row for rows in self._columns.values() for row in rows}

    def touch(self, area: Area) -> bool:
        """Whether one of the cells lies in `area`."""
        first_row, first, last_row, last = area
        if last - first < len(self._columns):
            candidates: Iterator[int] = (column for column in range(first, last + 1) if column in self._columns)
        else:
            candidates = (column for column in self._columns if first <= column <= last)
        for column in candidates:
            rows = self._columns[column]
            place = bisect_left(rows, first_row)
            if place < len(rows) and rows[place] <= last_row:
                return True
        return any(
            one[0] <= last_row and one[2] >= first_row and one[1] <= last and one[3] >= first for one in self._areas
        )


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for: formulas of defined names, areas of tables, both by name in lower case."""

    formulas: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, tuple[str, Area]]
    tabs: tuple[str, ...]
    """Names of the tabs in their order, in lower case."""


class Dirty:
    """Cells whose value changed, or may have: by tab."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._tabs: dict[str, Cells] = {}

    def tab(self, name: str) -> Cells:
        """The dirty cells of a tab."""
        return self._tabs.setdefault(name.lower(), Cells())

    def has(self, tab: str) -> bool:
        """Whether a tab has dirty cells."""
        return tab.lower() in self._tabs

    def rows(self, tab: str) -> set[bytes] | None:
        """Numbers of its rows with dirty cells; None when whole areas are dirty."""
        return self.tab(tab).rows

    def read_by(self, reach: Reach, tab: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a formula on `tab` may read a dirty cell."""
        if reach.everything:
            return True
        for sheet, area in reach.areas:
            if any(name in self._tabs and self._tabs[name].touch(area) for name in self._tabs_of(sheet, tab)):
                return True
        return any(self._named(name, tab, seen) for name in reach.names - seen)

    def _named(self, name: str, tab: str, seen: frozenset[str]) -> bool:
        if name in self._names.tables:
            sheet, area = self._names.tables[name]
            cells = self._tabs.get(sheet.lower())
            if cells is not None and cells.touch(area):
                return True
        return any(self.read_by(reach_of(text), tab, seen | {name}) for text in self._names.formulas.get(name, ()))

    def _tabs_of(self, sheet: str | None, tab: str) -> tuple[str, ...]:
        if sheet is None:
            return (tab.lower(),)
        if ":" not in sheet:
            return (sheet,)
        first, _, last = sheet.partition(":")
        tabs = self._names.tabs
        if first not in tabs or last not in tabs:
            return tabs
        low, high = sorted((tabs.index(first), tabs.index(last)))
        return tabs[low : high + 1]
