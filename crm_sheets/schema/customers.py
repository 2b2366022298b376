"""The customers tab 客户: who the team sells to or serves."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Count,
    CreditCode,
    Day,
    Email,
    IdNumber,
    LongText,
    Moment,
    Money,
    Names,
    Phone,
    RowId,
    ShortText,
    SignedMoney,
    Tags,
    Witness,
    Word,
)
from crm_sheets.tables import ColumnKey, TabKey

CAMPAIGN_MEMBERS = TabKey("campaign_members")
ORDERS = TabKey("orders")
PEOPLE = TabKey("people")


class Customer(Record):
    """A customer. `status` is what sales says, `lifecycle` is computed from deals, `level` is the customer's value."""

    tab: ClassVar[TabKey] = TabKey("customers")
    name_column: ClassVar[ColumnKey | None] = ColumnKey("name")
    alias_column: ClassVar[ColumnKey | None] = ColumnKey("merged_from")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    name: Annotated[ShortText | None, Column(required=True, width=28)] = None
    type: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="customer_type", width=12)] = None
    industry: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="industry", width=14)] = None
    contact: Annotated[Word | None, Column(required=True, width=12)] = None
    title: Annotated[Word | None, Column(width=12)] = None
    phone: Annotated[Phone | None, Column(Kind.PHONE, required=True, width=18)] = None
    email: Annotated[Email | None, Column(Kind.EMAIL, width=26)] = None
    contact_consent: Annotated[Word | None, Column(Kind.CHOICE, dictionary="contact_consent", width=12)] = None
    unsubscribed_at: Annotated[
        Moment | None, Column(Kind.DATETIME, needs=CAMPAIGN_MEMBERS, switched=True, width=17)
    ] = None
    bounced_email: Annotated[
        Email | None, Column(Kind.EMAIL, system=True, needs=CAMPAIGN_MEMBERS, switched=True, width=26)
    ] = None
    region: Annotated[Word | None, Column(width=14)] = None
    address: Annotated[ShortText | None, Column(width=34)] = None
    source: Annotated[Word | None, Column(Kind.CHOICE, dictionary="customer_source", width=12)] = None
    size: Annotated[Word | None, Column(Kind.CHOICE, dictionary="customer_size", width=12)] = None
    employees: Annotated[Count | None, Column(Kind.INTEGER, width=10)] = None
    annual_revenue: Annotated[Money | None, Column(Kind.MONEY, width=16)] = None
    credit_code: Annotated[CreditCode | None, Column(Kind.CREDIT_CODE, width=22)] = None
    registered_capital: Annotated[Money | None, Column(Kind.MONEY, width=16)] = None
    annual_budget: Annotated[Money | None, Column(Kind.MONEY, width=16)] = None
    id_number: Annotated[IdNumber | None, Column(Kind.ID_NUMBER, sealed=True, width=22)] = None
    birthday: Annotated[Day | None, Column(Kind.DATE, width=12)] = None
    birthday_calendar: Annotated[Word | None, Column(Kind.CHOICE, dictionary="birthday_calendar", width=10)] = None
    preferences: Annotated[ShortText | None, Column(width=18)] = None
    needs: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=30)] = None
    tags: Annotated[Tags | None, Column(Kind.TAGS, width=28)] = None
    status: Annotated[Word | None, Column(Kind.CHOICE, dictionary="customer_status", width=12)] = None
    level: Annotated[Word | None, Column(Kind.CHOICE, dictionary="customer_level", width=10)] = None
    level_basis: Annotated[ShortText | None, Column(width=20, quotes=True)] = None
    lifecycle: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    converted_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    path: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, computed=True, width=28)] = None
    won_days: Annotated[
        Tags | None, Column(Kind.TAGS, system=True, computed=True, needs=CAMPAIGN_MEMBERS, width=24)
    ] = None
    status_was: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    status_since: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    computed_level: Annotated[Word | None, Column(system=True, computed=True, width=10)] = None
    level_was: Annotated[Word | None, Column(system=True, computed=True, width=10)] = None
    level_since: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    owner: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    department: Annotated[Word | None, Column(system=True, computed=True, width=12)] = None
    claim: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, switched=True, width=12)] = None
    pool_since: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, switched=True, width=17)] = (
        None
    )
    pool_from: Annotated[Word | None, Column(system=True, computed=True, switched=True, width=12)] = None
    claimed_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, switched=True, width=17)] = (
        None
    )
    shared_with: Annotated[ShortText | None, Column(width=22)] = None
    private_note: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=24)] = None
    note: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=24)] = None
    last_contact: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    next_contact: Annotated[Moment | None, Column(Kind.DATETIME, system=True, computed=True, width=17)] = None
    orders: Annotated[Count | None, Column(Kind.INTEGER, system=True, computed=True, needs=ORDERS, width=10)] = None
    order_amount: Annotated[Money | None, Column(Kind.MONEY, system=True, computed=True, needs=ORDERS, width=14)] = None
    order_profit: Annotated[
        SignedMoney | None, Column(Kind.MONEY, system=True, computed=True, needs=ORDERS, width=14)
    ] = None
    last_order: Annotated[Day | None, Column(Kind.DATE, system=True, computed=True, needs=ORDERS, width=12)] = None
    created_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    updated_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
    duplicates: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=30)] = None
    merge_into: Annotated[
        ShortText | None, Column(Kind.REFERENCE, refers_to=TabKey("customers"), folds=True, width=14)
    ] = None
    merged_from: Annotated[Names | None, Column(Kind.LINKS, system=True, width=24)] = None
