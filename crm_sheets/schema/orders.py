"""The orders tab 订单: what a customer bought; its amounts are computed from its lines and its payments."""

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
    SignedMoney,
    Witness,
    Word,
)
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS = TabKey("customers")
OPPORTUNITIES = TabKey("opportunities")
PEOPLE = TabKey("people")


class Order(Record):
    """An order. `id` is the order number, which we give; `external` is what it is called elsewhere (ERP, web shop)."""

    tab: ClassVar[TabKey] = TabKey("orders")
    name_column: ClassVar[ColumnKey | None] = ColumnKey("external")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    external: Annotated[ShortText | None, Column(unique=True, width=18)] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    opportunity: Annotated[ShortText | None, Column(Kind.REFERENCE, refers_to=OPPORTUNITIES, width=24)] = None
    ordered_on: Annotated[Day | None, Column(Kind.DATE, required=True, width=12)] = None
    state: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="order_state", width=12)] = None
    delivery_due: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    delivered_on: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    total: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    discount: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    cost: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    profit: Annotated[SignedMoney | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    paid: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    payment_state: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    after_sales: Annotated[Word | None, Column(Kind.CHOICE, dictionary="after_sales", width=12)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
