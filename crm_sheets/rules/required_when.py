"""What must be filled in once something else is said: why a deal was won, how a complaint was settled."""

from collections.abc import Mapping
from typing import NamedTuple

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, found, is_blank, label
from crm_sheets.schema.base import Row
from crm_sheets.tables import TabKey


class Condition(NamedTuple):
    """`column` is wanted as soon as the choice in `other` has this code."""

    column: str
    other: str
    dictionary: str
    code: str


CONDITIONS: Mapping[TabKey, tuple[Condition, ...]] = {
    TabKey("opportunities"): (
        Condition("win_reason", "stage", "opportunity_stage", "won"),
        Condition("loss_reason", "stage", "opportunity_stage", "lost"),
    ),
    TabKey("orders"): (
        Condition("delivered_on", "state", "order_state", "delivered"),
        Condition("delivered_on", "state", "order_state", "completed"),
    ),
    TabKey("contracts"): (
        Condition("signed_on", "state", "contract_state", "active"),
        Condition("signed_on", "state", "contract_state", "completed"),
    ),
    TabKey("feedback"): (Condition("response", "state", "feedback_state", "done"),),
    TabKey("services"): (
        Condition("solution", "state", "service_state", "solved"),
        Condition("solved_at", "state", "service_state", "solved"),
    ),
}


def required_when(row: Row, context: Context) -> Outcome:
    """Flags columns that another column's value makes required."""
    issues = []
    for wanted in CONDITIONS[row.tab]:
        said = getattr(row.record, wanted.other)
        if context.dictionaries.code(wanted.dictionary, said) != wanted.code or wanted.column in row.unreadable:
            continue
        if is_blank(getattr(row.record, wanted.column)):
            other = label(row, wanted.other, context)
            issues.append(found("required-when", row, wanted.column, other=other, value=said))
    return Outcome(tuple(issues))
