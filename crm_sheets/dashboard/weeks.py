"""The week that a weekly report tells of."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday."""

    monday: date

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def name(self) -> str:
        """2026-W47, by ISO 8601."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"


def last_week(today: date) -> Week:
    """The week that ended last."""
    return Week(today - timedelta(days=today.weekday() + 7))


def week_called(name: str) -> Week | None:
    """The week of a name such as 2026-W47; None where it is none."""
    try:
        return Week(date.fromisocalendar(int(name[:4]), int(name[6:]), 1)) if name[4:6] == "-W" else None
    except ValueError:
        return None
