"""What counts for the results of a month: won deals, payments that arrived, new customers, follow-ups done."""

from datetime import date, datetime

from crm_sheets.rules.base import Context
from crm_sheets.rules.moments import day_of, start_of
from crm_sheets.rules.money import has_arrived
from crm_sheets.rules.standing import WON, is_cancelled, stage_code
from crm_sheets.schema.base import Record
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.payments import Payment
from crm_sheets.schema.periods import month_of
from crm_sheets.schema.tallies import COUNTED


def month_that_it_counts_in(record: Record, context: Context) -> str | None:
    """The month in whose results a row is added up; None for one that counts in none (yet)."""
    day: date | None = getattr(record, COUNTED[record.tab].day)
    if day is None or not _counts(record, context):
        return None
    return month_of(day_of(day, context.zone))


def arrival(record: Record, context: Context) -> datetime | None:
    """When a payment begins to count whose day was typed ahead; None for anything else."""
    if not isinstance(record, Payment) or record.paid_on is None or record.paid_on <= context.today:
        return None
    return start_of(record.paid_on, context.zone)


def _counts(record: Record, context: Context) -> bool:
    match record:
        case Opportunity():
            return stage_code(record, context) == WON
        case Payment():
            return has_arrived(record, context.today)
        case FollowUp():
            return not is_cancelled(record)
        case _:
            return True
