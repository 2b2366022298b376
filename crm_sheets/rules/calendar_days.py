"""The days of 工作日历, as rows and as what they make of the team's calendar."""

from collections.abc import Iterable
from datetime import date

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.calendar_days import CalendarDay
from crm_sheets.schema.dictionaries import Dictionaries

WORKED, FREE = "work", "rest"
DAY_KINDS = "day_kind"


def calendar_days(row: Row, context: Context) -> Outcome:
    """Flags a day that is entered as worked and as free: it counts as free."""
    day = record_of(row, CalendarDay)
    if day.date is None or context.dictionaries.code(DAY_KINDS, day.kind) != WORKED:
        return NOTHING
    if context.calendar.own.get(day.date) is not False:
        return NOTHING
    return Outcome((found("calendar-day-doubled", row, "date", value=day.date.isoformat()),))


def own_days(rows: Iterable[Row], dictionaries: Dictionaries) -> dict[date, bool]:
    """The days that the team entered, and whether they are worked; free where it says both."""
    days: dict[date, bool] = {}
    for row in rows:
        record = row.record
        if not isinstance(record, CalendarDay) or record.date is None:
            continue
        code = dictionaries.code(DAY_KINDS, record.kind)
        if code in {WORKED, FREE}:
            days[record.date] = days.get(record.date, True) and code == WORKED
    return days
