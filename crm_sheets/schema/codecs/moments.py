"""Dates and instants: serial numbers of both date systems, dates of Python, and texts.

Wall time in the team's zone stands in cells, an aware UTC instant of whole seconds in records. When clocks are put back
a wall time happens twice: the first is meant. When they are put forward a wall time is left out: the clock before the
change is meant (PEP 495, fold=0).
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from crm_sheets.cells import CellValue
from crm_sheets.changes import Value
from crm_sheets.schema.base import Column
from crm_sheets.schema.codecs.base import CodecContext, Flaw, Present, flaw
from crm_sheets.schema.codecs.calendar_texts import WrittenMoment, read_moment

# ECMA-376 part 1, 18.17.4.1: day 0 of the 1900 system, for days after 1900-02-29, which never was; and of the 1904 one.
_EPOCH_1900 = date(1899, 12, 30).toordinal()
_EPOCH_1904 = date(1904, 1, 1).toordinal()
_LAST_SERIAL = date.max.toordinal() - _EPOCH_1904
_NEVER_WAS = 60
_DAY = 86_400
_FIRST_COMPACT, _LAST_COMPACT = 19_000_101, 99_991_231  # 20240305 typed as a number
_SERIAL_TEXT = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")
"""A serial number that a CSV, or a cell of text format, made a text of; from 1927 on. No other date looks like one."""


def parse_date(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A day; a time of day that stands with it is left out."""
    if type(raw) is int or type(raw) is float:
        known = _is_compact(raw) or 0 <= raw < _LAST_SERIAL
        return _plausible(_serial_day(raw, context), raw, context) if known else flaw("not-a-date", raw)
    if isinstance(raw, str):
        serial = _serial_in(raw)
        return _day_of_text(raw, context) if serial is None else parse_date(serial, column, context)
    if isinstance(raw, datetime):
        return _plausible((raw.astimezone(context.zone) if raw.tzinfo else raw).date(), raw, context)
    return _plausible(raw, raw, context) if isinstance(raw, date) else flaw("not-a-date", raw)


def _day_of_text(raw: str, context: CodecContext) -> Value | Flaw:
    found = read_moment(raw)
    if not isinstance(found, WrittenMoment):
        return found
    if found.offset is None or found.clock is None:
        return _plausible(found.day, raw, context)
    local = datetime.combine(found.day, found.clock, found.offset).astimezone(context.zone)
    return _plausible(local.date(), raw, context)


def parse_datetime(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """An instant; a day without a time is its midnight."""
    if type(raw) is int or type(raw) is float:
        return _from_serial(raw, context)
    if isinstance(raw, str):
        serial = _serial_in(raw)
        return _instant_of_text(raw, context) if serial is None else _from_serial(serial, context)
    if isinstance(raw, datetime):
        return _instant(raw, raw, context)
    return _instant(datetime.combine(raw, time()), raw, context) if isinstance(raw, date) else flaw("not-a-moment", raw)


def _instant_of_text(raw: str, context: CodecContext) -> Value | Flaw:
    found = read_moment(raw)
    if isinstance(found, WrittenMoment):
        return _instant(datetime.combine(found.day, found.clock or time(), found.offset), raw, context)
    if isinstance(found, Flaw) and found.code == "not-a-date":
        return flaw("not-a-moment", raw)
    return found


def _serial_in(text: str) -> float | None:
    plain = text.strip()
    return float(plain) if _SERIAL_TEXT.fullmatch(plain) else None


def _serial_day(serial: float, context: CodecContext) -> date | None:
    """The day of a serial number, or of a number such as 20240305; None where the calendar has none."""
    if _is_compact(serial):
        return _compact_day(int(serial))
    if context.date1904:
        return date.fromordinal(_EPOCH_1904 + int(serial))
    day = int(serial)
    return None if day == _NEVER_WAS else date.fromordinal(_EPOCH_1900 + day + (1 if day < _NEVER_WAS else 0))


def _is_compact(number: float) -> bool:
    return _FIRST_COMPACT <= number <= _LAST_COMPACT and number == int(number)


def _compact_day(number: int) -> date | None:
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def _from_serial(serial: float, context: CodecContext) -> Value | Flaw:
    if not (_is_compact(serial) or 0 <= serial < _LAST_SERIAL):
        return flaw("not-a-moment", serial)
    # Seconds are rounded before the day is cut off: 45000.99999999 is midnight.
    days, seconds = (serial, 0) if _is_compact(serial) else divmod(round(serial * _DAY), _DAY)
    day = _serial_day(days, context)
    if day is None:
        return _plausible(None, serial, context)
    return _instant(datetime.combine(day, time()) + timedelta(seconds=seconds), serial, context)


def _instant(moment: datetime, raw: object, context: CodecContext) -> datetime | Flaw:
    day = _plausible(moment.date(), raw, context)
    if isinstance(day, Flaw):
        return day
    aware = moment if moment.tzinfo else moment.replace(tzinfo=context.zone, fold=0)
    if aware.microsecond:
        aware = aware.replace(microsecond=0) + timedelta(seconds=aware.microsecond >= 500_000)
    return aware.astimezone(UTC)


def _plausible(day: date | None, raw: object, context: CodecContext) -> date | Flaw:
    if day is None:
        return flaw("date-not-in-calendar", raw)
    if context.earliest <= day <= context.latest:
        return day
    return flaw("date-out-of-range", raw, earliest=context.earliest.isoformat(), latest=context.latest.isoformat())


def render_date(value: Value, column: Column, context: CodecContext) -> CellValue:
    """The day itself: writers store its serial number."""
    return cast(date, value)


def render_datetime(value: Value, column: Column, context: CodecContext) -> CellValue:
    """Naive, as shown on the wall in the team's zone."""
    return cast(datetime, value).astimezone(context.zone).replace(tzinfo=None)


def serial_of(moment: date, date1904: bool = False) -> int | float:
    """The serial number of a day or of a naive wall time, as it stands in a cell.

    Days before 1900-03-01 have another number in Excel than in LibreOffice; they are not made.
    """
    days = moment.toordinal() - (_EPOCH_1904 if date1904 else _EPOCH_1900)
    if not isinstance(moment, datetime):
        return days
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return days + seconds / _DAY if seconds else days


def moment_of(serial: float, date1904: bool = False) -> datetime | None:
    """The naive wall time that a serial number stands for, to the second; None for one that is no day."""
    seconds = round(serial * _DAY)
    if not 0 < serial < _LAST_SERIAL:
        return None
    return datetime.fromordinal(_EPOCH_1904 if date1904 else _EPOCH_1900) + timedelta(seconds=seconds)


_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31, as Excel counts."""
