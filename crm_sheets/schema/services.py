"""The services tab 服务记录: what was to be mended or done for a customer, and how fast it was."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Count,
    LongText,
    Moment,
    RowId,
    ShortText,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey

CUSTOMERS = TabKey("customers")
PEOPLE = TabKey("people")


class Service(Record):
    """A request of a customer. The hours within which it is to be answered and solved follow from type and priority."""

    tab: ClassVar[TabKey] = TabKey("services")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    customer: Annotated[ShortText | None, Column(Kind.REFERENCE, required=True, refers_to=CUSTOMERS, width=28)] = None
    opened_at: Annotated[Moment | None, Column(Kind.DATETIME, required=True, width=17)] = None
    type: Annotated[Word | None, Column(Kind.CHOICE, dictionary="service_type", width=12)] = None
    priority: Annotated[Word | None, Column(Kind.CHOICE, dictionary="service_priority", width=10)] = None
    problem: Annotated[LongText | None, Column(Kind.LONG_TEXT, required=True, width=36)] = None
    state: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="service_state", width=12)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    first_response_at: Annotated[Moment | None, Column(Kind.DATETIME, width=17)] = None
    solved_at: Annotated[Moment | None, Column(Kind.DATETIME, width=17)] = None
    solution: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=30)] = None
    response_due: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    solve_due: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    waiting_since: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    waited: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, width=12)] = None
    sla_state: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
