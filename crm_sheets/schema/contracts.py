"""The contracts tab 合同: what was signed, from when until when, for how much."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Day,
    LongText,
    Money,
    RowId,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS = TabKey("customers")
OPPORTUNITIES = TabKey("opportunities")
PEOPLE = TabKey("people")


class Contract(Record):
    """A contract. `number` is the team's own; the amount is sensitive: no mail and no finding shows it."""

    tab: ClassVar[TabKey] = TabKey("contracts")
    name_column: ClassVar[ColumnKey | None] = ColumnKey("number")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    number: Annotated[ShortText | None, Column(required=True, unique=True, width=18)] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    opportunity: Annotated[ShortText | None, Column(Kind.REFERENCE, refers_to=OPPORTUNITIES, width=24)] = None
    signed_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    starts_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    ends_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    amount: Annotated[Money | None, Column(Kind.MONEY, required=True, width=16)] = None
    paid: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    state: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="contract_state", width=12)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
