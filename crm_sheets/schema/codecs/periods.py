"""Periods: what a spreadsheet makes of `2026-11` (a date) and `2026` (a number) means the same as their texts."""

from datetime import date

from crm_sheets.changes import Value
from crm_sheets.schema.base import Column
from crm_sheets.schema.codecs.base import CodecContext, Flaw, Present, flaw, shown
from crm_sheets.schema.codecs.moments import parse_date
from crm_sheets.schema.periods import month_of, period_of


def parse_period(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """The canonical text of a month, quarter or year. The first day of a month is how a spreadsheet reads a month."""
    if isinstance(raw, str) and not raw.strip():
        return None
    found = period_of(shown(raw)) if isinstance(raw, str | int | float) else None
    if found is not None:
        return found.text
    day = None if isinstance(raw, str | bool) else parse_date(raw, column, context)
    month = month_of(day) if isinstance(day, date) and day.day == 1 else None
    return month or flaw("not-a-period", raw)
