"""The mail of a campaign: what it is that can be approved, how it stands; and nothing goes that was not approved."""

from collections.abc import Iterator
from datetime import datetime

from crm_sheets.changes import NOTHING, Issue, Outcome, Severity
from crm_sheets.rules.base import Context, Rule, cells, found, record_of
from crm_sheets.rules.customer_mail import (
    PLACEHOLDERS,
    RELEASES,
    SEND,
    STOP,
    Fate,
    MailTerms,
    unknown_placeholders,
    version_of,
)
from crm_sheets.rules.moments import day_after, shown, start_of
from crm_sheets.rules.moves import has_moved
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS
from crm_sheets.schema.base import Row
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign


def mailing(terms: MailTerms) -> Rule:
    """The rule of a team that writes to its customers on these terms."""

    def campaign_mails(row: Row, context: Context) -> Outcome:
        return _mailed(row, context, terms)

    return campaign_mails


def campaign_mails(row: Row, context: Context) -> Outcome:
    """The rule of a team that writes to whoever did not say no."""
    return _mailed(row, context, MailTerms())


def _mailed(row: Row, context: Context, terms: MailTerms) -> Outcome:
    """Computes version and state. A release whose version is not the one that was approved is taken back: whoever wants
    to go on asks anew."""
    campaign = record_of(row, Campaign)
    code = context.dictionaries.code(RELEASES, campaign.mail_release)
    version = version_of(row, context, terms)
    issues = list(_findings(row, campaign, context))
    values = cells(mail_version=version)
    if code == SEND and (version is None or version != campaign.mail_approved):
        if _came_along(row, version):
            issues.append(found("campaign-mail-unasked", row, "mail_release", Severity.WARNING))
        else:
            values |= cells(mail_release=None)
        code = ""
    if not campaign.mail_subject and not campaign.mail_text and not issues:
        blank = cells(mail_state=None, mail_version=None)
        return Outcome(values=values | blank) if _has_any(campaign) or campaign.mail_release else NOTHING
    is_over = campaign.ends_on is None or context.today > campaign.ends_on
    if campaign.mail_approved and code == "" and version != campaign.mail_approved and not is_over:
        issues.append(found("campaign-mail-lapsed", row, "mail_release", Severity.WARNING))
    values |= cells(mail_state=_state(row, campaign, code, version, context))
    return Outcome(tuple(issues), values, wake_at=_wakes(campaign, context))


def _came_along(row: Row, version: str | None) -> bool:
    """Whether a release stands there as it came in with its row: what is typed with a new row is asked for in the cycle
    in which that becomes a record; of one that came along with a whole book, nobody was asked."""
    before = row.previous
    return before is None or (
        isinstance(before, Campaign) and not has_moved(row, "mail_release") and before.mail_version == version
    )


def _has_any(campaign: Campaign) -> bool:
    return bool(campaign.mail_state or campaign.mail_version)


def _findings(row: Row, campaign: Campaign, context: Context) -> Iterator[Issue]:
    unknown = unknown_placeholders(campaign)
    if unknown:
        told = (context.language.text(f"customer_mail.placeholder.{key}").partition("|")[0] for key in PLACEHOLDERS)
        known = " ".join(f"{{{word}}}" for word in told)
        yield found("campaign-mail-placeholder", row, "mail_text", value=" ".join(unknown), known=known)


def _state(row: Row, campaign: Campaign, code: str, version: str | None, context: Context) -> str:
    """Where it stands, and what came of it so far."""
    say = context.language.text
    stands = say(f"customer_mail.state.{_stands(campaign, code, version, context)}", at=_at(campaign, context))
    fates = [record_of(each, CampaignMember).mail_outcome for each in context.book.referring(row, CAMPAIGN_MEMBERS)]
    sent = [fate for fate in fates if fate and fate != Fate.SAME_ADDRESS]
    if not sent:
        return stands
    parts = [say("customer_mail.count.sent", count=len(sent), of=len(fates))]
    for fate in (Fate.BOUNCED, Fate.REPLIED, Fate.UNSUBSCRIBED):
        if count := fates.count(fate):
            parts.append(say(f"customer_mail.count.{fate}", count=count))
    return say("customer_mail.state_and_counts", state=stands, counts=say("customer_mail.comma").join(parts))


def _stands(campaign: Campaign, code: str, version: str | None, context: Context) -> str:
    if code == STOP:
        return "stopped"
    if version is None:
        return "draft"
    if code != SEND:
        return "unasked"
    if campaign.ends_on is None or context.today > campaign.ends_on:
        return "over"
    if campaign.mail_occasion:
        return "greeting"
    return "waiting" if campaign.mail_at is not None and campaign.mail_at > context.now else "sending"


def _at(campaign: Campaign, context: Context) -> str:
    return shown(campaign.mail_at, context.zone) if campaign.mail_at is not None else ""


def _wakes(campaign: Campaign, context: Context) -> datetime | None:
    over = start_of(day_after(campaign.ends_on), context.zone) if campaign.ends_on is not None else None
    return min((at for at in (campaign.mail_at, over) if at is not None and at > context.now), default=None)
