"""The performance tab 业绩, which only the program writes: what each person brought in a month. Targets go by it."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Count,
    LongText,
    Money,
    RowId,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey

PEOPLE = TabKey("people")


class Performance(Record):
    """A month of a person. `person` is the owner as the rows that are added up name them, blank where they name nobody;
    name, number, department and group are those of 组织 now."""

    tab: ClassVar[TabKey] = TabKey("performance")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    month: Annotated[Word | None, Column(Kind.PERIOD, system=True, width=12)] = None
    person: Annotated[Word | None, Column(Kind.PERSON, system=True, hidden=True, refers_to=PEOPLE, width=12)] = None
    name: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    number: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    department: Annotated[Word | None, Column(system=True, computed=True, width=14)] = None
    group: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    won_deals: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, width=10)] = None
    won_amount: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=16)] = None
    paid_amount: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, width=16)] = None
    new_customers: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, width=10)] = None
    follow_ups: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, width=10)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
