"""What the rules about campaigns must agree on: when one counts a sale, and who is attended or asked for."""

from collections.abc import Iterable
from datetime import date, timedelta

from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.dictionaries import Dictionaries

CONVERSION_DAYS = 30
"""After the end of a campaign, where its type in 字典 says nothing else (attribute `days`)."""

INVITED, ATTENDED = "invited", "attended"
"""Codes of the dictionary member_state."""

MAKE, EXTEND = "make", "extend"
"""Codes of the dictionary campaign_list."""

MOST_WON_DAYS = 50
"""The latest days on which a customer bought are kept: they answer what came of a campaign, not what was ever sold."""

_MOST_DAYS = 3_650


def is_dated(campaign: Campaign) -> bool:
    """Whether a campaign has a beginning, and an end that is not before it."""
    return campaign.starts_on is not None and campaign.ends_on is not None and campaign.starts_on <= campaign.ends_on


def conversion_days(kind: str | None, dictionaries: Dictionaries) -> int:
    """How many days after the end of a campaign of this type a sale still counts for it."""
    entry = dictionaries.entry("campaign_type", kind)
    days = whole(entry.attributes.get("days"), _MOST_DAYS) if entry else None
    return CONVERSION_DAYS if days is None else days


def first_sale(campaign: Campaign, days: Iterable[str], context: Context) -> date | None:
    """The first of the days (as 2026-11-02) on which a sale counts for a campaign: from its beginning until some days
    after its end."""
    if campaign.starts_on is None or campaign.ends_on is None:
        return None
    after = conversion_days(campaign.type, context.dictionaries)
    try:
        last = campaign.ends_on + timedelta(days=after)
    except OverflowError:
        last = date.max
    first, until = campaign.starts_on.isoformat(), last.isoformat()
    counted = min((day for day in days if first <= day <= until), default=None)
    try:
        return date.fromisoformat(counted) if counted else None
    except ValueError:
        return None
