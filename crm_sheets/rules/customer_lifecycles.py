"""The life of a customer as its deals tell it: 潜在, 成交, 忠诚, 流失; when and how it was won."""

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.conversions import status_after_winning
from crm_sheets.rules.purchases import Purchase, may_have_bought, purchases
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer

LOYAL_FROM = 2
"""So many purchases make a loyal customer."""


def customer_lifecycles(row: Row, context: Context) -> Outcome:
    """Computes lifecycle, conversion and path from what was bought; who is marked as lost (流失客户) is lost."""
    bought = purchases(row, context)
    kept = None if bought else _converted_before(row, context)
    code = _lifecycle(status_after_winning(row, context), 1 if kept else len(bought), context)
    lifecycle = context.language.text(f"value.lifecycle.{code}")
    if kept is not None:
        return Outcome(values=cells(lifecycle=lifecycle, converted_at=kept.converted_at, path=kept.path))
    first = bought[0] if bought else None
    values = cells(
        lifecycle=lifecycle,
        converted_at=first.at if first else None,
        path=_path(record_of(row, Customer), first) if first else None,
    )
    return Outcome(values=values)


def _converted_before(row: Row, context: Context) -> Customer | None:
    """The customer as it was before somebody of its name came, to whom its purchases may belong as well: whoever has
    converted does not convert anew, status and all, when that other one goes again."""
    before = row.previous
    if not isinstance(before, Customer) or before.converted_at is None or not may_have_bought(row, context):
        return None
    return before


def _lifecycle(status: str | None, bought: int, context: Context) -> str:
    if context.dictionaries.code("customer_status", status) == "lost":
        return "lost"
    if bought >= LOYAL_FROM:
        return "loyal"
    return "won" if bought else "potential"


def _path(customer: Customer, first: Purchase) -> str | None:
    """Where the customer came from, where its first won deal came from, and that deal."""
    steps: list[str] = []
    for step in (customer.source, first.source, first.name):
        if step and step not in steps:
            steps.append(step)
    return " → ".join(steps) or None
