"""The audience of a campaign, and the list of members that is made from it when somebody asks for it."""

from datetime import datetime
from typing import NamedTuple

from crm_sheets.changes import Issue, NewRow, Outcome, Severity
from crm_sheets.expressions import At, Expression, Mistake, Type, messages, parse
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.campaigns import EXTEND, INVITED, MAKE, is_dated
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS, CAMPAIGNS, CUSTOMERS, the_one
from crm_sheets.rules.segments import StrangeTag, matching, strange_tags
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.row_vocabularies import row_vocabulary
from crm_sheets.schema.tags import Library
from crm_sheets.tables import TabKey


class Matches(NamedTuple):
    """The customers that an audience means, and how many of them may not be written to."""

    customers: list[Row]
    left_out: int


def campaign_audiences(row: Row, context: Context) -> Outcome:
    """Checks the audience, tells how many customers it means, and asks for the members when 生成名单 says so.

    All customers are looked at only while a list is still to come: when the campaign changes, and once a day. After
    that the list is the team's: who matches later is added only by 补充. The origin of a member holds the instant of
    the list, so that 补充 leaves out whom somebody took off it, and a new 生成 does not.
    """
    campaign = record_of(row, Campaign)
    kept = cells(listed_at=campaign.listed_at)
    wish = context.dictionaries.code("campaign_list", campaign.list)
    if not campaign.audience:
        lacking = found("campaign-list-without-audience", row, "audience", Severity.WARNING, other=campaign.list or "")
        return Outcome((lacking,) if wish and campaign.listed_at is None else (), kept)
    audience = _audience(campaign.audience, context)
    if not isinstance(audience, Expression):
        said = messages(audience, context.language)
        return Outcome((found("audience-not-understood", row, "audience", mistakes=said),), kept)
    if not is_dated(campaign) or campaign.ends_on is None or campaign.ends_on < context.today:
        return Outcome(values=kept)
    if _is_asked_for(row, campaign, wish, context):
        return _listed(row, campaign, audience, wish, context)
    return Outcome(values=kept) if campaign.listed_at is not None else _announced(row, audience, context)


def _audience(text: str, context: Context) -> Expression | tuple[Mistake, ...]:
    tab = context.tabs.get(CUSTOMERS)
    if tab is None:
        return (Mistake("unexpected", 0, len(text), {"found": text}),)
    words = row_vocabulary(tab, context.tabs, context.dictionaries, context.language)
    return parse(text, words, Type.BOOLEAN)


def _is_asked_for(row: Row, campaign: Campaign, wish: str, context: Context) -> bool:
    """Whether the list is to be made (or added to) in this cycle: once for each time that somebody says so, as soon as
    it can be. A campaign that was deleted and is back has its list."""
    if wish not in {MAKE, EXTEND}:
        return False
    before = row.previous
    if not isinstance(before, Campaign):
        return campaign.listed_at in {None, _now(context)}
    if before.listed_at is None or context.dictionaries.code("campaign_list", before.list) != wish:
        return True
    return wish == EXTEND and not (is_dated(before) and _is_understood(before.audience, context))


def _is_understood(audience: str | None, context: Context) -> bool:
    return bool(audience) and isinstance(_audience(audience or "", context), Expression)


def _now(context: Context) -> datetime:
    """The instant of a list, as it comes back from its cell."""
    return context.now.replace(microsecond=0)


def _listed(row: Row, campaign: Campaign, audience: Expression, wish: str, context: Context) -> Outcome:
    before = row.previous.listed_at if isinstance(row.previous, Campaign) else None
    listed_at = before if wish == EXTEND and before is not None else _now(context)
    members = (record_of(each, CampaignMember) for each in context.book.referring(row, CAMPAIGN_MEMBERS))
    on_it = {member.customer_id for member in members}
    matches = _matching(audience, context)
    entries = context.dictionaries.entries.get("member_state", ())
    state = next((each.value for each in entries if each.code == INVITED), None)
    called = _calling(CAMPAIGNS, row, campaign.name, context)
    state = state or context.language.text(f"value.member_state.{INVITED}")
    new_rows = tuple(
        NewRow(
            CAMPAIGN_MEMBERS,
            cells(campaign=called, customer=_calling(CUSTOMERS, who, _name(who), context), state=state),
            f"campaign|{row.key}|{listed_at.isoformat()}|{who.key}",
        )
        for who in matches.customers
        if who.key not in on_it
    )
    return Outcome(values=cells(listed_at=listed_at), new_rows=new_rows)


def _announced(row: Row, audience: Expression, context: Context) -> Outcome:
    """How many would be on the list, as of today."""
    matches = _matching(audience, context)
    issue = found(
        "audience-matches",
        row,
        "audience",
        Severity.INFO,
        count=str(len(matches.customers)),
        left_out=str(matches.left_out),
    )
    strange = strange_tags(audience, context.book.every(CUSTOMERS), Library.of(context.dictionaries))
    issues = (issue, *(_strange(row, each) for each in strange))
    return Outcome(issues, cells(listed_at=None), wake_at=start_of(day_after(context.today), context.zone))


def _strange(row: Row, tag: StrangeTag) -> Issue:
    if tag.near:
        return found("audience-tag-similar", row, "audience", Severity.WARNING, value=tag.tag, suggestion=tag.near)
    return found("audience-tag-unused", row, "audience", Severity.WARNING, value=tag.tag)


def _matching(audience: Expression, context: Context) -> Matches:
    at = At(context.today, context.zone)
    meant = matching(audience, context.book.every(CUSTOMERS), context.book, context.tabs, at)
    allowed = [row for row in meant if _may_be_written_to(record_of(row, Customer), context)]
    return Matches(allowed, len(meant) - len(allowed))


def _may_be_written_to(customer: Customer, context: Context) -> bool:
    """A blank consent is no refusal; 仅邮件 without an address leaves no way."""
    consent = context.dictionaries.code("contact_consent", customer.contact_consent)
    return consent != "none" and (consent != "email_only" or bool(customer.email))


def _name(row: Row) -> str | None:
    return record_of(row, Customer).name


def _calling(tab: TabKey, row: Row, name: str | None, context: Context) -> str:
    """How a row is named so that nobody else is meant."""
    return name if name and the_one(tab, name, context) is not None else str(row.key)
