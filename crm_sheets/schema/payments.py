"""The payments tab 回款: money that is to come in or has come in, for an order, a contract or both."""

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
from crm_sheets.tables import TabKey

CONTRACTS = TabKey("contracts")
CUSTOMERS = TabKey("customers")
ORDERS = TabKey("orders")
PEOPLE = TabKey("people")


class Payment(Record):
    """An instalment: planned while `paid_on` is blank, arrived since then. Customer and owner are its order's."""

    tab: ClassVar[TabKey] = TabKey("payments")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    order: Annotated[ShortText | None, Column(Kind.REFERENCE, refers_to=ORDERS, width=18)] = None
    contract: Annotated[ShortText | None, Column(Kind.REFERENCE, refers_to=CONTRACTS, width=18)] = None
    customer: Annotated[
        ShortText | None, Column(Kind.REFERENCE, system=True, computed=True, refers_to=CUSTOMERS, width=28)
    ] = None
    due_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    paid_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    amount: Annotated[Money | None, Column(Kind.MONEY, required=True, width=14)] = None
    method: Annotated[Word | None, Column(Kind.CHOICE, dictionary="payment_method", width=12)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, system=True, computed=True, refers_to=PEOPLE, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
