"""What a member of a campaign is told: whether it gets the campaign's mail, why not, and what became of it."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, Rule, cells, record_of
from crm_sheets.rules.customer_mail import Fate, MailTerms, refusal
from crm_sheets.rules.moments import shown
from crm_sheets.rules.naming import CAMPAIGNS, CUSTOMERS, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign


def mailed_members(terms: MailTerms) -> Rule:
    """The rule of a team that writes to its customers on these terms."""

    def member_mails(row: Row, context: Context) -> Outcome:
        return _told(row, context, terms)

    return member_mails


def member_mails(row: Row, context: Context) -> Outcome:
    """The rule of a team that writes to whoever did not say no."""
    return _told(row, context, MailTerms())


def _told(row: Row, context: Context, terms: MailTerms) -> Outcome:
    member = record_of(row, CampaignMember)
    told = _became(member, context) or _expected(row, member, context, terms)
    return NOTHING if told is None and member.mail_state is None else Outcome(values=cells(mail_state=told))


def _became(member: CampaignMember, context: Context) -> str | None:
    """What became of the last mail."""
    if member.mail_outcome not in set(Fate):
        return None
    at = shown(member.mailed_at, context.zone) if member.mailed_at is not None else ""
    return context.language.text(f"customer_mail.fate.{member.mail_outcome}", at=at).strip()


def _expected(row: Row, member: CampaignMember, context: Context, terms: MailTerms) -> str | None:
    """Whether it gets one; nothing while the campaign has no mail."""
    of = the_one(CAMPAIGNS, member.campaign, context)
    campaign = record_of(of, Campaign) if of is not None else None
    if campaign is None or not campaign.mail_subject:
        return None
    why = refusal(row, the_one(CUSTOMERS, member.customer, context), campaign, context, terms)
    if why is None:
        return context.language.text("customer_mail.expected")
    return context.language.text("customer_mail.refused", why=context.language.text(f"customer_mail.refusal.{why}"))
