"""The feedback tab 反馈: what customers said, and what was done about it."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Day,
    LongText,
    Moment,
    Recommendation,
    RowId,
    Satisfaction,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey

CUSTOMERS = TabKey("customers")
PEOPLE = TabKey("people")


class Feedback(Record):
    """A complaint, suggestion, praise or question."""

    tab: ClassVar[TabKey] = TabKey("feedback")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    date: Annotated[Day | None, Column(Kind.DATE, required=True, width=12)] = None
    source: Annotated[Word | None, Column(Kind.CHOICE, dictionary="feedback_source", width=12)] = None
    type: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="feedback_type", width=12)] = None
    content: Annotated[LongText | None, Column(Kind.LONG_TEXT, required=True, width=40)] = None
    state: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="feedback_state", width=12)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    response: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=30)] = None
    resolved_at: Annotated[Moment | None, Column(Kind.DATETIME, width=17)] = None
    satisfaction: Annotated[Satisfaction | None, Column(Kind.INTEGER, width=10)] = None
    recommendation: Annotated[Recommendation | None, Column(Kind.INTEGER, width=10)] = None
    due: Annotated[Day | None, Column(Kind.DATE, system=True, computed=True, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
