"""Days, deadlines and the hours at which things fall due, in the team's zone.

A date without a time of day is read as midnight. Nobody means midnight by it: such a plan is for the whole day, is
announced when the working day starts, and is late when the day is over.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

WORK_STARTS = time(9)
"""When a plan for a whole day is announced."""

_FIRST = datetime(1, 1, 3, tzinfo=UTC)
_LAST = datetime(9999, 12, 29, tzinfo=UTC)


def shifted(instant: datetime, by: timedelta) -> datetime:
    """`instant + by`, held inside the calendar that Python knows."""
    try:
        return min(max(instant + by, _FIRST), _LAST)
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST


def local(instant: datetime, zone: tzinfo) -> datetime:
    """The instant as the team's clocks show it, aware."""
    return min(max(instant, _FIRST), _LAST).astimezone(zone)


def day_of(value: date, zone: tzinfo) -> date:
    """The day of a date, or the day that an instant falls on for the team."""
    return local(value, zone).date() if isinstance(value, datetime) else value


def at(day: date, hour: time, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which the team's clocks show `hour` on `day`."""
    inside = min(max(day, _FIRST.date()), _LAST.date())
    return datetime.combine(inside, hour, zone).astimezone(UTC)


def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins for the team."""
    return at(day, time(0), zone)


def day_after(day: date, days: int = 1) -> date:
    """`days` later, held inside the calendar that Python knows."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def is_whole_day(instant: datetime, zone: tzinfo) -> bool:
    """Whether a plan names a day rather than an hour."""
    return local(instant, zone).time() == time(0)


def expected_at(planned: datetime, zone: tzinfo) -> datetime:
    """The instant at which a plan falls due: as it says, or at the start of work on its day."""
    if is_whole_day(planned, zone):
        return at(day_of(planned, zone), WORK_STARTS, zone)
    return planned


def late_from(planned: datetime, zone: tzinfo) -> datetime:
    """The first instant at which a plan is late: as it says, or when its day is over."""
    if is_whole_day(planned, zone):
        return start_of(day_after(day_of(planned, zone)), zone)
    return planned


def shown(instant: datetime, zone: tzinfo) -> str:
    """The instant for messages and mails, `2026-11-22 15:30`; a whole day without its midnight."""
    pattern = "%Y-%m-%d" if is_whole_day(instant, zone) else "%Y-%m-%d %H:%M"
    return local(instant, zone).strftime(pattern)
