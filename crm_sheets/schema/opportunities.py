"""The opportunities tab 机会: deals, from the first talk to won or lost."""

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

CUSTOMERS = TabKey("customers")
PEOPLE = TabKey("people")


class Opportunity(Record):
    """A deal. `probability` follows the stage unless somebody set it by hand."""

    tab: ClassVar[TabKey] = TabKey("opportunities")
    name_column: ClassVar[ColumnKey | None] = ColumnKey("name")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    name: Annotated[ShortText | None, Column(required=True, width=28)] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    source: Annotated[Word | None, Column(Kind.CHOICE, dictionary="opportunity_source", width=12)] = None
    stage: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="opportunity_stage", width=12)] = None
    amount: Annotated[Money | None, Column(Kind.MONEY, required=True, width=16)] = None
    discount: Annotated[Share | None, Column(Kind.PERCENT, width=10)] = None
    close_date: Annotated[Day | None, Column(Kind.DATE, required=True, width=14)] = None
    started_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    probability: Annotated[Share | None, Column(Kind.PERCENT, width=10)] = None
    competitor: Annotated[ShortText | None, Column(width=18)] = None
    milestone: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=22)] = None
    win_reason: Annotated[Word | None, Column(Kind.CHOICE, dictionary="win_reason", width=14)] = None
    loss_reason: Annotated[Word | None, Column(Kind.CHOICE, dictionary="loss_reason", width=14)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    stage_since: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    stage_was: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    stage_days: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, width=10)] = None
    stage_due: Annotated[Day | None, Column(Kind.DATE, system=True, computed=True, width=12)] = None
    slips: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, width=10)] = None
    weighted: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=16)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
