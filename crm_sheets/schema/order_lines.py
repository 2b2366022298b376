"""The order_lines tab 订单明细: what an order is made of."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    LongText,
    Money,
    Quantity,
    RowId,
    Share,
    ShortText,
    SignedMoney,
    UnitPrice,
    Witness,
)
from crm_sheets.tables import TabKey

ORDERS = TabKey("orders")


class OrderLine(Record):
    """A product in an order. `discount` is the part taken off (10 %), `cost` that of the whole line."""

    tab: ClassVar[TabKey] = TabKey("order_lines")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    order: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=ORDERS, width=18)] = None
    product: Annotated[ShortText | None, Column(required=True, width=28)] = None
    quantity: Annotated[Quantity | None, Column(Kind.NUMBER, required=True, width=10)] = None
    unit_price: Annotated[UnitPrice | None, Column(Kind.NUMBER, required=True, width=12)] = None
    discount: Annotated[Share | None, Column(Kind.PERCENT, width=10)] = None
    cost: Annotated[Money | None, Column(Kind.MONEY, width=14)] = None
    amount: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    profit: Annotated[SignedMoney | None, Column(Kind.MONEY, system=True, computed=True, width=14)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
