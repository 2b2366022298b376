"""The look-up tab 查重: whether a customer is known already. People ask in it, we answer beside."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    LongText,
    Moment,
    RowId,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.schema.people import PEOPLE
from crm_sheets.tables import TabKey


class Lookup(Record):
    """One question: a company name or a phone, and whether that customer stands in the book.

    `answer` and `department` are all that is told of customers whom the asker may not see; `known` names the numbers
    of those whom they may. `asked` is the question that the answer belongs to.
    """

    tab: ClassVar[TabKey] = TabKey("lookups")
    passed_on: ClassVar[bool] = False

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    question: Annotated[ShortText | None, Column(required=True, width=30)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    answer: Annotated[ShortText | None, Column(system=True, width=34)] = None
    department: Annotated[ShortText | None, Column(system=True, width=16)] = None
    known: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=22)] = None
    asked_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    asked: Annotated[ShortText | None, Column(system=True, hidden=True, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
