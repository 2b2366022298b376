"""Dates and times as Google counts them: days since 30 December 1899, the time as a fraction of a day."""

from datetime import datetime, timedelta

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers have no zone


def serial(moment: datetime) -> float:
    """The serial number of a naive local date and time."""
    span = moment - EPOCH
    return span.days + (span.seconds + span.microseconds / 1e6) / 86400


def moment(serial_number: float) -> datetime:
    """The naive local date and time of a serial number, to the millisecond.

    Raises:
        OverflowError: outside of the years 1 to 9999.
    """
    return EPOCH + timedelta(milliseconds=round(serial_number * 86_400_000))
