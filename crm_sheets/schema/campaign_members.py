"""The campaign_members tab 活动名单: which customer takes part in which campaign."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    WITNESS_COLUMN,
    Day,
    LongText,
    Moment,
    RowId,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey

CAMPAIGNS = TabKey("campaigns")
CUSTOMERS = TabKey("customers")


class CampaignMember(Record):
    """A customer on the list of a campaign.

    `pair` holds the keys of both, however they are written: two rows with the same pair are one member twice.
    `mail_outcome` is a code: what became of the last mail (rules.customer_mail.Fate).
    """

    tab: ClassVar[TabKey] = TabKey("campaign_members")

    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    campaign: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CAMPAIGNS, width=28)] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    customer_id: Annotated[RowId | None, Column(system=True, computed=True, width=12)] = None
    state: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="member_state", width=12)] = None
    converted_on: Annotated[Day | None, Column(Kind.DATE, system=True, computed=True, width=12)] = None
    mail_state: Annotated[ShortText | None, Column(system=True, computed=True, switched=True, width=20)] = None
    mailed_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, switched=True, width=17)] = None
    mail_outcome: Annotated[Word | None, Column(system=True, hidden=True, switched=True, width=12)] = None
    pair: Annotated[ShortText | None, Column(system=True, computed=True, unique=True, hidden=True, width=20)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
