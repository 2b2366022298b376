"""Who does not want to be contacted is not: no plan, no list of a campaign."""

from datetime import datetime

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.naming import CAMPAIGNS, customer_of, the_one
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.follow_ups import FollowUp

BY_EMAIL = "email"


def contact_consents(row: Row, context: Context) -> Outcome:
    """Warns of open follow-ups and members of campaigns whose customer says 请勿联系 or, but for mails, 仅邮件."""
    record = row.record
    if not isinstance(record, FollowUp | CampaignMember) or is_finished(record, context):
        return NOTHING
    customer = customer_of(record.customer, context)
    over = _over_from(record, context)
    if over is not None and over <= context.now:
        return NOTHING
    consent = context.dictionaries.code("contact_consent", customer.contact_consent) if customer else ""
    if customer is None or consent not in {"none", "email_only"}:
        return NOTHING
    said = customer.contact_consent or ""
    if consent == "none":
        return Outcome((found("do-not-contact", row, "customer", Severity.WARNING, value=said),), wake_at=over)
    if isinstance(record, CampaignMember):
        reached = bool(customer.email)
        column = "customer"
    else:
        reached = not record.method or context.dictionaries.code("follow_up_method", record.method) == BY_EMAIL
        column = "method"
    if reached:
        return NOTHING
    return Outcome((found("only-by-email", row, column, Severity.WARNING, value=said),), wake_at=over)


def _over_from(record: FollowUp | CampaignMember, context: Context) -> datetime | None:
    """When a member's campaign is over, and nobody is written to any more."""
    if isinstance(record, FollowUp):
        return None
    row = the_one(CAMPAIGNS, record.campaign, context)
    last = record_of(row, Campaign).ends_on if row else None
    return start_of(day_after(last), context.zone) if last is not None else None
