"""The small pieces of which requests are made, and how what is wanted is compared with what is there."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import TypeAlias

from crm_sheets.cells import CellError, CellValue, Formula

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
Request: TypeAlias = dict[str, Json]
"""One element of `requests` of spreadsheets.batchUpdate."""

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells know no zones; developers.google.com/sheets/api/guides/concepts
LONGEST = 50_000
"""Characters that a cell can hold."""

CLOSE = 1e-6
"""A colour comes back as a number of single precision."""


def colour(code: str) -> Request:
    """A colour given as RRGGBB."""
    red, green, blue = (round(int(code[place : place + 2], 16) / 255, 6) for place in (0, 2, 4))
    return {"red": red, "green": green, "blue": blue}


def style_of(code: str) -> Request:
    """A colour as a style."""
    return {"rgbColor": colour(code)}


def area(
    sheet: int, first_row: int, first_column: int, last_row: int | None = None, last_column: int | None = None
) -> Request:
    """A GridRange from 1-based places, both ends included; a last one that is None leaves it open."""
    found: Request = {"sheetId": sheet, "startRowIndex": first_row - 1, "startColumnIndex": first_column - 1}
    if last_row is not None:
        found["endRowIndex"] = last_row
    if last_column is not None:
        found["endColumnIndex"] = last_column
    return found


def column_area(sheet: int, column: int, first_row: int) -> Request:
    """One column from a row down."""
    return area(sheet, first_row, column, None, column)


def cell_value(value: CellValue | Decimal | date | datetime) -> Request:
    """An ExtendedValue. Text stays text, whatever it begins with; {} clears the cell."""
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    number = _as_number(value)
    if number is not None:
        return {"numberValue": number}
    if isinstance(value, Formula):
        return {"formulaValue": f"={value.text}"}
    return {"stringValue": (value.code if isinstance(value, CellError) else str(value))[:LONGEST]}


def _as_number(value: object) -> float | None:
    """A number, or an instant as a serial number; None for what cells hold as text."""
    match value:
        case int() | float() | Decimal():
            return float(value) if math.isfinite(value) else None
        case datetime():
            return (value.replace(tzinfo=None) - EPOCH).total_seconds() / 86_400
        case date():
            return float((value - EPOCH.date()).days)
        case _:
            return None


def number_of(name: str, taken: frozenset[int] | set[int] = frozenset()) -> int:
    """An id of our own for a sheet, a chart or a protection: the same for a name for ever, unless it is taken."""
    found = int.from_bytes(blake2b(name.encode("utf-8"), digest_size=4).digest(), "big") % (2**31 - 2) + 1
    while found in taken:
        found = found % (2**31 - 2) + 1
    return found


def holds(there: object, wanted: object) -> bool:
    """Whether everything wanted is there: more may be, and what is left out is nothing, 0, False or ""."""
    if isinstance(wanted, Mapping):
        known = there if isinstance(there, Mapping) else {}
        return all(holds(known.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, (list, tuple)):
        listed = there if isinstance(there, (list, tuple)) else ()
        return len(listed) == len(wanted) and all(map(holds, listed, wanted))
    if isinstance(wanted, float) or isinstance(there, float):
        return math.isclose(_number(there), _number(wanted), abs_tol=CLOSE)
    return there == wanted or (not wanted and not there)


def _number(told: object) -> float:
    return float(told) if isinstance(told, (int, float)) else 0.0 if told is None else math.nan


def quoted(title: str) -> str:
    """The name of a tab as formulas and ranges have it."""
    return "'" + title.replace("'", "''") + "'"
