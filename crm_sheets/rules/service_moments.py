"""Times of a service that follow from its state when nobody typed them."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.service_levels import moments_of, pause_of, solved_before
from crm_sheets.schema.base import Row
from crm_sheets.schema.services import Service


def service_moments(row: Row, context: Context) -> Outcome:
    """Fills the first response of a service that waits for the customer, and when one was solved that just was.

    One that is opened again was not solved: the time goes, and stays in the history. A new one that was typed together
    with the state stays, and is told of (only_when).
    """
    service, moments = record_of(row, Service), moments_of(row, pause_of(row, context), context)
    told = {"first_response_at": service.first_response_at, "solved_at": service.solved_at}
    known = {"first_response_at": moments.answered, "solved_at": moments.solved}
    wanted = {column: known[column] for column in told if told[column] is None and known[column] is not None}
    over = cells(solved_at=None) if service.solved_at is not None and solved_before(row, context) else {}
    return Outcome(defaults=cells(**wanted), values=over) if wanted or over else NOTHING
