"""Working minutes between instants, for whole columns; rules.workdays counts them one by one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from crm_sheets.changes import Value
from crm_sheets.rules.calendar_days import DAY_KINDS, FREE, WORKED
from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.workdays import WorkCalendar

if TYPE_CHECKING:
    import numpy as np

    from crm_sheets.rules.summaries.vectors import Counts, Days, Flags

CALENDAR = "date kind"
"""The columns of 工作日历 that `team_calendar` reads."""


def team_calendar(frames: Frames, context: SummaryContext) -> WorkCalendar:
    """The team's working days and hours with the days that it entered; one that it calls both is free."""
    own: dict[date, bool] = {}
    for value, kind in zip(column(frames, "calendar", "date"), column(frames, "calendar", "kind"), strict=True):
        day, code = context.day(value), context.dictionaries.code(DAY_KINDS, str(kind or ""))
        if day is not None and code in (WORKED, FREE):
            own[day] = own.get(day, True) and code == WORKED
    return replace(context.calendar, zone=context.zone, own={**context.calendar.own, **own})


def times(values: Sequence[Value]) -> "Days":
    """The instants of a column, UTC, to the second; NaT for blanks."""
    import pandas as pd

    found = pd.to_datetime(pd.Series(list(values), dtype=object), utc=True)
    return found.dt.tz_localize(None).to_numpy().astype("datetime64[s]")


def clock_times(of: "Days", zone: tzinfo) -> "Days":
    """What the clocks of a zone show at each of these instants."""
    import pandas as pd

    there = pd.Series(of).dt.tz_localize("UTC").dt.tz_convert(zone)
    found: Days = there.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return found


def working_minutes(start: "Days", end: "Days", calendar: WorkCalendar) -> "Counts":
    """Whole working minutes from each start to its end, both clock times; 0 where one is missing."""
    import numpy as np

    known = ~np.isnat(start) & ~np.isnat(end)
    known &= np.where(known, end > start, False)
    found = np.zeros(len(start), dtype=np.int64)
    if known.any():
        first, last = start[known], end[known]
        begin = first.min().astype("datetime64[D]")
        worked = _worked(begin, last.max().astype("datetime64[D]"), calendar)
        found[known] = (_until(last, begin, worked, calendar) - _until(first, begin, worked, calendar)) // 60
    return found


def _worked(first: "np.datetime64", last: "np.datetime64", calendar: WorkCalendar) -> "Flags":
    """Whether each day from the first to the last is worked."""
    import numpy as np

    days = np.arange(first, last + np.timedelta64(1, "D"), dtype="datetime64[D]")
    return np.array([calendar.is_workday(day.item()) for day in days], dtype=bool)


def _until(times: "Days", begin: "np.datetime64", worked: "Flags", calendar: WorkCalendar) -> "Counts":
    """Working seconds from the beginning of the first day until each time."""
    import numpy as np

    days = times.astype("datetime64[D]")
    number = (days - begin).astype(np.int64)
    second = (times - days).astype("timedelta64[s]").astype(np.int64)
    before = np.concatenate([[0], np.cumsum(worked)])[number] * int(calendar.day_length.total_seconds())
    today = np.zeros(len(times), dtype=np.int64)
    for opens, closes in calendar.hours:
        low, high = int(opens.total_seconds()), int(closes.total_seconds())
        today += np.clip(second, low, high) - low
    found: Counts = before + np.where(worked[number], today, 0)
    return found
