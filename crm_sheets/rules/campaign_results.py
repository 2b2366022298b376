"""What came of a campaign, counted from the list of its members."""

from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, cells, record_of
from crm_sheets.rules.campaigns import ATTENDED
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember

FOUR_PLACES = Decimal("0.0001")


def campaign_results(row: Row, context: Context) -> Outcome:
    """Counts members, those who attended and those who bought; the rate is bought ÷ invited, blank without members.

    A member that stands on the list twice counts once, and attended if one of its rows says so.
    """
    invited: set[str] = set()
    attended: set[str] = set()
    converted: set[str] = set()
    for referring in context.book.meaning(row, CAMPAIGN_MEMBERS):
        member = record_of(referring, CampaignMember)
        who = member.customer_id or referring.key
        invited.add(who)
        if context.dictionaries.code("member_state", member.state) == ATTENDED:
            attended.add(who)
        if member.converted_on is not None:
            converted.add(who)
    rate = (Decimal(len(converted)) / len(invited)).quantize(FOUR_PLACES, ROUND_HALF_UP) if invited else None
    counts = (len(invited), len(attended), len(converted)) if invited else (None, None, None)
    return Outcome(values=cells(invited=counts[0], attended=counts[1], converted=counts[2], conversion_rate=rate))
