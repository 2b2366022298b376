"""The fifths of today's customers, computed over the whole book when the day changes and kept until it does again."""

from dataclasses import dataclass

from crm_sheets.draft import Draft
from crm_sheets.rules.base import Context
from crm_sheets.rules.level_policies import LevelPolicy, tally
from crm_sheets.rules.naming import CUSTOMERS, OPPORTUNITIES, ORDERS
from crm_sheets.rules.quintiles import Borders
from crm_sheets.rules.rfm import borders_from, borders_of, borders_text

NOTE = "rfm"
"""The borders of the last day on which a cycle had something to do."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The borders that count today.

    Attributes:
        borders: None while nobody has bought anything.
        moved: whether they are others than before: then every customer is looked at.
        note: what is to be kept; None when that is kept already.
    """

    borders: Borders | None
    moved: bool
    note: str | None


def todays_ranking(draft: Draft, kept: str | None, context: Context, policy: LevelPolicy) -> Ranking:
    """The borders that were kept for today, or new ones over all customers as they are now.

    On a quiet day nothing is computed: what is bought leaves the period with a wake-up of its own.
    """
    known = borders_from(kept, policy.measures)
    if known is not None and known[0] == context.today:
        return Ranking(known[1], moved=False, note=None)
    for tab in (CUSTOMERS, ORDERS if policy.by_orders else OPPORTUNITIES):
        if tab in context.tabs:
            draft.prefetch_tab(tab)
    rows = (draft.row(CUSTOMERS, key) for key in draft.keys(CUSTOMERS))
    borders = borders_of(tally(row, context, policy) for row in rows if row is not None)
    if borders is None:
        return Ranking(None, moved=False, note=None)
    return Ranking(borders, known is None or borders != known[1], borders_text(borders, context.today, policy.measures))
