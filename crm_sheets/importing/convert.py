"""A row of a source as raw cells of a tab: what the mapping says, cell by cell. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_sheets.cells import CellError, CellValue, Formula, text_key
from crm_sheets.importing.mapping import ColumnSource, TableMapping
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs.base import Flaw, flaw
from crm_sheets.schema.codecs.numbers import read_unscaled
from crm_sheets.tables import ColumnKey

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of a source; `line` is where people find it, 1-based, the header counted."""

    line: int
    cells: tuple[CellValue, ...]


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A CSV or a sheet as it was read.

    Attributes:
        name: what messages call it: the name of the file, with the sheet of a workbook.
        sheet: what its sheet in the error workbook is called.
        rows: without the header, blank ones left out.
        hidden: a sheet that nobody sees: it comes in only when a mapping names it.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    rows: Sequence[SourceRow]
    date1904: bool = False
    hidden: bool = False

    def places(self) -> dict[str, int]:
        """Where each header stands, 0-based, by its text_key; the first one where a header is doubled."""
        found: dict[str, int] = {}
        for place, header in enumerate(self.header):
            found.setdefault(text_key(header), place)
        return found


@dataclass(frozen=True, slots=True)
class Converted:
    """Raw cells of one row of a tab, in the order of its columns, and what could not be converted."""

    line: int
    cells: tuple[CellValue, ...]
    flaws: Mapping[ColumnKey, Flaw]


def convert(source: SourceTable, mapping: TableMapping, tab: Tab) -> list[Converted]:
    """Every row of the source as the mapping wants it; `tab` is the one that it goes into."""
    places = source.places()
    columns = tuple(tab.columns)
    wanted = [(column, mapping.columns[column]) for column in columns if column in mapping.columns]
    order = {column: place for place, column in enumerate(columns)}
    made = []
    for row in source.rows:
        cells: list[CellValue] = [None] * len(columns)
        flaws: dict[ColumnKey, Flaw] = {}
        for column, how in wanted:
            value = _value(how, row.cells, places)
            if isinstance(value, Flaw):
                flaws[column] = value
            else:
                cells[order[column]] = value
        made.append(Converted(row.line, tuple(cells), flaws))
    return made


def _value(how: ColumnSource, cells: tuple[CellValue, ...], places: Mapping[str, int]) -> CellValue | Flaw:
    if how.value is not None:
        return how.value
    if how.template is not None:
        parts = {header: _cell(header, cells, places) for header in how.headers}
        if all(part in (None, "") for part in parts.values()):
            return None
        return how.template.format_map({header: "" if part is None else part for header, part in parts.items()}).strip()
    found = _cell(how.column or "", cells, places)
    if found is None or found == "":
        return None
    if isinstance(found, str) and how.values:
        keyed = {text_key(key): value for key, value in how.values.items()}
        found = keyed.get(text_key(found), found)
    if how.factor is not None:
        return _scaled(found, how.factor)
    return _dated(found, how) if isinstance(found, str) and how.date is not None else found


def _cell(header: str, cells: tuple[CellValue, ...], places: Mapping[str, int]) -> CellValue:
    place = places[text_key(header)]
    return cells[place] if place < len(cells) else None


def _scaled(found: CellValue, factor: Decimal) -> CellValue | Flaw:
    """A number in the unit of the tab. What has a unit of its own (3.5万) is refused: scaling a guess would hide it."""
    shown = found.cached if isinstance(found, Formula) else found
    if shown is None or isinstance(shown, CellError):
        return found  # what is wrong with it is said of it as it stands
    number = read_unscaled(float(shown) if isinstance(shown, Decimal) else shown)
    return number * factor if isinstance(number, Decimal) else number


def _dated(found: str, how: ColumnSource) -> CellValue | Flaw:
    matched = how.date_pattern.fullmatch(found.strip()) if how.date_pattern else None
    if matched is None:  # who mends a date writes it as the message asks
        return found if _ISO.fullmatch(found.strip()) else flaw("not-a-date", found)
    year, month, day = (int(matched[part]) for part in ("year", "month", "day"))
    if len(matched["year"]) == 2:
        year += 2000 if year <= 68 else 1900  # as POSIX strptime %y
    try:
        return date(year, month, day)
    except ValueError:
        return flaw("date-not-in-calendar", found)
