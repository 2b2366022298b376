"""The campaigns tab 营销活动: what is done for many customers at once, for whom, and what came of it."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Count,
    Day,
    LongText,
    Moment,
    Money,
    RowId,
    Share,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import ColumnKey, TabKey


class Campaign(Record):
    """A campaign. `audience` is an expression over the customers; `list` asks for the list of members.

    The columns of mails are there where the team writes to its customers ([customer_mail]): `mail_release` is what
    somebody asks for, `mail_version` stands for text and list as they are, `mail_approved` for what was approved.
    """

    tab: ClassVar[TabKey] = TabKey("campaigns")
    name_column: ClassVar[ColumnKey | None] = ColumnKey("name")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    name: Annotated[ShortText | None, Column(required=True, width=28)] = None
    type: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="campaign_type", width=10)] = None
    starts_on: Annotated[Day | None, Column(Kind.DATE, required=True, width=12)] = None
    ends_on: Annotated[Day | None, Column(Kind.DATE, required=True, width=12)] = None
    budget: Annotated[Money | None, Column(Kind.MONEY, width=14)] = None
    audience: Annotated[LongText | None, Column(Kind.LONG_TEXT, asks=TabKey("customers"), width=40)] = None
    list: Annotated[Word | None, Column(Kind.CHOICE, dictionary="campaign_list", width=10)] = None
    listed_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, inward=True, width=17)] = None
    mail_subject: Annotated[ShortText | None, Column(switched=True, width=28)] = None
    mail_text: Annotated[LongText | None, Column(Kind.LONG_TEXT, switched=True, width=44)] = None
    mail_occasion: Annotated[Word | None, Column(Kind.CHOICE, dictionary="mail_occasion", switched=True, width=10)] = (
        None
    )
    mail_at: Annotated[Moment | None, Column(Kind.DATETIME, switched=True, width=17)] = None
    mail_release: Annotated[Word | None, Column(Kind.CHOICE, dictionary="mail_release", switched=True, width=10)] = None
    mail_state: Annotated[
        ShortText | None, Column(system=True, computed=True, inward=True, switched=True, width=28)
    ] = None
    mail_version: Annotated[
        ShortText | None, Column(system=True, computed=True, inward=True, switched=True, width=12)
    ] = None
    mail_approved: Annotated[
        ShortText | None, Column(system=True, hidden=True, inward=True, switched=True, width=12)
    ] = None
    invited: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, inward=True, width=10)] = None
    attended: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, inward=True, width=10)] = None
    converted: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, inward=True, width=10)] = None
    conversion_rate: Annotated[
        Share | None, Column(Kind.PERCENT, system=True, computed=True, inward=True, width=10)
    ] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
