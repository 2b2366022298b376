"""The life of a customer as its deals tell it: 潜在, 成交, 忠诚, 流失; when and how it was won."""

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.conversions import status_after_winning
from crm_sheets.rules.purchases import Purchase, purchases
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer

LOYAL_FROM = 2
"""So many purchases make a loyal customer."""


def customer_lifecycles(row: Row, context: Context) -> Outcome:
    """Computes lifecycle, conversion and path from what was bought; who is marked as lost (流失客户) is lost."""
    bought = purchases(row, context)
    code = _lifecycle(status_after_winning(row, context), len(bought), context)
    first = bought[0] if bought else None
    values = cells(
        lifecycle=context.language.text(f"value.lifecycle.{code}"),
        converted_at=first.at if first else None,
        path=_path(record_of(row, Customer), first) if first else None,
    )
    return Outcome(values=values)


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
