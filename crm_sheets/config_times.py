"""When the team works, and what is due when: [calendar], [service] and [care]."""

import re
from datetime import time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.config_section import Section
from crm_sheets.rules.peace import spans_of
from crm_sheets.rules.service_levels import NEAR
from crm_sheets.rules.workdays import OFFICE_HOURS, Span

_HOURS = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–—~]\s*(\d{1,2}):([0-5]\d)")


def _clock_time(given: object) -> object:
    if isinstance(given, str) and not re.fullmatch(r"\d{1,2}:\d{2}", given):
        raise PydanticCustomError("time_of_day", 'write a time of day such as "08:30"')
    return given.rjust(5, "0") if isinstance(given, str) else given


def _working_hours(given: object) -> object:
    if not isinstance(given, list | tuple):
        return given
    spans = [_HOURS.fullmatch(str(span).strip()) for span in given]
    clocks = [tuple(map(int, span.groups())) for span in spans if span]
    times = [timedelta(hours=hour, minutes=minute) for a, b, c, d in clocks for hour, minute in ((a, b), (c, d))]
    in_order = all(one < other for one, other in pairwise(times)) and times[-1:] <= [timedelta(days=1)]
    if not times or len(clocks) < len(given) or not in_order:
        raise PydanticCustomError(
            "working_hours", 'write the hours of a working day in order, such as ["09:00-12:00", "13:30-18:00"]'
        )
    return tuple(zip(times[::2], times[1::2], strict=True))


def _quiet_times(given: object) -> object:
    if not isinstance(given, list | tuple):
        return given
    spans = spans_of(", ".join(map(str, given))) if given else ()
    if spans is None:
        raise PydanticCustomError(
            "quiet_times", 'write quiet times such as ["12:00-13:30", "21:00-08:00"]; one may pass midnight'
        )
    return spans


ClockTime: TypeAlias = Annotated[time, BeforeValidator(_clock_time)]
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WorkingHours: TypeAlias = Annotated[tuple[Span, ...], BeforeValidator(_working_hours)]
QuietTimes: TypeAlias = Annotated[tuple[Span, ...], BeforeValidator(_quiet_times)]


class CalendarSettings(Section):
    """[calendar]: when the team works."""

    country: str = Field(default="CN", pattern="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")
    weekdays: tuple[Weekday, ...] = Field(default=WEEKDAYS[:5], min_length=1)
    hours: WorkingHours = OFFICE_HOURS


class ServiceSettings(Section):
    """[service]."""

    near: Decimal = Field(default=NEAR, ge=0, lt=1)


class CareSettings(Section):
    """[care]: follow-ups that appear by themselves."""

    enabled: bool = False
    birthdays: bool = True
    occasions: bool = True
    revisits: bool = True
    days_before: int = Field(default=3, ge=0, le=60)
