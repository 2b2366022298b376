"""The tab 复盘措施: what a lead decided to do after looking at a month. 汇总_复盘 shows it beside what came of it."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Day,
    LongText,
    RowId,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey

PEOPLE = TabKey("people")


class Review(Record):
    """A measure. `period` is the month that was looked at, `scope` whom it is for, as in targets."""

    tab: ClassVar[TabKey] = TabKey("reviews")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    period: Annotated[Word | None, Column(Kind.PERIOD, required=True, width=12)] = None
    scope: Annotated[ShortText | None, Column(required=True, width=16)] = None
    measures: Annotated[LongText | None, Column(Kind.LONG_TEXT, required=True, width=44)] = None
    responsible: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    due: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    done: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=36)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
