"""Stored texts of cells as values: numbers, flags, errors, ISO dates (ECMA-376 part 1, 18.18.11 ST_CellType)."""

import math
from datetime import date, datetime, time

from crm_sheets.cells import CellError, CellValue

EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - dates in cells have no zone
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_WHOLE = 1e22
"""Up to here each whole double is the integer that it prints as."""


def number(text: str) -> CellValue:
    """A stored number, int when it is whole; blank for nothing; an error when it is none.

    All of them are doubles to a spreadsheet, so 19 digits lose their end here as they do there.
    """
    if text.isdigit() and text.isascii() and len(text) < 16:
        return int(text)
    try:
        value = float(text)
    except ValueError:
        return CellError("#NUM!") if text.strip() else None
    if not -_WHOLE < value < _WHOLE or "_" in text:
        return value if math.isfinite(value) and "_" not in text else CellError("#NUM!")
    return int(value) if value.is_integer() else value


def flag(text: str) -> CellValue:
    """A stored TRUE or FALSE."""
    stripped = text.strip()
    return None if not stripped else stripped in ("1", "true")


def error(text: str) -> CellValue:
    """A stored error."""
    stripped = text.strip()
    return CellError(stripped) if stripped else None


def iso_date(text: str, date1904: bool) -> CellValue:
    """A date that is stored as ISO 8601 (`t="d"`, strict files) as the serial number; other text stays text."""
    stripped = text.strip().removesuffix("Z")
    if not stripped:
        return None
    try:
        if "-" not in stripped:
            moment = time.fromisoformat(stripped.removeprefix("T"))
            return _whole((moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6) / 86400)
        return serial(datetime.fromisoformat(stripped).replace(tzinfo=None), date1904)
    except ValueError:
        return text


def serial(moment: date | datetime, date1904: bool) -> int | float:
    """The serial number of a date (ECMA-376 part 1, 18.17.4.1): day 60 of the 1900 system never was.

    Raises:
        ValueError: before the first day of the date system, or with a zone.
    """
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        raise ValueError(f"{moment} has a zone")
    instant = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    passed = instant - (EPOCH_1904 if date1904 else EPOCH_1900)
    days = passed.days
    if not date1904 and days < 61:
        days -= 1
    if days < (0 if date1904 else 1):
        raise ValueError(f"{moment}: before the first day that a spreadsheet knows")
    return _whole(days + (passed.seconds + passed.microseconds / 1e6) / 86400)


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() else value
