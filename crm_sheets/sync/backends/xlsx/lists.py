"""The hidden sheet `_lists` that feeds the drop-downs, one column per dictionary and one for the active people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from crm_sheets.cells import CellValue, column_letters, same_value
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import Sheet

SHEET = "_lists"
PEOPLE = "people"
CAPACITY = 2_000
"""Rows of `_lists` that a drop-down looks at."""

Grid: TypeAlias = tuple[tuple[str | None, ...], ...]


def list_keys(tabs: Iterable[Tab]) -> tuple[str, ...]:
    """The lists that the drop-downs of `tabs` need, in the order of the columns of `_lists`; people come first."""
    keys = {column.dictionary: None for tab in tabs for column in tab.columns.values() if column.dictionary}
    return (PEOPLE, *keys)


def list_name(key: str) -> str:
    """The defined name of a list: `list_customer_status`."""
    return f"list_{key}"


def list_names(tabs: Iterable[Tab]) -> Mapping[str, str]:
    """The defined names with the ranges they stand for, which reach as far as the lists are filled.

    `A:INDEX(…)` and not OFFSET: it is not volatile, and Excel, WPS and LibreOffice all take it in a drop-down.
    """
    return {list_name(key): filled_range(SHEET, place, 2) for place, key in enumerate(list_keys(tabs), start=1)}


def filled_range(sheet: str, column: int, first_row: int) -> str:
    """A formula for the filled cells of a column that has no gaps, from `first_row` down."""
    letters, quoted = column_letters(column), "'" + sheet.replace("'", "''") + "'"
    whole = f"{quoted}!${letters}${first_row}:${letters}${first_row + CAPACITY}"
    return f"{quoted}!${letters}${first_row}:INDEX({whole},MAX(1,COUNTA({whole})))"


def lists_content(tabs: Iterable[Tab], dictionaries: Dictionaries, people: Sequence[str]) -> Grid:
    """What `_lists` holds: a header row of keys, then the active values in their order, blanks below the short ones.

    Args:
        tabs: whose drop-downs are fed.
        dictionaries: as the 字典 tab has them now.
        people: names of the active people, in the order to show.
    """
    keys = list_keys(tabs)
    lists = [tuple(people) if key == PEOPLE else _active(dictionaries, key) for key in keys]
    height = max((len(values) for values in lists), default=0)
    rows = (tuple(values[row] if row < len(values) else None for values in lists) for row in range(height))
    return (keys, *rows)


def list_places(sheet: Sheet, keys: Iterable[str]) -> dict[str, int]:
    """The 1-based column of each list: where its key stands in the first row, or behind all that is there.

    The drop-downs look a list up by a defined name, which points to its column: so a list that comes later goes behind
    the last one, wherever it would stand in a new workbook.
    """
    header = next((row.cells for row in sheet.rows if row.number == 1), ())
    known = {str(key): place for place, key in enumerate(header, start=1) if key is not None}
    last = max((len(row.cells) for row in sheet.rows), default=0)
    fresh = (key for key in keys if key not in known)
    known |= {key: place for place, key in enumerate(dict.fromkeys(fresh), start=last + 1)}
    return {key: known[key] for key in keys}


def lists_edits(sheet: Sheet, content: Grid) -> dict[tuple[int, int], CellValue]:
    """The cells of `_lists` that must change for it to hold `content`: 1-based (row, column) -> value.

    Lists that `content` has not stay as they are: their tab may come back.
    """
    keys = [str(key) for key in content[0]]
    places = list_places(sheet, keys)
    now = {(row.number, column): value for row in sheet.rows for column, value in enumerate(row.cells, start=1)}
    height = max([len(content), *(row.number for row in sheet.rows)])
    wanted: dict[tuple[int, int], CellValue] = {
        (number, places[key]): content[number - 1][place] if number <= len(content) else None
        for place, key in enumerate(keys)
        for number in range(1, height + 1)
    }
    return {place: value for place, value in sorted(wanted.items()) if not same_value(now.get(place), value)}


def _active(dictionaries: Dictionaries, key: str) -> tuple[str, ...]:
    return tuple(entry.value for entry in dictionaries.entries.get(key, ()) if entry.active)
