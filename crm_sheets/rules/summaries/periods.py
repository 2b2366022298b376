"""Months and quarters as texts that sort by time."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta


def month_of(day: date) -> str:
    """2026-11."""
    return f"{day.year:04}-{day.month:02}"


def quarter_of(day: date) -> str:
    """2026Q4, calendar quarters."""
    return f"{day.year:04}Q{(day.month + 2) // 3}"


def month_before(month: str) -> str:
    """The month before 2026-01 is 2025-12."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04}-12" if number == 1 else f"{year:04}-{number - 1:02}"


def month_after(month: str) -> str:
    """The month after 2025-12 is 2026-01."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1:04}-01" if number == 12 else f"{year:04}-{number + 1:02}"


def quarter_before(quarter: str) -> str:
    """The quarter before 2026Q1 is 2025Q4."""
    year, number = int(quarter[:4]), int(quarter[5:])
    return f"{year - 1:04}Q4" if number == 1 else f"{year:04}Q{number - 1}"


def quarter_after(quarter: str) -> str:
    """The quarter after 2025Q4 is 2026Q1."""
    year, number = int(quarter[:4]), int(quarter[5:])
    return f"{year + 1:04}Q1" if number == 4 else f"{year:04}Q{number + 1}"


def window(seen: Iterable[str], current: str, length: int) -> list[str]:
    """The `length` months or quarters to show, in order, without gaps.

    They end with the current one, or with the latest that was seen ahead of it, at most half of them ahead: an
    instalment that is due in five years, or a year that was mistyped, takes no room from what goes on now. Where
    everything that was seen lies ahead, or so far back that nothing of it would be shown, they are where it is. Those
    before the first one seen are left out.
    """
    seen = sorted(seen)
    before, after = (quarter_before, quarter_after) if "Q" in current else (month_before, month_after)
    first = seen[0] if seen else current
    furthest = _moved(first, length - 1, after) if first > current else _moved(current, length // 2, after)
    shown = _back_from(min(max(seen[-1] if seen else current, current), furthest), length, before)
    if seen and not set(seen) & set(shown):
        shown = _back_from(max(period for period in seen if period < shown[0]), length, before)
    return [period for period in shown if period >= min(first, shown[-1])]


def _moved(period: str, steps: int, after: Callable[[str], str]) -> str:
    for _ in range(steps):
        period = after(period)
    return period


def _back_from(last: str, length: int, before: Callable[[str], str]) -> list[str]:
    periods = [last]
    while len(periods) < length:
        periods.append(before(periods[-1]))
    return periods[::-1]


def week_of(day: date) -> str:
    """The week of a day, Monday to Sunday, as an ISO 8601 interval."""
    monday = day - timedelta(days=day.weekday())
    return f"{monday.isoformat()}/{(monday + timedelta(days=6)).isoformat()}"
