"""The life of a customer as its deals tell it: 潜在, 成交, 忠诚, 流失; when and how it was won."""

from datetime import UTC, datetime

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.naming import OPPORTUNITIES
from crm_sheets.rules.standing import WON, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.opportunities import Opportunity

LOYAL_FROM = 2
"""So many won deals make a loyal customer."""

NOT_YET = datetime.max.replace(tzinfo=UTC)
"""Sorts a deal that has just been won, and not been given its instant, behind those that have."""


def customer_lifecycles(row: Row, context: Context) -> Outcome:
    """Computes lifecycle, conversion and path from the won deals; who is marked as lost (流失客户) is lost."""
    customer = record_of(row, Customer)
    deals = [record_of(deal, Opportunity) for deal in context.book.referring(row, OPPORTUNITIES)]
    won = sorted((deal for deal in deals if stage_code(deal, context) == WON), key=_when_won)
    code = _lifecycle(customer, len(won), context)
    first = won[0] if won else None
    values = cells(
        lifecycle=context.language.text(f"value.lifecycle.{code}"),
        converted_at=first.stage_since if first else None,
        path=_path(customer, first) if first else None,
    )
    return Outcome(values=values)


def _when_won(deal: Opportunity) -> tuple[datetime, str]:
    return deal.stage_since or NOT_YET, deal.name or ""


def _lifecycle(customer: Customer, won: int, context: Context) -> str:
    if context.dictionaries.code("customer_status", customer.status) == "lost":
        return "lost"
    if won >= LOYAL_FROM:
        return "loyal"
    return "won" if won else "potential"


def _path(customer: Customer, first: Opportunity) -> str | None:
    """Where the customer came from, where its first won deal came from, and that deal."""
    steps: list[str] = []
    for step in (customer.source, first.source, first.name):
        if step and step not in steps:
            steps.append(step)
    return " → ".join(steps) or None
