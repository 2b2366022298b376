"""The probability follows the stage until somebody sets it by hand."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.standing import probability_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.opportunities import Opportunity


def stage_probabilities(row: Row, context: Context) -> Outcome:
    """Fills a blank probability, and moves one that was not set by hand along with the stage."""
    deal = record_of(row, Opportunity)
    probability = probability_of(row, context)
    if probability == deal.probability:
        return NOTHING
    follows = cells(probability=probability)
    return Outcome(defaults=follows) if deal.probability is None else Outcome(values=follows)
