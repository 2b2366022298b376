"""The stage history tab 阶段记录: each move of a deal's stage, a customer's status or level. Only we write it."""

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
)
from crm_sheets.tables import TabKey

CUSTOMERS = TabKey("customers")
OPPORTUNITIES = TabKey("opportunities")


class StageMove(Record):
    """One move of one object.

    `object` is the key of the row that moved, and stays what it was when references are pointed elsewhere; `number`
    counts the moves of one column of one object from 1 on; `days` is how long the old value stood.
    """

    tab: ClassVar[TabKey] = TabKey("stage_history")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    object: Annotated[RowId | None, Column(system=True, hidden=True, width=12)] = None
    name: Annotated[ShortText | None, Column(system=True, width=28)] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, system=True, refers_to=CUSTOMERS, width=28)] = None
    opportunity: Annotated[ShortText | None, Column(Kind.REFERENCE, system=True, refers_to=OPPORTUNITIES, width=14)] = (
        None
    )
    field: Annotated[ShortText | None, Column(system=True, width=12)] = None
    number: Annotated[int | None, Column(Kind.INTEGER, system=True, width=8)] = None
    from_value: Annotated[ShortText | None, Column(system=True, width=14)] = None
    to_value: Annotated[ShortText | None, Column(system=True, width=14)] = None
    at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    days: Annotated[int | None, Column(Kind.INTEGER, system=True, width=10)] = None
    who: Annotated[ShortText | None, Column(system=True, width=14)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
