"""The follow_ups tab 跟进: what was and is to be done with a customer."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Links,
    LongText,
    Moment,
    RowId,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey

CUSTOMERS = TabKey("customers")
OPPORTUNITIES = TabKey("opportunities")
PEOPLE = TabKey("people")


class FollowUp(Record):
    """A call, visit or message, planned or done."""

    tab: ClassVar[TabKey] = TabKey("follow_ups")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    opportunity: Annotated[ShortText | None, Column(Kind.REFERENCE, refers_to=OPPORTUNITIES, width=24)] = None
    method: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="follow_up_method", width=12)] = None
    subject: Annotated[ShortText | None, Column(width=22)] = None
    content: Annotated[LongText | None, Column(Kind.LONG_TEXT, required=True, width=36)] = None
    planned_at: Annotated[Moment | None, Column(Kind.DATETIME, required=True, width=17)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    remind: Annotated[Word | None, Column(Kind.CHOICE, dictionary="remind_before", width=12)] = None
    remind_action: Annotated[Word | None, Column(Kind.CHOICE, dictionary="remind_action", width=14)] = None
    done_at: Annotated[Moment | None, Column(Kind.DATETIME, width=17)] = None
    result: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=26)] = None
    next_step: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=26)] = None
    next_at: Annotated[Moment | None, Column(Kind.DATETIME, width=17)] = None
    reaction: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=22)] = None
    participants: Annotated[ShortText | None, Column(width=20)] = None
    attachments: Annotated[Links | None, Column(Kind.LINKS, width=26)] = None
    state: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    snoozed_until: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    heard_of: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
