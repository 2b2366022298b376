"""A member of a campaign: who it is, whether it is on the list twice, and when it bought."""

from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.campaigns import MOST_WON_DAYS, first_sale
from crm_sheets.rules.naming import CAMPAIGNS, CUSTOMERS, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.tables import ColumnKey

PAIR = ColumnKey("pair")


def campaign_members(row: Row, context: Context) -> Outcome:
    """Computes the customer's id and the day of the sale that counts for the campaign; flags a member that is on the
    list twice."""
    member = record_of(row, CampaignMember)
    campaign = the_one(CAMPAIGNS, member.campaign, context)
    customer = the_one(CUSTOMERS, member.customer, context)
    bought = None
    if campaign and customer:
        days = record_of(customer, Customer).won_days or ()
        bought = first_sale(record_of(campaign, Campaign), (*_forgotten(member, customer, days), *days), context)
    values = cells(
        customer_id=str(customer.key) if customer else None,
        converted_on=bought,
        pair=f"{campaign.key}:{customer.key}" if campaign and customer else None,
    )
    twice = context.book.equal(row, PAIR)
    issue = found("campaign-member-doubled", row, "customer", Severity.WARNING, value=member.customer or "")
    return Outcome((issue,) if twice else (), values)


def _forgotten(member: CampaignMember, customer: Row, days: tuple[str, ...]) -> tuple[str, ...]:
    """The day that the member has, once its customer bought so often since that no more than the later ones are kept:
    what came of a campaign stays what it was."""
    if member.converted_on is None or member.customer_id != customer.key or len(days) < MOST_WON_DAYS:
        return ()
    day = member.converted_on.isoformat()
    return (day,) if day < days[0] else ()
