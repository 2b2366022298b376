"""What belongs to some rows only: a credit code to companies, a birthday to persons, a loss reason to lost deals."""

from collections.abc import Mapping
from typing import NamedTuple

from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, found, is_blank, label
from crm_sheets.schema.base import Row
from crm_sheets.tables import TabKey


class Condition(NamedTuple):
    """`column` has a meaning only while the choice in `other` has one of these codes."""

    column: str
    other: str
    dictionary: str
    codes: tuple[str, ...]


COMPANIES = ("enterprise", "channel")
PERSONS = ("person",)

CONDITIONS: Mapping[TabKey, tuple[Condition, ...]] = {
    TabKey("customers"): (
        Condition("credit_code", "type", "customer_type", COMPANIES),
        Condition("id_number", "type", "customer_type", PERSONS),
        Condition("birthday", "type", "customer_type", PERSONS),
        Condition("birthday_calendar", "type", "customer_type", PERSONS),
    ),
    TabKey("opportunities"): (
        Condition("win_reason", "stage", "opportunity_stage", ("won",)),
        Condition("loss_reason", "stage", "opportunity_stage", ("lost",)),
    ),
    TabKey("services"): (Condition("solved_at", "state", "service_state", ("solved",)),),
}


def only_when(row: Row, context: Context) -> Outcome:
    """Warns of values that the rest of the row makes meaningless. A team's own choices have no code: all is allowed."""
    issues = []
    for condition in CONDITIONS[row.tab]:
        code = context.dictionaries.code(condition.dictionary, getattr(row.record, condition.other))
        if not code or code in condition.codes or is_blank(getattr(row.record, condition.column)):
            continue
        entries = context.dictionaries.entries.get(condition.dictionary, ())
        allowed = context.language.text("list.or").join(e.value for e in entries if e.code in condition.codes)
        other = label(row, condition.other, context)
        issues.append(found("only-when", row, condition.column, Severity.WARNING, other=other, value=allowed))
    return Outcome(tuple(issues))
