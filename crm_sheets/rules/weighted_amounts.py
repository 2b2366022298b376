"""What a deal adds to the forecast."""

from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.standing import LOST, WON, probability_of, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity

CENT = Decimal("0.01")


def weighted_amounts(row: Row, context: Context) -> Outcome:
    """Computes amount x probability: all of it once won, nothing once lost, blank while either is unknown."""
    return Outcome(values=cells(weighted=_weighted(row, context)))


def _weighted(row: Row, context: Context) -> Decimal | None:
    deal = record_of(row, Opportunity)
    if deal.amount is None:
        return None
    match stage_code(deal, context):
        case code if code == WON:
            return deal.amount
        case code if code == LOST:
            return Decimal("0.00")
    probability = probability_of(row, context)
    return None if probability is None else (deal.amount * probability).quantize(CENT, ROUND_HALF_UP)
