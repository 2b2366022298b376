"""What has happened is not in the future, and what comes after does."""

from collections.abc import Mapping
from datetime import datetime

from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, found, label
from crm_sheets.rules.moments import day_of, start_of
from crm_sheets.schema.base import Row
from crm_sheets.tables import TabKey

HAPPENED: Mapping[TabKey, tuple[str, ...]] = {
    TabKey("customers"): ("birthday",),
    TabKey("follow_ups"): ("done_at",),
    TabKey("opportunities"): ("started_on",),
    TabKey("feedback"): ("date", "resolved_at"),
    TabKey("services"): ("opened_at", "first_response_at", "solved_at"),
    TabKey("orders"): ("ordered_on", "delivered_on"),
    TabKey("payments"): ("paid_on",),
    TabKey("contracts"): ("signed_on",),
    TabKey("campaigns"): (),
}
"""Columns that tell of the past. Later today is let through: people round, and type what they are about to do."""

EARLIER_LATER: Mapping[TabKey, tuple[tuple[str, str], ...]] = {
    TabKey("customers"): (),
    TabKey("follow_ups"): (("done_at", "next_at"),),
    TabKey("opportunities"): (("started_on", "close_date"),),
    TabKey("feedback"): (("date", "resolved_at"),),
    TabKey("services"): (
        ("opened_at", "first_response_at"),
        ("opened_at", "solved_at"),
        ("first_response_at", "solved_at"),
    ),
    TabKey("orders"): (("ordered_on", "delivery_due"), ("ordered_on", "delivered_on")),
    TabKey("payments"): (),
    TabKey("contracts"): (("starts_on", "ends_on"), ("signed_on", "ends_on")),
    TabKey("campaigns"): (("starts_on", "ends_on"),),
}


def dates_in_order(row: Row, context: Context) -> Outcome:
    """Warns of dates that cannot be: in the future, or before what they follow."""
    issues, wakes = [], []
    for column in HAPPENED[row.tab]:
        value = getattr(row.record, column)
        if value is not None and day_of(value, context.zone) > context.today:
            issues.append(found("date-in-future", row, column, Severity.WARNING))
            wakes.append(start_of(day_of(value, context.zone), context.zone))
    for earlier, later in EARLIER_LATER[row.tab]:
        first, second = getattr(row.record, earlier), getattr(row.record, later)
        if first is None or second is None:
            continue
        exact = isinstance(first, datetime) and isinstance(second, datetime)
        if second < first if exact else day_of(second, context.zone) < day_of(first, context.zone):
            other = label(row, earlier, context)
            issues.append(found("date-before-other", row, later, Severity.WARNING, other=other))
    return Outcome(tuple(issues), wake_at=min(wakes, default=None))
