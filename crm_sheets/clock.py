"""The only place that asks the time, so that everything else can be run at any instant."""

import os
import time
from datetime import UTC, datetime

from crm_sheets.errors import UsageError

VARIABLE = "CRM_SHEETS_NOW"


def now() -> datetime:
    """The present instant, aware and in UTC; the environment variable CRM_SHEETS_NOW overrides it.

    Raises:
        UsageError: the variable holds something that is not an aware ISO 8601 instant.
    """
    given = os.environ.get(VARIABLE)
    if not given:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        instant = datetime.min  # noqa: DTZ901 - naive on purpose: refused just below, like any naive text
    if instant.tzinfo is None:
        raise UsageError(
            f"{VARIABLE}={given!r}: write an ISO 8601 instant with its zone, 2026-11-22T09:00:00+08:00"
        ).told("error.clock", name=VARIABLE, given=given)
    return instant.astimezone(UTC)


def machine_start() -> float:
    """When the machine was started, by its clocks: seconds since 1970, sleep counted where that can be had."""
    running = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
    return time.time() - running
